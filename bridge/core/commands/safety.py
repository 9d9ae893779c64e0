"""What a trajectory allows."""

from __future__ import annotations

import msgspec

from bridge.core.policy import Policy


class SetPolicy(msgspec.Struct, frozen=True):
    """The practice says what the trajectory allows on which network."""

    policy: Policy
