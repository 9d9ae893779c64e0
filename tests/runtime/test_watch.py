"""Open pages hear of logs that grew."""

import asyncio

from bridge.runtime.watch import Watch


async def test_a_watcher_hears_of_its_own_trajectories_only() -> None:
    watch = Watch()
    with watch.watching(("anna",)) as mine, watch.watching() as every:
        watch.grown({"bram"})
        assert await mine.next(0.01) == frozenset()
        assert await every.next(0.01) == {"bram"}
        watch.grown({"anna", "bram"})
        watch.grown({"anna"})
        assert await mine.next(0.01) == {"anna"}
        assert await mine.next(0.01) == frozenset()


async def test_it_is_woken_while_it_waits_and_forgotten_afterwards() -> None:
    watch = Watch()
    with watch.watching() as watcher:
        waiting = asyncio.create_task(watcher.next(5))
        await asyncio.sleep(0)
        watch.grown({"anna"})
        assert await waiting == {"anna"}
    watch.grown({"anna"})
    assert await watcher.next(0.01) == frozenset()


async def test_everybody_is_woken_when_the_bridge_stops() -> None:
    watch = Watch()
    with watch.watching() as watcher:
        waiting = asyncio.create_task(watcher.next(5))
        await asyncio.sleep(0)
        watch.close()
        assert await waiting == frozenset()
        assert watch.closed
