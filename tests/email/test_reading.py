"""What a mail says: answers without what they answer, hostile mails in bounded time."""

import time
from contextlib import suppress

import pytest

from adapters.email.markup import from_html
from adapters.email.mime import read_mail
from adapters.email.payloads import LONGEST, Envelope, abridge, wrap
from adapters.email.replies import MARK, answer_in, command_in
from bridge.core.content import plain
from bridge.core.errors import ParseError
from bridge.core.inbound import MessageIn, UnprovenIn
from tests.email.kit import ADDRESS, ANNA, NAME, adapter, tokens

OURS = tokens().address(ANNA, "")
KEPT = [
    "Ja, om 10:30\n\nOp ma 23 nov schreef Noor <x>:\n> hoe laat?",
    f"Top.\n\nOn Mon, Nov 23, 2026 at 10:02 Noor <\n{OURS}> wrote:\n\n> {MARK}\n> Hi",
    f"Top.\n\n-----Original Message-----\nFrom: Noor <{OURS}>\nSent: Monday\nTo: Anna\n\nHi",
    f"Top.\n\n________________________________\nVan: Noor <{OURS}>\nVerzonden: maandag\n\nHoi",
    f"Prima.\nTot 9:15\n\nMaandag schreef Noor ({OURS}):\n\n{MARK}\n\nHoe laat?",
    f"Goed.\n\n{MARK}\n\nHoe gaat het?",
]
WHOLE = [
    "On Monday my boss wrote to me: come.",
    "Van: mijn hart\nDatum: vandaag\nIk moet je iets vertellen.",
    "Kijk eens:\n\nVan: Baas <baas@firma.example>\nVerzonden: maandag\n\nJe bent ontslagen.",
    f"> {MARK}\n> Hoe laat?\n\nTien uur.",
    "=== ^^ ===",
    "-- \nAnna",
]


@pytest.mark.parametrize("text", KEPT)
def test_what_was_answered_is_not_said_again(text: str) -> None:
    answer = text[: answer_in(text, ADDRESS)]
    assert answer == text.split("\n\n")[0]


@pytest.mark.parametrize("text", WHOLE)
def test_nobodys_words_are_cut_off(text: str) -> None:
    assert answer_in(text, ADDRESS) == len(text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("STOP\n\n-- \nAnna", "STOP"),
        ("ja\n\nVerstuurd vanaf mijn iPhone", "ja"),
        ("2\n--\nAnna", "2"),
        ("Stop daarmee\n-- \nAnna", ""),
        ("stop", ""),
    ],
)
def test_a_command_stands_above_a_signature(text: str, word: str) -> None:
    assert command_in(text) == word


def _mail(body: str, **headers: str) -> bytes:
    given = {"From": ANNA, "To": OURS, "Subject": NAME, "Message-ID": "<a@b>"} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given.items())
    data = f"{lines}\r\n{body}".encode()
    return wrap(1, 1, 1, len(data), data)


def test_nothing_but_what_was_answered_is_shown_whole() -> None:
    (one,) = adapter("mail://127.0.0.1:9/9").parse(_mail(f"{MARK}\r\n\r\nHoe gaat het?"))
    assert isinstance(one, MessageIn)


@pytest.mark.parametrize(
    "headers",
    [
        {"To": ADDRESS},
        {"From": "bram@example.net"},
        {"To": tokens().address("bram@example.net", "")},
        {"To": OURS[: -len("@practice.example")] + "@evil.example"},
        {"To": "coach+aaaaaaaaaaaaaaaa@practice.example"},
        {"From": "x", "Sender": ANNA},
        {"From": f"{ANNA}, bram@example.net"},
    ],
)
def test_nobody_is_believed_without_our_address(headers: dict[str, str]) -> None:
    try:
        happened = adapter("mail://127.0.0.1:9/9").parse(_mail("geloof mij", **headers))
    except ParseError:
        return
    assert all(isinstance(one, UnprovenIn) for one in happened)


def test_the_same_mail_has_the_same_name_wherever_it_is_found() -> None:
    mail = adapter("mail://127.0.0.1:9/9")
    data = b"Received: a\r\nMessage-ID: <a@b>\r\nFrom: a@b.c\r\n\r\nhallo\r\n"
    other = data.replace(b"Received: a", b"X-Trace: zzz\r\n folded")
    changed = data.replace(b"hallo", b"hello")
    names = [mail.keys(wrap(v, u, 1, 1, d)) for v, u, d in ((1, 1, data), (2, 9, other))]
    assert names[0] == names[1] != mail.keys(wrap(1, 1, 1, 1, changed))


MANY = 60_000
HOSTILE = {
    "comments": "<!--" * MANY,
    "open_tags": "<b>" * MANY,
    "half_tags": "<a " * MANY,
    "links": "<a href=https://x.example>" * MANY + "</a>" * MANY,
    "scripts": "<script>" + "</" * MANY,
}
MAILS = {
    "layers": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(99)
    ),
    "letters_in_letters": b"Content-Type: message/rfc822\r\n\r\n" * 30_000,
    "headers": b"X: y\r\n" * 300_000,
    "parts": b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n\r\n" * 200_000,
    "parameters": b"Content-Type: text/plain; " + b"a*0*=x;" * 9000 + b"\r\n\r\nx",
    "comments": b"To: " + b'"(<,' * 9000 + b"\r\n\r\nx",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_takes_no_time(name: str) -> None:
    began = time.process_time()
    text = plain(from_html(HOSTILE[name]))
    answer_in(text, ADDRESS)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("name", MAILS)
def test_a_hostile_mail_takes_no_time(name: str) -> None:
    data = b"From: a@b.c\r\n" + MAILS[name][:LONGEST]
    began = time.process_time()
    with suppress(ParseError):
        read_mail(Envelope(1, 1, 1, 1, "x"), data).addresses("From", "To")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "data",
    [(b"AAAA\r\n" * 399 + b"!\r\n") * 2000, b"A" * 3_000_000, (b"AAAA" * 18 + b"\r\n") * 9000],
)
def test_leaving_files_out_takes_no_time(data: bytes) -> None:
    began = time.process_time()
    abridge(data)
    assert time.process_time() - began < 2


def test_remote_things_are_left_out() -> None:
    page = '<p>Hoi<img src="https://x.example/1.gif"><a href="javascript:x()">hier</a></p>'
    page += "<style>a</style>"
    assert plain(from_html(page)).strip() == "Hoihier"
