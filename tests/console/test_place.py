from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.config.running import FILE_NAME, Place, leave
from softswitch.config.secrets import load_or_create
from softswitch.console.client import Refused
from softswitch.console.place import place


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, ("127.0.0.1", 9021, "configured")),
        ({"password": "p"}, ("127.0.0.1", 9021, "p")),
        ({"port": 9021}, ("127.0.0.1", 9021, "configured")),
        ({"port": 9022}, ("127.0.0.1", 9022, "generated")),
        ({"host": "127.0.0.1"}, ("127.0.0.1", 8021, "generated")),
        ({"host": "pbx"}, ("pbx", 8021, "generated")),
        ({"host": "pbx", "port": 9021}, ("pbx", 9021, "generated")),
    ],
)
def test_what_is_said_wins_over_what_runs(
    tmp_path: Path, said: dict[str, object], found: tuple[str, int, str]
) -> None:
    secret = load_or_create(tmp_path)["event_socket_password"]
    leave(tmp_path, Place("127.0.0.1", 9021, "configured"))
    host, port, password = found
    expected = Place(host, port, secret if password == "generated" else password)
    assert place(tmp_path, **said) == expected  # type: ignore[arg-type]


def test_where_none_runs_it_is_the_usual_address_and_the_generated_password(tmp_path: Path) -> None:
    secret = load_or_create(tmp_path)["event_socket_password"]
    assert place(tmp_path) == ("127.0.0.1", 8021, secret)


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(Refused, match="where the switch listens cannot be read"):
        place(tmp_path)
