"""What goes out: addresses, threads, both forms of the words, files, and nothing in a header."""

import asyncio
from email import message_from_bytes
from email.policy import default

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from adapters.email import EmailAdapter, markup
from adapters.email.replies import MARK
from adapters.emulators.mail import Letter, MailEmulator, Person
from bridge.core.adapter import Delivery, Request, Sent
from bridge.core.content import (
    Attachment,
    Choice,
    Choices,
    Code,
    Link,
    Media,
    MediaKind,
    Style,
    Styled,
    Text,
)
from bridge.core.effects import (
    Address,
    DeleteMessage,
    EditMessage,
    Effect,
    Purpose,
    SendMessage,
    SetReaction,
)
from bridge.core.endpoint import Endpoint, Place
from bridge.core.errors import SendError
from tests.conformance.kit import MemoryFiles
from tests.email.kit import ANNA, NAME, PASSWORD, adapter, tokens, words_of

FILES = MemoryFiles(file1=b"%PDF-1.7 " * 1000)


def _to(thread: str = "", chat: str = ANNA, endpoint: str = ANNA) -> Address:
    place = Place("email", "main", chat, thread)
    return Address("anna", Endpoint("email", "main", endpoint), 1, place)


def _say(text: str, thread: str = "", **more: object) -> SendMessage:
    made = SendMessage(seq=7, to=_to(thread), content=Text((text,)))
    return msgspec.structs.replace(made, **more)


async def _send(mail: EmailAdapter, effect: Effect, key: str = "t/7/anna", **more: str) -> Sent:
    requests = mail.render(msgspec.structs.replace(Delivery(effect), **more)).requests
    sent = [await mail.send(one, f"{key}/{n}", FILES) for n, one in enumerate(requests)]
    return sent[0]


async def test_the_first_mail_opens_a_thread_and_the_next_stays_in_it(
    mail: EmailAdapter, anna: Person
) -> None:
    first = await _send(mail, _say("een"))
    assert first.opened == Place("email", "main", ANNA, tokens().thread("t", "anna"))
    second = await _send(mail, _say("twee", first.opened.thread), "t/8/anna")
    assert second.opened is None
    letters = anna.inbox()
    assert letters[0].sender == letters[1].sender == tokens().address(ANNA, first.opened.thread)
    assert letters[0].header("References") == letters[1].header("References")
    other = await _send(mail, _say("drie"), "u/1/anna")
    assert other.opened != first.opened


async def test_a_thread_follows_to_another_address_of_the_same_person(
    mail: EmailAdapter, anna: Person
) -> None:
    """Else answers from there would come from a place that nobody has bound."""
    thread = tokens().thread("t", "anna")
    effect = msgspec.structs.replace(_say("een"), to=_to(thread, chat="old@example.org"))
    sent = await _send(mail, effect)
    assert sent.opened == Place("email", "main", ANNA, thread)
    assert anna.inbox()[0].sender == tokens().address(ANNA, thread)


async def test_what_belongs_to_no_trajectory_opens_nothing(
    mail: EmailAdapter, anna: Person
) -> None:
    sent = await _send(mail, _say("wie bent u?", purpose=Purpose.DESK), "desk/7/1")
    assert sent.opened is None
    (letter,) = anna.inbox()
    assert letter.sender == tokens().address(ANNA, "")
    assert letter.header("Auto-Submitted") == "auto-generated"


async def test_mail_goes_to_the_endpoint_that_was_checked(
    mail: EmailAdapter, emu: MailEmulator, anna: Person
) -> None:
    emu.person("old@example.org", "Anna")
    effect = SendMessage(seq=7, to=_to("abcdefgh", "old@example.org"), content=Text(("hier",)))
    sent = await _send(mail, effect)
    assert [letter.text for letter in anna.inbox()]
    assert sent.opened is not None
    assert sent.opened.chat == ANNA


async def test_the_same_key_is_the_same_message(mail: EmailAdapter, anna: Person) -> None:
    await _send(mail, _say("een"))
    await _send(mail, _say("een"))
    one, two = anna.inbox()
    assert one.header("Message-ID") == two.header("Message-ID")


async def test_an_answer_points_to_what_it_answers(mail: EmailAdapter, anna: Person) -> None:
    await _send(mail, _say("ja"), reply_to="abc@example.org#2", quote="Anna: morgen?")
    (letter,) = anna.inbox()
    assert letter.header("In-Reply-To") == "<abc@example.org>"
    assert "> Anna: morgen?" in letter.text


@pytest.mark.parametrize(
    "effect",
    [
        EditMessage(seq=8, to=_to(), target=7, content=Text(("beter",)), header="Noor"),
        DeleteMessage(seq=8, to=_to(), target=7, header="Noor"),
        SetReaction(seq=8, to=_to(), target=7, emoji=("👍",), header="Noor"),
    ],
)
async def test_corrections_are_told(mail: EmailAdapter, anna: Person, effect: Effect) -> None:
    delivery = Delivery(effect, targets=("first@practice.example",))
    rendered = mail.render(msgspec.structs.replace(delivery, told="Noor verbetert: beter"))
    assert rendered.losses
    await mail.send(rendered.requests[0], "t/8/anna/0", FILES)
    (bare,) = mail.render(delivery).requests
    await mail.send(bare, "t/9/anna/0", FILES)
    told, signs = anna.inbox()
    assert words_of(told.text) == "Noor verbetert: beter"
    assert told.header("In-Reply-To") == "<first@practice.example>"
    assert "Noor:" in signs.text


async def test_both_forms_say_the_same_and_escape_what_people_write(
    mail: EmailAdapter, anna: Person
) -> None:
    body = (
        "1 < 2 & <script>alert(1)</script>\n",
        Styled(Style.BOLD, ("vet ", Link("https://example.org/?a=1&b=2", ("hier",)))),
        Link("javascript:alert(1)", ("niet hier",)),
        Code("x\ny", block=True),
    )
    await _send(mail, _say("", content=Text(body)))
    (letter,) = anna.inbox()
    assert MARK in letter.text
    assert "hier <https://example.org/?a=1&b=2>" in letter.text
    assert "<script>" not in letter.html
    assert "javascript:" not in letter.html
    assert '<b>vet <a href="https://example.org/?a=1&amp;b=2">hier</a></b>' in letter.html
    assert markup.from_html(markup.to_html(body[:1])) == ("1 < 2 & <script>alert(1)</script>\n",)


async def test_options_are_numbered_and_asked_for(mail: EmailAdapter, anna: Person) -> None:
    choices = Choices(("Akkoord?",), (Choice("y", "Ja"), Choice("n", "Nee")), "t/7")
    await _send(mail, _say("", content=choices), choose="Antwoord met een cijfer.")
    assert words_of(anna.inbox()[0].text) == (
        "Akkoord?\n\n1. Ja\n2. Nee\n\nAntwoord met een cijfer."
    )


async def test_a_file_goes_along_and_a_large_one_as_a_link(
    mail: EmailAdapter, anna: Person
) -> None:
    file = Attachment(id="file1", mime="application/pdf", name="plan één.pdf", size=9000)
    media = Media(MediaKind.FILE, file, ("lees dit",))
    await _send(mail, _say("", content=media))
    large = Media(MediaKind.FILE, msgspec.structs.replace(file, size=2**30))
    await _send(
        mail, _say("", content=large), "t/8/anna", file_link="File (1 GB): https://x.example"
    )
    small, link = anna.inbox()
    assert small.files == [("plan één.pdf", b"%PDF-1.7 " * 1000)]
    assert not link.files
    assert "https://x.example" in link.text


async def test_nothing_people_write_becomes_a_header(
    mail: EmailAdapter, anna: Person, emu: MailEmulator
) -> None:
    evil = "a@b>\r\nBcc: mallory@evil.example\r\n\r\nhello"
    await _send(mail, _say("x", header=f"Noor{evil}"), reply_to=evil)
    (letter,) = anna.inbox()
    assert letter.header("Bcc") == letter.header("In-Reply-To") == ""
    assert [to for _, to, _ in emu.handed] == [ANNA]
    for to in (f"{ANNA}\r\nRCPT TO:<x@y.example>", "a@b,c@d", "", "ä@example.org", f"x <{ANNA}>"):
        request = Request("mail", {"to": to, "thread": "", "text": "", "html": "", "answers": ""})
        with pytest.raises(SendError) as refused:
            await mail.send(request, "k", FILES)
        assert refused.value.code == "bad_address"
    assert len(emu.handed) == 1


async def test_our_answer_address_brings_an_answer_home(mail: EmailAdapter, anna: Person) -> None:
    sent = await _send(mail, _say("hoe gaat het?"))
    letter: Letter = anna.inbox()[0]
    await anna.reply(letter, "goed")
    assert letter.header("Subject") == NAME
    assert tokens().read(letter.sender, ANNA) == (sent.opened.thread if sent.opened else "", False)
    assert tokens().read(letter.sender, "bram@example.net") is None
    assert tokens().read(letter.sender.upper(), ANNA.upper()) is not None


class _Keeps:
    """A server that keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 ok"


def _authenticated(*_: object) -> AuthResult:
    return AuthResult(success=True)


async def test_another_server_takes_our_mail_too() -> None:
    keeps = _Keeps()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(keeps, authenticator=_authenticated, auth_require_tls=False),
        "127.0.0.1",
        0,
    )
    async with server:
        mail = adapter(f"mail://127.0.0.1:{server.sockets[0].getsockname()[1]}/9")
        (request,) = mail.render(Delivery(_say("hallo\n.\n..é"))).requests
        await mail.send(request, "t/1/anna/0", FILES)
    (data,) = keeps.taken
    letter = Letter(data, message_from_bytes(data, policy=default))
    assert words_of(letter.text) == "hallo\n.\n..é"
    assert PASSWORD.encode() not in data
