from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.modules.enum.settings import EnumFile, EnumSettings, read_file, server_address


def read(folder: Path, inside: str) -> tuple[EnumFile, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="enum.conf">{inside}</configuration></section></document>'
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    file, findings = read_file(configuration.configuration("enum.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    return file, [finding.message for finding in findings]


def test_settings_and_routes_are_read(tmp_path: Path) -> None:
    file, findings = read(
        tmp_path,
        '<settings><param name="default-root" value="e164.test"/>'
        '<param name="query-timeout" value="10"/><param name="query-timeout-retry" value="2"/>'
        '<param name="auto-reload" value="true"/><param name="random-nameserver" value="true"/>'
        '<param name="nameserver" value="192.0.2.1"/><param name="use-server" value="::1"/>'
        '</settings><routes><route service="E2U+SIP" regex="sip:(.*)" replace="sofia/a/$1"/>'
        '<route service="E2U+x" regex="." replace="user/1"/></routes>',
    )
    assert findings == []
    settings = file.settings
    assert (settings.default_root, settings.default_isn_root) == ("e164.test", "freenum.org")
    assert (settings.patience, settings.tries, settings.auto_reload) == (10.0, 2, True)
    assert settings.nameservers == ("192.0.2.1", "::1") and settings.random_nameserver
    assert [(route.service, route.replace, route.captures) for route in file.routes] == [
        ("E2U+SIP", "sofia/a/$1", True),
        ("E2U+x", "user/1", False),
    ]


def test_milliseconds_go_before_seconds() -> None:
    assert EnumSettings().patience == 5.0
    assert EnumSettings(timeout=10, timeout_ms=0.25).patience == 0.25


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<routes><route regex="x" replace="y"/></routes>', "this <route> has no service"),
        ('<routes><route service="x" regex="(" replace="y"/></routes>', "regex='('"),
        (
            '<settings><param name="nameserver" value="ns.test"/></settings>',
            "'ns.test' is no ADDRESS or ADDRESS:PORT of a name server",
        ),
        ('<settings><param name="nameservers" value="::1"/></settings>', "there is no parameter"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (told,) = read(tmp_path, inside)[1]
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        (" 192.0.2.1:5353 ", ("192.0.2.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:54", ("2001:db8::1", 54)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
        ("ns.test", None),
        ("192.0.2.1:0", None),
        ("192.0.2.1:x", None),
        ("192.0.2.1:99999999999", None),
        ("", None),
    ],
)
def test_a_name_server_is_an_address_with_or_without_a_port(
    text: str, address: tuple[str, int] | None
) -> None:
    assert server_address(text) == address
