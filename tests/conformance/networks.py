"""All networks that have to conform: a new one is one line here and its kit."""

from tests.conformance.kit import Kit
from tests.email.kit import EMAIL
from tests.matrix.kit import MATRIX
from tests.slack.kit import SLACK
from tests.telegram.kit import TELEGRAM
from tests.twilio.kit import SMS, WHATSAPP
from tests.webchat.kit import WEBCHAT

NETWORKS: tuple[Kit, ...] = (
    TELEGRAM,
    MATRIX,
    SLACK,
    SMS,
    WHATSAPP,
    EMAIL,
    WEBCHAT,
)
