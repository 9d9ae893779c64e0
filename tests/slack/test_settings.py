"""What may be set, and what it costs to start."""

import subprocess
import sys

import pytest
from pydantic import SecretStr

from adapters.slack import SlackSettings, build
from adapters.slack.emoji import character, in_text, name_of
from adapters.slack.mrkdwn import body_of, fallback
from bridge.core.content import plain
from bridge.core.errors import ConfigError
from tests.slack.kit import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET


def _settings(**changes: object) -> SlackSettings:
    known = {"bot_token": SecretStr(BOT_TOKEN), "app_token": SecretStr(APP_TOKEN), **changes}
    return SlackSettings(**known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({"bot_token": SecretStr("xoxp-of-a-person")}, "bot_token"),
        ({"app_token": None}, "app_token"),
        ({"app_token": SecretStr(BOT_TOKEN)}, "app_token"),
        ({"mode": "events"}, "signing_secret"),
        ({"mode": "events", "signing_secret": SecretStr(" ")}, "signing_secret"),
    ],
)
def test_what_cannot_work_is_refused_by_name(changes: dict[str, object], setting: str) -> None:
    with pytest.raises(ConfigError, match=setting) as refused:
        build("main", _settings(**changes))
    assert BOT_TOKEN not in str(refused.value)


def test_rates_come_from_the_settings_and_zero_is_unlimited() -> None:
    given = build("main", _settings(rate_per_second=3, chat_rate_per_second=0.5))
    unlimited = build("main", _settings(rate_per_second=0, chat_rate_per_second=0))
    assert (given.capabilities.rates.account, given.pace("C1")) == (3, 0.5)
    assert unlimited.pace("C1") == 0
    events = _settings(mode="events", signing_secret=SecretStr(SIGNING_SECRET))
    assert SIGNING_SECRET not in f"{events!r}{build('main', events)!r}"


def test_the_heavy_libraries_stay_off_the_way_to_the_start() -> None:
    code = (
        "import sys, adapters.slack; print({'slack_sdk', 'slack_bolt', 'aiohttp'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("emoji", ["👍", "❤️", "🎉", "👍🏿", "🤷‍♀️", "🇳🇱", "❤️‍🔥", "1️⃣"])
def test_emoji_come_back_as_they_went(emoji: str) -> None:
    assert character(name_of(emoji)).replace("\ufe0f", "") == emoji.replace("\ufe0f", "")


def test_what_is_no_emoji_stays_words() -> None:
    assert name_of("🦥") == ""
    assert name_of("x" * 5000) == ""
    assert character("party_parrot") == ":party_parrot:"
    assert in_text("om 10:30:11 :wave::skin-tone-3: :nope:") == "om 10:30:11 👋🏼 :nope:"


@pytest.mark.parametrize("words", ["a < b & c > d", "&lt;b&gt;", "<@U1> <!here> <https://x|y>"])
def test_escaping_loses_nothing(words: str) -> None:
    escaped = fallback((words,))
    assert not {"<", ">"}.intersection(escaped)
    assert plain(body_of(escaped)) == words
