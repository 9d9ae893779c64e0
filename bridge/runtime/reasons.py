"""What the codes of reasons mean, where a person reads them.

1. Every code that can become the reason of a delivery, or of a file that is missing, has words; a
   test looks for codes without any.
2. A network's own numbers have none: there its own sentence is shown, else ``REFUSED``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REFUSED = "refused"
"""Why, when all we know is that the network said no."""

REASONS: Mapping[str, str] = {
    "not_a_party": "this person takes no part any more",
    "closed": "the trajectory is closed",
    "withdrawn": "its author said that it is for nobody",
    "no_consent": "the coaching text was not agreed to",
    "no_endpoint": "no messenger is linked to us",
    "opted_out": "messages there were stopped",
    "blocked": "we were blocked there",
    "undeliverable": "nobody can be reached there any more",
    "endpoint_revoked": "that messenger is not linked any more",
    "endpoint_relinked": "that messenger was linked anew meanwhile",
    "place_moved": "the chat is another one now",
    "has_place": "there is a topic already",
    "too_late": "it took too long",
    "unclear": "the network gave no answer",
    "interrupted": "we were interrupted",
    "erased": "the words were erased",
    "render": "it could not be put into a form for that network",
    "no_form": "that network has no form for this",
    "not_shown": "that network cannot show this",
    "no_account": "our account there is not set up",
    "too_big": "the file is too large",
    "too_long": "it is too long",
    "file_gone": "the network does not have the file any more",
    "gone": "the file is not there any more",
    "unreachable": "the network cannot be reached now",
    "exposed": "somebody else is in that group",
    "deactivated": "the account or the group there does not exist any more",
    "not_started": "they have not opened the chat with us there yet",
    "is_a_bot": "that is the address of a bot",
    "kicked": "we were taken out of that group",
    "not_a_member": "we are not in that group",
    "chat_not_found": "the address there does not exist",
    "no_rights": "we may not do that there",
    "thread_gone": "the topic was deleted",
    "thread_closed": "the topic is closed",
    "no_topics": "that group has no topics",
    "not_modified": "nothing was changed",
    "already_deleted": "it was gone already",
    "query_too_old": "the button was pressed too long ago",
    "message_gone": "the message is not there any more",
    "method_unknown": "the network does not know how to do that",
    "unauthorized": "our connection to that network does not work",
    "not_found": "our account does not exist there",
    "conflict": "another program uses our account there",
    "not_connected": "no connection came about",
    "timed_out": "no answer came in time",
    "no_answer": "no usable answer came",
    "no_result": "the answer said nothing",
    "no_name": "the network did not say who we are",
    "garbled": "the answer could not be read",
    "no_such_number": "that number does not exist",
    "landline": "that number is a landline, or gets no text messages",
    "not_on_network": "that number is not on this messenger",
    "phone_off": "the phone is switched off or has no reception",
    "carrier_failed": "the telephone company did not deliver it",
    "window_closed": (
        "they have not written on WhatsApp for 24 hours, and until "
        "they do it takes no message from us"
    ),
    "content_refused": "the network or the telephone company filters such words",
    "region_off": "sending to that country is not switched on in our account",
    "sender_unregistered": "our number is not registered for that country",
    "sender_refused": "our number cannot send there",
    "suspended": "our account there is suspended",
    "foreign_host": "that address is not one of the network",
    "throttled": "the network takes no more for now",
    "moved": "the chat moved",
    "bad_address": "mail cannot go to that address",
    "mailbox_full": "the mailbox there is full",
    "returned": "the mail server there sent it back",
    "left": "they left the chat with us",
    "encrypted": "that room is encrypted, and encryption is switched off here",
    "keys": "the key did not reach all their devices",
    "damaged": "the file is not what its sender sent",
    "proxy": "something between us and the network refuses",
    "locked": "our account there was locked",
    "other_user": "our access belongs to another account",
    "other_device": "our access belongs to another device",
    "refused": "the network refused it",
    "taken": "that moment is no longer free",
    "past": "that moment is over",
    "not_offered": "that is not offered",
}
