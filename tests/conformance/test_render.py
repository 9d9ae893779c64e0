"""Everything can be shown somehow: within limits, always the same, and nothing lost silently."""

from itertools import product

import msgspec
import pytest

from adapters.phone import segments
from adapters.text import Length, flat, utf16_length
from bridge.core.adapter import Adapter, Delivery, Rendered
from bridge.core.capabilities import Feature, LengthUnit, Support
from bridge.core.content import Content, Text, attachment, words
from bridge.core.effects import (
    Acknowledge,
    DeleteMessage,
    EditMessage,
    Effect,
    OpenPlace,
    SetReaction,
)
from tests.conformance.contents import CONTENTS, sending, to
from tests.conformance.kit import Kit
from tests.support.effort import is_quick

_LENGTHS: dict[LengthUnit, Length] = {
    LengthUnit.UTF16: utf16_length,
    LengthUnit.CHARACTERS: len,
    LengthUnit.BYTES: lambda text: len(text.encode()),
    LengthUnit.SEGMENTS: segments,
}
HEADERS = ("", "Anna", "Ä🚲" * 15)
COMBINED = [("", ""), (HEADERS[-1], "30")] if is_quick() else [*product(HEADERS, ("", "30"))]
LINK = "https://bridge.example.org/files/1-abc"
TARGETS: tuple[tuple[str, ...], ...] = ((), ("31",), ("31", "32", "33"))


@pytest.fixture
def built(kit: Kit) -> Adapter:
    """An adapter that is never connected."""
    return kit.build("http://127.0.0.1:9")


def _checked(kit: Kit, adapter: Adapter, delivery: Delivery) -> Rendered:
    """Render twice, compare, and check the limits."""
    rendered, again = adapter.render(delivery), adapter.render(delivery)
    assert rendered == again
    assert msgspec.json.encode(rendered) == msgspec.json.encode(again)
    assert rendered.requests or rendered.losses
    length = _LENGTHS[adapter.capabilities.text_unit]
    for request in rendered.requests:
        for shown in kit.words(request):
            assert length(shown.text) <= shown.limit
        for upload in request.uploads:
            assert upload.size <= adapter.capabilities.max_upload
            assert not set('\r\n"/\\').intersection(upload.name)
    return rendered


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTENTS)
def test_every_content_can_be_sent(kit: Kit, built: Adapter, name: str) -> None:
    for header, reply_to in COMBINED:
        _can_be_sent(kit, built, CONTENTS[name], header, reply_to)


def _can_be_sent(kit: Kit, built: Adapter, content: Content, header: str, reply_to: str) -> None:
    effect = sending(content, to(kit.name, thread="9"), header)
    rendered = _checked(kit, built, Delivery(effect, reply_to))
    shown = "".join(
        kit.unnumbered(text.text) for request in rendered.requests for text in kit.words(request)
    )
    if rendered.requests:
        assert header in shown
        assert any(request.shows for request in rendered.requests)
    if isinstance(content, Text):
        formats = built.capabilities.support[Feature.FORMATTING] is not Support.FALLBACK
        said = words(content) if formats else flat(content.body)
        assert said.split() == shown.removeprefix(f"{header}:" if header else "").split()


@pytest.mark.parametrize("name", [name for name in CONTENTS if attachment(CONTENTS[name])])
def test_a_file_goes_along_or_is_named(kit: Kit, built: Adapter, name: str) -> None:
    file = attachment(CONTENTS[name])
    assert file is not None
    link = f"Photo (1 MB): {LINK}"
    rendered = built.render(Delivery(sending(CONTENTS[name], to(kit.name)), file_link=link))
    uploads = [upload for request in rendered.requests for upload in request.uploads]
    if kit.by_link:
        assert not uploads
        everything = msgspec.json.encode(rendered.requests).decode()
        assert (LINK in everything) == bool(file.id)
        return
    if file.id and file.size <= built.capabilities.max_upload:
        assert [upload.attachment for upload in uploads] == [file.id]
    else:
        assert not uploads
        assert rendered.losses


@pytest.mark.parametrize("name", CONTENTS)
def test_every_content_can_replace_another(kit: Kit, built: Adapter, name: str) -> None:
    effect = EditMessage(seq=8, to=to(kit.name), target=7, content=CONTENTS[name], header="Anna")
    for targets in TARGETS:
        _checked(kit, built, Delivery(effect, targets=targets))


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize(
    "emoji", [(), ("👍",), ("❤️",), ("👍🏽",), ("🫠",), ("👍", "🔥"), ("🫠", "x" * 5000)]
)
def test_every_reaction_and_withdrawal_has_a_form(
    kit: Kit, built: Adapter, emoji: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    address = to(kit.name)
    reaction = SetReaction(seq=8, to=address, target=7, emoji=emoji, header="Anna")
    withdrawal = DeleteMessage(seq=8, to=address, target=7, header="Anna")
    for effect in (reaction, withdrawal):
        _checked(kit, built, Delivery(effect, targets=targets))


@pytest.mark.parametrize("text", ["", "Dank je", "x🚲" * 5000])
def test_an_answer_to_a_choice_and_a_new_place_have_a_form(
    kit: Kit, built: Adapter, text: str
) -> None:
    address = to(kit.name)
    effects: tuple[Effect, ...] = (
        Acknowledge(seq=8, to=address, ack="77", text=text),
        Acknowledge(seq=8, to=address, ack="", text=text),
        OpenPlace(seq=8, to=address, title=text),
    )
    for effect in effects:
        rendered = _checked(kit, built, Delivery(effect))
        assert not any(request.shows for request in rendered.requests)


def test_a_reply_that_does_not_show_is_told(kit: Kit, built: Adapter) -> None:
    effect = msgspec.structs.replace(sending(CONTENTS["text"], to(kit.name)), reply_to=3)
    assert built.render(Delivery(effect)).losses
    assert not built.render(Delivery(effect, reply_to="30", quote="Noor: hm")).losses


def test_the_data_sheet_is_complete(kit: Kit, built: Adapter) -> None:
    sheet = built.capabilities
    assert sheet.network == kit.name == built.network
    assert set(sheet.support) == set(Feature)
    sizes = (sheet.max_text, sheet.max_upload, sheet.max_download, sheet.max_choices)
    assert all(size > 0 for size in sizes)
