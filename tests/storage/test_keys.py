"""Seals open only where they belong; the key file is its owner's alone; a wrong key is noticed."""

import base64
import os
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.errors import ConfigError, StoreError
from storage import crypto
from storage.crypto import Sealer
from storage.engine import Store, open_store
from storage.keys import ENVIRONMENT, MasterKey, load_master_key
from storage.tables import data_keys
from storage.unit import Unit
from storage.writer import Writer

FIELDS = st.lists(st.one_of(st.binary(max_size=6), st.text(max_size=4)), max_size=6)


def _bytes(values: list[bytes | str]) -> list[bytes]:
    return [value.encode() if isinstance(value, str) else value for value in values]


@given(FIELDS, FIELDS)
def test_different_fields_never_give_the_same_bytes(
    first: list[bytes | str], second: list[bytes | str]
) -> None:
    same = crypto.fields(*first) == crypto.fields(*second)
    assert same == (_bytes(first) == _bytes(second))


def test_sealed_bytes_open_only_where_they_belong() -> None:
    sealer = Sealer(os.urandom(32))
    here = crypto.entry_binding("anna-2026", 1, "message_posted")
    sealed = sealer.seal(b"words", here)
    assert sealer.open(sealed, here) == b"words"
    for elsewhere in (
        crypto.entry_binding("anna-2026", 2, "message_posted"),
        crypto.entry_binding("anna-202", 61, "message_posted"),
        crypto.entry_binding("anna-2026", 1, "message_edited"),
    ):
        with pytest.raises(StoreError):
            sealer.open(sealed, elsewhere)


@pytest.mark.parametrize("damage", [b"", b"short", bytes(40)])
def test_damaged_bytes_are_a_store_error(damage: bytes) -> None:
    with pytest.raises(StoreError):
        Sealer(bytes(32)).open(damage, b"")


def test_the_same_words_never_look_the_same() -> None:
    sealer = Sealer(bytes(32))
    assert sealer.seal(b"words", b"") != sealer.seal(b"words", b"")


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "coachbridge.key"
    first = load_master_key(file, {})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(base64.b64decode(file.read_text())) == 32
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert load_master_key(file, {}).made(first.check_value())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601])
def test_a_key_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "coachbridge.key"
    load_master_key(file, {})
    file.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_master_key(file, {})


@pytest.mark.parametrize("text", ["", "no key", base64.b64encode(bytes(31)).decode()])
def test_a_key_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "coachbridge.key"
    file.touch(0o600)
    file.write_text(text)
    with pytest.raises(ConfigError, match="32 bytes"):
        load_master_key(file, {})


def test_a_key_file_that_cannot_be_made_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="keys"):
        load_master_key(tmp_path / "missing" / "coachbridge.key", {})


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    given_key = base64.b64encode(os.urandom(32)).decode()
    key = load_master_key(tmp_path / "none.key", {ENVIRONMENT: given_key})
    assert not (tmp_path / "none.key").exists()
    assert load_master_key(tmp_path / "none.key", {ENVIRONMENT: given_key}).made(key.check_value())
    with pytest.raises(ConfigError, match=ENVIRONMENT):
        load_master_key(tmp_path / "none.key", {ENVIRONMENT: "c2hvcnQ="})


def test_another_key_is_noticed_when_the_store_is_opened(store: Store, database_url: str) -> None:
    with pytest.raises(ConfigError, match="not the one"):
        open_store(database_url, MasterKey(os.urandom(32)))
    open_store(database_url, store.master).close()


def test_a_data_key_does_not_open_for_another_owner(store: Store) -> None:
    wrapped = store.master.wrap(os.urandom(32), "anna-2026", "anna")
    with pytest.raises(StoreError):
        store.master.unwrap(wrapped, "anna-2026", "noor")


def test_a_destroyed_key_stays_destroyed(store: Store, writer: Writer) -> None:
    def destroy(unit: Unit) -> bool:
        return unit.destroy_key("", "")

    with pytest.raises(ValueError, match="never"):
        writer.run(destroy)
    with store.writer.begin() as connection:
        ring = store.keyring()
        sealer = ring.make(connection, "anna-2026", "anna", 1)
        assert sealer is not None
        assert ring.make(connection, "anna-2026", "anna", 2) is sealer
    assert writer.run(lambda unit: unit.destroy_key("anna-2026", "anna"))
    assert not writer.run(lambda unit: unit.destroy_key("anna-2026", "anna"))
    with store.writer.begin() as connection:
        ring = store.keyring()
        assert ring.find(connection, "anna-2026", "anna") is None
        assert ring.make(connection, "anna-2026", "anna", 3) is None
        query = sa.select(data_keys.c.wrapped).where(data_keys.c.owner == "anna")
        assert connection.execute(query).scalar_one() is None
