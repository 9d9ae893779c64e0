"""What Slack's refusals mean: its error codes as our errors. Pure.

Codes: the "Errors" of each method, such as
https://docs.slack.dev/reference/methods/chat.postMessage#errors
"""

from __future__ import annotations

import re

from bridge.core.errors import (
    AccountBroken,
    Rejected,
    SendError,
    Throttled,
    Undeliverable,
    Unreachable,
)

NOTHING_LEFT = frozenset(
    {"already_reacted", "no_reaction", "already_in_channel", "cant_invite_self", "file_deleted"}
)
"""Codes of Slack that mean there is nothing left to do."""

_BROKEN = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "not_allowed_token_type",
        "org_login_required",
        "ekm_access_denied",
        "team_access_not_granted",
    }
)
_UNCLEAR = frozenset(
    {
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
        "external_channel_migrating",
        "team_added_to_org",
    }
)
"""Slack itself failed: "some aspect of the operation may have succeeded before the error"."""

_MEANINGS: dict[str, tuple[type[SendError], str]] = {
    "channel_not_found": (Undeliverable, "chat_not_found"),
    "user_not_found": (Undeliverable, "chat_not_found"),
    "users_not_found": (Undeliverable, "chat_not_found"),
    "user_not_visible": (Undeliverable, "chat_not_found"),
    "is_archived": (Undeliverable, "deactivated"),
    "user_disabled": (Undeliverable, "deactivated"),
    "not_in_channel": (Undeliverable, "not_a_member"),
    "cannot_dm_bot": (Undeliverable, "is_a_bot"),
    "messages_tab_disabled": (Undeliverable, "no_rights"),
    "restricted_action": (Undeliverable, "no_rights"),
    "restricted_action_read_only_channel": (Undeliverable, "no_rights"),
    "restricted_action_non_threadable_channel": (Rejected, "no_rights"),
    "restricted_action_thread_only_channel": (Rejected, "no_rights"),
    "restricted_action_thread_locked": (Rejected, "thread_closed"),
    "missing_scope": (Rejected, "no_rights"),
    "no_permission": (Rejected, "no_rights"),
    "cant_update_message": (Rejected, "no_rights"),
    "cant_delete_message": (Rejected, "no_rights"),
    "edit_window_closed": (Rejected, "no_rights"),
    "msg_too_long": (Rejected, "too_long"),
    "msg_blocks_too_long": (Rejected, "too_long"),
    "message_not_found": (Rejected, "message_gone"),
    "thread_not_found": (Rejected, "thread_gone"),
    "file_not_found": (Rejected, "file_gone"),
    "file_deleted": (Rejected, "file_gone"),
    "file_upload_size_restricted": (Rejected, "too_big"),
    "unknown_method": (Rejected, "method_unknown"),
}
_CODE = re.compile(r"[a-z0-9_.-]{1,64}")


def refusal(code: str, retry_after: float) -> SendError:
    """Return the error of ours for a code of Slack; unknown codes are refusals by that name."""
    if code in {"ratelimited", "rate_limited", "message_limit_exceeded"}:
        return Throttled(retry_after)
    if code in _BROKEN:
        return AccountBroken("unauthorized", f"the network does not accept our token ({code})")
    if code in _UNCLEAR:
        return Unreachable("no_answer", f"the network failed ({code})")
    if code in _MEANINGS:
        kind, ours = _MEANINGS[code]
        return kind(ours, code)
    if _CODE.fullmatch(code):
        return Rejected(code, "the network refused it")
    return Unreachable("no_result", "the answer does not say what became of it")
