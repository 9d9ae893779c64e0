"""Everything the bridge says to a person, in the reader's language.

1. A text is chosen by key and language; English is the original, the others are gettext
   catalogues in ``bridge/locale``.
2. Parameters are data: braces inside them stay braces, and a missing one is an error.
3. A consent text has a version that changes with its words, so that nobody can be said to have
   agreed to a text they never saw.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from bridge.core.content import (
    Choice,
    Choices,
    Content,
    Media,
    MediaKind,
    Notice,
    Text,
    attachment,
)
from bridge.core.facts import ConsentText
from bridge.core.notices import ENGLISH, NoticeKey
from bridge.runtime.links import MESSAGE_LASTS
from bridge.runtime.moments import written
from bridge.runtime.network_names import in_sentence
from bridge.runtime.reasons import REASONS, REFUSED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from babel.messages.catalog import Catalog

    from bridge.runtime.agenda import AgendaPages
    from bridge.runtime.links import Links

ORIGINAL = "en"
_FILE_WORDS: Mapping[MediaKind | None, NoticeKey] = {
    None: NoticeKey.FILE_VOICE,
    MediaKind.PHOTO: NoticeKey.FILE_PHOTO,
    MediaKind.STICKER: NoticeKey.FILE_PHOTO,
    MediaKind.VIDEO: NoticeKey.FILE_VIDEO,
    MediaKind.VIDEO_NOTE: NoticeKey.FILE_VIDEO,
    MediaKind.ANIMATION: NoticeKey.FILE_VIDEO,
    MediaKind.AUDIO: NoticeKey.FILE_AUDIO,
    MediaKind.FILE: NoticeKey.FILE_OTHER,
}
_KINDS: Mapping[str, NoticeKey] = {
    "chat": NoticeKey.KIND_CHAT,
    "phone": NoticeKey.KIND_PHONE,
    "video": NoticeKey.KIND_VIDEO,
    "f2f": NoticeKey.KIND_F2F,
    "intake": NoticeKey.KIND_INTAKE,
}
LANGUAGES = ("en", "nl")
_DOMAIN = "coachbridge"
_TO_TAKE = frozenset({NoticeKey.PARTING_LINK, NoticeKey.PARTING_LINK_MAIL})
_MOMENTS = frozenset({"when", "here", "last", "until"})
"""Parameters that are moments: an instant and a zone, written for the reader."""


ROOM = 1_500
"""Characters of an answer where nothing else is known; longer ones are no pleasure to read."""


class Catalogue:
    """The texts in all languages; reads a language's file the first time it is needed."""

    def __init__(
        self,
        links: Links | None = None,
        protections: Mapping[str, str] | None = None,
        rooms: Mapping[str, int] | None = None,
        agenda: AgendaPages | None = None,
        send_delay: timedelta = timedelta(),
        *,
        tell_protection: bool = False,
        pictures: frozenset[str] = frozenset(),
        wordy: frozenset[str] = frozenset(),
        answering: frozenset[str] = frozenset(),
        own_pages: frozenset[str] = frozenset(),
        lines: Sequence[str] = (),
    ) -> None:
        """``agenda`` makes the links to pages of appointments; without it there are none.

        ``lines`` are our numbers that people may call.
        """
        self._links = links
        self.agenda = agenda
        self._protections = protections or {}
        self._rooms = rooms or {}
        self.send_delay = send_delay
        """How long a coach's words wait so that she can take them back."""
        self.lines = tuple(lines)
        self.labels: Mapping[str, str] = self._protections if tell_protection else {}
        """The level of protection of each network of which people are told, before first use."""
        self.wordy = wordy
        """Networks that carry nothing but words, and tell of a file by a link."""
        self.answering = answering
        """Networks on which every message is an answer to our last one."""
        self.own_pages = own_pages
        """Networks that are pages of the bridge's own."""
        self.pictures = pictures
        """Networks that show a picture with words beneath it."""
        self._consents: Mapping[str, ConsentText] = {}

    def say(self, key: NoticeKey, language: str, **params: str) -> str:
        """Return a text in a language, filled in. Raises KeyError for a missing parameter."""
        return self.template(key, language).format_map(params)

    def template(self, key: NoticeKey, language: str) -> str:
        """Return a text in a language, its parameters still in braces."""
        return self._say(ENGLISH[key], language)

    def reason(self, code: str, language: str, detail: str = "") -> str:
        """Return what a reason's code means, else the network's own sentence."""
        if code not in REASONS and detail:
            return detail
        return self._say(REASONS.get(code, REASONS[REFUSED]), language)

    def translate(self, content: Content, language: str) -> Content:
        """Return content as its reader sees it: a notice becomes a text or a question."""
        if not isinstance(content, Notice):
            return content
        body = (self.say(content.key, language, **self._told(content, language)),)
        if not content.options:
            return Text(body=body)
        options = tuple(self.option(option, language) for option in content.options)
        return Choices(body=body, options=options, ref=content.ref)

    def _told(self, content: Notice, language: str) -> dict[str, str]:
        """Return what a notice tells, as its reader sees it."""
        params = dict(content.params)
        if "reason" in params:
            detail = params.get("detail", "")
            params["reason"] = self.reason(params["reason"], language, detail)
        if "network" in params:
            params["network"] = self.network(params["network"])
        if "modality" in params:
            params["modality"] = self.say(_KINDS[params["modality"]], language)
        for name in _MOMENTS & params.keys():
            params[name] = written(params[name], self.language_of(language))
        if params.get("dates"):
            moments = params["dates"].split("|")
            params["dates"] = ", ".join(written(one, self.language_of(language)) for one in moments)
        if params.get("here"):
            params["here"] = self.say(NoticeKey.NUDGE_HERE, language, when=params["here"])
        if params.get("answer") in ENGLISH:
            params["answer"] = self.template(NoticeKey(params["answer"]), language)
        if "link" in params and content.key in _TO_TAKE:
            # Whoever else reads the log sees that there was a link, and none that opens.
            params["link"] = self.take_link(content.ref) if content.ref else "(…)"
        return params

    def protection_of(self, network: str) -> str:
        """Return a network's level of protection, '' for one that is not set up."""
        return self._protections.get(network, "")

    def room_on(self, network: str) -> int:
        """Return how many characters one answer may have that people read on a network."""
        return self._rooms.get(network, ROOM)

    def network(self, network: str) -> str:
        """Return what people call a network, within a sentence."""
        return in_sentence(network)

    def choose(self, language: str) -> str:
        """Return the request to answer a numbered question."""
        return self.say(NoticeKey.CHOOSE, language)

    def file_link(self, content: Content, row: int, language: str) -> str:
        """Return a file in words, with a link to it for the party of a row; '' without a file."""
        file = attachment(content)
        if file is None or self._links is None:
            return ""
        key = _FILE_WORDS[content.media if isinstance(content, Media) else None]
        params = {
            "name": file.name or file.mime,
            "size": f"{max(file.size, 50_000) / 1_000_000:.1f} MB",
            "url": self._links.url(row),
        }
        return self.say(key, language, **params)

    def message_link(self, key: NoticeKey, row: int, written: datetime, language: str) -> str:
        """Return a text with the link to the words of a row, and the last day on which it opens.

        Raises LookupError where there are no links, so that nothing goes out in its place.
        """
        if self._links is None:
            raise LookupError("no links can be made here")
        day = f"{written + MESSAGE_LASTS:%Y-%m-%d}"
        return self.say(key, language, day=day, link=self._links.message_url(row))

    def take_link(self, ref: str) -> str:
        """Return the link by which the reader of a notice takes a log along.

        Raises LookupError where there are no links, so that nothing goes out in its place.
        """
        if self._links is None:
            raise LookupError("no links can be made here")
        return self._links.take_url(ref)

    def consent_texts(self) -> Mapping[str, ConsentText]:
        """Return the text clients are asked to agree to, by language."""
        if not self._consents:
            self._consents = {language: self._consent(language) for language in LANGUAGES}
        return self._consents

    def language_of(self, tag: str) -> str:
        """Return the language we speak that fits a BCP 47 tag, else English."""
        return language_of(tag)

    def _consent(self, language: str) -> ConsentText:
        text = self.template(NoticeKey.CONSENT_QUESTION, language)
        version = hashlib.sha256(text.encode()).hexdigest()[:12]
        return ConsentText(version=version, language=language, text=text)

    def option(self, option: Choice, language: str) -> Choice:
        """Return an option of a notice as its reader sees it."""
        try:
            key = NoticeKey(option.label)
        except ValueError:
            return option
        return msgspec.structs.replace(option, label=self.template(key, language))

    def _say(self, original: str, language: str) -> str:
        return said_in(language_of(language)).get(original, original)


def language_of(tag: str) -> str:
    """Return the language we speak that fits a BCP 47 tag, else English."""
    language = tag.replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else ORIGINAL


def read_catalog(language: str, domain: str = _DOMAIN) -> Catalog:
    """Read a gettext catalogue of a language; pages have one of their own."""
    from babel.messages.pofile import read_po  # costs 50 ms; English does without

    path = resources.files("bridge") / "locale" / language / "LC_MESSAGES" / f"{domain}.po"
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


@cache
def said_in(language: str, domain: str = _DOMAIN) -> Mapping[str, str]:
    """Return what a catalogue has for each English text; nothing for English itself."""
    if language == ORIGINAL:
        return {}
    catalog = read_catalog(language, domain)
    return {str(m.id): str(m.string) for m in catalog if m.id and m.string}
