"""Whether somebody could see that an action step is done: a rule of thumb, in two languages. Pure.

1. A step that names something one does, or counts, is left alone; so is one in words this list does
   not know: to ask once too often is worse than once too seldom.
2. "Be more confident on Monday" is a wish with a day: it says how to be, not what to do.
"""

from __future__ import annotations

import re
import unicodedata

_VAGUE = """
be being become feel feeling think thinking try trying want wish hope know understand realize
realise accept improve grow develop confident confidence confidently better more less calmer calm
positive positively happier relax relaxed balance motivated assertive self harder stronger
ben zijn word worden voel voelen denk denken nadenken probeer proberen wil willen hopen weten
begrijpen beseffen accepteren verbeteren groeien ontwikkelen zelfverzekerd zelfverzekerder
zelfvertrouwen beter meer minder rustiger rustig positief positiever gelukkiger ontspannen
balans gemotiveerd assertief assertiever harder sterker
"""
_DOING = """
ask call phone write send mail email text tell say speak talk read list note book plan schedule
walk run cycle swim train practise practice rehearse prepare draft finish submit open close show
visit meet invite thank greet stand sit leave go start stop cook eat drink sleep count draw make
put take bring give buy clean tidy sign apply record present knock raise turn switch set
vraag vragen bel bellen opbellen schrijf schrijven opschrijven stuur sturen mail mailen app appen
vertel vertellen zeg zeggen spreek spreken praat praten lees lezen lijst noteer noteren boek boeken
plan plannen wandel wandelen loop lopen ren rennen fiets fietsen zwem zwemmen train trainen oefen
oefenen repeteer repeteren bereid voorbereiden maak maken afmaken lever inleveren open sluit toon
bezoek bezoeken ontmoet nodig uitnodigen bedank bedanken groet groeten sta staan ga gaan zit
vertrek begin beginnen start stop stoppen kook koken eet eten drink drinken slaap slapen tel tellen
teken tekenen leg leggen zet zetten neem nemen breng brengen geef geven koop kopen ruim opruimen
teken meld melden presenteer presenteren klop steek doe
"""
_WORDS = re.compile(r"[a-z]+|\d+")
_COUNTS = re.compile(
    r"\b(\d+|one|two|three|five|ten|een|twee|drie|vijf|tien) "
    r"(times?|minutes?|hours?|pages?|people|questions?|lines?|keer|maal|minuten|minuut|uur|"
    r"bladzijden|mensen|vragen|regels|zinnen)\b|\b(once|twice|eenmaal|tweemaal)\b"
)
_IS_VAGUE, _IS_DOING = frozenset(_VAGUE.split()), frozenset(_DOING.split())


def observable(step: str) -> bool:
    """Tell whether somebody could notice that a step is done."""
    folded = unicodedata.normalize("NFKD", step.casefold())
    folded = "".join(c for c in folded if not unicodedata.combining(c))
    words = _WORDS.findall(folded)
    if _COUNTS.search(folded) or _IS_DOING & set(words):
        return True
    return len(words) > 1 and not _IS_VAGUE & set(words)
