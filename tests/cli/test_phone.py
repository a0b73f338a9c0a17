from __future__ import annotations

import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from softswitch.cli import phone as module
from softswitch.cli.phone import command
from softswitch.config.secrets import load_or_create
from softswitch.phone.session import Account, Sound

CONF = Path(__file__).resolve().parents[2] / "conf"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []

    def remember(*arguments: Any, **options: Any) -> Coroutine[Any, Any, bool]:
        calls.append((*arguments[:-1], options))

        async def done() -> bool:
            return arguments[0].user != "nobody"

        return done()

    monkeypatch.setattr("softswitch.phone.session.place_call", remember)
    monkeypatch.setattr("softswitch.phone.session.take_calls", remember)
    return calls


def test_a_call_elsewhere(asked: list[Any]) -> None:
    arguments = "call 9196 --server 127.0.0.1:5070 --user 7 --password x --transport tcp".split()
    arguments += "--play a.wav --record b.wav --dtmf 12 --duration 2".split()
    arguments += ["--codec", "opus,G722"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    account = Account("7", "x", ("127.0.0.1", 5070), "127.0.0.1", "tcp", "opus,G722")
    sound = Sound(os.path.abspath("a.wav"), os.path.abspath("b.wav"), "12", duration=2.0)
    assert asked == [(account, "9196", sound, {})]


def test_a_codec_that_cannot_be_is_refused(asked: list[Any]) -> None:
    result = CliRunner().invoke(command, ["call", "9196", "--codec", "PCMU@11000h"])
    assert result.exit_code == 2
    assert "does not run at 11000 Hz" in result.output
    assert asked == []


def test_this_machines_switch_and_its_generated_password(asked: list[Any], tmp_path: Path) -> None:
    password = load_or_create(tmp_path)["default_password"]
    arguments = ["listen", "--conf", str(CONF), "--data", str(tmp_path), "--echo", "--once"]
    assert CliRunner().invoke(command, arguments).exit_code == 0
    [(account, sound, options)] = asked
    assert (account.user, account.password, account.server[1]) == ("1001", password, 5060)
    assert account.server[0] == account.domain == module._own_switch(CONF, tmp_path)[0]
    assert sound == Sound(echo=True)
    assert options == {"answer_after": 0.0, "once": True}


def test_live_sound_is_asked_for_in_either_direction(asked: list[Any]) -> None:
    for arguments in (["call", "9196"], ["listen"]):
        options = [*arguments, "--server", "127.0.0.1", "--mic"]
        assert CliRunner().invoke(command, options).exit_code == 0
    assert [call[-2] for call in asked] == [Sound(microphone=True)] * 2


def test_a_voice_and_its_echo_exclude_each_other(asked: list[Any]) -> None:
    result = CliRunner().invoke(command, ["listen", "--server", "127.0.0.1", "--mic", "--echo"])
    assert result.exit_code == 2
    assert "--mic and --echo" in result.output


def test_a_call_that_fails_is_exit_status_one(asked: list[Any]) -> None:
    arguments = ["call", "1", "--server", "127.0.0.1", "--user", "nobody"]
    assert CliRunner().invoke(command, arguments).exit_code == 1


def test_a_port_that_is_none_is_a_mistake_of_usage(asked: list[Any]) -> None:
    assert CliRunner().invoke(command, ["call", "1", "--server", "host:sip"]).exit_code == 2


def test_without_a_configuration_the_server_must_be_given(tmp_path: Path) -> None:
    arguments = ["call", "1", "--conf", str(tmp_path), "--data", str(tmp_path)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 1
    assert "--server" in result.output
