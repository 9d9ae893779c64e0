"""All networks that have to conform: a new one is one line here and its kit."""

from tests.conformance.kit import Kit
from tests.telegram.kit import TELEGRAM
from tests.twilio.kit import SMS, WHATSAPP

NETWORKS: tuple[Kit, ...] = (TELEGRAM, SMS, WHATSAPP)
