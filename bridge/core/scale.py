"""What a person means who answers a question with a number from 0 to 10. Pure.

1. The words are kept as they were said; the number is what they come to: "6-7" is 6.5.
2. Only a message that is an answer counts: a number, perhaps with a few words around it that leave
   it what it is, perhaps with a reason behind it. "I have 2 children" is none.
3. A number outside the scale is an answer too, and comes back as it is: whoever asked asks again.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

LOWEST, HIGHEST = 0.0, 10.0

_EN = "zero one two three four five six seven eight nine ten"
_VALUES = {name: float(value) for value, name in enumerate(_EN.split())}
_NL = "nul een twee drie vier vijf zes zeven acht negen tien"
_VALUES |= {name: float(value) for value, name in enumerate(_NL.split())}
_VALUES |= {"nought": 0.0, "nil": 0.0, "anderhalf": 1.5, "anderhalve": 1.5, "half": 0.5}
_SMALL = "- eentje tweetje drietje viertje vijfje zesje zeventje achtje negentje tientje"
_VALUES |= {name: float(value) for value, name in enumerate(_SMALL.split()) if value}
_VALUES |= {f"{name}enhalf": value + 0.5 for name, value in list(_VALUES.items()) if value >= 1}
_VALUES |= {f"{name}eneenhalf": value + 0.5 for name, value in list(_VALUES.items()) if value >= 1}

_FILLERS = """
a about almost am an and around at be circa ca exactly give good guess high honestly i id im
is it its just least like low maybe me more most my myself nearly now number on only probably
rather roughly say score scale so solid somewhere still strong that the then think today up
weak well would quite or less hmm hm um uh ok oh yes pretty perhaps todays
best bijna cijfer dan dat de denk dik dikke dus een eerlijk eigenlijk ergens even geef goede
gevoel gok het hoge hooguit hoor ik in inmiddels ja kleine krappe lage mezelf mij minstens
misschien n net nette nog nou nu ofzo ongeveer op rond ruim ruime schaal schat sta steeds sterke
toch vandaag voel volgens voor vooruit waarschijnlijk wel zeg zeggen zeker zit zo zon zou
zwakke zowat momenteel moment
"""
_AROUND = frozenset(_FILLERS.split())
"""Words that leave a number what it is, before it or behind it."""

_BREAKS = """
because but since cause cos though although as if when while
omdat want maar aangezien hoewel als toen doordat alleen ook
"""
_REASONS = frozenset(_BREAKS.split())
_OR = frozenset({"-", "to", "tot", "a", "or", "of", "en", "and"})
_TOKEN = re.compile(r"\d+(?:[.,]\d+)?|[a-z]+|[/%:;,.!?()-]")
_CLOCK = re.compile(r"\d\s?[:.h]\s?\d\d\s?(?:uur|u|h|am|pm|oclock)?\b|\d\s?(?:am|pm|uur|u)\b")
_LONGEST = 400


class _Read(NamedTuple):
    value: float
    rest: list[str]


def read_scale(text: str, language: str = "en") -> float | None:
    """Return the number somebody means, which may lie outside the scale; None for no answer.

    ``language`` tells "9 of 10" apart: out of ten in English, nine or ten in Dutch.
    """
    if len(text) > _LONGEST:
        return None
    folded = _folded(text)
    if _CLOCK.search(folded) and not re.fullmatch(r"\D*\d[.]\d\d\D*", folded):
        return None
    tokens = _TOKEN.findall(folded)
    dutch = language.partition("-")[0].lower() == "nl"
    return _answer(tokens, dutch=dutch)


def in_scale(value: float) -> bool:
    """Tell whether a number lies on the scale."""
    return LOWEST <= value <= HIGHEST


def shown(value: float, language: str = "en") -> str:
    """Return a number as people write it: 7, 6.5, in Dutch 6,5."""
    text = f"{value:g}"
    return text.replace(".", ",") if language.partition("-")[0].lower() == "nl" else text


def course(values: tuple[float, ...], language: str = "en") -> str:
    """Return numbers one after the other, as a line of text: 5 → 6 → 6.5."""
    return " → ".join(shown(value, language) for value in values)


def _folded(text: str) -> str:
    """Return a text in small letters without accents, signs that say nothing, and smileys."""
    text = text.replace("½", " half ").replace("¼", ",25").replace("¾", ",75")
    text = text.replace("🔟", "10").replace("\ufe0f", "").replace("\u20e3", "")
    text = re.sub(r"(?<!\d)[:;8]-?[)(dpo/|]+(?!\d)", " ", text.casefold())
    text = re.sub("[~±]", " ", re.sub("[–—−]", "-", re.sub("['’]", "", text)))
    bare = unicodedata.normalize("NFKD", text)
    return "".join(c for c in bare if not unicodedata.combining(c)).strip()


def _answer(tokens: list[str], *, dutch: bool) -> float | None:
    tokens = _joined(tokens)
    negative = tokens[:1] == ["-"] and len(tokens) > 1 and _is_number(tokens[1])
    between = next((n for n, one in enumerate(tokens) if one in ("between", "tussen")), None)
    if between is not None:
        if not set(tokens[:between]) <= _AROUND | {"-", ","}:
            return None
        tokens = tokens[between + 1 :]
    start = next((n for n, one in enumerate(tokens) if _number_at(tokens, n) is not None), None)
    if start is None or not set(tokens[:start]) <= _AROUND | {"-", ",", ".", ":"}:
        return None
    read = _value(tokens[start:])
    if read is None:
        return None
    value, rest = _ranged(read, dutch=dutch, between=between is not None)
    if value is None or not _is_over(rest):
        return None
    return -value if negative else value


def _joined(tokens: list[str]) -> list[str]:
    """Return tokens in which "zeven-en-een-half" has lost the hyphens between its words."""
    return [
        one
        for n, one in enumerate(tokens)
        if one != "-" or not 0 < n < len(tokens) - 1 or tokens[n + 1] not in ("en", "een", "half")
    ]


def _is_number(token: str) -> bool:
    return token[0].isdigit() or token in _VALUES


def _number_at(tokens: list[str], n: int) -> float | None:
    """Return the number that a token is; "een" is one only where no number follows."""
    word = tokens[n]
    if word[0].isdigit():
        return float(word.replace(",", "."))
    if word == "een" and sum(one[0].isalnum() for one in tokens) > 1:
        return None
    return _VALUES.get(word)


def _value(tokens: list[str]) -> _Read | None:
    """Read one number: with a decimal in words, or and a half."""
    value = _number_at(tokens, 0)
    if value is None:
        return None
    rest = tokens[1:]
    if len(rest) > 1 and rest[0] in ("komma", "point", "punt"):
        part = _VALUES.get(rest[1], float(rest[1]) if rest[1].isdigit() else None)
        if part is None or part > 9:
            return None
        return _Read(value + part / 10, rest[2:])
    for half in (["and", "a", "half"], ["en", "een", "half"], ["en", "half"], ["half"]):
        if rest[: len(half)] == half:
            return _Read(value + 0.5, rest[len(half) :])
    return _Read(value, rest)


def _ranged(read: _Read, *, dutch: bool, between: bool) -> tuple[float | None, list[str]]:
    """Return the number, or the middle of two, and what is left; (None, …) for neither."""
    value, rest = read
    if _out_of_ten(rest, dutch=dutch):
        return value, _behind_ten(rest)
    if rest and rest[0] in (*_OR, "/"):
        second = rest[1:]
        while second and second[0] in ("de", "een", "the"):
            second = second[1:]
        other = _value(second) if second and _is_number(second[0]) else None
        if other is not None and (rest[0] != "/" or max(value, other.value) <= HIGHEST):
            left = _behind_ten(other.rest) if _out_of_ten(other.rest, dutch=dutch) else other.rest
            return (value + other.value) / 2, left
    if between:
        return None, rest
    if rest and rest[0] in ("-", "+"):
        return value, rest[1:]
    return value, rest


def _out_of_ten(rest: list[str], *, dutch: bool) -> bool:
    return len(_behind_ten(rest, dutch=dutch)) < len(rest)


def _behind_ten(rest: list[str], *, dutch: bool = False) -> list[str]:
    """Return what follows "out of ten" in any form, or everything."""
    forms = [["/"], ["out", "of"], ["van", "de"], ["van"], ["uit"], ["op", "de"], ["op"]]
    forms += [] if dutch else [["of"]]
    for form in forms:
        for ten in ("10", "ten", "tien"):
            if rest[: len(form) + 1] == [*form, ten]:
                return rest[len(form) + 1 :]
    return rest


def _is_over(rest: list[str]) -> bool:
    """Tell whether nothing follows that makes something else of the number."""
    for n, one in enumerate(rest):
        if one in _REASONS or one in (",", ".", "!", ";", "(", ":", "-", "?"):
            return not any(a == "," and b[0].isdigit() for a, b in pairwise(rest[n:]))
        if one == "%" or one not in _AROUND | {")"}:
            return one == "%" and n + 1 == len(rest)
    return True
