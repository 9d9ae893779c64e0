"""Coming in: invitations, the consent question, strangers, further endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.walks.bridge import Member, lines, notices
from tests.walks.fixtures import on
from tests.walks.scene import ACROSS, ANNA, BRAM, CARLA, NOOR, Scene

if TYPE_CHECKING:
    from adapters.emulators.telegram import Message, Person

pytestmark = [pytest.mark.slow]

TRAJECTORY = {"anna-2026": (["noor"], ["anna"])}
PARTIES = {"anna-2026": {"noor": {NOOR}, "anna": {ANNA}}}


async def _begin(scene: Scene, language: str = "en") -> Person:
    """A coach and a client who has no messenger linked yet."""
    noor = scene.person(NOOR, "Noor")
    people = [Member("noor", (NOOR,)), Member("anna", (), language=language)]
    await scene.begin(people, TRAJECTORY, consent="ask")
    return noor


def _question(message: Message) -> bool:
    return "inline_keyboard" in (message.markup or {})


@on(*ACROSS)
async def test_nothing_but_the_question_goes_out_before_yes(scene: Scene) -> None:
    noor = await _begin(scene)
    payload, code = await scene.bridge.invite("anna-2026", "anna")
    anna = scene.person(ANNA, "Anna", started=False)
    await anna.start(payload)
    question = await scene.sees(anna, _question)
    assert "STOP" in question.text
    # Both sides write while the question stands.
    held = [scene.words("anna-2026", "hers") for _ in range(3)]
    waits = [scene.words("anna-2026", "his") for _ in range(3)]
    for text in held:
        await noor.send(text)
    for text in waits:
        await anna.send(text)
    await scene.sees(noor, "has not agreed")
    await scene.confirmed()
    assert len(scene.bot_lines(ANNA)) == 1
    assert not any("his" in text for text in scene.bot_lines(NOOR))
    press = await anna.press(question.message_id, "Yes, I agree")
    await press.answered()
    for text in waits:
        await scene.sees(noor, text)
    for text in held:
        await scene.sees(anna, text)
    logs, _ = await scene.close(PARTIES)
    (given,) = lines(logs["anna-2026"], "consent_given")
    assert given["text"] == question.text
    assert given["version"]
    # A used code opens nothing, for anybody.
    mallory = scene.person(999, "Mallory", started=False)
    await mallory.start(payload)
    await scene.sees(mallory, "does not work")
    await mallory.send(code)
    await scene.said(999, 2)
    await scene.close(PARTIES)


@on(ACROSS[0])
async def test_a_typed_code_and_a_typed_yes_in_dutch(scene: Scene) -> None:
    noor = await _begin(scene, language="nl")
    _, code = await scene.bridge.invite("anna-2026", "anna")
    anna = scene.person(ANNA, "Anna", started=False)
    await anna.send(code.lower())
    question = await scene.sees(anna, _question)
    assert "logboek" in question.text
    await anna.send("Ja.")
    await scene.sees(noor, "has agreed")
    hello = scene.words("anna-2026", "hallo")
    await anna.send(hello)
    await scene.sees(noor, hello)
    logs, _ = await scene.close(PARTIES)
    assert len(lines(logs["anna-2026"])) == 1, "a yes is no chat line"


@on(ACROSS[1])
async def test_a_no_is_respected_until_start(scene: Scene) -> None:
    noor = await _begin(scene)
    payload, _ = await scene.bridge.invite("anna-2026", "anna")
    anna = scene.person(ANNA, "Anna", started=False)
    await anna.start(payload)
    question = await scene.sees(anna, _question)
    before = scene.words("anna-2026", "held")
    await noor.send(before)
    await scene.sees(noor, "has not agreed")
    await anna.press(question.message_id, "No")
    refused = await scene.sees(anna, "Nothing will be kept")
    await scene.sees(noor, "Not delivered to Anna")
    await anna.send("a word that nobody may keep")
    await noor.send(scene.words("anna-2026", "still no"))
    await scene.confirmed()
    logs = await scene.bridge.settled("anna-2026")
    assert {line["author"] for line in lines(logs["anna-2026"])} == {"noor"}
    assert not any("held" in text or "nobody" in text for text in scene.bot_lines(ANNA))
    await anna.send("START")
    again = await scene.sees(anna, _question, after=refused.message_id)
    await anna.press(again.message_id, 0)
    after = scene.words("anna-2026", "now")
    await scene.sees(noor, "has agreed")
    await noor.send(after)
    await scene.sees(anna, after)
    assert not any("held" in text for text in scene.bot_lines(ANNA))
    await scene.close(PARTIES)


@on(*ACROSS)
async def test_a_stranger_gets_one_answer_and_five_tries(scene: Scene) -> None:
    await _begin(scene)
    _, code = await scene.bridge.invite("anna-2026", "anna")
    stranger = scene.person(999, "Mallory", started=False)
    await stranger.send("is anna there?")
    answer = await scene.sees(stranger, "does not know you")
    await stranger.send("hello?")
    await stranger.send_photo(b"a photo", caption="and this")
    await scene.confirmed()
    assert scene.bot_lines(999) == [answer.text]
    for number in range(5):
        await stranger.send(f"ABCD-000{number}")
        await scene.said(999, number + 2)
    assert "too many" in scene.bot_lines(999)[-1]
    await stranger.send(code)
    await scene.confirmed()
    logs = await scene.bridge.settled("anna-2026")
    told = scene.bot_lines(999)
    assert len(told) == 6, told
    assert not any("Anna" in text or "Noor" in text for text in told)
    assert not lines(logs["anna-2026"])
    assert not lines(logs["anna-2026"], "endpoint_linked")[1:]
    assert scene.bot_lines(NOOR) == []
    await scene.bridge.audit()


@on(*ACROSS)
async def test_a_second_endpoint_is_confirmed_on_both_sides(scene: Scene) -> None:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    people = [Member("noor", (NOOR,)), Member("anna", (ANNA,))]
    await scene.begin(people, TRAJECTORY)
    await anna.send("link")
    told = await scene.sees(anna, "Send this code")
    code = told.text.rpartition(": ")[2]
    other = scene.person(CARLA, "Annie", started=False)
    await other.send(code)
    await scene.sees(other, "Almost there")
    question = await scene.sees(anna, _question)
    assert "Annie" in question.text
    early = "a word before it is confirmed"
    await other.send(early)
    await anna.press(question.message_id, 0)
    await scene.sees(anna, "Linked")
    text = scene.words("anna-2026", "from the other phone")
    await other.send(text)
    await scene.sees(noor, text)
    logs, _ = await scene.close({"anna-2026": {"noor": {NOOR}, "anna": {ANNA, CARLA}}})
    assert lines(logs["anna-2026"])[0]["author"] == "anna"
    assert not any(early in text for text in scene.bot_lines(NOOR))
    assert any(line["party"] == "anna" for line in lines(logs["anna-2026"], "endpoint_linked"))


@on(ACROSS[0])
async def test_a_link_that_is_denied_on_the_old_side_is_none(scene: Scene) -> None:
    noor, anna = scene.person(NOOR, "Noor"), scene.person(ANNA, "Anna")
    people = [Member("noor", (NOOR,)), Member("anna", (ANNA,))]
    await scene.begin(people, TRAJECTORY)
    await anna.send("link")
    code = (await scene.sees(anna, "Send this code")).text.rpartition(": ")[2]
    mallory = scene.person(999, "Mallory", started=False)
    await mallory.send(code)
    question = await scene.sees(anna, _question)
    await anna.press(question.message_id, 1)
    await scene.sees(anna, "was not linked")
    await mallory.send("I am Anna")
    secret = scene.words("anna-2026", "for Anna only")
    await noor.send(secret)
    await scene.sees(anna, secret)
    await scene.close()
    assert not any("Mallory" in text or "I am" in text for text in scene.bot_lines(NOOR))


@on(ACROSS[0])
async def test_a_coach_comes_in_by_invitation(scene: Scene) -> None:
    anna = scene.person(ANNA, "Anna")
    people = [Member("noor"), Member("anna", (ANNA,))]
    await scene.begin(people, TRAJECTORY)
    early = scene.words("anna-2026", "nobody there yet")
    await anna.send(early)
    await scene.sees(anna, "has no messenger linked")
    payload, _ = await scene.bridge.invite("anna-2026", "noor")
    noor = scene.person(NOOR, "Noor", started=False)
    await noor.start(payload)
    await scene.sees(noor, "Welcome, Noor")
    text = scene.words("anna-2026")
    await anna.send(text)
    await scene.sees(noor, text)
    logs, _ = await scene.close(PARTIES)
    assert "invite_welcome_coach" not in notices(logs["anna-2026"])


@on(ACROSS[1])
async def test_an_invitation_is_for_its_person_only(scene: Scene) -> None:
    """Bram, who is known, cannot become Anna with her code."""
    bram = scene.person(BRAM, "Bram")
    people = [Member("noor", (NOOR,)), Member("anna"), Member("bram", (BRAM,))]
    trajectories = {**TRAJECTORY, "bram-2026": (["noor"], ["bram"])}
    scene.person(NOOR, "Noor")
    await scene.begin(people, trajectories)
    payload, _ = await scene.bridge.invite("anna-2026", "anna")
    await bram.start(payload)
    await scene.sees(bram, "does not work")
    logs = await scene.bridge.settled("anna-2026")
    linked = [one["party"] for one in lines(logs["anna-2026"], "endpoint_linked")]
    assert linked == ["noor"]
    await scene.bridge.audit()
