"""Who called: compared with the vendor's own validator, and with its documented example."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from adapters.twilio.signature import HEADER, prove, sign
from bridge.core.errors import Forged
from tests.twilio.kit import NOWHERE, OURS, SID, TOKEN, adapter, form

URL = "https://bridge.example.org/webhooks/twilio/main/status?CoachbridgePart=t/1/anna/0"


def test_the_vendors_example_is_understood() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, form(fields)) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@given(
    st.dictionaries(
        st.text(alphabet="AZaz09_", min_size=1, max_size=8), st.text(max_size=20), max_size=8
    )
)
def test_we_sign_what_the_vendors_validator_signs(fields: dict[str, str]) -> None:
    fields = {n: v.encode("utf-8", "replace").decode() for n, v in fields.items()}
    expected = RequestValidator(TOKEN).compute_signature(URL, fields)
    assert sign(TOKEN, URL, form(fields)) == expected


def test_blank_fields_and_the_query_are_part_of_it() -> None:
    body = b"Body=&From=%2B31612345678&To=x"
    signature = sign(TOKEN, URL, body)
    prove(TOKEN, {HEADER: signature}, URL, body)
    for url, changed in (
        (URL, b"From=%2B31612345678&To=x"),
        (URL, body + b"&Extra="),
        (URL.replace("/1/", "/2/"), body),
        (URL.partition("?")[0], body),
        (URL.replace("https", "http"), body),
    ):
        with pytest.raises(Forged):
            prove(TOKEN, {HEADER: signature}, url, changed)


def test_it_may_have_been_signed_with_the_port_or_without() -> None:
    body = b"A=b"
    for said, known in (
        ("https://bridge.example.org:443/x?y=1", "https://bridge.example.org/x?y=1"),
        ("http://bridge.example.org/x", "http://bridge.example.org:8080/x"),
    ):
        prove(TOKEN, {HEADER: sign(TOKEN, said, body)}, known, body)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"a=%ff", b"", b"&" * 9, b"\x00"])
def test_junk_is_forged_and_never_an_error(body: bytes) -> None:
    for headers in ({}, {HEADER: ""}, {HEADER: "é"}, {HEADER: "\udcff"}):
        with pytest.raises(Forged):
            prove(TOKEN, headers, URL, body)


def test_a_call_is_given_to_the_network_it_is_of_and_keeps_our_key() -> None:
    fields = {
        "MessageSid": "SM" + "0" * 32,
        "MessageStatus": "sent",
        "AccountSid": SID,
        "From": OURS,
    }
    texts = {**fields, "To": "+31612345678"}
    whatsapp = {**fields, "To": "whatsapp:+31612345678"}
    sms = adapter(NOWHERE, "sms")
    for to, network in ((texts, "sms"), (whatsapp, "whatsapp")):
        body = form(to)
        [raw] = sms.verify({HEADER: sign(TOKEN, URL, body)}, URL, body)
        assert raw.network == network
        assert raw.payload == body + b"&CoachbridgePart=t/1/anna/0"
        assert raw.keys == ("SM" + "0" * 32 + ":sent",)


def test_a_network_without_a_sender_is_left_to_its_sibling() -> None:
    body = form({"MessageSid": "SM" + "0" * 32, "From": "whatsapp:+31612345678", "To": "x"})
    sms = adapter(NOWHERE, "sms", whatsapp="")
    [raw] = sms.verify({HEADER: sign(TOKEN, URL, body)}, URL, body)
    assert raw.network == "sms"
    assert sms.parse(raw.payload) == ()
