"""Words that mean something as a whole message, in English and Dutch; never inside a sentence."""

from __future__ import annotations

import re
import unicodedata

STOP = frozenset(
    {"stop", "stopall", "unsubscribe", "end", "quit", "stoppen", "afmelden", "uitschrijven"}
)
START = frozenset({"start", "unstop", "aanmelden", "hervatten"})
YES = frozenset({"yes", "y", "ja", "j", "ok", "oke", "okay", "akkoord", "agree", "i agree", "1"})
NO = frozenset({"no", "n", "nee", "neen", "2"})
LINK = frozenset({"link", "koppel", "koppelen"})
HELP = frozenset({"help", "hulp", "commands", "opdrachten"})
PEOPLE = frozenset({"people", "who", "mensen", "wie", "deelnemers"})
READ = frozenset({"read", "lees", "lezen"})
MORE = frozenset({"more", "meer", "verder"})
NOTE = frozenset({"note", "notitie", "aantekening"})
FACE_TO_FACE = frozenset({"f2f", "gesprek"})
UNDO = frozenset({"undo", "ongedaan", "maak ongedaan"})
RESEND = frozenset({"resend", "send again", "opnieuw", "stuur opnieuw"})
TODAY = frozenset({"today", "vandaag"})
NETWORKS = {
    **{name: name for name in ("telegram", "matrix", "slack", "sms", "whatsapp")},
    **dict.fromkeys(("email", "e-mail", "mail"), "email"),
    **dict.fromkeys(("web", "webchat", "web chat"), "web"),
}
"""What people call a network, and its id."""

ENCOURAGE = frozenset(
    {"suc6", "succes", "encourage", "encouragement", "bemoedig", "bemoediging", "aanmoediging"}
)
GOOD = frozenset({"good", "veel"})
LUCK = frozenset({"luck", "succes", "suc6", "geluk"})
"""GOOD LUCK, VEEL SUCCES: two words that ask for an encouragement, where a moment follows."""
PROMPT = frozenset({"prompt", "nudge", "aansporing", "duwtje"})
NUDGES = frozenset({"nudges", "nudge", "duwtjes", "duwtje"})
TEMPLATE = frozenset({"template", "sjabloon"})
PAUSE = frozenset({"pause", "pauze"})
RESUME = frozenset({"resume", "hervat", "hervatten"})
LATER = frozenset({"later"})
LESS = frozenset({"less", "minder"})
MORE_NUDGES = frozenset({"more", "meer"})
BALANCE = frozenset({"balance", "saldo"})
TIME = frozenset({"time", "tijd"})
NEW = frozenset({"new", "nieuw"})
NUMBER = frozenset({"number", "nummer"})
"""NEW NUMBER: two words, the second of which makes it one of ours."""
TOPICS = frozenset({"topics", "onderwerpen"})
CLOSE = frozenset({"close", "afsluiten", "sluit"})
KEEP = frozenset({"keep", "bewaar", "bewaren"})
TAKE = frozenset({"take", "take along", "neem mee", "meenemen"})
DESTROY = frozenset({"destroy", "vernietig", "vernietigen"})
DESTROY_ALL = frozenset({"destroy all", "vernietig alles"})
"""What nobody types by accident, and what is asked for before it counts."""

ALONE = frozenset().union(
    *(STOP, START, YES, NO, LINK, HELP, PEOPLE, READ, MORE, TODAY, UNDO, RESEND, NETWORKS, BALANCE)
)
"""Words that mean something with nothing beside them, however a program frames what is written."""
ASIDE = ("aside", "apart", "terzijde")
"""What a message begins with that is for one other alone: "aside: …", "apart Noor: …"."""

LONGEST = 64
"""Characters; no word here is half as long, with room for a bot's name."""

_ASIDE = re.compile(
    rf"\s*(?:{'|'.join(ASIDE)})\b(?!\s+(?:from|van|daarvan|hiervan)\b)"
    rf"[ \t\u00a0]*([^:\uff1a\n]{{0,{LONGEST}}})[:\uff1a]\s*",
    re.IGNORECASE,
)
_TYPED_CODE = re.compile(r"[A-Z0-9]{4}[ -]?[A-Z0-9]{4}")


def keyword(text: str) -> str:
    """Return a message as a word to compare: no accents, case, slash, bot name or final stop.

    A message that is too long to be one word gives ''.
    """
    if len(text) > LONGEST:
        return ""
    bare = text.strip().casefold()
    if not bare.isascii():
        folded = unicodedata.normalize("NFKD", bare)
        bare = "".join(c for c in folded if not unicodedata.combining(c))
    if bare.startswith("/"):
        bare = bare[1:].partition("@")[0]  # a command may name the bot it is for
    return bare.strip(" .!")


def typed_code(text: str) -> str:
    """Return the invitation code a message consists of, normalised, or ''.

    Many a word of eight letters is one too; see ``meant_as_code``.
    """
    if len(text) > LONGEST:
        return ""
    candidate = text.strip().upper()
    if _TYPED_CODE.fullmatch(candidate) is None:
        return ""
    return re.sub("[ -]", "", candidate)


def meant_as_code(text: str) -> bool:
    """Tell whether whoever wrote a ``typed_code`` meant a code: a dash or a digit says so."""
    return "-" in text or any(c.isdecimal() for c in text)


def aside(text: str) -> tuple[str, int] | None:
    """Return whom an aside is said to ('' = not named) and where its words begin, or None.

    A sentence such as "apart from that: …" is none.
    """
    found = _ASIDE.match(text)
    return None if found is None else (keyword(found[1]), found.end())
