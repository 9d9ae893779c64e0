"""What goes wrong: refusals of the API, and mistakes of whoever drives the emulator."""

from __future__ import annotations

from adapters.emulators.misuse import Json, RefusalError

SENTENCES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too many requests",
    21205: "Url is not a valid URL",
    21210: "'From' phone number not verified",
    21220: "Unable to update call: it is not in progress",
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number is not a valid, SMS-capable number of your account",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum number of queued messages",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21620: "Invalid media URL(s)",
    21703: "The Messaging Service does not exist",
    63007: "Could not find a Channel with the specified From address",
}
"""https://www.twilio.com/docs/api/errors"""


class ApiError(RefusalError):
    """A refusal in the API's own form.

    https://www.twilio.com/docs/usage/twilios-response#response-formats-exceptions
    """

    def __init__(self, status: int, code: int, retry_after: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.retry_after = retry_after

    @property
    def body(self) -> Json:
        """The answer."""
        return {
            "code": self.code,
            "message": SENTENCES.get(self.code, "Refused"),
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
