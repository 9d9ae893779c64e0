"""A private Postfix and Dovecot: mail by SMTP into mailboxes, and out of them by IMAP.

1. Found where the system has them, or unpacked below ``TEST_MAIL_ROOT`` (as ``dpkg -x`` leaves
   them), which a mount namespace of their own lays over ``/usr``: both want their fixed places.
2. Nothing of the system's own configuration, queue or users is used; no mail leaves this machine.
3. Postfix's master runs as root only. Everything ends with the run, whatever became of it.
"""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from grp import getgrnam
from pathlib import Path
from pwd import getpwnam

from tests.support.postgres import free_port

ROOT = "TEST_MAIL_ROOT"
DOMAINS = ("practice.example", "example.org")
_DOVECOT, _POSTFIX = "/usr/sbin/dovecot", "/usr/lib/postfix/sbin/master"
_OVERLAY = 'mount -t overlay overlay -o "lowerdir=$0/usr:/usr" /usr && exec "$@"'
_HOW = "as root: apt-get install postfix dovecot-imapd dovecot-lmtpd"
_QUEUES = "active bounce corrupt defer deferred flush hold incoming private saved trace"


class MailServersMissingError(Exception):
    """There are none, or they cannot run here; the text says why."""


@dataclass(frozen=True)
class MailServers:
    """Where they listen, on loopback; both logins are those of ``users``."""

    smtp: int
    imap: int
    boxes: Path


def _found() -> list[str]:
    """Return what a server's command line begins with. Raises MailServersMissingError."""
    if os.geteuid() != 0:
        raise MailServersMissingError("Postfix can be started by root only")
    if Path(_DOVECOT).exists() and Path(_POSTFIX).exists():
        return []
    unpacked = os.environ.get(ROOT, "")
    if not unpacked:
        raise MailServersMissingError(f"there is no Dovecot and Postfix ({_HOW})")
    prefix = ["unshare", "--mount", "sh", "-c", _OVERLAY, unpacked]
    tried = subprocess.run([*prefix, "test", "-x", _POSTFIX], check=False, capture_output=True)
    if tried.returncode:
        raise MailServersMissingError(f"{ROOT} cannot be laid over /usr: {tried.stderr.decode()}")
    return prefix


@contextmanager
def running(folder: Path, users: dict[str, str]) -> Iterator[MailServers]:
    """Run both; ``users`` are addresses and passwords. Raises MailServersMissingError."""
    prefix = _found()
    made = MailServers(free_port(), free_port(), folder / "boxes")
    lmtp = free_port()
    # The servers' own users have to pass through.
    for part in (folder, *folder.parents):
        if part != part.parent and part.stat().st_uid == 0:
            part.chmod(part.stat().st_mode | 0o011)
    dovecot = _dovecot(folder, made, lmtp, users)
    postfix = _postfix(folder, made, lmtp)
    servers: list[subprocess.Popen[bytes]] = []
    try:
        servers.append(_started([*prefix, _DOVECOT, "-F", "-c", str(dovecot)], folder))
        servers.append(_started([*prefix, _POSTFIX, "-c", str(postfix), "-d"], folder))
        _until_up(made, servers, folder)
        yield made
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(10)


def _started(words: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "out").open("ab") as out:
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def _until_up(made: MailServers, servers: list[subprocess.Popen[bytes]], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            for port in (made.smtp, made.imap):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as greeted:
                    if not greeted.recv(4):
                        raise ConnectionError
            return
        except OSError:
            ended = [one for one in servers if one.poll() is not None]
            if ended or time.monotonic() > deadline:
                logs = [file.read_text() for file in folder.glob("*out*") if file.is_file()]
                raise AssertionError(f"the mail servers did not start: {logs}") from None
            time.sleep(0.1)


def _dovecot(folder: Path, made: MailServers, lmtp: int, users: dict[str, str]) -> Path:
    own = folder / "dovecot"
    own.mkdir()
    made.boxes.mkdir()
    made.boxes.chmod(0o777)
    known = own / "users"
    known.write_text("".join(f"{name}:{{PLAIN}}{word}\n" for name, word in users.items()))
    known.chmod(0o644)
    own.chmod(0o755)
    internal, login = ("dovecot", "dovenull") if _user("dovecot") else ("mail", "games")
    file = own / "dovecot.conf"
    file.write_text(
        f"""base_dir = {own}/base
state_dir = {own}/state
log_path = {own}/out
default_internal_user = {internal}
default_internal_group = {internal}
default_login_user = {login}
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:~/mail
first_valid_uid = 1
recipient_delimiter = +
auth_username_format = %Lu
passdb {{
  driver = passwd-file
  args = {known}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={made.boxes}/%Lu allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {made.imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {own}/sasl {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""
    )
    return file


def _postfix(folder: Path, made: MailServers, lmtp: int) -> Path:
    own = folder / "postfix"
    owner, group = ("postfix", "postdrop") if _user("postfix") else ("mail", "games")
    uid, gid = getpwnam(owner).pw_uid, getgrnam(group).gr_gid
    for name in ("etc", "queue", "queue/pid", "data", *(f"queue/{q}" for q in _QUEUES.split())):
        (own / name).mkdir(parents=True)
    for name in ("queue/public", "queue/maildrop"):
        (own / name).mkdir()
        os.chown(own / name, uid, gid)
        (own / name).chmod(0o730)
    for name in ("data", *(f"queue/{q}" for q in _QUEUES.split())):
        os.chown(own / name, uid, -1)
        (own / name).chmod(0o700)
    for part in (own, own / "queue", own / "etc"):
        part.chmod(0o755)
    (own / "etc/main.cf").write_text(
        f"""compatibility_level = 3.6
queue_directory = {own}/queue
data_directory = {own}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = {own}/etc
maillog_file = {own}/data/out
maillog_file_prefixes = {folder}
mail_owner = {owner}
setgid_group = {group}
default_privs = nobody
myhostname = mail.practice.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {", ".join(DOMAINS)}
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
default_transport = error:no mail leaves this machine
relay_transport = error:no mail leaves this machine
recipient_delimiter = +
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/dovecot/sasl
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
message_size_limit = 52428800
virtual_mailbox_limit = 0
disable_dns_lookups = yes
"""
    )
    (own / "etc/master.cf").write_text(
        f"127.0.0.1:{made.smtp} inet n - n - - smtpd\n"
        "postlog unix-dgram n - n - 1 postlogd\n"
        "cleanup unix n - n - 0 cleanup\n"
        "qmgr unix n - n 300 1 qmgr\n"
        "rewrite unix - - n - - trivial-rewrite\n"
        "bounce unix - - n - 0 bounce\n"
        "defer unix - - n - 0 bounce\n"
        "trace unix - - n - 0 bounce\n"
        "verify unix - - n - 1 verify\n"
        "proxymap unix - - n - - proxymap\n"
        "error unix - - n - - error\n"
        "retry unix - - n - - error\n"
        "lmtp unix - - n - - lmtp\n"
        "anvil unix - - n - 1 anvil\n"
        "scache unix - - n - 1 scache\n"
    )
    for file in (own / "etc").iterdir():
        file.chmod(0o644)
    return own / "etc"


def _user(name: str) -> bool:
    try:
        getpwnam(name)
    except KeyError:
        return False
    return True
