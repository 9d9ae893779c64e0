"""What people call a moment, phrase by phrase, and what has to be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.calendar import zones
from scheduling.calendar.phrases import Unclear, When, later, read, read_series

ZONE = "Europe/Amsterdam"
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # a Tuesday, 10:00 in Amsterdam

# phrase -> what the clocks show (year and month of NOW where they are left out)
TABLE = """
do 09:40 | 11-26 09:40
donderdag 09:40 | 11-26 09:40
op donderdag om 09:40 | 11-26 09:40
do. 9:40 | 11-26 09:40
do 9.40 | 11-26 09:40
do 9u40 | 11-26 09:40
do 9h40 | 11-26 09:40
do 9:40u | 11-26 09:40
do 9.40 uur | 11-26 09:40
do 9 uur 40 | 11-26 09:40
Do 10u | 11-26 10:00
DO 10 UUR | 11-26 10:00
do 10h | 11-26 10:00
fri 08:30 | 11-27 08:30
friday 8:30am | 11-27 08:30
friday 8.30 am | 11-27 08:30
fri 8:30 a.m. | 11-27 08:30
on friday at 8:30pm | 11-27 20:30
fri at 8 pm | 11-27 20:00
fri, 08:30 | 11-27 08:30
fri @ 09:00 | 11-27 09:00
fri @9:00 | 11-27 09:00
(fri 08:30) | 11-27 08:30
tomorrow 10:00 | 11-25 10:00
tmrw 10:00 | 11-25 10:00
tomorrow at 10 | 11-25 10:00
tomorrow 9am | 11-25 09:00
tomorrow 9 am | 11-25 09:00
tomorrow 12am | 11-25 00:00
tomorrow 12pm | 11-25 12:00
tomorrow noon | 11-25 12:00
tomorrow at noon | 11-25 12:00
tomorrow 12 noon | 11-25 12:00
tomorrow morning | 11-25 09:00
tomorrow afternoon | 11-25 14:00
tomorrow evening | 11-25 19:00
tomorrow evening at 8 | 11-25 20:00
tomorrow afternoon 3 o'clock | 11-25 15:00
tomorrow at 3 in the afternoon | 11-25 15:00
tomorrow at 8 o'clock | 11-25 08:00
tomorrow half past nine | 11-25 09:30
tomorrow at half past 9 | 11-25 09:30
tomorrow quarter past nine | 11-25 09:15
tomorrow quarter to ten | 11-25 09:45
tomorrow ten past nine | 11-25 09:10
tomorrow twenty to ten | 11-25 09:40
10:00 tomorrow | 11-25 10:00
9am tomorrow | 11-25 09:00
quarter to ten tomorrow | 11-25 09:45
day after tomorrow 10:00 | 11-26 10:00
the day after tomorrow at 10 am | 11-26 10:00
morgen 10u | 11-25 10:00
morgen 10:00 | 11-25 10:00
morgen om 10 | 11-25 10:00
morgen 10 uur | 11-25 10:00
morgen om tien uur | 11-25 10:00
morgenochtend | 11-25 09:00
morgenmiddag | 11-25 14:00
morgenavond | 11-25 19:00
morgen vroeg 8:00 | 11-25 08:00
morgenvroeg | 11-25 08:00
morgen ochtend 8 uur | 11-25 08:00
morgenmiddag 3 uur | 11-25 15:00
morgenmiddag om drie uur | 11-25 15:00
morgenavond half acht | 11-25 19:30
morgen half tien | 11-25 09:30
morgen om half tien | 11-25 09:30
morgen kwart over negen | 11-25 09:15
morgen kwart voor tien | 11-25 09:45
morgen kwart over 9 | 11-25 09:15
morgen tien voor half negen | 11-25 08:20
morgen vijf over half negen | 11-25 08:35
morgen 10 over 9 | 11-25 09:10
morgen 12 uur | 11-25 12:00
morgen 's avonds 8 uur | 11-25 20:00
morgen 8 uur 's avonds | 11-25 20:00
morgen om 3 uur 's middags | 11-25 15:00
overmorgen 10:00 | 11-26 10:00
overmorgen 14u30 | 11-26 14:30
overmorgenmiddag | 11-26 14:00
vandaag 14:00 | 11-24 14:00
vandaag 14u | 11-24 14:00
today 2pm | 11-24 14:00
today at 14:00 | 11-24 14:00
vanmiddag | 11-24 14:00
vanmiddag 4 uur | 11-24 16:00
vanmiddag om half 4 | 11-24 15:30
vanavond | 11-24 19:00
vanavond 8 uur | 11-24 20:00
vanavond 20:15 | 11-24 20:15
tonight | 11-24 19:00
tonight at 8 | 11-24 20:00
this afternoon | 11-24 14:00
this evening 20:30 | 11-24 20:30
14:00 | 11-24 14:00
om 14:00 | 11-24 14:00
at 14.00 | 11-24 14:00
09:00 | 11-25 09:00
om 9 uur | 11-25 09:00
9am | 11-25 09:00
half elf | 11-24 10:30
ma 10:00 | 11-30 10:00
mon 10:00 | 11-30 10:00
tuesday 09:00 | 12-01 09:00
tuesday 11:00 | 11-24 11:00
di 9:00 | 12-01 09:00
wo 9:00 | 11-25 09:00
wed 9:00 | 11-25 09:00
za 10:00 | 11-28 10:00
sat 1:30pm | 11-28 13:30
zo 10:00 | 11-29 10:00
sunday noon | 11-29 12:00
zondagmiddag | 11-29 14:00
vrijdagmiddag | 11-27 14:00
vrijdagochtend 9:15 | 11-27 09:15
vrijdagavond 8 uur | 11-27 20:00
friday afternoon | 11-27 14:00
friday morning 9:15 | 11-27 09:15
komende vrijdag 9:00 | 11-27 09:00
aanstaande vrijdag 9:00 | 11-27 09:00
deze vrijdag 9:00 | 11-27 09:00
this friday 9:00 | 11-27 09:00
coming friday 9:00 | 11-27 09:00
next monday 9am | 11-30 09:00
volgende maandag 9:00 | 11-30 09:00
volgende week vrijdag 9:00 | 12-04 09:00
next week friday 9:00 | 12-04 09:00
friday next week 9:00 | 12-04 09:00
vrijdag volgende week 9:00 | 12-04 09:00
maandag over 2 weken 10:00 | 12-07 10:00
over 2 weken | 12-08 10:00
over twee weken | 12-08 10:00
over een week 9:00 | 12-01 09:00
over 3 dagen | 11-27 10:00
over 3 dagen om 14:00 | 11-27 14:00
over drie dagen 14u | 11-27 14:00
over een maand 9:00 | 12-24 09:00
over 2 uur | 11-24 12:00
over een uur | 11-24 11:00
over een half uur | 11-24 10:30
over 45 minuten | 11-24 10:45
over anderhalf uur | 11-24 11:30
over 10 min | 11-24 10:10
in 3 days | 11-27 10:00
in 3 days at 14:00 | 11-27 14:00
in three days 2pm | 11-27 14:00
in a week | 12-01 10:00
in two weeks 9:00 | 12-08 09:00
in a month 9:00 | 12-24 09:00
in an hour | 11-24 11:00
in half an hour | 11-24 10:30
in 90 minutes | 11-24 11:30
in a couple of days | 11-26 10:00
12 maart 14:00 | 2027-03-12 14:00
12 mrt 14u | 2027-03-12 14:00
12 maart 2027 14:00 | 2027-03-12 14:00
op 12 maart om 14:00 | 2027-03-12 14:00
12 march 2pm | 2027-03-12 14:00
march 12 14:00 | 2027-03-12 14:00
march 12th at 2 pm | 2027-03-12 14:00
the 12th of march 14:00 | 2027-03-12 14:00
12e maart 14:00 | 2027-03-12 14:00
1 dec 9:00 | 12-01 09:00
dec 1st 9:00 | 12-01 09:00
donderdag 26 november 09:40 | 11-26 09:40
thursday 26 november 09:40 | 11-26 09:40
thursday november 26 09:40 | 11-26 09:40
24 november 11:00 | 11-24 11:00
2 jan 10:00 | 2027-01-02 10:00
12/3 14.00 | 2027-03-12 14:00
12-3 14:00 | 2027-03-12 14:00
12/3/2027 14:00 | 2027-03-12 14:00
12-3-27 14:00 | 2027-03-12 14:00
25/12 10:00 | 12-25 10:00
2027-03-12 14:00 | 2027-03-12 14:00
2026-12-01 9:00 | 12-01 09:00
1 maart 14:00 | 2027-03-01 14:00
29 feb 10:00 | ? impossible
next friday 9:00 | ? which_day
volgende vrijdag 9:00 | ? which_day
volgende donderdag half tien | ? which_day
at 3 | ? which_half
om 3 uur | ? which_half
morgen om 3 | ? which_half
morgen half drie | ? which_half
fri 5 o'clock | ? which_half
donderdag 4u | ? which_half
today 08:00 | ? past
yesterday 14:00 | ? past
gisteren 09:40 | ? past
gisterenmiddag | ? past
vandaag 9:59 | ? past
vanochtend | ? past
24 november 10:00 | ? past
1 november 10:00 | ? past
1-11 10:00 | ? past
2026-01-05 10:00 | ? past
31 februari 10:00 | ? impossible
32/1 10:00 | ? impossible
2026-13-01 10:00 | ? impossible
vrijdag 26 november 09:40 | ? impossible
morgen 25:00 | ? impossible
morgen 9:75 | ? impossible
tomorrow 13pm | ? impossible
over 0 dagen | ? impossible
over 900 weken | ? too_far
in 99999 days | ? too_far
2028-12-01 10:00 | ? too_far
do | ? no_time
friday | ? no_time
12 maart | ? no_time
morgen | ? no_time
next monday | ? no_time
hallo | none
first step? | none
in de trein | none
over ons gesprek | none
may I ask something | none
10 | none
a day in the park | none
mar | none
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in TABLE.strip().splitlines()]


def test_the_table_is_as_long_as_it_should_be() -> None:
    assert len(CASES) >= 150
    assert len({phrase for phrase, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("phrase", "meant"), CASES, ids=[phrase for phrase, _ in CASES])
def test_a_phrase_means_a_moment_or_asks(phrase: str, meant: str) -> None:
    found = read(phrase, NOW, ZONE, "nl")
    if meant == "none":
        assert found is None
    elif meant.startswith("?"):
        assert isinstance(found, Unclear)
        assert found.why == meant.removeprefix("? ")
    else:
        assert isinstance(found, When), found
        text = meant if meant.startswith("20") else f"2026-{meant}"
        assert found.wall == datetime.fromisoformat(text)
        assert found.at == zones.instant(found.wall, ZONE)
        assert found.rest == ""


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        ("do 09:40 presentatie", "presentatie"),
        ("presentatie do 09:40", "presentatie"),
        ("presentatie, do 09:40", "presentatie"),
        ("tomorrow 10:00 first step?", "first step?"),
        ("first step? tomorrow 10:00", "first step?"),
        ("fri 08:30 - exam in May", "exam in May"),
        ("tomorrow 10:00 do the dishes", "do the dishes"),
        ("over 2 weken 10:00 Over het gesprek", "Over het gesprek"),
        ("in an hour call Piet", "call Piet"),
    ],
)
def test_what_is_left_is_what_it_is_about(line: str, rest: str) -> None:
    found = read(line, NOW, ZONE, "nl")
    assert isinstance(found, When)
    assert found.rest == rest


@pytest.mark.parametrize(
    ("now", "phrase", "wall", "utc"),
    [
        # spring forward in Amsterdam: 02:00-03:00 on 2027-03-28 is skipped
        ("2027-03-27T09:00", "morgen 02:30", "2027-03-28T03:00", "2027-03-28T01:00"),
        ("2027-03-27T09:00", "morgen 01:59", "2027-03-28T01:59", "2027-03-28T00:59"),
        ("2027-03-27T09:00", "morgen 10:00", "2027-03-28T10:00", "2027-03-28T08:00"),
        ("2027-03-27T09:00", "in 24 hours", "2027-03-28T11:00", "2027-03-28T09:00"),
        ("2027-03-27T09:00", "over 1 dag", "2027-03-28T10:00", "2027-03-28T08:00"),
        # fall back: 02:00-03:00 on 2026-10-25 comes twice
        ("2026-10-24T08:00", "morgen 02:30", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("2026-10-24T08:00", "morgen 03:00", "2026-10-25T03:00", "2026-10-25T02:00"),
        ("2026-10-24T08:00", "zo 10:00", "2026-10-25T10:00", "2026-10-25T09:00"),
        ("2026-10-24T08:00", "over 2 weken 10:00", "2026-11-07T10:00", "2026-11-07T09:00"),
        ("2026-10-25T00:40", "02:30", "2026-10-26T02:30", "2026-10-26T01:30"),
        ("2026-10-25T00:40", "in 1 hour", "2026-10-25T02:40", "2026-10-25T01:40"),
    ],
)
def test_clocks_that_change(now: str, phrase: str, wall: str, utc: str) -> None:
    found = read(phrase, datetime.fromisoformat(now).replace(tzinfo=UTC), ZONE, "nl")
    assert isinstance(found, When), found
    assert found.wall == datetime.fromisoformat(wall)
    assert found.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_midnight_that_does_not_exist_is_the_first_instant_after_it() -> None:
    now = datetime(2026, 4, 22, 12, 0, tzinfo=UTC)
    found = read("friday 00:00", now, "Africa/Cairo", "en")
    assert isinstance(found, When)
    assert found.wall == datetime.fromisoformat("2026-04-24T01:00")


def test_a_date_in_figures_is_asked_where_english_has_two_orders() -> None:
    found = read("12/3 14:00", NOW, ZONE, "en")
    assert isinstance(found, Unclear)
    assert found.why == "which_order"
    assert found.options == (
        datetime.fromisoformat("2027-03-12T14:00"),
        datetime.fromisoformat("2026-12-03T14:00"),
    )
    only = read("25/12 14:00", NOW, ZONE, "en")
    assert isinstance(only, When)
    assert only.wall == datetime.fromisoformat("2026-12-25T14:00")
    same = read("5/5 14:00", NOW, ZONE, "en")
    assert isinstance(same, When)


def test_the_same_words_are_another_moment_elsewhere() -> None:
    here, there = (read("do 09:40", NOW, zone, "nl") for zone in (ZONE, "America/New_York"))
    assert isinstance(here, When)
    assert isinstance(there, When)
    assert (there.at - here.at).total_seconds() == 6 * 3600


@pytest.mark.parametrize(
    ("text", "days", "rest"),
    [
        ("+1 +3 +7 +21 first step?", (1, 3, 7, 21), "first step?"),
        ("+7 +1 +7 go", (1, 7), "go"),
        ("+2d +4days x", (2, 4), "x"),
        ("fading go", (1, 3, 7, 21), "go"),
        ("afbouwend hoe gaat het?", (1, 3, 7, 21), "hoe gaat het?"),
        ("+0 x", (), "x"),
        ("first +1", (), "first +1"),
        ("", (), ""),
    ],
)
def test_series(text: str, days: tuple[int, ...], rest: str) -> None:
    assert read_series(text) == (days, rest)


def test_a_series_keeps_its_wall_time_over_the_change_of_clocks() -> None:
    first = datetime(2026, 10, 20, 8, 0, tzinfo=UTC)  # 10:00
    assert later(first, 7, ZONE) == datetime(2026, 10, 27, 9, 0, tzinfo=UTC)


@given(st.text(max_size=60), st.sampled_from(["en", "nl"]))
def test_no_text_breaks_it_and_what_it_finds_lies_ahead(text: str, language: str) -> None:
    found = read(text, NOW, ZONE, language)
    if isinstance(found, When):
        assert found.at > NOW


_WORDS = (
    "do fri next volgende over in 2 an half tien kwart voor 9am 12/3 maart 31 om 's +1 week uur"
)


@given(st.lists(st.sampled_from(_WORDS.split()), max_size=9).map(" ".join))
def test_no_heap_of_such_words_breaks_it(text: str) -> None:
    found = read(text, NOW, ZONE, "nl")
    if isinstance(found, When):
        assert found.at > NOW
