from __future__ import annotations

from pathlib import Path

import psycopg.conninfo
import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.db.dsn import connection_text
from softswitch.modules.easyroute.settings import STATEMENT, EasyrouteSettings, read_settings


def read(folder: Path, inside: str) -> tuple[EasyrouteSettings, list[str]]:
    text = (
        '<document type="freeswitch/xml"><section name="configuration">'
        f'<configuration name="easyroute.conf"><settings>{inside}</settings></configuration>'
        "</section></document>"
    )
    (folder / "freeswitch.xml").write_text(text)
    configuration = load(folder, {})
    settings, findings = read_settings(configuration.configuration("easyroute.conf"))
    assert all(finding in validate(configuration, "configuration") for finding in findings)
    return settings, [finding.message for finding in findings]


def test_settings_are_read(tmp_path: Path) -> None:
    settings, findings = read(
        tmp_path,
        '<param name="db-dsn" value="sqlite://r.db"/>'
        '<param name="default-techprofile" value="sofia/external"/>'
        '<param name="default-gateway" value="192.0.2.1"/>',
    )
    assert findings == []
    assert (settings.default_techprofile, settings.default_gateway) == (
        "sofia/external", "192.0.2.1",
    )  # fmt: skip
    assert settings.statement == STATEMENT
    assert EasyrouteSettings(custom_query="x").statement == "x"


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<param name="db-dsn" value="easyroute"/>', "a DSN begins with sqlite://"),
        ('<param name="odbc-retries" value="120"/>', "known and without effect here"),
        ('<param name="db-user" value="x"/>', "there is no parameter 'db-user' here"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (told,) = read(tmp_path, inside)[1]
    assert told.startswith(message)


def test_user_and_password_may_stand_apart() -> None:
    settings = EasyrouteSettings("pgsql://host=x dbname=y", "me", "it's \\ mine")
    assert psycopg.conninfo.conninfo_to_dict(connection_text(settings.dsn)) == {
        "host": "x", "dbname": "y", "user": "me", "password": "it's \\ mine",
    }  # fmt: skip
    for dsn in ("sqlite://x", "postgresql://u@x/y", "pgsql://host=x user=u"):
        assert EasyrouteSettings(dsn, "me", "pw").dsn == dsn
