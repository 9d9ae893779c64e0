"""The words of the demo's page, English and Dutch side by side.

They stand here and not in the catalogue of the bridge because nobody but the demo says them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.demo.telephone_words import TELEPHONES

if TYPE_CHECKING:
    from collections.abc import Mapping

LANGUAGES = ("en", "nl")

NETWORKS: Mapping[str, tuple[str, str]] = {
    "telegram": ("Telegram", "Telegram"),
    "sms": ("SMS", "sms"),
    "whatsapp": ("WhatsApp", "WhatsApp"),
    "twilio": ("Twilio", "Twilio"),
    "slack": ("Slack", "Slack"),
    "email": ("E-mail", "E-mail"),
    "voice": ("telephone", "telefoon"),
    "matrix": ("Matrix", "Matrix"),
    "web": ("web chat", "webchat"),
    "console": ("console", "console"),
    "api": ("API", "API"),
}
"""How networks, and the vendor of three of them, are written."""

# key: (English, Dutch)
PAGE: dict[str, tuple[str, str]] = {
    "title": ("Coachbridge demo", "Coachbridge-demo"),
    "claim": (
        "Coach and client, each in their own messenger. One log.",
        "Coach en cliënt, ieder in de eigen messenger. Eén logboek.",
    ),
    "about": (
        "This is the real bridge with made-up people. All of it runs on this machine only and is "
        "gone when you stop it.",
        "Dit is de echte brug met verzonnen mensen. Alles draait alleen op deze machine en is weg "
        "zodra je stopt.",
    ),
    "language": ("Nederlands", "English"),
    "theme": ("Light or dark", "Licht of donker"),
    "clients": ("Six clients, each where they already are", "Zes cliënten, ieder waar die al is"),
    "practice": (
        "Noor, their coach: in Slack, and on a page of her own",
        "Noor, hun coach: in Slack, en op een eigen pagina",
    ),
    "who": ("Who is shown", "Wie je ziet"),
    "coach": ("Coach", "Coach"),
    "client": ("Client", "Cliënt"),
    "phone_of": ("{name}’s {network}", "{network} van {name}"),
    "log_of": ("Trajectory log of {name}", "Logboek van het traject van {name}"),
    "log": ("Trajectory log", "Logboek"),
    "lines": ("{count} lines", "{count} regels"),
    "chained": (
        "each line carries a hash over itself and the line before",
        "elke regel draagt een hash over zichzelf en de regel ervoor",
    ),
    "console": ("Console", "Console"),
    "console_name": ("Noor’s console", "Het console van Noor"),
    "console_about": ("the real page", "de echte pagina"),
    "chat": ("Web chat", "Webchat"),
    "chat_name": ("Sem’s web chat", "De webchat van Sem"),
    "chat_about": ("web chat, the real page", "webchat, de echte pagina"),
    "own_tab": ("In a tab of its own", "In een eigen tabblad"),
    "networks": ("Break a network", "Laat een netwerk haperen"),
    "members": ("{count} people", "{count} mensen"),
    "plain_room": ("not encrypted", "niet versleuteld"),
    "came": ("{name} joined the room", "{name} kwam in de kamer"),
    "invited_in": ("{name} was invited", "{name} werd uitgenodigd"),
    "went": ("{name} left the room", "{name} verliet de kamer"),
    "inbox": ("Inbox", "Postvak IN"),
    "from_me": ("Me", "Ik"),
    "no_subject": ("(no subject)", "(geen onderwerp)"),
    "in_thread": ("in a thread: {words}", "in een thread: {words}"),
    "app": ("APP", "APP"),
    "direct": ("Apps", "Apps"),
    "text_message": ("Text message", "Sms-bericht"),
    "online": ("online", "online"),
    "write": ("Message", "Bericht"),
    "send": ("Send", "Verstuur"),
    "photo": ("Send a photo", "Stuur een foto"),
    "photo_alt": ("A photo", "Een foto"),
    "voice": ("Send a voice note", "Stuur een spraakbericht"),
    "more": ("More with this message", "Meer met dit bericht"),
    "reply": ("Reply", "Antwoord"),
    "edit": ("Edit", "Bewerk"),
    "cancel": ("Cancel", "Annuleer"),
    "answering": ("Answering", "Antwoord op"),
    "editing": ("Editing", "Bewerken"),
    "edited": ("edited", "bewerkt"),
    "react": ("React with {emoji}", "Reageer met {emoji}"),
    "open": ("Start", "Start"),
    "invited": (
        "{name} got an invitation: a link that works once, for one person.",
        "{name} kreeg een uitnodiging: een link die één keer werkt, voor één persoon.",
    ),
    "bot": ("bot", "bot"),
    "today": ("Today", "Vandaag"),
    "empty": ("Nothing here yet", "Hier staat nog niets"),
    "to": ("to {name}: {state}", "naar {name}: {state}"),
    "twice": ("possibly sent twice", "mogelijk dubbel verstuurd"),
    "network_is": ("{network} is", "{network} is"),
    "well": ("working", "in orde"),
    "busy": ("busy ({refusal})", "te druk ({refusal})"),
    "lost": ("losing an answer", "een antwoord kwijt"),
    "down": ("down", "onbereikbaar"),
    "tour": ("Tour", "Rondleiding"),
    "play": ("Show me", "Laat zien"),
    "playing": ("Playing…", "Bezig…"),
    "step": ("Step {n} of {of}", "Stap {n} van {of}"),
    "next": ("Next step", "Volgende stap"),
    "previous": ("Previous step", "Vorige stap"),
    "prove": ("Prove the log", "Bewijs het logboek"),
    "proof": ("The proof", "Het bewijs"),
    "holds": ("holds", "klopt"),
    "broken": ("does not hold", "klopt niet"),
    "checked": ("{count} checked", "{count} bekeken"),
    "refused": (
        "And an attempt to change a line behind the bridge’s back. The database answers:",
        "En een poging om buiten de brug om een regel te wijzigen. De database antwoordt:",
    ),
    "close": ("Close", "Sluit"),
    "away": (
        "The demo has ended. Start it again with: make run",
        "De demo is gestopt. Start hem opnieuw met: make run",
    ),
    "cannot": ("That does not work here.", "Dat kan hier niet."),
    "bridge": ("bridge", "brug"),
}

STATUS: Mapping[str, tuple[str, str]] = {
    "well": (
        "{network} works. Type on any phone, and watch the others and the log.",
        "{network} werkt. Typ op een telefoon en kijk naar de andere en naar het logboek.",
    ),
    "held": (
        "Kept, and not passed on before somebody answers the bridge’s question: {held}.",
        "Bewaard, en niet doorgegeven voordat iemand de vraag van de brug beantwoordt: {held}.",
    ),
    "busy": (
        "From now on {network} answers whatever the bridge sends with {refusal}: too busy. "
        "Write something to somebody there.",
        "Vanaf nu antwoordt {network} op alles wat de brug stuurt met {refusal}: te druk. "
        "Schrijf iemand daar maar iets.",
    ),
    "busy_waiting": (
        "{network} said {refusal}. In the outbox, in order: {waiting}. The bridge waits, and asks "
        "again in {seconds} s.",
        "{network} zei {refusal}. In de uitgaande post, op volgorde: {waiting}. De brug wacht, en "
        "vraagt het over {seconds} s opnieuw.",
    ),
    "lost": (
        "{network} will take the next message, and its answer will get lost on the way back. "
        "Write something to somebody there.",
        "{network} neemt het volgende bericht aan, maar het antwoord raakt onderweg kwijt. "
        "Schrijf iemand daar maar iets.",
    ),
    "lost_happened": (
        "{network} took the message, but its answer was lost, and nobody can be asked. The "
        "log says “not clear whether it arrived”, then “possibly sent twice”: never just “sent”.",
        "{network} nam het bericht aan, maar het antwoord ging verloren, en niemand kan het "
        "navragen. Dus zegt het logboek “niet duidelijk of het aankwam” en daarna “mogelijk "
        "dubbel verstuurd”. Nooit zomaar “verstuurd”.",
    ),
    "lost_told": (
        "{network} took the message, but its answer was lost. The log says “not clear whether it "
        "arrived”; then {network} itself tells the bridge that it did. Nothing is sent twice.",
        "{network} nam het bericht aan, maar het antwoord ging verloren. Het logboek zegt “niet "
        "duidelijk of het aankwam”; dan vertelt {network} de brug zelf dat het er is. Niets gaat "
        "dubbel.",
    ),
    "lost_same": (
        "{network} took the message, but its answer was lost. The log says “not clear whether it "
        "arrived”; then the bridge asks for the same once more, under the same number, and "
        "{network} knows it already. Nothing is sent twice.",
        "{network} nam het bericht aan, maar het antwoord ging verloren. Het logboek zegt “niet "
        "duidelijk of het aankwam”; dan vraagt de brug om precies hetzelfde, onder hetzelfde "
        "nummer, en {network} kent het al. Niets gaat dubbel.",
    ),
    "down": (
        "The line to {network} is cut. Write on: waiting at {network}: {kept}, in the outbox: "
        "{waiting}.",
        "De lijn naar {network} is door. Schrijf gerust verder: wachtend bij {network}: {kept}, "
        "in de uitgaande post: {waiting}.",
    ),
    "catching_up": (
        "{network} is back, and the bridge catches up. Waiting at {network}: {kept}, in the "
        "outbox: {waiting}, next try in {seconds} s.",
        "{network} is er weer, en de brug haalt in. Wachtend bij {network}: {kept}, in de "
        "uitgaande post: {waiting}, volgende poging over {seconds} s.",
    ),
    "back": (
        "{network} is back. Whatever waited has arrived: in order, nothing lost.",
        "{network} is er weer. Alles wat wachtte is aangekomen: op volgorde, niets kwijt.",
    ),
}

STATES: Mapping[str, tuple[str, str]] = {
    "accepted": ("waits for consent", "wacht op toestemming"),
    "queued": ("waits to be sent", "wacht op verzending"),
    "sending": ("being sent", "wordt verstuurd"),
    "uncertain": ("not clear whether it arrived", "niet duidelijk of het aankwam"),
    "sent": ("sent", "verstuurd"),
    "delivered": ("delivered", "bezorgd"),
    "read": ("read", "gelezen"),
    "failed": ("not delivered", "niet bezorgd"),
    "suppressed": ("held back", "tegengehouden"),
    "expired": ("given up", "opgegeven"),
}

KINDS: Mapping[str, tuple[str, str]] = {
    "trajectory_opened": ("trajectory opened", "traject geopend"),
    "trajectory_closed": ("trajectory closed", "traject gesloten"),
    "party_added": ("takes part", "doet mee"),
    "party_removed": ("takes no part any more", "doet niet meer mee"),
    "endpoint_linked": ("messenger linked", "messenger gekoppeld"),
    "endpoint_revoked": ("messenger unlinked", "messenger ontkoppeld"),
    "place_asked": ("own place asked for", "eigen plek gevraagd"),
    "place_bound": ("own place", "eigen plek"),
    "place_unbound": ("own place given up", "eigen plek opgegeven"),
    "consent_asked": ("consent asked", "toestemming gevraagd"),
    "consent_given": ("consent given", "toestemming gegeven"),
    "consent_refused": ("consent refused", "toestemming geweigerd"),
    "opted_out": ("stopped", "gestopt"),
    "opted_in": ("started again", "weer begonnen"),
    "session_logged": ("session held", "gesprek gehouden"),
    "log_viewed": ("read the log again", "las het logboek nog eens"),
    "conversation_moved": ("goes on elsewhere", "gaat elders verder"),
    "message_posted": ("message", "bericht"),
    "message_edited": ("edit", "bewerking"),
    "message_deleted": ("deletion", "verwijdering"),
    "reaction_set": ("reaction", "reactie"),
    "choice_made": ("choice", "keuze"),
    "notice_given": ("the bridge said something", "de brug zei iets"),
    "note_added": ("private note", "eigen notitie"),
    "aside_posted": ("aside", "onder vier ogen"),
    "party_erased": ("erased", "gewist"),
    "protection_noted": ("knows who can read along", "weet wie kan meelezen"),
    "retention_set": ("how long it is kept", "hoe lang het bewaard wordt"),
    "parting_asked": ("asked: keep, take or destroy", "gevraagd: bewaren, meenemen, vernietigen"),
    "parting_decided": ("the client's choice", "keuze van de cliënt"),
    "log_exported": ("log taken along", "logboek meegenomen"),
    "words_destroyed": ("words destroyed", "woorden vernietigd"),
    "policy_set": ("what is allowed where", "wat waar mag"),
    "slots_offered": ("free moments", "vrije momenten"),
    "appointment_booked": ("appointment made", "afspraak gemaakt"),
    "appointment_moved": ("appointment moved", "afspraak verzet"),
    "appointment_cancelled": ("appointment cancelled", "afspraak afgezegd"),
    "appointment_confirmed": ("appointment confirmed", "afspraak bevestigd"),
    "booking_refused": ("moment not free", "moment niet vrij"),
    "invitation_mailed": ("invitation for the calendar", "uitnodiging voor de agenda"),
    "invitation_answered": ("the calendar answered", "de agenda antwoordde"),
    "session_opened": ("session began", "sessie begonnen"),
    "session_closed": ("session ended", "sessie afgelopen"),
    "recap_started": ("recap begun", "terugblik begonnen"),
    "recap_drafted": ("recap drafted", "terugblik in concept"),
    "recap_ended": ("recap finished", "terugblik klaar"),
    "call_started": ("telephone call", "telefoongesprek"),
    "call_advanced": ("step of a call", "stap in een gesprek"),
    "call_ended": ("call ended", "gesprek voorbij"),
    "recording_agreed": ("recording agreed to", "opname goedgevonden"),
    "recording_refused": ("recording refused", "opname geweigerd"),
    "recording_switched": ("recording begun or paused", "opname begonnen of gepauzeerd"),
    "recording_stored": ("recording made", "opname gemaakt"),
    "recording_secured": ("recording kept", "opname bewaard"),
    "recording_deleted": ("recording deleted", "opname verwijderd"),
    "transcript_added": ("written down by a machine", "opgeschreven door een machine"),
    "nudge_planned": ("nudge planned", "duwtje gepland"),
    "nudge_proposed": ("nudge drafted", "duwtje voorgesteld"),
    "nudge_moved": ("nudge moved", "duwtje verzet"),
    "nudge_postponed": ("nudge put off", "duwtje uitgesteld"),
    "nudge_cancelled": ("nudge taken back", "duwtje ingetrokken"),
    "nudge_given": ("nudge given", "duwtje gegeven"),
    "nudge_withheld": ("nudge not given", "duwtje niet gegeven"),
    "nudge_answered": ("nudge answered", "duwtje beantwoord"),
    "pace_changed": ("pace changed", "tempo veranderd"),
    "promise_set": ("how soon is answered", "hoe snel er antwoord komt"),
    "working_hours_set": ("working hours", "werktijden"),
    "promise_made": ("answer promised", "antwoord toegezegd"),
    "promise_warned": ("promise nearly over", "toezegging bijna voorbij"),
    "promise_kept": ("promise kept", "toezegging nagekomen"),
    "promise_broken": ("promise not kept", "toezegging niet nagekomen"),
    "promise_mended": ("answered after all", "alsnog beantwoord"),
    "promise_dropped": ("needs no answer any more", "hoeft geen antwoord meer"),
    "rest_kept": ("nothing rings", "niets gaat over"),
    "rest_ended": ("may ring again", "mag weer overgaan"),
    "step_proposed": ("step proposed", "stap voorgesteld"),
    "step_agreed": ("step agreed", "stap afgesproken"),
    "step_followed_up": ("asked about a step", "naar een stap gevraagd"),
    "step_done": ("step done", "stap gedaan"),
    "step_not_done": ("step not done yet", "stap nog niet gedaan"),
    "step_closed": ("step closed", "stap afgesloten"),
    "scale_asked": ("scaling question", "schaalvraag"),
    "scale_answered": ("number from 0 to 10", "cijfer van 0 tot 10"),
    "time_granted": ("minutes agreed on", "minuten afgesproken"),
    "time_counted": ("minutes counted", "minuten geteld"),
    "time_proposed": ("minutes proposed", "minuten voorgesteld"),
    "time_declined": ("minutes not counted", "minuten niet geteld"),
    "time_warned": ("little time left", "weinig tijd over"),
    "delivery_changed": ("delivery", "bezorging"),
    "inbound_refused": ("not carried out", "niet uitgevoerd"),
}

MEDIA: Mapping[str, tuple[str, str]] = {
    "photo": ("photo", "foto"),
    "voice_note": ("voice note", "spraakbericht"),
    "voice": ("voice note", "spraakbericht"),
    "file": ("file", "bestand"),
}

PROMISES: Mapping[str, tuple[str, str]] = {
    "I1": (
        "whatever came in is in exactly one log, exactly once",
        "wat binnenkwam staat in precies één logboek, precies één keer",
    ),
    "I3": (
        "everything went to somebody verified who agreed",
        "alles ging naar iemand die bekend is en akkoord gaf",
    ),
    "I4": ("nothing reached an outsider", "niets kwam bij een buitenstaander"),
    "I5": (
        "messages arrived in the order of the log",
        "berichten kwamen aan in de volgorde van het logboek",
    ),
    "I6": (
        "each line ended for each recipient in exactly one state",
        "elke regel eindigde voor elke ontvanger in precies één toestand",
    ),
    "I7": (
        "every chain is whole from its first line to its last",
        "elke keten is heel, van de eerste regel tot de laatste",
    ),
    "I9": ("STOP was final until START", "STOP gold tot START, ook voor wat al klaarstond"),
    "I10": (
        "nothing the bridge sent came back as a message",
        "niets wat de brug stuurde kwam terug als bericht",
    ),
    "I8": (
        "nothing came in somebody’s quiet hours but what may",
        "niets kwam in iemands rusttijden, behalve wat mag",
    ),
    "I11": (
        "no slot was given away twice",
        "geen moment werd twee keer weggegeven",
    ),
    "I12": (
        "whatever was due was done exactly once",
        "wat aan de beurt was, gebeurde precies één keer",
    ),
    "I13": (
        "words can be read only with a key that still exists",
        "woorden zijn alleen te lezen met een sleutel die nog bestaat",
    ),
    "I15": (
        "totals of minutes are what the lines of the log add up to",
        "totalen van minuten zijn wat de regels van het logboek samen geven",
    ),
}
"""What the audit checks, for people who are no operators."""


def say(table: Mapping[str, tuple[str, str]], key: str, language: str, **params: object) -> str:
    """Return a text in a language, filled in; the key itself where there is no such text."""
    texts = table.get(key)
    if texts is None:
        return key.replace("_", " ")
    return texts[LANGUAGES.index(language)].format_map(params) if params else _raw(texts, language)


def page_words(language: str) -> dict[str, str]:
    """Return all words of the page, their parameters still in braces."""
    return {key: _raw(texts, language) for key, texts in (PAGE | TELEPHONES).items()}


def _raw(texts: tuple[str, str], language: str) -> str:
    return texts[LANGUAGES.index(language)]
