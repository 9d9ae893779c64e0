"""A fresh store on each database."""

from tests.storage.conftest import store

__all__ = ["store"]
