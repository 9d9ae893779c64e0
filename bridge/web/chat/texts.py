"""What the page says in its own words: English here, other languages in ``webchat.po``."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from bridge.runtime.texts import language_of, said_in

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "title": "Coaching chat",
    "join_title": "You are invited",
    "join_lead": (
        "This is a private conversation with your coach. You need no app and no account: this "
        "browser remembers you with one cookie."
    ),
    "join_button": "Join the conversation",
    "code_title": "Join with a code",
    "code_lead": "Open the link you were given, or type the code here.",
    "code_label": "Your code",
    "busy": "Too many people knock just now. Please wait a minute and try again.",
    "away": "This does not work just now. Please try again in a moment.",
    "foreign": "This form came from another site, so nothing was done.",
    "skip": "Go to the message field",
    "conversations": "Your conversations",
    "messages": "Messages",
    "nobody": "Nobody yet",
    "menu": "Menu",
    "other_device": "Use on another device",
    "sign_out_others": "Sign out my other devices",
    "sign_out": "Sign out here",
    "link_lead": "Open this on your other device. It works once, for {minutes} minutes.",
    "link_code": "Code",
    "signed_out_others": "Other devices that were signed out: {count}.",
    "sign_out_sure": (
        "Without this page your coach cannot reach you here until you have a new link. Sign out?"
    ),
    "close": "Close",
    "cancel": "Cancel",
    "older": "Show older messages",
    "loading": "Loading…",
    "beginning": "This is where your conversation begins.",
    "empty": "Nothing has been written yet.",
    "write": "Write a message",
    "send": "Send",
    "attach": "Send a file or photo",
    "record": "Record a voice note",
    "recording": "Recording",
    "record_send": "Send voice note",
    "record_refused": "The microphone cannot be used here.",
    "record_long": "A voice note can last ten minutes.",
    "connected": "Connected",
    "typing": "Somebody is writing…",
    "connecting": "Connecting…",
    "offline": "No connection. What you write is kept here and goes out later.",
    "ended": "This page was signed out.",
    "closed": "This conversation has ended. You can still read everything.",
    "you": "You",
    "bridge": "Coachbridge",
    "reply": "Reply",
    "replying": "Reply to {name}",
    "edit": "Edit",
    "editing": "Edit your message",
    "delete": "Delete",
    "delete_sure": "Delete this message for everybody?",
    "react": "React with {emoji}",
    "reacted": "{names}: {emoji}",
    "actions": "Actions for the message of {name}",
    "edited": "edited",
    "deleted": "This message was withdrawn.",
    "erased": "These words were erased.",
    "chosen": "chosen",
    "photo": "Photo",
    "video": "Video",
    "voice": "Voice note",
    "file": "File",
    "download": "Save {name}",
    "file_pending": "The file is on its way.",
    "file_failed": "This file could not be kept.",
    "sending": "Sending…",
    "uploading": "Sending {name}: {percent} %",
    "kept": "On its way",
    "waiting": "Waits until it may be delivered",
    "sent": "Sent",
    "delivered": "Delivered",
    "read": "Read",
    "uncertain": "Not sure whether it arrived",
    "failed": "Not delivered",
    "not_sent": "Not sent yet, will be tried again",
    "refused": "This could not be sent.",
    "too_large": "This file is too large.",
    "remove": "Remove",
    "scroll_down": "To the newest message",
}


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return all texts by key in the language that fits a BCP 47 tag, else in English."""
    known = said_in(language_of(language), "webchat")
    return {key: known.get(text, text) for key, text in TEXTS.items()}
