"""Header names and the grammar of values."""

from __future__ import annotations

import time

import pytest

from softswitch.sip.errors import LocalProtocolError, RemoteProtocolError
from softswitch.sip.headers import (
    CANONICAL,
    COMPACT,
    KEYS,
    CSeq,
    Via,
    format_parameters,
    host_port,
    parameters,
    quote,
    retry_after,
    split_list,
    unquote,
)


def test_every_compact_form_stands_for_its_long_name() -> None:
    for compact, name in COMPACT.items():
        assert CANONICAL[compact] == CANONICAL[compact.upper()] == CANONICAL[name.upper()] == name
        assert KEYS[compact] == KEYS[name] == name.lower()


def test_unknown_name_keeps_its_spelling_and_compares_without_case() -> None:
    assert CANONICAL["X-My-Header"] == "X-My-Header"
    assert KEYS["x-my-HEADER"] == KEYS["X-My-Header"]


@pytest.mark.parametrize("name", ["", " ", "a b", "a\x00", "ü", "a:b", "(x)", " Via"])
def test_what_is_no_token_is_no_header_name(name: str) -> None:
    with pytest.raises(LocalProtocolError):
        CANONICAL[name]


def test_names_from_the_network_do_not_fill_the_memory() -> None:
    before = len(CANONICAL)
    for number in range(10_000):
        assert CANONICAL[f"X-{number}"] == f"X-{number}"
        assert KEYS[f"X-{number}"] == f"x-{number}"
    assert before <= len(CANONICAL) <= 4096
    assert len(KEYS) <= 4096


@pytest.mark.parametrize("text", ["", "plain", 'a "b" c', "back\\slash", '\\"'])
def test_unquoting_undoes_quoting(text: str) -> None:
    assert unquote(quote(text)) == text


def test_unquoting_leaves_other_values_alone() -> None:
    assert unquote("token") == "token"
    assert unquote('"') == '"'


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a", ["a"]),
        (" a , b,c ", ["a", "b", "c"]),
        ("a,,b", ["a", "", "b"]),
        ('"x,y" <sip:a,b@c>, d', ['"x,y" <sip:a,b@c>', "d"]),
        (r'"a\",b", c', [r'"a\",b"', "c"]),
    ],
)
def test_lists_are_cut_at_outer_commas(text: str, items: list[str]) -> None:
    assert split_list(text) == items


@pytest.mark.parametrize("text", ['a,"b', "a,<b", 'a,"b\\"'])
def test_unbalanced_list_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        split_list(text)


def test_parameters_are_read_with_and_without_values() -> None:
    assert parameters(';A=1; b = "x;y" ;c') == {"a": "1", "b": '"x;y"', "c": None}
    assert parameters("a=b=c") == {"a": "b=c"}
    assert parameters("a=1;A=2") == {"a": "1"}


@pytest.mark.parametrize("text", [";;a", ";a;;b", "=x", ";;", ";a b=c", ';a="x'])
def test_malformed_parameters_are_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        parameters(text)


def test_parameters_are_written_in_order() -> None:
    assert format_parameters({"tag": "1", "lr": None}) == ";tag=1;lr"


def test_ipv6_address_gets_brackets() -> None:
    assert host_port("::1", 5060) == "[::1]:5060"
    assert host_port("example.com", None) == "example.com"


def test_via_is_read_and_written() -> None:
    text = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKx;rport=9;received=192.0.2.2"
    via = Via.parse(text)
    assert (via.transport, via.host, via.port) == ("UDP", "192.0.2.1", 5070)
    assert (via.branch, via.rport, via.received) == ("z9hG4bKx", 9, "192.0.2.2")
    assert str(via) == text


def test_via_may_be_full_of_spaces() -> None:
    via = Via.parse("SIP  / 2.0  / tcp     spindle.example.com   ; branch  =   z9hG4bK9ikj8  ")
    assert (via.transport, via.host, via.branch) == ("TCP", "spindle.example.com", "z9hG4bK9ikj8")


def test_via_takes_ipv6_and_an_empty_rport() -> None:
    via = Via.parse("SIP/2.0/TLS [2001:db8::9]:5061;rport;received=[::1];branch=z9hG4bK1")
    assert (via.host, via.port, via.rport, via.received) == ("2001:db8::9", 5061, None, "::1")
    assert "rport" in via.parameters
    assert str(via).startswith("SIP/2.0/TLS [2001:db8::9]:5061;rport;")


def test_via_list_is_topmost_first() -> None:
    hops = Via.parse_list("SIP/2.0/UDP a.com;branch=1 , SIP/2.0/TCP b.com")
    assert [hop.host for hop in hops] == ["a.com", "b.com"]


def test_changing_one_parsed_via_does_not_change_the_next() -> None:
    text = "SIP/2.0/UDP a.com;rport"
    Via.parse(text).parameters["rport"] = "5"
    assert Via.parse(text).parameters == {"rport": None}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SIP/2.0/UDP",
        "SIP/2.0 UDP a.com",
        "HTTP/2.0/UDP a.com",
        "SIP/2.0/UDP a.com:70000",
        "SIP/2.0/UDP 192.0.2.15;;,;,,",
        "SIP/2.0/UDP a.com b.com",
        "SIP/2.0/UDP [::1",
    ],
)
def test_malformed_via_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        Via.parse_list(text)


def test_cseq_is_read_and_written() -> None:
    assert CSeq.parse(" 0009   INVITE") == CSeq(9, "INVITE")
    assert str(CSeq(4294967295, "BYE")) == "4294967295 BYE"


@pytest.mark.parametrize("text", ["", "INVITE", "1", "-1 BYE", "4294967296 BYE", "1 BY E", "٣ BYE"])
def test_malformed_cseq_is_refused(text: str) -> None:
    with pytest.raises(RemoteProtocolError):
        CSeq.parse(text)


@pytest.mark.parametrize(
    "hostile",
    ['"' * 60_000, "<" * 60_000, '"\\' * 30_000, ";" * 60_000, " " * 60_000 + "x", "a, " * 20_000],
)
def test_hostile_values_take_linear_time(hostile: str) -> None:
    started = time.process_time()
    for parse in (split_list, parameters, Via.parse, Via.parse_list, CSeq.parse):
        try:
            parse(hostile)
        except RemoteProtocolError:
            pass
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("18000;duration=3600", 18000), ("5 (in a meeting)", 5), ("99999999", 86400)]
    + [(text, None) for text in (None, "", "soon", "-3")],
)
def test_a_pause_is_the_number_in_front(text: str | None, seconds: int | None) -> None:
    assert retry_after(text) == seconds
