from __future__ import annotations

import io
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from softswitch.cli import console as module
from softswitch.cli.console import console
from softswitch.config.running import Place, leave
from softswitch.config.secrets import load_or_create
from softswitch.console.line_editor import FUNCTION_KEYS
from softswitch.console.session import Look
from tests.console.support import answering


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whoever runs the tests may have profiles of his own."""
    file = tmp_path / "fs_cli_conf"
    monkeypatch.setattr(module, "files", lambda: (file,))
    return file


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


def test_the_running_switch_is_found_wherever_its_configuration_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load_or_create(tmp_path)
    with answering({"version": "1\n"}, "configured") as server:
        leave(tmp_path, Place("127.0.0.1", server.port, "configured"))
        assert console(["-x", "version", "--data", str(tmp_path)]) == 0
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

        def client(
            host: str,
            port: int,
            password: str,
            timeout: float | None,
            user: str | None,
            *,
            connecting: float | None,
        ) -> module.Client:
            if not refused.is_set():
                refused.set()
                raise module.Refused("not yet")
            return real(host, server.port, password, timeout, user)

        monkeypatch.setattr(module, "Client", client)
        assert console(["-x", "version", "-p", "secret", "-r"]) == 0
    assert capsys.readouterr().out == "1\n"


def test_without_a_command_the_prompt_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def run(place: Callable[[], Place], **options: object) -> int:
        asked.append((place(), options))
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
        "user": None,
        "batch": False,
        "keys": FUNCTION_KEYS,
        "look": Look(),
        "interrupt": False,
        "patience": None,
    }


def test_a_profile_says_what_options_do_not(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = []

    def run(place: Callable[[], Place], **options: object) -> int:
        asked.append((place(), options["user"], options["loglevel"], options["keys"]))
        return 0

    monkeypatch.setattr("softswitch.console.session.run", run)
    home.write_text(
        "[default]\nhost => pbx\npassword => one\n"
        "[far]\nhost => far\nport => 9021\npassword => two\nuser => a@b\nloglevel => 7\n"
        "key_f2 => show calls count\n"
    )
    assert console([]) == 0
    assert console(["far"]) == 0
    assert console(["far", "-H", "near", "-p", "three", "-u", "c@d"]) == 0
    assert console(["far", "-H", "127.0.0.1", "-P", "8021", "-l", "info"]) == 0
    changed = (FUNCTION_KEYS[0], "show calls count", *FUNCTION_KEYS[2:])
    assert asked == [
        (("pbx", 8021, "one"), None, "info", FUNCTION_KEYS),
        (("far", 9021, "two"), "a@b", "7", changed),
        (("near", 9021, "three"), "c@d", "7", changed),
        (("127.0.0.1", 8021, "two"), "a@b", "info", changed),
    ]
    assert console(["nowhere"]) == 1
    assert "no profile nowhere; there is default, far" in capsys.readouterr().err
    home.write_text("[default]\nport => x\n")
    assert console(["-p", "x"]) == 1
    assert "no number" in capsys.readouterr().err
    home.write_text("nonsense\n")
    assert console(["-p", "x"]) == 1
    assert ":1: this is neither" in capsys.readouterr().err


def test_a_user_of_the_directory_logs_in(capsys: pytest.CaptureFixture[str]) -> None:
    with answering({"status": "UP\n"}, user="1000@pbx") as server:
        arguments = ["-x", "status", "-P", str(server.port), "-p", "secret", "-u", "1000@pbx"]
        assert console(arguments) == 0
    assert capsys.readouterr().out == "UP\n"


def test_a_batch_needs_no_prompt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("status\n\nversion\n"))
    with answering({"status": "UP\n", "version": "1\n"}) as server:
        assert console(["-b", "-P", str(server.port), "-p", "secret"]) == 0
    assert capsys.readouterr().out == "UP\n1\n"


@pytest.mark.parametrize(
    ("arguments", "profile", "option", "value"),
    [
        ("-U", "", "look", Look(uuid=36)),
        ("-S", "", "look", Look(uuid=8)),
        ("-n", "", "look", Look(colour=False)),
        ("--no-color --log-uuid-short", "", "look", Look(False, 8)),
        ("", "log-uuid => true", "look", Look(uuid=36)),
        ("", "no-color => yes\nlog-uuid-short => false", "look", Look(False)),
        ("", "quiet => true", "loglevel", None),
        ("-l 7", "loglevel => err", "loglevel", "7"),
        ("", "loglevel => err", "loglevel", "err"),
        ("-i", "", "interrupt", True),
        ("-T 1500", "", "patience", 1.5),
        ("-T 0", "", "patience", None),
        ("-b", "", "batch", True),
        ("--batchmode", "", "batch", True),
        ("-rRi", "", "reconnect", True),
        ("-d 7", "", "interrupt", False),
    ],
)
def test_options_of_fs_cli(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    profile: str,
    option: str,
    value: object,
) -> None:
    home.write_text(f"[default]\n{profile}\n")
    asked: list[dict[str, object]] = []
    monkeypatch.setattr(
        "softswitch.console.session.run", lambda *_, **options: asked.append(options) or 0
    )
    assert console([*arguments.split(), "-p", "x"]) == 0
    assert asked[0][option] == value


def test_an_answer_that_does_not_come_in_so_many_milliseconds_is_an_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = str(silent.getsockname()[1])
        assert console(["-x", "status", "-P", port, "-p", "x", "-t", "50"]) == 1
    assert "did not answer in time" in capsys.readouterr().err
