"""SIP URIs and addresses."""

from __future__ import annotations

import pytest

from softswitch.sip.errors import RemoteProtocolError
from softswitch.sip.uri import NameAddr, SipUri, unescape


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@example.com",
        "sips:alice@example.com:5061",
        "sip:example.com",
        "sip:alice:secret@example.com;transport=tcp;lr?Subject=hi&Priority=urgent",
        "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sip:alice@[2001:db8::10]:5070;transport=udp",
        "sip:user;par=u%40example.net@example.com",
        "sip:I%20have%20spaces@example.net",
        "sip:null-%00-null@example.com",
        "sip:%C3%A9t%C3%A9@example.com",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
        "tel:+49-30-1234;phone-context=example.com",
        "isbn:2983792873",
        "soap.beep://192.0.2.103:3002",
    ],
)
def test_uri_is_written_as_it_was_read(text: str) -> None:
    assert str(SipUri.parse(text)) == text


def test_all_parts_of_a_uri_are_found() -> None:
    uri = SipUri.parse("SIP:al%69ce:se%63ret@Example.COM:5070;Transport=TCP;lr?Subject=x")
    assert uri == SipUri(
        "sip", "alice", "secret", "Example.COM", 5070, {"transport": "TCP", "lr": None}, "Subject=x"
    )
    assert uri.transport == "tcp"


def test_user_is_unescaped_once_only() -> None:
    uri = SipUri.parse("sip:sips%3Auser%40example.com@example.net;n%61me=v%61lue%25%34%31")
    assert uri.user == "sips:user@example.com"
    assert uri.parameters == {"name": "value%41"}


def test_semicolons_before_the_at_sign_belong_to_the_user() -> None:
    uri = SipUri.parse("sip:user;par=u%40example.net@example.com")
    assert (uri.user, uri.host, uri.parameters) == ("user;par=u@example.net", "example.com", {})


def test_headers_may_have_an_at_sign_that_is_not_escaped() -> None:
    # So phones write the Call-ID of a call that is to be replaced.
    uri = SipUri.parse("sip:7001@example.com?Replaces=1-2@192.0.2.4%3Bto-tag%3D1")
    assert (uri.user, uri.host) == ("7001", "example.com")
    assert uri.headers == "Replaces=1-2@192.0.2.4%3Bto-tag%3D1"
    assert str(uri) == "sip:7001@example.com?Replaces=1-2%40192.0.2.4%3Bto-tag%3D1"


def test_ipv6_host_has_brackets_only_in_writing() -> None:
    uri = SipUri.parse("sip:[2001:db8::1]:5060")
    assert (uri.host, uri.port) == ("2001:db8::1", 5060)
    assert str(SipUri(host="::1")) == "sip:[::1]"


def test_tel_uri_has_its_number_as_user() -> None:
    uri = SipUri.parse("tel:+15551234;ext=12")
    assert (uri.scheme, uri.user, uri.host, uri.parameters) == (
        "tel",
        "+15551234",
        "",
        {"ext": "12"},
    )


def test_latin_1_escapes_are_read() -> None:
    assert unescape("J%F6rg") == "Jörg"
    assert unescape("100%") == "100%"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:",
        "alice@example.com",
        "sip:alice@",
        "sip:a@b@example.com",
        "sip:alice@example.com:99999",
        "sip:alice@example.com:port",
        "sip:alice@exa mple.com",
        "sip:al ice@example.com",
        "sip:alice@example.com\r\nX: y",
        "sip:[::1",
        "sip:alice@example.com;;lr",
        "<sip:alice@example.com>",
        "1sip:alice@example.com",
        "sip:alice@-example.com",
        "isbn:298\u2028379",
    ],
)
def test_malformed_uri_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        SipUri.parse(text)
    assert caught.value.status == 400


def test_written_uri_cannot_carry_line_breaks_or_delimiters() -> None:
    uri = SipUri(
        user="a\r\nX: y@b>",
        password="p:q@",
        host="example.com",
        parameters={"x": "1;2\r\n?>"},
        headers="a=b\r\n c",
    )
    written = str(uri)
    assert not set("\r\n <>") & set(written)
    assert SipUri.parse(written).user == "a\r\nX: y@b>"
    assert SipUri.parse(written).parameters == {"x": "1;2\r\n?>"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;newparam=5"),
        (
            "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
            "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com",
        ),
        (
            "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
            "sip:alice@atlanta.com?priority=urgent&subject=project%20x",
        ),
    ],
)
def test_equivalent_uris_of_rfc_3261(one: str, other: str) -> None:
    assert SipUri.parse(one).equivalent(SipUri.parse(other))
    assert SipUri.parse(other).equivalent(SipUri.parse(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
        ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
        ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
        ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
        ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
        ("sip:bob@biloxi.com", "sips:bob@biloxi.com"),
    ],
)
def test_different_uris_of_rfc_3261(one: str, other: str) -> None:
    assert not SipUri.parse(one).equivalent(SipUri.parse(other))


def test_replacing_a_field_leaves_the_original_alone() -> None:
    uri = SipUri.parse("sip:alice@example.com;lr")
    copy = uri.replace(host="192.0.2.1", port=5062)
    copy.parameters["x"] = None
    assert str(uri) == "sip:alice@example.com;lr"
    assert str(copy) == "sip:alice@192.0.2.1:5062;lr;x"


@pytest.mark.parametrize(
    ("text", "display", "uri", "parameters"),
    [
        ("sip:bob@b.com;tag=1", "", "sip:bob@b.com", {"tag": "1"}),
        ("<sip:bob@b.com;lr>;tag=1", "", "sip:bob@b.com;lr", {"tag": "1"}),
        ("Bob <sip:bob@b.com>", "Bob", "sip:bob@b.com", {}),
        ("caller<sip:bob@b.com>;tag=2", "caller", "sip:bob@b.com", {"tag": "2"}),
        (
            "Bob  B <sip:bob@b.com> ; Q = 0.3 ; x",
            "Bob  B",
            "sip:bob@b.com",
            {"q": "0.3", "x": None},
        ),
        (r'"J \"X\" \\" <sip:j@b.com>', 'J "X" \\', "sip:j@b.com", {}),
        ('"a <b>, c"<sip:j@b.com>;p="x;y"', "a <b>, c", "sip:j@b.com", {"p": '"x;y"'}),
        ("< sip:t@example.org >", "", "sip:t@example.org", {}),
        ("<sip:a@b.com>;x=1;", "", "sip:a@b.com", {"x": "1"}),
        ("<http://www.example.com>;tag=3", "", "http://www.example.com", {"tag": "3"}),
    ],
)
def test_addresses_are_read(
    text: str, display: str, uri: str, parameters: dict[str, str | None]
) -> None:
    address = NameAddr.parse(text)
    assert (address.display, str(address.uri), address.parameters) == (display, uri, parameters)


@pytest.mark.parametrize(
    "text",
    [
        '"Mr. J. User <sip:j.user@example.com>',
        'Mr. "J" User <sip:j.user@example.com>',
        "<sip:j@example.com",
        "<sip:j@example.com>tag=1",
        "<sip:j@example.com>;;;;",
        "<sip:j@example.com>;=x",
        "<>",
        "",
    ],
)
def test_malformed_address_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        NameAddr.parse(text)


def test_list_of_addresses_is_cut_at_outer_commas_only() -> None:
    addresses = NameAddr.parse_list('"A, B" <sip:a@x.com;x=1>;q=1, <sip:b,c@x.com>,sip:d@x.com')
    assert [address.uri.user for address in addresses] == ["a", "b,c", "d"]


def test_display_name_is_quoted_when_it_is_no_token() -> None:
    uri = SipUri(user="x", host="h")
    assert str(NameAddr("Bob", uri)) == "Bob <sip:x@h>"
    assert str(NameAddr('B "x" \\', uri, {"tag": "1"})) == '"B \\"x\\" \\\\" <sip:x@h>;tag=1'


def test_parameter_is_unquoted_on_request() -> None:
    address = NameAddr.parse('<sip:a@b.com>;+sip.instance="<urn:uuid:1>";reg-id=1;ob')
    assert address.parameter("+SIP.instance") == "<urn:uuid:1>"
    assert address.parameter("ob") is None
    assert str(address) == '<sip:a@b.com>;+sip.instance="<urn:uuid:1>";reg-id=1;ob'


def test_changing_one_parsed_address_does_not_change_the_next() -> None:
    text = "<sip:alice@example.com;lr>;tag=1"
    first = NameAddr.parse(text)
    first.parameters["tag"] = "changed"
    first.uri.host = "changed"
    first.uri.parameters.clear()
    assert str(NameAddr.parse(text)) == text
    assert NameAddr.parse(text).tag == "1"
