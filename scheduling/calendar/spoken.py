"""The words for days, months, hours and parts of a day, in Dutch and English, folded to lower case.

Abbreviations are those people type on a phone. A word that means something else in a sentence of
the other language (``do``, ``an``) is safe here: phrases are read at one end of a line only.
"""

from __future__ import annotations

WEEKDAYS = {
    name: day
    for day, names in enumerate(
        (
            "ma maandag mon monday",
            "di dinsdag tue tues tuesday",
            "wo woensdag wed wednesday",
            "do donderdag thu thur thurs thursday",
            "vr vrij vrijdag fri friday",
            "za zat zaterdag sat saturday",
            "zo zon zondag sun sunday",
        )
    )
    for name in names.split()
}

MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "jan januari january",
            "feb februari february",
            "mrt maart mar march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "aug augustus august",
            "sep sept september",
            "okt oktober oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}

DAYS_AHEAD = {
    **{"today": 0, "vandaag": 0, "tomorrow": 1, "tmrw": 1, "morgen": 1, "overmorgen": 2},
    **{"yesterday": -1, "gisteren": -1},  # nothing is planned for it, and that can be said
}

PARTS = {
    "vroeg": 8,
    "ochtend": 9,
    "morgen": 9,
    "morning": 9,
    "voormiddag": 10,
    "noon": 12,
    "middag": 14,
    "namiddag": 15,
    "afternoon": 14,
    "avond": 19,
    "evening": 19,
    "night": 20,
}
"""The hour a part of the day stands for where no time is given."""

NOON = 12
AFTERNOON = frozenset({"middag", "namiddag", "afternoon", "avond", "evening", "night"})
"""With these, nine o'clock in words is 21:00, and three is 15:00."""

THIS_PART = {
    "vanochtend": "ochtend",
    "vanmorgen": "ochtend",
    "vanmiddag": "middag",
    "vanavond": "avond",
    "tonight": "evening",
}

COMING = frozenset({"komende", "aanstaande", "as", "coming", "this", "deze", "aankomende"})
NEXT = frozenset({"next", "volgende"})
FILLERS = frozenset({"on", "op", "at", "om", "@", "de", "the", "dan", "around", "rond"})
RELATIVE = frozenset({"in", "over", "na"})

UNITS = {
    name: unit
    for unit, names in {
        "minutes": "min mins minute minutes minuut minuten",
        "hours": "hour hours hr hrs uur uren uurtje",
        "days": "day days dag dagen",
        "weeks": "week weeks weken",
        "months": "month months maand maanden",
    }.items()
    for name in names.split()
}

NUMBERS = {
    name: number
    for number, names in enumerate(
        (
            "a an een one 'n",
            "two twee",
            "three drie",
            "four vier",
            "five vijf",
            "six zes",
            "seven zeven",
            "eight acht",
            "nine negen",
            "ten tien",
            "eleven elf",
            "twelve twaalf",
        ),
        start=1,
    )
    for name in names.split()
}

QUARTER = frozenset({"kwart", "quarter"})
AFTER = frozenset({"over", "past", "na"})
BEFORE = frozenset({"voor", "to", "before"})
HOUR_WORDS = frozenset({"uur", "u", "h", "o'clock", "oclock", "uhr"})
