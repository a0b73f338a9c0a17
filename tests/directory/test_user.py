from __future__ import annotations

from ipaddress import ip_network

import pytest

from softswitch.config.element import Element
from softswitch.directory.lookup import build_domain
from softswitch.directory.user import Domain, User, merge, parse_network, values


def element(tag: str, *children: Element, **attributes: str) -> Element:
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return Element(tag, named, children)


def params(**named: str) -> Element:
    items = (element("param", name=n.replace("_", "-"), value=v) for n, v in named.items())
    return element("params", *items)


def variables(**named: str) -> Element:
    return element("variables", *(element("variable", name=n, value=v) for n, v in named.items()))


def domain_of(*users: Element) -> Domain:
    return build_domain(element("domain", element("users", *users), name="d.test"))


def only(user: Element) -> User:
    return next(iter(domain_of(user).users.values()))


def test_a_user_shows_its_credentials_and_dial_string() -> None:
    user = only(
        element(
            "user",
            params(password="x", a1_hash="ABC", dial_string="error/BUSY"),
            variables(user_context="sales"),
            id="501",
            number_alias="77",
        )
    )
    assert (user.password, user.a1_hash, user.dial_string) == ("x", "abc", "error/BUSY")
    assert (user.context, user.number_alias) == ("sales", "77")
    assert str(user) == "501@d.test"
    assert repr(user) == "<User 501@d.test>"
    assert user.attribute("number-alias") == "77"
    assert user.attribute("domain-name") == "d.test"
    assert user.attribute("none", "-") == "-"


def test_a_user_without_anything_has_empty_answers() -> None:
    user = only(element("user", id="1"))
    assert (user.password, user.a1_hash, user.dial_string, user.context) == ("", "", "", "")
    assert (user.networks, user.gateways, user.is_pointer) == ((), (), False)
    assert user.cache_milliseconds is None


def test_a_parameter_is_found_whatever_its_case() -> None:
    user = only(element("user", params(VM_Password="9"), id="1"))
    assert user.param("vm-password") == user.param("VM-PASSWORD") == "9"
    assert user.param("none", "default") == "default"


def test_a_users_address_ranges_are_those_that_are_valid() -> None:
    user = only(element("user", id="1", cidr="10.0.0.0/8, 192.0.2.7,nonsense,2001:db8::/32"))
    assert [str(n) for n in user.networks] == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]


def test_a_user_may_have_gateways() -> None:
    user = only(element("user", element("gateways", element("gateway", name="g")), id="1"))
    assert [gateway.get("name") for gateway in user.gateways] == ["g"]


@pytest.mark.parametrize(
    ("cacheable", "milliseconds"),
    [("60000", 60000), ("true", 0), ("TRUE", 0), ("false", None), ("0", None), ("", None)],
)
def test_a_user_says_how_long_it_may_be_kept(cacheable: str, milliseconds: int | None) -> None:
    assert only(element("user", id="1", cacheable=cacheable)).cache_milliseconds == milliseconds


def test_the_nearest_level_wins_whatever_the_case() -> None:
    merged = merge({"a": "1"}, {"A": "2", "b": "3"}, {"B": "4", "c": "5"})
    assert merged == {"a": "1", "b": "3", "c": "5"}


def test_values_are_read_by_name_and_the_last_of_a_name_wins() -> None:
    block = element(
        "user",
        element(
            "params",
            element("param", name="a", value="1"),
            element("param", name="a", value="2"),
            element("param", name="b"),
            element("param", value="lost"),
        ),
    )
    assert values(block, "params", "param") == {"a": "2", "b": ""}
    assert values(None, "params", "param") == {}


def test_an_address_range_may_be_one_address_or_have_host_bits() -> None:
    assert parse_network("192.0.2.7") == ip_network("192.0.2.7/32")
    assert parse_network(" 192.0.2.7/24 ") == ip_network("192.0.2.0/24")
    assert parse_network("192.0.2.7/255.255.255.0") == ip_network("192.0.2.0/24")
    assert parse_network("192.0.2") is None
    assert parse_network("") is None


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("id", "501", "501"),
        ("ID", "77", "501"),
        ("number-alias", "77", "501"),
        ("number-alias", "501", None),
        ("mailbox", "M1", "502"),
        ("number-alias:mailbox", "m1", "502"),
        ("id:number-alias", "77", "501"),
        ("id:mailbox", "nobody", None),
    ],
)
def test_a_user_is_found_by_any_attribute(key: str, value: str, found: str | None) -> None:
    domain = domain_of(
        element("user", id="501", number_alias="77"), element("user", id="502", mailbox="m1")
    )
    user = domain.user_by(key, value)
    assert (user.id if user is not None else None) == found
