from __future__ import annotations

import subprocess
import sys

import pytest

from softswitch import cli


def test_console_loads_nothing_that_is_slow() -> None:
    script = (
        "import sys; sys.argv = ['softswitch', 'console', '-x', 'status', '-P', '1', '-p', 'x']\n"
        "from softswitch.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "slow = {'click', 'asyncio', 'rich', 'prompt_toolkit', 'dataclasses', 'logging', 'lxml'}\n"
        "print(code, sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert ran.stdout == "1 []\n"
    assert "there is no switch at 127.0.0.1 port 1" in ran.stderr


def test_other_arguments_go_to_the_group(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["softswitch", "--help"])
    with pytest.raises(SystemExit) as end:
        cli.main()
    assert end.value.code == 0
    assert "Start the switch" in capsys.readouterr().out
