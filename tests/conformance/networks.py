"""All networks that have to conform: a new one is one line here and its kit."""

from tests.conformance.kit import Kit
from tests.telegram.kit import TELEGRAM
from tests.webchat.kit import WEBCHAT

NETWORKS: tuple[Kit, ...] = (TELEGRAM, WEBCHAT)
