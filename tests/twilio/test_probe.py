"""What `doctor` finds out about numbers: each fault planted, each told with what to do."""

from collections.abc import Iterable

import pytest

from adapters.emulators.twilio.world import Account
from adapters.probing import address
from adapters.twilio import VoiceAdapter, build
from adapters.twilio.probe import Wanted, judged
from bridge.core.errors import AccountBroken
from bridge.core.probing import Finding, Grade, Probes
from tests.twilio.kit import NOWHERE, OURS, OURS_TOO, SID, EmulatedTwilio, adapter, settings

MESSAGE = f"{NOWHERE}/webhooks/twilio/main/message"
VOICE = f"{NOWHERE}/webhooks/twilio/main/voice"


@pytest.fixture
def account(world: EmulatedTwilio) -> Account:
    """An account whose numbers call us for everything."""
    account = world.emulator.world.accounts[SID]
    account.webhook, account.voice_webhook = MESSAGE, VOICE
    account.voice_status = f"{VOICE}/status"
    return account


async def looked(one: Probes) -> dict[str, Finding]:
    found = {finding.about: finding for finding in await one.probe()}
    await one.close()  # type: ignore[attr-defined]
    return found


def telephone(url: str) -> VoiceAdapter:
    built = build("main", settings(url, voice=True))
    return next(one for one in built if isinstance(one, VoiceAdapter))


def wrong(found: Iterable[Finding]) -> Finding:
    """Return the one finding that is wrong; it says what to do."""
    (one,) = (one for one in found if one.grade is Grade.WRONG)
    assert one.todo
    return one


async def test_sound_numbers_are_well(world: EmulatedTwilio, account: Account) -> None:
    texts, calls = await looked(adapter(world.url)), await looked(telephone(world.url))
    assert set(texts) == {"address", "clock", f"number {OURS}", f"number {OURS_TOO}"}
    assert set(calls) == set(texts)
    assert {one.grade for one in (*texts.values(), *calls.values())} == {Grade.WELL}


async def test_wrong_credentials_are_a_broken_account(
    world: EmulatedTwilio, account: Account
) -> None:
    account.token = "another"
    ours = adapter(world.url)
    with pytest.raises(AccountBroken):
        await ours.check()
    await ours.close()


async def test_a_number_of_somebody_else_is_told(world: EmulatedTwilio, account: Account) -> None:
    account.numbers.remove(OURS_TOO)
    assert wrong((await looked(adapter(world.url))).values()).about == f"number {OURS_TOO}"


async def test_a_number_that_cannot_is_told(world: EmulatedTwilio, account: Account) -> None:
    account.abilities[OURS] = {"voice"}
    assert "not sms" in wrong((await looked(adapter(world.url))).values()).found
    account.abilities[OURS] = {"sms"}
    assert "not voice" in wrong((await looked(telephone(world.url))).values()).found


async def test_another_webhook_is_told(world: EmulatedTwilio, account: Account) -> None:
    account.webhook = account.voice_webhook = "https://demo.twilio.com/welcome/sms/reply/"
    found = await looked(adapter(world.url))
    assert found[f"number {OURS}"].grade is Grade.WRONG
    assert MESSAGE in found[f"number {OURS}"].todo
    found = await looked(telephone(world.url))
    assert VOICE in found[f"number {OURS}"].todo


async def test_a_missing_status_address_is_told(world: EmulatedTwilio, account: Account) -> None:
    account.voice_status = ""
    assert (await looked(adapter(world.url)))[f"number {OURS}"].grade is Grade.WELL
    found = (await looked(telephone(world.url)))[f"number {OURS}"]
    assert f"{VOICE}/status" in found.todo


async def test_an_application_above_the_webhook_is_told(
    world: EmulatedTwilio, account: Account
) -> None:
    account.applications.add(OURS)
    assert "application" in wrong((await looked(adapter(world.url))).values()).found


async def test_a_service_decides_what_is_called(world: EmulatedTwilio, account: Account) -> None:
    account.webhook = ""
    ours = adapter(world.url, messaging_service_sid="MG" + "0" * 32)
    assert (await looked(ours))[f"number {OURS}"].grade is Grade.WELL


async def test_a_trial_and_a_clock_that_is_off_are_told(
    world: EmulatedTwilio, account: Account
) -> None:
    account.kind = "Trial"
    world.emulator.server.clock_ahead = 45
    found = await looked(adapter(world.url, "whatsapp"))
    assert found["account"].grade is found["clock"].grade is Grade.DOUBTFUL
    assert MESSAGE in found["sender"].found


def test_an_address_that_no_vendor_can_call_is_told() -> None:
    assert address(MESSAGE, "https://api.twilio.com").grade is Grade.WRONG
    assert address("http://bridge.example.org/x", "https://api.twilio.com").grade is Grade.WRONG
    assert address("https://bridge.example.org/x", "https://api.twilio.com").grade is Grade.WELL


def test_a_short_code_is_left_to_its_owner() -> None:
    (found,) = judged("12345", None, Wanted("sms", MESSAGE))
    assert found.grade is Grade.WELL
