"""What a trajectory allows, and keeping to it.

1. A policy is an entry, so that anybody can see later what held when; setting the same one again
   is nothing.
2. What waits or is under way keeps to the policy of the moment in which it is sent: the claim asks
   again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.core import entries as e

if TYPE_CHECKING:
    from bridge.core.commands import SetPolicy
    from bridge.core.decide.draft import Draft


def on_set_policy(draft: Draft, command: SetPolicy) -> None:
    """Log a policy that differs from the one that holds."""
    policy = command.policy
    if draft.state.open and policy != draft.state.policy:
        draft.add(
            e.PolicySet(
                allowed_networks=policy.allowed_networks,
                content_on_weak_networks=policy.content_on_weak_networks,
            )
        )
