"""Our IMAP client: logins of every kind, and servers that say too much, too little or nonsense."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from adapters.email import imap
from adapters.email.mailbox import Mailbox
from adapters.email.settings import Server
from adapters.emulators.mail import MailEmulator
from bridge.core.errors import AccountBroken, Unreachable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from adapters.email.settings import Security

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]]

GREETING = "* OK ready"
CAPABLE = "* CAPABILITY IMAP4rev1 IDLE"
OPENED = ("* 3 EXISTS", "* OK [UIDVALIDITY 7] numbered")
PASSWORDS = ("simple", 'quo"te and \\ back', "wachtwoord ü", "line\nbreak", "{7}", "")


def _reciting(*answers: tuple[str, ...] | bytes | None) -> Serve:
    """Serve one connection: an answer to each command, lines (the last one tagged) or raw bytes.

    None ends the connection; after the last answer there is silence.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{GREETING}\r\n".encode())
        for answer in answers:
            tag = (await reader.readline()).partition(b" ")[0]
            if answer is None:
                break
            if isinstance(answer, bytes):
                writer.write(answer.replace(b"TAG", tag))
                continue
            lines = [*answer[:-1], f"{tag.decode()} {answer[-1]}"]
            writer.write("".join(f"{line}\r\n" for line in lines).encode())
        else:
            await reader.read()
        writer.close()

    return serve


@asynccontextmanager
async def _serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    served: set[asyncio.Task[None]] = set()

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer))
        served.add(task)
        try:
            await asyncio.wait([task])
            if not task.cancelled() and not isinstance(task.exception(), ConnectionError | None):
                task.result()
        finally:
            writer.transport.abort()

    started = await asyncio.start_server(one, "127.0.0.1", ssl=tls)
    try:
        yield started.sockets[0].getsockname()[1]
    finally:
        started.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)
        await asyncio.sleep(0.01)


def _box(
    port: int, password: str = "pw", *, security: Security = "plain", patience: float = 20
) -> Mailbox:
    return Mailbox(Server("127.0.0.1", port, security, "me", password), patience)


def _opening(*answers: tuple[str, ...] | bytes | None) -> Serve:
    """Serve a connection whose inbox is opened before the answers given."""
    return _reciting((CAPABLE, "OK"), ("OK in",), (*OPENED, "OK [READ-ONLY] open"), *answers)


@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN IDLE"])
@pytest.mark.parametrize("password", PASSWORDS[:-1])
async def test_any_password_gets_in(capabilities: str, password: str) -> None:
    async with MailEmulator() as emu:
        emu.capabilities = capabilities
        emu.account("me", password)
        async with _box(emu.imap_port, password) as box:
            assert await box.search("ALL") == []
        with pytest.raises(AccountBroken):
            async with _box(emu.imap_port, password + "x"):
                pass


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (((CAPABLE, "OK"), None), "no_answer"),
        (((CAPABLE, "OK"), ("* BYE too many of you", "OK")), "no_answer"),
        ((b"nonsense\r\n",), "no_answer"),
        ((b"TAG WHAT\r\n",), "no_answer"),
        ((b"c99 OK\r\n",), "no_answer"),
        ((b"* " + b"x" * (imap.MAX_LINE + 2) + b"\r\n",), "no_answer"),
        ((b"* X {9999999999}\r\n",), "no_answer"),
        ((b"* X {10}\r\nshort",), "timed_out"),
        ((), "timed_out"),
        (((CAPABLE, "OK"), ("NO [UNAVAILABLE] later",)), "unreachable"),
        (((CAPABLE, "OK"), ("OK",), ("NO no inbox",)), "no_result"),
        (((CAPABLE, "OK"), ("OK",), ("* 3 EXISTS", "OK open")), "no_result"),
    ],
)
async def test_a_server_that_does_not_make_sense_is_tried_again(
    answers: tuple[tuple[str, ...] | bytes | None, ...], code: str
) -> None:
    async with _serving(_reciting(*answers)) as port:
        patience = 0.5 if code == "timed_out" else 20
        with pytest.raises(Unreachable) as failed:
            async with _box(port, patience=patience):
                pass
    assert failed.value.code == code


async def test_answers_without_end_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "MAX_ANSWERS", 10_000)
    flood = b"* 1 FETCH (FLAGS ())\r\n" * 1_000 + b"TAG OK\r\n"
    async with _serving(_opening(flood)) as port, _box(port) as box:
        with pytest.raises(Unreachable, match="too long"):
            await box.search("ALL")


async def test_literals_quotes_and_answers_for_others_are_told_apart() -> None:
    about = (
        "* 2 FETCH (UID 8 FLAGS ())",
        '* 1 FETCH (INTERNALDATE " 3-Nov-2026 08:00:00 +0100" UID 7 RFC822.SIZE 12)',
        "OK",
    )
    literal = b"* 2 FETCH (FLAGS () UID 8)\r\n* 1 FETCH (BODY[]<0> {9}\r\n{5}\r\nABCD UID 7)\r\n"
    serve = _opening(
        about,
        literal + b"TAG OK done\r\n",
        (r'* 1 FETCH (UID 7 BODY[1]<0> "a \"b\" \\")', "OK"),
        ("OK gone",),
    )
    async with _serving(serve) as port, _box(port) as box:
        stored = await box.about(7)
        assert stored is not None
        assert (stored.size, stored.at) == (12, 1_793_689_200)
        assert len(await box.mail(7, 100)) == 9
        assert [part async for part in box.section(7, "1", 100)] == [b'a "b" \\']
        assert await box.about(7) is None


async def test_a_mail_told_of_between_other_answers_ends_the_wait() -> None:
    fetched = ("* 1 FETCH (UID 7)", "* 4 EXISTS", "OK")
    serve = _opening(("* SEARCH 7", "OK"), fetched, (CAPABLE, "OK"))
    async with _serving(serve) as port, _box(port) as box:
        assert await box.search("ALL") == [7]
        await box.about(7)
        async with asyncio.timeout(20):
            await box.wait(60, 60)


async def test_a_wait_that_brings_nothing_ends_and_the_connection_is_of_use_still() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{GREETING}\r\n".encode())
        while line := await reader.readline():
            tag, _, command = line.decode().strip().partition(" ")
            match command.split(" ")[0]:
                case "CAPABILITY":
                    writer.write(f"{CAPABLE}\r\n".encode())
                case "EXAMINE":
                    writer.write("".join(f"{one}\r\n" for one in OPENED).encode())
                case "IDLE":
                    writer.write(b"+ idling\r\n* OK still here\r\n")
                    assert await reader.readline() == b"DONE\r\n"
                case "UID":
                    writer.write(b"* SEARCH 9\r\n")
            writer.write(f"{tag} OK\r\n".encode())

    async with _serving(serve) as port, _box(port) as box:
        await box.search("ALL")
        await box.wait(0.1, 60)
        assert await box.search("ALL") == [9]


async def test_a_server_that_does_not_idle_after_all_is_left() -> None:
    serve = _opening(("* SEARCH", "OK"), (CAPABLE, "OK"), ("NO not today",))
    async with _serving(serve) as port, _box(port) as box:
        await box.search("ALL")
        with pytest.raises(Unreachable):
            await box.wait(5, 5)


# -- TLS ---------------------------------------------------------------------------------------


def _certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that nobody but itself vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "mail.pem", folder / "mail.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


async def test_only_a_certificate_that_is_vouched_for_sees_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, private = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    async with _serving(_opening(("* SEARCH 4", "OK")), context) as port:
        with pytest.raises(Unreachable) as refused:
            async with _box(port, security="tls"):
                pass
        assert refused.value.code == "not_connected"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with _box(port, security="tls") as box:
            assert await box.search("ALL") == [4]
