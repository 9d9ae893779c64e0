"""What is looked at of a mailbox. Mail servers tell no time, so no clock is compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.email import smtp
from adapters.email.mailbox import Mailbox
from bridge.core.probing import doubtful, well

if TYPE_CHECKING:
    from adapters.email.settings import Account, Server
    from bridge.core.probing import Finding

_PROTECTED = {
    "tls": "over TLS",
    "starttls": "over STARTTLS",
    "plain": "without TLS, on this machine",
}


async def probe(settings: Account) -> list[Finding]:
    """Log in on both sides and ask for IDLE. Raises SendError."""
    client = await smtp.connected(settings.smtp, settings.timeout)
    client.close()
    found = [well("SMTP", _way_in(settings.smtp))]
    async with Mailbox(settings.imap, settings.timeout) as box:
        found.append(well("IMAP", _way_in(settings.imap)))
        found.append(_waiting(settings, idles=await box.idles()))
    return found


def _way_in(server: Server) -> str:
    who = "logged in" if server.user else "let in without a login"
    return f"{who} {_PROTECTED[server.security]}"


def _waiting(settings: Account, *, idles: bool) -> Finding:
    if idles:
        return well("new mail", "the server tells of it at once (IDLE)")
    found = f"the server does not tell of it (no IDLE); it is looked for every {_every(settings)}"
    return doubtful("new mail", found, "nothing has to be done; a server with IDLE is faster")


def _every(settings: Account) -> str:
    return f"{settings.poll_seconds:g} s"
