from __future__ import annotations

import pytest

from softswitch.db.dsn import connection_text, described


@pytest.mark.parametrize(
    ("dsn", "text"),
    [
        ("", ""),
        ("  ", ""),
        ("sqlite://core", ""),
        ("pgsql://host=db dbname=s password='a b'", "host=db dbname=s password='a b'"),
        ("pgsql://hostaddr=127.0.0.1;dbname=s", "hostaddr=127.0.0.1 dbname=s"),
        ("pgsql://bob:pw@db/s?sslmode=require", "postgresql://bob:pw@db/s?sslmode=require"),
        ("postgresql://db/s", "postgresql://db/s"),
        (" postgres://db/s ", "postgres://db/s"),
        ("host=db dbname=s", "host=db dbname=s"),
    ],
)
def test_freeswitchs_form_a_uri_and_key_words_are_known(dsn: str, text: str) -> None:
    assert connection_text(dsn) == text


@pytest.mark.parametrize("dsn", ["odbc://a:b:c", "mariadb://Server=x", "freeswitch:root:pw"])
def test_other_databases_are_refused(dsn: str) -> None:
    with pytest.raises(ValueError, match="no PostgreSQL"):
        connection_text(dsn)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("host=db dbname='s' password=pw", "PostgreSQL s at db"),
        ("hostaddr=10.0.0.1 password='a b c' dbname=s", "PostgreSQL s at 10.0.0.1"),
        ("dbname=s", "PostgreSQL s at this machine"),
        ("user=x", "PostgreSQL database at this machine"),
        ("postgresql://bob:p%40w@db:5433/my%20s?password=pw", "PostgreSQL my s at db"),
    ],
)
def test_where_it_is_holds_no_password(text: str, words: str) -> None:
    assert described(text) == words
