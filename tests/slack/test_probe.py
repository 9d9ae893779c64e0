"""What `doctor` finds out about an app: each fault planted, each told with what to do."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from adapters.emulators.slack import SlackEmulator, faults
from adapters.slack import SlackAdapter, SlackSettings, build
from adapters.slack.probe import NEEDED
from bridge.core.errors import AccountBroken
from bridge.core.probing import Finding, Grade
from tests.slack.kit import BOT_TOKEN, SIGNING_SECRET

PAGE = Path(__file__).parents[2] / "docs/networks/slack.md"


async def looked(bot: SlackAdapter) -> dict[str, Finding]:
    found = {finding.about: finding for finding in await bot.probe()}
    for one in found.values():
        assert one.grade is Grade.WELL or one.todo
    return found


@pytest.fixture
def by_events(emu: SlackEmulator) -> SlackAdapter:
    """An app that Slack calls."""
    settings = SlackSettings(
        bot_token=SecretStr(BOT_TOKEN),
        mode="events",
        signing_secret=SecretStr(SIGNING_SECRET),
        api_url=emu.api_url,
        public_url="http://127.0.0.1:9",
    )
    return build("main", settings)


async def test_a_sound_app_is_well(bot: SlackAdapter) -> None:
    found = await looked(bot)
    assert {one.grade for one in found.values()} == {Grade.WELL}
    assert set(found) == {"scopes", "socket", "clock"}


async def test_a_probe_opens_no_connection(emu: SlackEmulator, bot: SlackAdapter) -> None:
    await looked(bot)
    assert emu.events.connections == []


async def test_a_revoked_token_is_a_broken_account(emu: SlackEmulator, bot: SlackAdapter) -> None:
    emu.revoke()
    with pytest.raises(AccountBroken):
        await bot.check()


async def test_a_missing_scope_is_named(emu: SlackEmulator, bot: SlackAdapter) -> None:
    emu.service.scopes -= {"files:write", "metadata.message:read"}
    found = (await looked(bot))["scopes"]
    assert found.grade is Grade.WRONG
    assert found.found == "missing: files:write, metadata.message:read"


@pytest.mark.parametrize("code", ["invalid_auth", "missing_scope", "not_allowed_token_type"])
async def test_a_wrong_app_token_is_told(emu: SlackEmulator, bot: SlackAdapter, code: str) -> None:
    emu.faults.plan(faults.error(200, code), method="apps.connections.open")
    found = (await looked(bot))["socket"]
    assert found.grade is Grade.WRONG
    assert "connections:write" in found.todo


async def test_a_socket_that_slack_limits_is_no_fault_of_ours(
    emu: SlackEmulator, bot: SlackAdapter
) -> None:
    emu.faults.plan(faults.status(503), method="apps.connections.open")
    assert (await looked(bot))["socket"].grade is Grade.DOUBTFUL


async def test_a_wrong_clock_is_fatal_only_where_calls_are_signed(
    emu: SlackEmulator, bot: SlackAdapter, by_events: SlackAdapter
) -> None:
    emu.clock_ahead = -90
    assert (await looked(bot))["clock"].grade is Grade.DOUBTFUL
    found = (await looked(by_events))["clock"]
    assert found.grade is Grade.WRONG
    assert "ahead of" in found.found
    await by_events.close()


async def test_events_mode_names_the_address_to_set(by_events: SlackAdapter) -> None:
    found = await looked(by_events)
    assert set(found) == {"scopes", "address", "events", "clock"}
    assert by_events.called_at() == "http://127.0.0.1:9/webhooks/slack/main"
    assert by_events.called_at() in found["events"].found
    await by_events.close()


def test_the_manifest_asks_for_just_what_is_needed() -> None:
    scopes = re.search(r"bot:\n((?:\s+- [\w.:]+\n)+)", PAGE.read_text(encoding="utf-8"))
    assert scopes is not None
    assert set(re.findall(r"- ([\w.:]+)", scopes[1])) == NEEDED
