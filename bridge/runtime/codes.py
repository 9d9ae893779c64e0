"""Codes that open the door: made from chance, stored only as hashes.

A link code has 132 bits and goes into a deep link; a typed code has 40 bits, is short enough for
a person to copy, and is protected by five tries and an expiry; so is a code for a keypad, which
has nothing but digits and 43 bits.
"""

from __future__ import annotations

import hashlib
import re
import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 characters nobody confuses (no 0, 1, I, O): 5 bits each."""


KEYPAD_DIGITS = 13


def new_link_code() -> str:
    """Return a code for a link: 22 characters of A-Z a-z 0-9 _ -, at least 128 bits."""
    return secrets.token_urlsafe(17)[:22]


def new_typed_code() -> str:
    """Return a code to type: 8 characters in two groups, 40 bits."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def new_keypad_code() -> str:
    """Return a code for the keypad of a telephone: 13 digits in groups, 43 bits."""
    digits = "".join(secrets.choice("0123456789") for _ in range(KEYPAD_DIGITS))
    return f"{digits[:4]} {digits[4:8]} {digits[8:]}"


def code_hash(code: str) -> str:
    """Return what is stored of a code; typed codes count without dash, space or case."""
    bare = re.sub(r"[\s-]", "", code.strip())
    keypad = len(bare) == KEYPAD_DIGITS and bare.isdecimal()
    canonical = bare.upper() if len(bare) == 8 or keypad else code.strip()
    return hashlib.sha256(canonical.encode()).hexdigest()
