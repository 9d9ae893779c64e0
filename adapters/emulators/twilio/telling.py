"""The forms of Twilio's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.emulators.twilio.world import bare

if TYPE_CHECKING:
    from adapters.emulators.twilio.world import Handset, Message


def message_fields(message: Message, handset: Handset, api_url: str) -> dict[str, str]:
    """A message that came in. https://www.twilio.com/docs/messaging/guides/webhook-request"""
    fields = {
        "AccountSid": message.account,
        "ApiVersion": "2010-04-01",
        "Body": message.body,
        "From": message.sender,
        "MessageSid": message.sid,
        "NumMedia": str(len(message.files)),
        "NumSegments": "1",
        "SmsMessageSid": message.sid,
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "To": message.to,
    }
    if message.network == "whatsapp":
        number = bare(message.sender).removeprefix("+")
        fields |= {"ProfileName": handset.name, "WaId": number, "MessageType": "text"}
    else:
        fields |= {"FromCity": "", "FromCountry": "NL", "FromState": "", "FromZip": ""}
    base = f"{api_url}/2010-04-01/Accounts/{message.account}/Messages/{message.sid}/Media"
    for n, file in enumerate(message.files):
        fields[f"MediaUrl{n}"] = f"{base}/{file.sid}"
        fields[f"MediaContentType{n}"] = file.mime
    return fields | message.extra


def status_fields(message: Message, state: str, code: int) -> dict[str, str]:
    """What became of a message.

    https://www.twilio.com/docs/messaging/guides/outbound-message-status-in-status-callbacks
    """
    fields = {
        "AccountSid": message.account,
        "ApiVersion": "2010-04-01",
        "From": message.sender,
        "MessageSid": message.sid,
        "MessageStatus": state,
        "SmsSid": message.sid,
        "SmsStatus": state,
        "To": message.to,
    }
    if code:
        fields["ErrorCode"] = str(code)
    if message.network == "whatsapp":
        fields |= {"ChannelPrefix": "whatsapp", "ChannelInstallSid": "XE" + "0" * 32}
    return fields
