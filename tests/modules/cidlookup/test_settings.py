from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.modules.cidlookup.settings import CidlookupSettings, hidden, read_settings


def read(folder: Path, inside: str) -> tuple[CidlookupSettings, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="cidlookup.conf"><settings>{inside}</settings></configuration>'
        "</section></document>"
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    settings, findings = read_settings(configuration.configuration("cidlookup.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    return settings, [finding.message for finding in findings]


def test_settings_are_read_in_their_units(tmp_path: Path) -> None:
    settings, findings = read(
        tmp_path,
        '<param name="url" value="http://x/${caller_id_number}"/>'
        '<param name="curl-timeout" value="500"/><param name="cache" value="true"/>'
        '<param name="cache-expire" value="86400"/><param name="odbc-dsn" value="sqlite://n.db"/>',
    )
    assert findings == []
    assert (settings.timeout, settings.cache, settings.cache_expire) == (0.5, True, 86400)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<param name="odbc-dsn" value="phone:phone:phone"/>', "a DSN begins with sqlite://"),
        ('<param name="whitepages-apikey" value="x"/>', "known and without effect here"),
        ('<param name="curl-timeout" value="soon"/>', "curl-timeout='soon'"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (told,) = read(tmp_path, inside)[1]
    assert told.startswith(message)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:geheim@x.test/?n=1", "https://me:***@x.test/?n=1"),
        ("https://x.test/?account_sid=A&auth_token=geheim&n=1",
         "https://x.test/?account_sid=A&auth_token=***&n=1"),
        ("pgsql://host=x password='geheim x' dbname=y", "pgsql://host=x password=*** dbname=y"),
        ("postgresql://u:geheim@x/y", "postgresql://u:***@x/y"),
        ("http://x.test:8080/a", "http://x.test:8080/a"),
    ],
)  # fmt: skip
def test_secrets_are_not_shown(text: str, shown: str) -> None:
    assert hidden(text) == shown


def test_the_status_tells_all_settings() -> None:
    assert CidlookupSettings(url="http://a:b@x/").shown() == (
        "+OK\n url: http://a:***@x/\n cache: false\n cache-expire: 300\n curl-timeout: 2000\n"
        " curl-warn-duration: 1000\n odbc-dsn: (null)\n sql: (null)\n citystate-sql: (null)\n"
    )
