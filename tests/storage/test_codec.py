"""Entries, effects and instants come back from the store as they went in, or erased, or refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import entries as e
from bridge.core.effects import SendMessage
from bridge.core.errors import StoreError
from storage import codec
from tests.storage.samples import ENTRIES

INSTANTS = st.datetimes(timezones=st.just(UTC))


def test_every_kind_of_entry_has_a_sample_without_defaults() -> None:
    assert {type(entry) for entry in ENTRIES} == set(get_args(e.Entry))
    for entry in ENTRIES:
        for field in msgspec.structs.fields(type(entry)):
            if field.name != "author" and not field.required:
                assert getattr(entry, field.name) != field.default, (entry.kind, field.name)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_an_entry_comes_back_whole(entry: e.Entry) -> None:
    envelope, sealed = codec.split_entry(entry)
    assert codec.join_entry(entry.kind, entry.author, envelope, sealed) == entry


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_an_entry_without_its_key_has_defaults_for_what_was_sealed(entry: e.Entry) -> None:
    envelope, _ = codec.split_entry(entry)
    erased = codec.join_entry(entry.kind, entry.author, envelope, None)
    for field in msgspec.structs.fields(type(entry)):
        value = getattr(erased, field.name)
        if field.name in entry.SEALED:
            default = field.default
            if default is msgspec.NODEFAULT:
                default = {}  # the only factory there is
            assert value == default
        else:
            assert value == getattr(entry, field.name)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_nothing_sealed_stands_in_the_envelope(entry: e.Entry) -> None:
    envelope = msgspec.json.decode(codec.split_entry(entry)[0])
    assert envelope.pop("v") == codec.VERSION
    assert not entry.SEALED & set(envelope)


def test_an_entry_with_nothing_to_hide_has_nothing_sealed() -> None:
    assert codec.split_entry(e.PartyAdded(party="anna", role="client"))[1] is None


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"v":1}', b'{"v":"1","party":"x"}'])
def test_a_damaged_envelope_is_a_store_error(damage: bytes) -> None:
    with pytest.raises(StoreError):
        codec.join_entry("party_removed", "bridge", damage, None)


@pytest.mark.parametrize("version", [0, -1, codec.VERSION + 1])
def test_an_unknown_version_is_refused(version: int) -> None:
    with pytest.raises(StoreError, match="version"):
        codec.join_entry("party_removed", "bridge", b'{"v":%d,"party":"x"}' % version, None)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(StoreError, match="unknown"):
        codec.join_entry("invoice_sent", "bridge", b'{"v":1}', None)


def test_an_older_version_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def split_name(clear: codec.Fields, hidden: codec.Fields) -> tuple[codec.Fields, codec.Fields]:
        clear["party"] = clear.pop("person")
        return clear, {"name": hidden.get("called", "")}

    monkeypatch.setattr(codec, "VERSION", 3)
    monkeypatch.setattr(codec, "UPCASTERS", {("party_added", 1): split_name})
    old = b'{"v":1,"person":"anna","role":"client"}'
    entry = codec.join_entry("party_added", "bridge", old, b'{"called":"Anna"}')
    assert entry == e.PartyAdded(party="anna", role="client", name="Anna")


@given(INSTANTS)
def test_instants_keep_their_microseconds(at: datetime) -> None:
    assert codec.instant(codec.micros(at)) == at


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=1)))
def test_instants_keep_their_order(at: datetime, later: timedelta) -> None:
    assert codec.micros(at) <= codec.micros(at + later)


@pytest.mark.parametrize("convert", [codec.maybe_micros, codec.maybe_instant])
def test_a_missing_instant_stays_missing(convert: Callable[[None], object]) -> None:
    assert convert(None) is None


@given(st.lists(st.text()).map(tuple))
def test_texts_come_back(texts: tuple[str, ...]) -> None:
    assert codec.decode_texts(codec.encode_texts(texts)) == texts


def test_a_damaged_effect_is_a_store_error() -> None:
    with pytest.raises(StoreError):
        codec.decode_effect(b'{"type":"send_message"}')
    assert SendMessage.__struct_config__.tag == "send_message"
