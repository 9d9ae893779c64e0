"""What `doctor` finds out about an account on a real homeserver."""

import asyncio
import shutil
from pathlib import Path

import msgspec
import pytest

from adapters.matrix import MatrixAdapter, build
from bridge.core.errors import AccountBroken
from bridge.core.probing import Finding, Grade
from tests.conformance.kit import MemorySink
from tests.matrix.kit import adapter, known
from tests.matrix.proxy import Proxy, settle
from tests.matrix.synapse import Account

pytestmark = [pytest.mark.slow]


async def looked(us: MatrixAdapter) -> dict[str, Finding]:
    await us.check()
    return {finding.about: finding for finding in await us.probe()}


async def started_once(us: MatrixAdapter, folder: Path, sink: MemorySink) -> None:
    """Let the account listen until its keys are known, as `serve` does."""
    task = asyncio.create_task(us.listen(sink))
    await settle(lambda: (folder / "main/keys.db").exists())
    for _ in range(200):
        if (await looked(us))["keys"].grade is Grade.WELL:
            break
        await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait([task], timeout=2)


async def test_a_new_account_is_well(us: MatrixAdapter, keys: Path) -> None:
    found = await looked(us)
    assert {one.grade for one in found.values()} == {Grade.WELL}
    assert "first start" in found["keys"].found
    assert not (keys / "main/keys.db").exists()


async def test_keys_are_known_after_a_start(
    us: MatrixAdapter, keys: Path, sink: MemorySink
) -> None:
    await started_once(us, keys, sink)
    found = await looked(us)
    assert "known to the homeserver" in found["keys"].found
    (keys / "main/keys.db").chmod(0o644)
    found = await looked(us)
    assert found["keys"].grade is Grade.WRONG
    assert "chmod" in found["keys"].todo


async def test_keys_that_are_gone_are_told(us: MatrixAdapter, keys: Path, sink: MemorySink) -> None:
    await started_once(us, keys, sink)
    shutil.rmtree(keys)
    found = (await looked(us))["keys"]
    assert found.grade is Grade.WRONG
    assert "backup" in found.todo


async def test_a_token_of_another_device_is_a_broken_account(
    proxy: Proxy, bridge: Account, keys: Path
) -> None:
    with known(proxy.url, bridge.user_id, keys) as settings:
        us = adapter(proxy.url)
        await us.check()
        await us.close()
    other = build("main", msgspec.structs.replace(settings, device_id="ANOTHER"))
    with pytest.raises(AccountBroken, match="another device_id"):
        await other.check()
    await other.close()
