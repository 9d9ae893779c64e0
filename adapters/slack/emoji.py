"""Slack's names of emoji and the characters they stand for. Pure.

Slack has no method that lists the standard ones; the names are those of
https://github.com/iamcal/emoji-data, which Slack's pickers use. Reactions carry only names; what
is not in this table is told in words (``:name:``) and sent in words.
"""

from __future__ import annotations

import re

_NAMES = """
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 heart ❤️ smile 😄 smiley 😃 grinning 😀 grin 😁 joy 😂
rolling_on_the_floor_laughing 🤣 laughing 😆 satisfied 😆 sweat_smile 😅 blush 😊 innocent 😇
slightly_smiling_face 🙂 upside_down_face 🙃 wink 😉 relieved 😌 heart_eyes 😍
smiling_face_with_3_hearts 🥰 kissing_heart 😘 kissing 😗 yum 😋 stuck_out_tongue 😛
stuck_out_tongue_winking_eye 😜 zany_face 🤪 face_with_raised_eyebrow 🤨 nerd_face 🤓
sunglasses 😎 star-struck 🤩 partying_face 🥳 smirk 😏 unamused 😒 disappointed 😞 pensive 😔
worried 😟 confused 😕 slightly_frowning_face 🙁 white_frowning_face ☹️ persevere 😣
confounded 😖 tired_face 😫 weary 😩 pleading_face 🥺 cry 😢 sob 😭 triumph 😤 angry 😠 rage 😡
face_with_symbols_on_mouth 🤬 exploding_head 🤯 flushed 😳 hot_face 🥵 cold_face 🥶 scream 😱
fearful 😨 cold_sweat 😰 disappointed_relieved 😥 sweat 😓 hugging_face 🤗 thinking_face 🤔
face_with_hand_over_mouth 🤭 shushing_face 🤫 lying_face 🤥 no_mouth 😶 neutral_face 😐
expressionless 😑 grimacing 😬 face_with_rolling_eyes 🙄 hushed 😯 open_mouth 😮 astonished 😲
yawning_face 🥱 sleeping 😴 sleepy 😪 dizzy_face 😵 zipper_mouth_face 🤐 woozy_face 🥴
nauseated_face 🤢 face_vomiting 🤮 sneezing_face 🤧 mask 😷 face_with_thermometer 🤒
face_with_head_bandage 🤕 smiling_imp 😈 imp 👿 clown_face 🤡 hankey 💩 poop 💩 ghost 👻 skull 💀
alien 👽 robot_face 🤖 melting_face 🫠 saluting_face 🫡 wave 👋 raised_back_of_hand 🤚
raised_hand ✋ hand ✋ spock-hand 🖖 ok_hand 👌 v ✌️ crossed_fingers 🤞 the_horns 🤘 call_me_hand 🤙
point_left 👈 point_right 👉 point_up_2 👆 point_down 👇 point_up ☝️ fist ✊ facepunch 👊 punch 👊
clap 👏 raised_hands 🙌 open_hands 👐 palms_up_together 🤲 handshake 🤝 pray 🙏 writing_hand ✍️
nail_care 💅 muscle 💪 ear 👂 brain 🧠 eyes 👀 eye 👁️ tongue 👅 lips 👄 baby 👶 shrug 🤷
man-shrugging 🤷‍♂️ woman-shrugging 🤷‍♀️ face_palm 🤦 man-facepalming 🤦‍♂️ woman-facepalming 🤦‍♀️
bow 🙇 runner 🏃 running 🏃 walking 🚶 dancer 💃 man_dancing 🕺 person_in_lotus_position 🧘
orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤
white_heart 🤍 brown_heart 🤎 broken_heart 💔 heartpulse 💗 heartbeat 💓 two_hearts 💕
sparkling_heart 💖 cupid 💘 heart_on_fire ❤️‍🔥 mending_heart ❤️‍🩹 kiss 💋 100 💯 anger 💢 boom 💥
collision 💥 dizzy 💫 sweat_drops 💦 dash 💨 zzz 💤 fire 🔥 sparkles ✨ star ⭐ star2 🌟 zap ⚡
sunny ☀️ rainbow 🌈 cloud ☁️ snowflake ❄️ umbrella ☔ ocean 🌊 seedling 🌱 herb 🌿
four_leaf_clover 🍀 cactus 🌵 deciduous_tree 🌳 rose 🌹 sunflower 🌻 tulip 🌷 bouquet 💐
cherry_blossom 🌸 dog 🐶 cat 🐱 mouse 🐭 fox_face 🦊 bear 🐻 panda_face 🐼 unicorn_face 🦄 bee 🐝
butterfly 🦋 turtle 🐢 snail 🐌 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊 dove_of_peace 🕊️
coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾 clinking_glasses 🥂 cake 🍰
birthday 🎂 cookie 🍪 pizza 🍕 apple 🍎 banana 🍌 strawberry 🍓 avocado 🥑 tada 🎉
confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 first_place_medal 🥇 dart 🎯 soccer ⚽
musical_note 🎵 notes 🎶 art 🎨 rocket 🚀 airplane ✈️ car 🚗 bike 🚲 house 🏠 office 🏢 hospital 🏥
mountain ⛰️ beach_with_umbrella 🏖️ watch ⌚ alarm_clock ⏰ hourglass ⌛ hourglass_flowing_sand ⏳
calendar 📆 date 📅 spiral_calendar_pad 🗓️ phone ☎️ telephone_receiver 📞 iphone 📱 computer 💻
email ✉️ envelope ✉️ memo 📝 pencil 📝 pencil2 ✏️ book 📖 books 📚 bulb 💡 key 🔑 lock 🔒
unlock 🔓 mag 🔍 link 🔗 paperclip 📎 pushpin 📌 round_pushpin 📍 bell 🔔 moneybag 💰
chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 white_check_mark ✅
heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ heavy_multiplication_x ✖️
question ❓ grey_question ❔ exclamation ❗ heavy_exclamation_mark ❗
warning ⚠️ no_entry ⛔ no_entry_sign 🚫 bangbang ‼️ interrobang ⁉️ arrow_up ⬆️ arrow_down ⬇️
arrow_left ⬅️ arrow_right ➡️ recycle ♻️ infinity ♾️ red_circle 🔴 large_yellow_circle 🟡
large_green_circle 🟢 large_blue_circle 🔵 white_circle ⚪ black_circle ⚫ checkered_flag 🏁
flag-nl 🇳🇱 flag-be 🇧🇪
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ zero 0️⃣ ok 🆗 new 🆕 sos 🆘 up 🆙 cool 🆒 free 🆓
"""
_VARIATION = "\ufe0f"
_PLAIN = tuple(_NAMES.split())
_CHARACTERS = dict(zip(_PLAIN[::2], _PLAIN[1::2], strict=True))
_BY_CHARACTER: dict[str, str] = {}
for _name, _character in _CHARACTERS.items():
    _BY_CHARACTER.setdefault(_character.replace(_VARIATION, ""), _name)
_FIRST_TONE = 0x1F3FB  # skin-tone-2; https://docs.slack.dev/reference/methods/reactions.add
_TONE = re.compile("[\U0001f3fb-\U0001f3ff]")
_CODE = re.compile(r":([a-z0-9_+'-]{1,100})(?:::?skin-tone-([2-6]))?:")


def character(name: str) -> str:
    """Return the character of a reaction such as ``+1::skin-tone-3``; unknown: ``:name:``."""
    bare, _, tone = name.partition("::skin-tone-")
    known = _CHARACTERS.get(bare)
    if known is None:
        return f":{bare}:"
    if tone in {"2", "3", "4", "5", "6"}:
        return known.replace(_VARIATION, "") + chr(_FIRST_TONE + int(tone) - 2)
    return known


def name_of(emoji: str) -> str:
    """Return Slack's name of a character, with its skin tone, or '' if this table has none."""
    bare = emoji.replace(_VARIATION, "")
    if (plain := _BY_CHARACTER.get(bare)) is not None:
        return plain
    tones = _TONE.findall(bare)
    toneless = _BY_CHARACTER.get(_TONE.sub("", bare), "")
    if not toneless or len(tones) != 1:
        return ""
    return f"{toneless}::skin-tone-{ord(tones[0]) - _FIRST_TONE + 2}"


def in_text(text: str) -> str:
    """Return a text with the names we know, such as ``:wave:``, as characters."""
    return _CODE.sub(_replaced, text) if ":" in text else text


def _replaced(found: re.Match[str]) -> str:
    name, tone = found.groups()
    if name not in _CHARACTERS:
        return found.group()
    return character(f"{name}::skin-tone-{tone}" if tone else name)
