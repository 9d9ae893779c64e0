"""Settings that cannot work are refused, and no complaint shows a secret."""

from typing import Any

import pytest
from pydantic import SecretStr

from adapters.twilio import build
from bridge.core.errors import ConfigError
from tests.twilio.kit import NOWHERE, SERVICE, TOKEN, settings

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "account_sid": ({"account_sid": "SM123"}, "account_sid"),
    "token": ({"auth_token": SecretStr(" ")}, "auth_token"),
    "service": ({"messaging_service_sid": "MG1"}, "messaging_service_sid"),
    "no sender": ({"numbers": (), "whatsapp": ""}, "no sender"),
    "a national number": ({"numbers": ("0612345678",)}, "country code"),
    "a WhatsApp prefix": ({"whatsapp": "whatsapp:+31612345678"}, "whatsapp of"),
    "no segments": ({"segments": 0}, "segments"),
    "too many segments": ({"segments": 11}, "segments"),
    "no address": ({"public_url": ""}, "public_url"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(name: str) -> None:
    given, expected = WRONG[name]
    with pytest.raises(ConfigError) as told:
        build("main", settings(NOWHERE, **given))
    assert expected in str(told.value)
    assert "[twilio.main]" in str(told.value)
    assert TOKEN not in str(told.value)


def test_only_networks_with_a_sender_are_built() -> None:
    def built(**more: Any) -> list[str]:
        return [one.network for one in build("main", settings(NOWHERE, **more))]

    assert built() == ["sms", "whatsapp"]
    assert built(whatsapp="") == ["sms"]
    assert built(numbers=()) == ["whatsapp"]
    assert built(numbers=(), whatsapp="", messaging_service_sid=SERVICE) == ["sms"]
    assert built(numbers=("3669",), whatsapp="") == ["sms"]  # a short code
