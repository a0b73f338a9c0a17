from __future__ import annotations

import threading
from pathlib import Path

import pytest

from softswitch.cli import console as module
from softswitch.cli.console import console
from softswitch.config.secrets import load_or_create
from tests.console.support import answering


def test_one_command_prints_its_raw_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with answering({"status": "UP\n\nx"}) as server:
        assert console(["-x", "status", "-P", str(server.port), "-p", "secret"]) == 0
    assert capsys.readouterr().out == "UP\n\nx\n"


def test_the_generated_password_is_used_where_none_is_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    password = load_or_create(tmp_path)["event_socket_password"]
    with answering({"version": "1\n"}, password) as server:
        arguments = ["-x", "version", "-P", str(server.port), "--data", str(tmp_path)]
        assert console(arguments) == 0
    assert capsys.readouterr().out == "1\n"


def test_without_any_password_it_says_where_one_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console(["-x", "version", "--data", str(tmp_path)]) == 1
    assert "holds no password yet" in capsys.readouterr().err


def test_no_switch_is_exit_status_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert console(["-x", "version", "-P", "1", "-p", "x"]) == 1
    assert "there is no switch" in capsys.readouterr().err


def test_retry_waits_until_the_switch_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0)
    refused = threading.Event()
    real = module.Client
    with answering({"version": "1\n"}) as server:

        def client(host: str, port: int, password: str, timeout: float | None) -> module.Client:
            if not refused.is_set():
                refused.set()
                raise module.Refused("not yet")
            return real(host, server.port, password, timeout)

        monkeypatch.setattr(module, "Client", client)
        assert console(["-x", "version", "-p", "secret", "-r"]) == 0
    assert capsys.readouterr().out == "1\n"


def test_without_a_command_the_prompt_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def run(*arguments: object, **options: object) -> int:
        asked.append((arguments, options))
        return 7

    monkeypatch.setattr("softswitch.console.session.run", run)
    assert console(["-H", "pbx", "-P", "9", "-p", "x", "-q", "-R", "--data", "/d"]) == 7
    [(arguments, options)] = asked
    assert arguments == ("pbx", 9, "x")
    assert options == {
        "loglevel": None,
        "history": Path("/d/console_history"),
        "retry": True,
        "reconnect": True,
    }
