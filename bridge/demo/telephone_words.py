"""What the demo's page says of telephones and calls, English and Dutch side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# key: (English, Dutch)
TELEPHONES: dict[str, tuple[str, str]] = {
    "telephones": ("Telephones", "Telefoons"),
    "telephones_title": (
        "By telephone: Tom has nothing else",
        "Per telefoon: Tom heeft niets anders",
    ),
    "telephones_about": (
        "Mila, Noor’s colleague, coaches him from the road, with Telegram on the same telephone. "
        "You are both: call, answer, press keys, or write “call Tom” as Mila. A melody stands for "
        "whatever they say, for the demo asks for no microphone.",
        "Mila, Noors collega, coacht hem onderweg, met Telegram op dezelfde telefoon. Jij bent "
        "allebei: bel, neem op, druk op toetsen, of schrijf als Mila “bel Tom”. Wat zij zeggen "
        "is een melodietje, want de demo vraagt geen microfoon.",
    ),
    "telephone_of": ("{name}’s telephone", "Telefoon van {name}"),
    "only_client": ("Dutch", "Nederlands"),
    "on_the_road": ("English", "Engels"),
    "her_console": ("Mila’s console", "Het console van Mila"),
    "heard_by": ("What {name} hears", "Wat {name} hoort"),
    "keypad_of": ("Keypad of {name}", "Toetsen van {name}"),
    "key": ("Key {key}", "Toets {key}"),
    "star": ("star", "sterretje"),
    "hash": ("hash", "hekje"),
    "dial": ("Call the practice", "Bel de praktijk"),
    "answer": ("Answer", "Neem op"),
    "decline": ("Decline", "Weiger"),
    "hang_up": ("Hang up", "Hang op"),
    "talk": ("Speak", "Spreek"),
    "tel_idle": ("Ready", "Klaar"),
    "tel_calling": ("On the line", "Aan de lijn"),
    "tel_ringing": ("It rings", "Hij gaat over"),
    "tel_talking": ("Talking", "In gesprek"),
    "tel_over": ("Call ended", "Gesprek voorbij"),
    "tel_busy": ("Not taken", "Niet aangenomen"),
    "tel_no-answer": ("Not answered", "Niet opgenomen"),
    "tel_failed": ("No line", "Geen lijn"),
    "waits_key": ("The bridge waits for a key", "De brug wacht op een toets"),
    "waits_voice": ("After the tone: speak, then #", "Na de toon: spreek, en dan #"),
    "pressed": ("pressed {key}", "drukte op {key}"),
    "own_voice": ("{name} speaks", "{name} spreekt"),
    "other_voice": ("the other one speaks", "de ander spreekt"),
    "no_call": ("Nothing asked yet.", "Nog niets gevraagd."),
    "twiml": ("The TwiML behind it", "De TwiML erachter"),
    "twiml_about": (
        "What Twilio asked the bridge in the last call of each telephone, and what it was told to "
        "do. Neither sees the other’s number, and nothing is recorded but a message.",
        "Wat Twilio de brug vroeg in het laatste gesprek van elke telefoon, en wat het moest doen. "
        "Niemand ziet het nummer van de ander, en alleen een ingesproken bericht wordt opgenomen.",
    ),
}

CALLS: Mapping[str, tuple[str, str]] = {
    "talked": ("talked for {time} min", "{time} min gesproken"),
    "missed": ("nobody came", "er kwam niemand"),
    "message": ("left a message", "sprak een bericht in"),
    "not_reached": ("not reached", "niet bereikt"),
    "declined": ("not taken", "niet aangenomen"),
    "session": ("session of line #{line}", "sessie van regel #{line}"),
    "picked_up": ("picked up", "opgenomen"),
    "agreed": ("pressed 1: yes", "drukte op 1: ja"),
    "refused": ("did not say yes", "zei geen ja"),
    "unasked": ("nothing is recorded", "er wordt niets opgenomen"),
    "next": ("next telephone", "volgende telefoon"),
    "nobody": ("nobody came; a message may be left", "er kwam niemand; inspreken mag"),
    "unreached": ("not reached", "niet bereikt"),
    "spoken": ("message spoken", "bericht ingesproken"),
    "over": ("hung up", "opgehangen"),
}
"""How a call ended, and what moves it on; ``declined`` within a call is ``refused``."""
