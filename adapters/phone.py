"""Telephones: what an SMS takes on the air, counted exactly, and what can be a number. Pure.

1. Text of the GSM alphabet goes as 7-bit units, all other text as UTF-16 units; a single character
   outside the alphabet makes the whole message UTF-16.
   https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding, 3GPP TS 23.038 6.2.1
2. A message of one segment has 160 (70) units, one of several 153 (67) in each. An escaped
   character and a surrogate pair never lie across two segments.
3. What the bridge itself says may be written with the signs of the GSM alphabet, where that is all
   it takes; what people say is left as it is.
4. A number is judged, never rewritten: what a person or a network wrote is what is kept.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec
import phonenumbers

from adapters.text import split
from bridge.core.content import Body, plain

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
_GSM = _BASIC | _ESCAPED


_PLAINER = str.maketrans(
    {
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("–—−•", "-"),
        **{"…": "...", "→": "->", "×": "x", "\u00a0": " ", "ë": "e", "ï": "i"},
    }
)
"""Signs of print, and the letters of our own Dutch, for which the GSM alphabet has another."""


class Encoding(StrEnum):
    """How a text goes over the air."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


_DOUBLE = {
    Encoding.GSM7: re.compile(f"[{re.escape(''.join(sorted(_ESCAPED)))}]"),
    Encoding.UCS2: re.compile("[\U00010000-\U0010ffff]"),
}
"""The characters that take two units."""

_ALONE = {Encoding.GSM7: 160, Encoding.UCS2: 70}
_JOINED = {Encoding.GSM7: 153, Encoding.UCS2: 67}


class Preview(msgspec.Struct, frozen=True):
    """What a text will be as SMS: messages, segments in all, and why it is not GSM-7.

    ``because`` are the characters outside the GSM alphabet, each once, in order of appearance.
    """

    messages: int
    segments: int
    encoding: Encoding
    because: str


def in_gsm(text: str) -> str:
    """Return a text in the GSM alphabet, if other signs of print are all it takes; else as it is.

    It is half as long on the air then.
    """
    plainer = text.translate(_PLAINER)
    return plainer if set(plainer) <= _GSM else text


def encoding(text: str) -> Encoding:
    """Return how a text goes over the air."""
    return Encoding.GSM7 if _GSM.issuperset(text) else Encoding.UCS2


def units(text: str) -> int:
    """Return the length in septets, or in UTF-16 units where that is what it goes as."""
    return len(text) + len(_DOUBLE[encoding(text)].findall(text))


def segments(text: str) -> int:
    """Return how many segments a message takes; an empty one takes none."""
    if not text:
        return 0
    how = encoding(text)
    if len(text) + len(_DOUBLE[how].findall(text)) <= _ALONE[how]:
        return 1
    return -(-_end(text, how, _JOINED[how]) // _JOINED[how])


def _end(text: str, how: Encoding, room: int) -> int:
    """Return where the last unit ends when nothing lies across a multiple of ``room``.

    Only characters of two units are looked at: a long text is counted once per try of a cut.
    """
    more = 0
    for double in _DOUBLE[how].finditer(text):
        # In the last unit of a segment there is no room for both halves: it stays empty.
        more += 2 if (double.start() + more) % room == room - 1 else 1
    return len(text) + more


def _load(text: str, most: int) -> int:
    """Return the length of a text on a scale on which ``_room(most)`` is what ``most`` hold."""
    how = encoding(text)
    per = _ALONE if most == 1 else _JOINED
    end = _end(text, how, per[how])
    return -(-end * per[Encoding.GSM7] // per[how])


def _room(most: int) -> int:
    return most * (_ALONE if most == 1 else _JOINED)[Encoding.GSM7]


def parts(body: Body, most: int) -> tuple[Body, ...]:
    """Return the messages of a body, each of at most ``most`` segments, at least one.

    Several begin with their number, such as "(2/3) ", counted within the limit. They are cut
    where ``adapters.text.split`` cuts: on words, never inside what people see as one character.
    """
    if segments(plain(body)) <= most:
        return (body,)
    total = 0
    found: tuple[Body, ...] = ()
    while not found or len(str(len(found))) > len(str(total)):
        total = max(len(found), 9)
        number = f"({total}/{total}) "

        def load(text: str, number: str = number) -> int:
            return _load(number + text, most)

        found = split(body, _room(most), load)
    return tuple((f"({n}/{len(found)}) ", *part) for n, part in enumerate(found, 1))


def preview(text: str, most: int) -> Preview:
    """Return what a text will be as messages of at most ``most`` segments."""
    messages = [plain(part) for part in parts((text,), most)]
    because = "".join(dict.fromkeys(char for char in text if char not in _GSM))
    return Preview(
        messages=len(messages),
        segments=sum(segments(message) for message in messages),
        encoding=encoding(text),
        because=because,
    )


# -- numbers -------------------------------------------------------------------------------------


def complaint(number: str) -> str:
    """Return what is wrong with a number as people are to write it, '' if nothing is.

    It must be international (E.164): without the country code nobody could tell where it is.
    """
    if not number.startswith("+"):
        return "write the number with + and its country code, such as +31612345678"
    try:
        read = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return "that is no telephone number; write one such as +31612345678"
    if not phonenumbers.is_possible_number(read):
        return "a number of that length does not exist in that country"
    if number != phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164):
        return "write the number as + and digits only, such as +31612345678"
    return ""
