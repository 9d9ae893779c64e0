"""Fault tests use the stage of the walks."""

from tests.walks.fixtures import emu, scene, store_url

__all__ = ["emu", "scene", "store_url"]
