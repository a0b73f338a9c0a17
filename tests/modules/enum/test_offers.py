from __future__ import annotations

import pytest

from softswitch.dialplan.pcre import compile_expression
from softswitch.modules.enum.offers import MOST_RULES, Offer, Question, dial_string, offers
from softswitch.modules.enum.settings import Route
from softswitch.net.dns import NaptrRule

SIP = Route("E2U+SIP", compile_expression("sip:(.*)"), "sofia/ext/$1")
FIXED = Route("e2u+fixed", compile_expression("."), "user/1000")
NUMBER = "+4930123"


def of(*regexps: str, service: str = "E2U+sip") -> list[Offer]:
    rules = [NaptrRule(10, 20, service, regexp) for regexp in regexps]
    return list(offers(rules, NUMBER, [SIP, FIXED], [SIP.replace, FIXED.replace]))


@pytest.mark.parametrize(
    ("asked", "question"),
    [
        (("4930123",), Question("+4930123", "3.2.1.0.3.9.4.e164.test")),
        (("+49-30 123",), Question("+49-30 123", "3.2.1.0.3.9.4.e164.test")),
        (("12", "e164.arpa"), Question("+12", "2.1.e164.arpa")),
        (("1234*256",), Question("+1234", "4.3.2.1.256.isn.test")),
        (("1234*256", "my.test"), Question("+1234", "4.3.2.1.256.my.test")),
        (("office",), None),
        (("",), None),
        (("٣",), None),
    ],
)
def test_a_number_is_asked_by_its_digits_from_behind(
    asked: tuple[str, ...], question: Question | None
) -> None:
    number, root = (*asked, "")[:2]
    assert Question.of(number, root, "isn.test", "e164.test") == question


@pytest.mark.parametrize(
    ("regexp", "route"),
    [
        ("!^.*$!sip:info@example.test!", "sofia/ext/info@example.test"),
        (r"!^\+49(.*)$!sip:\1@de.test!", "sofia/ext/30123@de.test"),
        (r"/^\+(49)(30)/sip:\2-\1-\9@x.test/", "sofia/ext/30-49-@x.test"),
        (r"!^.*$!sip:\0@x.test!i", "sofia/ext/+4930123@x.test"),
        ("!^.*$!sip:a@[2001:db8::1];transport=tcp!", "sofia/ext/a@[2001:db8::1];transport=tcp"),
    ],
)
def test_a_record_is_a_route_where_one_fits(regexp: str, route: str) -> None:
    assert of(regexp) == [Offer(10, 20, "E2U+sip", route, True)]


def test_a_route_without_groups_stands_as_it_is() -> None:
    assert of("!^.*$!x:1!", service="E2U+FIXED") == [Offer(10, 20, "E2U+FIXED", "user/1000", True)]


def test_a_record_that_no_route_takes_is_only_offered() -> None:
    assert of("!^.*$!mailto:a@b!", service="E2U+email") == [
        Offer(10, 20, "E2U+email", "mailto:a@b", False)
    ]


@pytest.mark.parametrize(
    "regexp", ["!^\\+1!sip:x!", "!^.*$", "!", "!(!sip:x!", f"!{'a' * 300}!sip:x!", "!(a+)+$!"]
)
def test_a_record_that_does_not_match_or_is_nonsense_is_nothing(regexp: str) -> None:
    assert of(regexp) == []


@pytest.mark.parametrize(
    "uri",
    ["sip:a@b,user/1", "sip:a@b|user/1", "sip:a@b:_:user/1", "sip:{x=1}a", "sip:a b", "sip:'a"],
)
def test_a_uri_is_never_more_than_one_address(uri: str) -> None:
    assert [offer.supported for offer in of(f"!^.*$!{uri}!")] == [False]


def test_what_dns_says_is_never_expanded() -> None:
    assert of("!^.*$!sip:${system(id)}@b!") == [
        Offer(10, 20, "E2U+sip", "sip:%{system(id)}@b", False)
    ]


def test_so_many_records_are_looked_at_and_no_more() -> None:
    assert len(of(*["!^.*$!sip:a@b!"] * 40)) == MOST_RULES


def test_equal_ranks_ring_at_once_others_in_turn() -> None:
    ranks = [(10, 1, "a"), (10, 1, "b"), (10, 2, "c"), (20, 2, "d")]
    found = [Offer(order, preference, "s", route, True) for order, preference, route in ranks]
    assert dial_string(found) == "a,b|c|d"
    assert dial_string([]) == ""
