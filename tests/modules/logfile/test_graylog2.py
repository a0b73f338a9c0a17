"""GELF over a real UDP socket."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from softswitch.config.document import load
from softswitch.config.validators import validate
from softswitch.log import CallLogger
from softswitch.modules.logfile.graylog2 import LONGEST, MAGIC, Gelf, GraylogSettings, read_graylog
from softswitch.switch import modules
from tests.support.switch import bench, extension

UUID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(30)
        yield made


def configuration(port: int, inside: str = "") -> str:
    return (
        '<configuration name="graylog2.conf"><settings>'
        f'<param name="server-host" value="127.0.0.1"/><param name="server-port" value="{port}"/>'
        f"{inside}</settings></configuration>"
    )


def record(text: str, level: int = logging.WARNING) -> logging.LogRecord:
    made = logging.LogRecord("softswitch.x", level, "/a/sofia.py", 12, text, None, None, "call")
    made.uuid = UUID
    return made


def received(server: socket.socket) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(server.recv(LONGEST))
    return entry


def test_a_line_is_an_object_of_gelf(server: socket.socket) -> None:
    handler = Gelf(GraylogSettings(port=server.getsockname()[1]), "pbx1")
    made = record("down\nfor good", logging.ERROR)
    handler.handle(made)
    entry = received(server)
    assert (entry["version"], entry["host"], entry["level"]) == ("1.1", "pbx1", 3)
    assert (entry["short_message"], entry["full_message"]) == ("down", "down\nfor good")
    assert (entry["_file"], entry["_line"], entry["_function"]) == ("sofia.py", 12, "call")
    assert entry["_uuid"] == UUID and entry["_sequence"] == 1
    assert entry["timestamp"] == pytest.approx(made.created)
    handler.close()


def test_a_datagram_may_be_marked_as_not_compressed(server: socket.socket) -> None:
    settings = GraylogSettings(port=server.getsockname()[1], send_uncompressed_header=True)
    handler = Gelf(settings, "pbx1")
    handler.handle(record("up"))
    data = server.recv(LONGEST)
    assert data.startswith(MAGIC) and json.loads(data[2:])["short_message"] == "up"
    handler.close()


@pytest.mark.parametrize("text", ["x" * 9000, "ä" * 9000, "a\n" * 9000, "\x01" * 9000])
def test_a_long_line_is_shortened_to_fit(server: socket.socket, text: str) -> None:
    handler = Gelf(GraylogSettings(port=server.getsockname()[1]), "pbx1")
    assert len(handler.data(record(text))) <= LONGEST
    handler.close()


def test_a_server_that_is_not_there_is_nobodys_trouble() -> None:
    handler = Gelf(GraylogSettings(port=9), "pbx1")
    for _ in range(3):
        handler.handle(record("lost"))
    handler.close()
    with pytest.raises(OSError, match=r"."):
        Gelf(GraylogSettings("no such host"), "pbx1")


async def test_a_switch_sends_what_it_logs_with_fields_of_the_call(
    tmp_path: Path, server: socket.socket
) -> None:
    modules.discover()
    fields = '<fields><field name="customer" variable="account"/></fields>'
    one = extension("1", "set account=acme", "log ERR broken", "sleep 100000")
    configured = configuration(server.getsockname()[1], fields)
    async with bench(tmp_path, one, configuration=configured) as b:
        assert await b.switch.modules.load("mod_graylog2") is None
        logging.getLogger("softswitch.x").info("not wanted")
        CallLogger("softswitch.call", UUID, "sofia/a").warning("password=hush")
        call = b.call("1")
        while call.get("current_application") != "sleep":
            await b.after(0.05)
        assert await b.switch.modules.unload("mod_graylog2") is None
        first, second = received(server), received(server)
        assert "password=***" in first["short_message"] and "_customer" not in first
        assert second["short_message"].endswith("broken") and second["level"] == 3
        assert (second["_customer"], second["_uuid"]) == ("acme", call.uuid)


@pytest.mark.parametrize(
    ("inside", "message"),
    [
        ('<fields><field name="x"/></fields>', "this <field> has no variable"),
        ('<fields><field variable="x"/></fields>', "this <field> has no name"),
        ('<param name="loglevel" value="loud"/>', "loglevel='loud'"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, inside: str, message: str) -> None:
    (tmp_path / "freeswitch.xml").write_text(
        '<document type="freeswitch/xml"><section name="configuration">'
        f"{configuration(1, inside)}</section></document>"
    )
    read = load(tmp_path, {})
    (finding,) = read_graylog(read)[2]
    assert finding.message.startswith(message)
    assert finding in validate(read, "configuration")
