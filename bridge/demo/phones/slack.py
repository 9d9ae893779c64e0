"""A Slack window, and what can go wrong there, driven through the emulator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from adapters.emulators.slack import EmulatorMisuseError, faults
from adapters.emulators.slack.blocks import buttons
from adapters.emulators.slack.errors import ApiError
from adapters.slack import emoji
from bridge.demo.phones import (
    Act,
    Bubble,
    CannotError,
    Edit,
    File,
    Open,
    Press,
    React,
    Run,
    Say,
    Screen,
    Show,
    Speak,
    Trouble,
    first_words,
    kind_of,
    linked,
)
from bridge.demo.phones.telegram import VOICE, VOICE_SECONDS
from bridge.demo.picture import sunrise

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.emulators.faults import Rule
    from adapters.emulators.slack import Message, Person, SlackEmulator

BUSY_SECONDS = 3
_CAN = ("say", "photo", "voice", "reply", "edit", "react")
_SENDING = ("chat.postMessage", "chat.update", "files.completeUploadExternal", "reactions.add")
_STYLES = {"bold": "bold", "italic": "italic", "strike": "strikethrough", "code": "code"}


class SlackWire:
    """The emulated Slack as a whole."""

    name = "slack"
    networks = ("slack",)
    refusal = "429"

    def __init__(self, slack: SlackEmulator) -> None:
        self._slack = slack
        self._trouble = Trouble.WELL
        self._rules: list[Rule] = []
        self._down_since = 0

    @property
    def trouble(self) -> Trouble:
        """Return how it does now."""
        if self._trouble is Trouble.LOST and any(rule.spent for rule in self._rules):
            self._end()
        return self._trouble

    async def make(self, trouble: Trouble) -> None:
        """Let it do like this from now on."""
        self._end()
        if trouble is Trouble.DOWN:
            self._down_since = len(self._slack.journal.handed)
            await self._slack.down()
        else:
            await self._slack.up()
        if trouble is Trouble.BUSY:
            self._plan(faults.too_many(BUSY_SECONDS), count=None)
        if trouble is Trouble.LOST:
            self._plan(faults.accept_then_drop(), count=1)
        self._trouble = trouble
        self._slack.service.touch()

    def kept(self) -> int:
        """Return how many events wait, those too that Slack brings no more but shows in its
        history while it is down.
        """
        if self._trouble is not Trouble.DOWN:
            return len(self._slack.journal.unconfirmed())
        since = self._slack.journal.handed[self._down_since :]
        return sum(handed.confirmed is None for handed in since)

    def _plan(self, fault: faults.Fault, count: int | None) -> None:
        plan = self._slack.faults
        self._rules = [plan.plan(fault, method=method, count=count) for method in _SENDING]

    def _end(self) -> None:
        self._slack.faults.clear()
        self._rules = []
        self._trouble = Trouble.WELL


class SlackWindow:
    """One person's Slack: the conversation with the bridge's app, threads in their place."""

    network = "slack"

    def __init__(self, person: str, owner: Person) -> None:
        self.person = person
        self._owner = owner

    def screen(self) -> Screen:
        """Return the private chat with the app, oldest first."""
        messages = {message.ts: message for message in self._owner.chat.shown()}
        return Screen(tuple(self._bubble(one, messages) for one in messages.values()), _CAN)

    def file(self, name: str) -> File | None:
        """Return a file that stands in the chat, by its id."""
        shown = {file["id"] for one in self._owner.chat.shown() for file in _files(one)}
        stored = self._owner.service.world.files.get(name) if name in shown else None
        if stored is None or stored.data is None:
            return None
        return File(stored.data, _mime({"mimetype": stored.mime, "subtype": stored.subtype}))

    async def do(self, act: Act) -> None:
        """Do what its owner does. Raises CannotError."""
        if isinstance(act, Say | Edit) and not act.text.strip():
            raise CannotError("a message has words")
        try:
            await self._do(act)
        except (EmulatorMisuseError, ApiError) as refused:
            raise CannotError(str(refused)) from refused

    async def _do(self, act: Act) -> None:
        owner = self._owner
        match act:
            case Say(text=text, reply_to=answered):
                await owner.send(text, thread=self._thread(answered))
            case Show(reply_to=answered):
                thread = self._thread(answered)
                await owner.send_photo(sunrise(), name="sunrise.png", thread=thread)
            case Speak(reply_to=answered):
                thread, data = self._thread(answered), VOICE.read_bytes()
                await owner.send_voice(data, duration=VOICE_SECONDS, thread=thread)
            case Press(message=message, button=button):
                await owner.press(message, button)
            case Edit(message=message, text=text):
                await owner.edit(message, text)
            case React(message=message, emoji=chosen):
                await self._react(message, chosen)
            case Open():
                raise CannotError("nothing waits here")
            case _:
                assert_never(act)

    async def _react(self, ts: str, chosen: str) -> None:
        """Set one's own reaction; '' takes it back."""
        message = self._owner.chat.message(ts)
        if message is None:
            raise CannotError(f"there is no message {ts}")
        for name in [name for name, who in message.reactions.items() if self._owner.id in who]:
            await self._owner.unreact(ts, name)
        if chosen:
            await self._owner.react(ts, emoji.name_of(chosen))

    def _thread(self, answered: str) -> str:
        """Return the thread an answer goes to: there are none within one. Raises CannotError."""
        if not answered:
            return ""
        message = self._owner.chat.message(answered)
        if message is None:
            raise CannotError(f"there is no message {answered}")
        return message.thread_ts or message.ts

    def _bubble(self, message: Message, messages: Mapping[str, Message]) -> Bubble:
        user = self._owner.service.world.users[message.user]
        parent = messages.get(message.thread_ts) if message.thread_ts != message.ts else None
        file = next(iter(_files(message)), None)
        return Bubble(
            id=message.ts,
            at=datetime.fromtimestamp(float(message.ts), UTC).isoformat(),
            mine=message.user == self._owner.id,
            kind="text" if file is None else kind_of(_mime(file)),
            runs=tuple(_runs(message.content)),
            sender=user.name,
            quoted=first_words(parent.text) if parent is not None else "",
            edited=bool(message.edited),
            buttons=tuple(str(one["text"]["text"]) for one in buttons(message.content)),
            reactions=tuple(
                emoji.character(name) for name, who in message.reactions.items() if who
            ),
            file="" if file is None else str(file["id"]),
            name="" if file is None else str(file["name"]),
        )


def _mime(file: dict[str, Any]) -> str:
    """Return the type of a file; the clip that every phone has is Ogg, whatever Slack calls it."""
    return "audio/ogg" if file.get("subtype") == "slack_audio" else str(file["mimetype"])


def _files(message: Message) -> list[dict[str, Any]]:
    return list(message.content.get("files", ()))


def _runs(content: dict[str, Any]) -> Iterator[Run]:
    """Yield the words of a message in their styles; files may come with words and no blocks."""
    blocks = [one for one in content.get("blocks", ()) if one.get("type") != "actions"]
    if not blocks:
        yield from linked(str(content.get("text", "")))
    for block in blocks:
        if block["type"] == "rich_text":
            for part in block.get("elements", ()):
                yield from _part(part)
        else:
            yield from linked(str(block.get("text", {}).get("text", "")))


def _part(part: dict[str, Any]) -> Iterator[Run]:
    quoted = ("blockquote",) if part.get("type") == "rich_text_quote" else ()
    for one in part.get("elements", ()):
        if "elements" in one:
            yield from _part(one)
            continue
        marks = (_STYLES[name] for name, on in (one.get("style") or {}).items() if on)
        styles = (*quoted, *marks)
        match one.get("type"):
            case "link":
                url = str(one["url"])
                link = url if url.startswith(("http://", "https://")) else ""
                yield Run(str(one.get("text") or url), styles, link)
            case "emoji":
                name = str(one.get("name", ""))
                yield Run(emoji.character(name), styles)
            case _:
                yield Run(str(one.get("text", "")), styles)
