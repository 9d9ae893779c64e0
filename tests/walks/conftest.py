"""Walks: whole conversations through the real program, over real HTTP."""

from tests.walks.fixtures import emu, scene, store_url
from tests.walks.telephones import stage

__all__ = ["emu", "scene", "stage", "store_url"]
