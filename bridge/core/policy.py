"""What one trajectory allows on which network: set by its practice, kept in its log.

1. A network that is not allowed carries nothing of the trajectory, in neither direction.
2. The bridge's own pages are no messengers: whoever signed in there is at the bridge already.
3. Where words may not show on a weak network, a message there says only that there is one, with a
   link; how well a network is protected is the shell's to know.
"""

from __future__ import annotations

import msgspec

OWN_PAGES = frozenset({"console", "api"})
"""The names under which what is said on the bridge's own pages comes in.

They stand here and in no adapter's capabilities: no adapter stands behind them, nothing is ever
sent to them, and the core may know what it is given by its own house.
"""


class Policy(msgspec.Struct, frozen=True):
    """``allowed_networks`` () = all of them; see the rules above."""

    allowed_networks: tuple[str, ...] = ()
    content_on_weak_networks: bool = True

    def allows(self, network: str) -> bool:
        """Tell whether a network may carry the trajectory."""
        return not self.allowed_networks or network in self.allowed_networks

    def takes_from(self, network: str) -> bool:
        """Tell whether what is said on a network, or a page of the bridge, may enter the log."""
        return network in OWN_PAGES or self.allows(network)


ANYTHING = Policy()
"""What holds where a practice says nothing."""
