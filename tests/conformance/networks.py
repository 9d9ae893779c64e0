"""All networks that have to conform: a new one is one line here and its kit."""

from tests.conformance.kit import Kit
from tests.email.kit import EMAIL
from tests.telegram.kit import TELEGRAM

NETWORKS: tuple[Kit, ...] = (TELEGRAM, EMAIL)
