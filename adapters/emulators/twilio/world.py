"""What Twilio and the carriers remember: accounts, messages, files, who stopped whom. No I/O.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from typing import Literal

from adapters.emulators.misuse import EmulatorMisuseError, Json
from adapters.emulators.twilio.errors import ApiError

Network = Literal["sms", "whatsapp"]
CHANNEL = "whatsapp:"
MAX_BODY = 1600
WINDOW = timedelta(hours=24)
"""https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window"""

STOPS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
STARTS = frozenset({"START", "YES", "UNSTOP"})
HELPS = frozenset({"HELP", "INFO"})
ANSWERS = {
    "stop": "You have successfully been unsubscribed. You will not receive any more messages from "
    "this number. Reply START to resubscribe.",
    "start": "You have successfully been re-subscribed to messages from this number. Reply HELP "
    "for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "help": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}
"""https://help.twilio.com/articles/223134027 (default handling of STOP, START and HELP)"""

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_USER_ID = re.compile(r"whatsapp:[A-Z]{2}\.\d{4,}")
_numbers = count(1)


def new_sid(prefix: str) -> str:
    """A fresh id: two letters and 32 hexadecimal digits."""
    digest = hashlib.md5(f"{prefix}{next(_numbers)}".encode(), usedforsecurity=False)
    return prefix + digest.hexdigest()


def bare(address: str) -> str:
    """An address without its channel."""
    return address.removeprefix(CHANNEL)


@dataclass(slots=True, eq=False)
class File:
    """A file that Twilio hosts."""

    sid: str
    mime: str
    data: bytes


@dataclass(slots=True, eq=False)
class Message:
    """One message, in or out; addresses as the API has them."""

    sid: str
    account: str
    inbound: bool
    sender: str
    to: str
    body: str
    created: datetime
    status: str
    error_code: int | None = None
    service: str = ""
    callback: str = ""
    media_urls: list[str] = field(default_factory=list)
    action: str = ""
    files: list[File] = field(default_factory=list)
    extra: dict[str, str] = field(default_factory=dict)
    by_vendor: bool = False
    told: set[str] = field(default_factory=set)

    @property
    def network(self) -> Network:
        """What it goes over."""
        return "whatsapp" if self.to.startswith(CHANNEL) else "sms"

    def to_json(self) -> Json:
        """As the API shows it."""
        base = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        at = format_datetime(self.created)
        return {
            "sid": self.sid,
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "from": self.sender or None,
            "to": self.to,
            "direction": "inbound" if self.inbound else "outbound-api",
            "status": self.status,
            "error_code": self.error_code,
            "error_message": None,
            "date_created": at,
            "date_sent": at if self.inbound else None,
            "date_updated": at,
            "messaging_service_sid": self.service or None,
            "num_media": str(len(self.files) or len(self.media_urls)),
            "num_segments": "1",
            "price": None,
            "price_unit": None,
            "uri": f"{base}.json",
            "subresource_uris": {"media": f"{base}/Media.json"},
        }


@dataclass(slots=True, eq=False)
class Account:
    """An account with its senders; `webhook` is where messages to them are told."""

    sid: str
    token: str
    numbers: list[str]
    whatsapp: str
    service: str
    webhook: str = ""
    voice_webhook: str = ""
    voice_status: str = ""
    status: str = "active"
    advanced_opt_out: bool = False
    """Webhooks name STOP, START and HELP in `OptOutType`."""
    regions_off: set[str] = field(default_factory=set)
    """Country codes, such as `+1`, to which sending is not switched on."""
    kind: Literal["Full", "Trial"] = "Full"
    abilities: dict[str, set[str]] = field(default_factory=dict)
    """What a number can, where that is not SMS and voice both."""
    applications: set[str] = field(default_factory=set)
    """Numbers whose webhooks a TwiML App takes over."""

    def number_json(self, number: str) -> Json:
        """A number as the API shows it.

        https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
        """
        able = self.abilities.get(number, {"sms", "voice"})
        application = "AP" + "0" * 32 if number in self.applications else ""
        return {
            "sid": "PN" + hashlib.md5(number.encode(), usedforsecurity=False).hexdigest(),
            "account_sid": self.sid,
            "phone_number": number,
            "capabilities": {name: name in able for name in ("voice", "sms", "mms", "fax")},
            "sms_url": self.webhook,
            "sms_method": "POST",
            "sms_application_sid": application,
            "voice_url": self.voice_webhook,
            "voice_method": "POST",
            "voice_application_sid": application,
            "trunk_sid": None,
            "status_callback": self.voice_status,
            "status_callback_method": "POST",
        }


@dataclass(slots=True, eq=False)
class Handset:
    """A telephone: what it can, and whether it is on."""

    number: str
    name: str
    sms: bool = True
    whatsapp: bool = True
    landline: bool = False
    on: bool = True
    spoke: datetime | None = None
    """When its owner last wrote to us on WhatsApp."""


class World:
    """Everything there is, and the rules of sending."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.handsets: dict[str, Handset] = {}
        self.messages: list[Message] = []
        self.stopped: set[tuple[str, str]] = set()
        """(our number, their number)"""

    def account_of(self, sender: str) -> Account:
        """The account that has a number of ours."""
        for account in self.accounts.values():
            if bare(sender) in (*account.numbers, account.whatsapp):
                return account
        raise EmulatorMisuseError(f"no account has {sender}")

    def message(self, account: Account, sid: str) -> Message:
        """A message by its id. Raises ApiError."""
        for message in self.messages:
            if message.sid == sid and message.account == account.sid:
                return message
        raise ApiError(404, 20404)

    def create(self, account: Account, form: dict[str, list[str]]) -> Message:
        """Take a message to send. Raises ApiError, in the order the vendor checks."""
        one = {name: values[0] for name, values in form.items()}
        to, body, urls = one.get("To", ""), one.get("Body", ""), form.get("MediaUrl", [])
        sender = self._sender(account, one, to)
        self._check_to(account, to, sender)
        if not body and not urls:
            raise ApiError(400, 21602)
        if len(body) > MAX_BODY:
            raise ApiError(400, 21617)
        if any(not url.startswith(("http://", "https://")) for url in urls):
            raise ApiError(400, 21620)
        message = Message(
            sid=new_sid("MM" if urls else "SM"),
            account=account.sid,
            inbound=False,
            sender=sender,
            to=to,
            body=body,
            created=datetime.now(UTC).replace(microsecond=0),
            status="queued",
            service=one.get("MessagingServiceSid", ""),
            callback=one.get("StatusCallback", ""),
            media_urls=urls,
            action=one.get("PersistentAction", ""),
        )
        self.messages.append(message)
        return message

    def _sender(self, account: Account, form: dict[str, str], to: str) -> str:
        sender = form.get("From", "")
        if not sender:
            service = form.get("MessagingServiceSid")
            if service is None:
                raise ApiError(400, 21603)
            if service != account.service or not account.numbers:
                raise ApiError(404, 21703)
            return account.numbers[0]
        if to.startswith(CHANNEL):
            if sender != f"{CHANNEL}{account.whatsapp}":
                raise ApiError(400, 63007)
        elif sender not in account.numbers:
            raise ApiError(400, 21606)
        return sender

    def _check_to(self, account: Account, to: str, sender: str) -> None:
        if not to:
            raise ApiError(400, 21604)
        if _E164.fullmatch(bare(to)) is None and _USER_ID.fullmatch(to) is None:
            raise ApiError(400, 21211)
        if any(to.startswith(code) for code in account.regions_off):
            raise ApiError(400, 21408)
        if to.startswith(CHANNEL):
            return
        handset = self.handsets.get(to)
        if handset is not None and handset.landline:
            raise ApiError(400, 21614)
        if (sender, to) in self.stopped:
            raise ApiError(400, 21610)

    def outcome(self, message: Message) -> int:
        """0 if the phone gets it, else why not."""
        handset = self.handsets.get(bare(message.to))
        if message.network == "whatsapp":
            if handset is None or not handset.whatsapp:
                return 63024
            spoke = handset.spoke
            return 63016 if spoke is None or datetime.now(UTC) - spoke > WINDOW else 0
        if handset is None or not handset.sms:
            return 30005
        return 0 if handset.on else 30003

    def keyword(self, message: Message) -> str:
        """Carry out STOP, START and HELP as Twilio does by itself; '' for any other words."""
        word = message.body.strip().upper()
        pair = (message.to, message.sender)
        if message.network != "sms":
            return ""
        if word in STOPS:
            self.stopped.add(pair)
            return "stop"
        if word in STARTS and pair in self.stopped:
            self.stopped.discard(pair)
            return "start"
        return "help" if word in HELPS else ""
