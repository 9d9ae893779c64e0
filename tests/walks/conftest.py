"""Walks: whole conversations through the real program, over real HTTP."""

from tests.walks.fixtures import emu, scene, store_url

__all__ = ["emu", "scene", "store_url"]
