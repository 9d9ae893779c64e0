"""Handing a mail to the server: one connection, one mail, one honest answer. RFC 5321

Everything before the mail itself was written is ``not_sent``, and so is every refusal, for a
server that answers 4xx or 5xx takes no responsibility (4.2.1). Only silence after it is unclear.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

import aiosmtplib
from aiosmtplib import SMTP

from bridge.core.errors import (
    AccountBroken,
    Certainty,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)

if TYPE_CHECKING:
    from adapters.email.compose import Letter
    from adapters.email.settings import Server

WAIT = 60.0
"""Seconds after "later" for a mailbox that is busy or a sender that is not known yet."""

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_AUTH = frozenset({530, 534, 535, 538})
_SYNTAX = frozenset({500, 501, 502, 503, 504})


async def hand_over(server: Server, letter: Letter, seconds: float) -> None:
    """Give a mail to the server. Raises SendError."""
    client = await connected(server, seconds)
    try:
        written = False
        try:
            await client.mail(letter.sender)
            await client.rcpt(letter.recipient)
            written = True
            await client.data(letter.data)
        except aiosmtplib.SMTPResponseException as error:
            raise refusal(error, written=written) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise _silence(error, written=written) from None
    finally:
        client.close()


async def connected(server: Server, seconds: float) -> SMTP:
    """Return a connection on which we are known. Raises SendError."""
    client = SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        timeout=seconds,
    )
    try:
        await client.connect()
        if server.user:
            await client.login(server.user, server.password)
    except aiosmtplib.SMTPAuthenticationError as error:
        client.close()
        if error.code < 500:
            raise _silence(error, written=False) from None
        raise AccountBroken("unauthorized", "the mail server does not accept us") from None
    except aiosmtplib.SMTPNotSupported:
        client.close()
        raise AccountBroken("unauthorized", "the mail server offers no safe way in") from None
    except (aiosmtplib.SMTPException, OSError, ValueError, ssl.SSLError) as error:
        client.close()
        raise _silence(error, written=False) from None
    return client


def _silence(error: Exception, *, written: bool) -> SendError:
    certainty = Certainty.UNKNOWN if written else Certainty.NOT_SENT
    if isinstance(error, TimeoutError):
        return Unreachable("timed_out", "no answer came in time", certainty)
    if not written:
        return Unreachable("not_connected", "no connection came about", certainty)
    return Unreachable("no_answer", "the connection broke", certainty)


def refusal(error: aiosmtplib.SMTPResponseException, *, written: bool) -> SendError:
    """Return what a refusal means; nothing the server said goes on but its numbers."""
    enhanced = _ENHANCED.search(error.message)
    code = enhanced.group(1) if enhanced else str(error.code)
    if not 400 <= error.code < 600:
        # No answer of SMTP at all.
        certainty = Certainty.UNKNOWN if written else Certainty.NOT_SENT
        return Unreachable("garbled", "the answer could not be read", certainty)
    if error.code in _AUTH:
        return AccountBroken("unauthorized", "the mail server does not accept us")
    if error.code < 500:
        if error.code in (421, 450, 451, 452):
            return Throttled(WAIT)
        return Unreachable(code, "the mail server asks to try later", Certainty.NOT_SENT)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused) and not _is_about_us(error.code, code):
        return Undeliverable(code, "the mail server does not know this address")
    return Rejected(code, "the mail server refuses this mail")


def _is_about_us(code: int, enhanced: str) -> bool:
    """Tell whether a recipient was refused for our policy or syntax, not because of them."""
    return code in _SYNTAX or enhanced.startswith("5.7.") or enhanced.startswith("5.5.")
