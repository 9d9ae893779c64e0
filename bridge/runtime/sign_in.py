"""One-time links that let a coach into the console, and what they turn into.

1. A link goes to the person's own verified endpoint, or stands on the operator's screen.
2. Only coaches get one, three in a quarter of an hour at most; whoever asks learns nothing.
3. The code is used up by a POST: a network that looks at links to preview them uses up none.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from bridge.core.content import Notice
from bridge.core.effects import Address, Priority, Purpose, SendMessage
from bridge.core.errors import BridgeError
from bridge.core.notices import NoticeKey

if TYPE_CHECKING:
    from bridge.core.facts import Person
    from bridge.runtime.texts import Catalogue
    from storage.unit import Unit

LINK_VALID = timedelta(minutes=15)
SESSION_VALID = timedelta(days=14)
MOST_LINKS = 3
_AGENT = 200


def secret_hash(secret: str) -> str:
    """Return what is stored of a link's code or a cookie's secret."""
    return sha256(secret.encode()).hexdigest()


def sign_in_url(public_url: str, code: str) -> str:
    """Return the link a person opens."""
    return f"{public_url}/console/sign-in/{code}"


def issue(unit: Unit, person: str) -> str:
    """Make a link's code for a coach. Raises BridgeError for anybody else."""
    if _coach(unit, person) is None:
        raise BridgeError(f"{person!r} is not the coach of an open trajectory")
    code = secrets.token_urlsafe(24)
    unit.sessions.put_link(secret_hash(code), person, unit.now + LINK_VALID)
    return code


def send_link(unit: Unit, person: str, catalogue: Catalogue, public_url: str) -> bool:
    """Send a link to the messenger a coach prefers; False when nothing was sent.

    The caller must not show the difference to whoever asked.
    """
    known = _coach(unit, person)
    reach = next((one for one in known.reach if not one.opted_out), None) if known else None
    if known is None or reach is None:
        return False
    if unit.sessions.recent_links(person, unit.now - LINK_VALID) >= MOST_LINKS:
        return False
    minutes = int(LINK_VALID.total_seconds() // 60)
    params = {"link": sign_in_url(public_url, issue(unit, person)), "minutes": str(minutes)}
    effect = SendMessage(
        seq=0,
        to=Address(person, reach.endpoint, reach.epoch, reach.place),
        purpose=Purpose.DESK,
        priority=Priority.URGENT,
        content=catalogue.translate(
            Notice(key=NoticeKey.SIGN_IN_LINK, params=params), known.language
        ),
    )
    unit.enqueue_desk(f"desk/sign-in/{secrets.token_hex(8)}", effect)
    return True


def sign_in(unit: Unit, code: str, agent: str) -> tuple[str, str] | None:
    """Use a link up; return the person and the secret for the cookie, None when it is no good."""
    person = unit.sessions.use_link(secret_hash(code))
    if not person or _coach(unit, person) is None:
        return None
    secret = secrets.token_urlsafe(32)
    until = unit.now + SESSION_VALID
    unit.sessions.put(secrets.token_hex(8), secret_hash(secret), person, agent[:_AGENT], until)
    return person, secret


def _coach(unit: Unit, person: str) -> Person | None:
    if not any(membership.role == "coach" for membership in unit.memberships(person)):
        return None
    return unit.person(person)
