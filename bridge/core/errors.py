"""The error tree: each class says what the caller does next.

BridgeError
|- ConfigError                     refuse to start; the text names the setting and the file
|- AdapterError
|  |- ParseError                   keep the raw payload aside (parked), count it, go on
|  |- Forged                       answer 401/403, keep nothing, log no body
|  `- SendError(code, certainty)   what a request to a network came to
|     |- Throttled(retry_after)    the lane or the account waits, others go on
|     |- Unreachable               back off; unknown unless it failed before writing
|     |- Rejected                  give up; tell the author what and why
|     |- Undeliverable             give up; mark the endpoint; offer another
|     |- OptedOut                  the same, and final until the person starts again
|     |- EndpointMoved(to)         rewrite by an entry, again at once
|     `- AccountBroken             stop the account, tell the operator
`- StoreError                      the store said no; nothing was committed
   `- ConflictError                somebody else was first: reload and decide again
"""

from __future__ import annotations

from enum import StrEnum


class Certainty(StrEnum):
    """Whether a network took a request that ended in an error."""

    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    SENT = "sent"


class BridgeError(Exception):
    """Anything the bridge itself raises on purpose."""


class ConfigError(BridgeError):
    """A setting cannot be used; the message names the setting and the file it stands in."""


class AdapterError(BridgeError):
    """Something at the edge to a network."""


class ParseError(AdapterError):
    """A payload is damaged or of an unknown shape; the caller parks it."""


class Forged(AdapterError):
    """A payload does not prove where it comes from; the caller keeps nothing of it."""


class SendError(AdapterError):
    """A request to a network failed.

    ``code`` is the vendor's code or a short name of ours; ``detail`` is one line for a person and
    never holds a token, an address or words of a message.
    """

    certainty = Certainty.NOT_SENT

    def __init__(self, code: str, detail: str = "", certainty: Certainty | None = None) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        if certainty is not None:
            self.certainty = certainty


class Throttled(SendError):
    """The network asks to wait ``retry_after`` seconds; ``account_wide`` stops every lane."""

    def __init__(self, retry_after: float, *, account_wide: bool = False) -> None:
        super().__init__("throttled", f"wait {retry_after:g} s")
        self.retry_after = retry_after
        self.account_wide = account_wide


class Unreachable(SendError):
    """No usable answer came; unknown unless the request was never written."""

    certainty = Certainty.UNKNOWN


class Rejected(SendError):
    """The network refuses this request for good."""


class Undeliverable(SendError):
    """The endpoint cannot be reached at all; another endpoint may."""


class OptedOut(Undeliverable):
    """The person stopped us on this endpoint."""


class EndpointMoved(SendError):
    """The chat has another address now."""

    def __init__(self, to: str) -> None:
        super().__init__("moved")
        self.to = to


class AccountBroken(SendError):
    """Our credentials do not work any more; nothing on this account can be sent."""


class StoreError(BridgeError):
    """The store could not do it; nothing was committed."""


class ConflictError(StoreError):
    """Another writer was first; reload and decide again, which is safe because decide is pure."""
