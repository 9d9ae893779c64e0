"""What every emulator refuses: words of the wrong shape, and what no person could do."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""One raw JSON object as it goes over the wire."""


class EmulatorMisuseError(Exception):
    """A test or demo asked a person for something a real person could not do."""


class RefusalError(Exception):
    """A call that the emulated network refuses; each network's own has its form and words."""
