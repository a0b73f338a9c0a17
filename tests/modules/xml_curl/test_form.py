from __future__ import annotations

from urllib.parse import parse_qsl

from softswitch.modules.xml_curl import form
from softswitch.switch.lookup import Inquiry

INQUIRY = Inquiry(
    "directory",
    "domain",
    "name",
    "example.test",
    {"Event-Name": "REQUEST_PARAMS", "user": "1000", "variable_name": "Zoë & co=1"},
)


def test_what_is_looked_for_comes_first() -> None:
    fields = form.fields(INQUIRY, "host1")
    assert form.encode(fields).startswith(
        "hostname=host1&section=directory&tag_name=domain&key_name=name&key_value=example.test"
        "&Event-Name=REQUEST_PARAMS&user=1000&"
    )


def test_any_value_survives_the_encoding() -> None:
    fields = form.fields(INQUIRY, "host1")
    assert dict(parse_qsl(form.encode(fields), keep_blank_values=True)) == fields
    assert "Zo%C3%AB%20%26%20co%3D1" in form.encode(fields)


def test_only_what_is_wanted_is_sent() -> None:
    fields = form.fields(INQUIRY, "host1", ["USER"])
    assert list(fields) == ["hostname", "section", "tag_name", "key_name", "key_value", "user"]


def test_nobody_is_named_otherwise_by_what_a_caller_sends() -> None:
    inquiry = Inquiry("dialplan", "", "", "", {"section": "directory", "hostname": "evil"})
    fields = form.fields(inquiry, "host1")
    assert (fields["section"], fields["hostname"]) == ("dialplan", "host1")


def test_a_query_is_added_to_a_url() -> None:
    assert form.with_query("http://a.test/x", "b=1") == "http://a.test/x?b=1"
    assert form.with_query("http://a.test/x?a=0", "b=1") == "http://a.test/x?a=0&b=1"


def test_values_in_a_url_lead_nowhere_else() -> None:
    values = {"user": "../admin?x#y", "domain": "a.test"}
    url = form.expand_url("http://p.test/${domain}/${user}.xml?${none}", values)
    assert url == "http://p.test/a.test/..%2Fadmin%3Fx%23y.xml?"


def test_secrets_of_a_url_are_not_shown() -> None:
    assert form.shown("https://me:pw@p.test:8443/x?token=1") == "https://p.test:8443/x"
    assert form.shown("file:///srv/a.xml") == "file:///srv/a.xml"
