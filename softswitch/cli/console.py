"""``softswitch console``: talk to a running switch, as with fs_cli.

It parses its arguments itself: one command and its answer take less time than click to load.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from softswitch.cli.folders import data_folder
from softswitch.config.running import Place
from softswitch.console.client import Client, Refused
from softswitch.console.place import HOST, PORT, place
from softswitch.console.profiles import files, keys, read

RETRY_SECONDS = 1.0
LOG_LEVEL = "info"
FLAGS = ("quiet", "log_uuid", "log_uuid_short", "no_color")
"""Options that a profile may have as ``log-uuid => true``."""


def console(arguments: list[str]) -> int:
    """Run the console with these arguments; the exit status is 1 where no switch answers."""
    try:
        options = _with_profile(_parser().parse_args(arguments))
        if options.execute is not None:
            return _execute(options)
    except Refused as refused:
        print(f"softswitch console: {refused}", file=sys.stderr)
        return 1
    from softswitch.console.line_editor import FUNCTION_KEYS
    from softswitch.console.session import Look, run

    return run(
        lambda: _place(options),
        loglevel=None if options.quiet else options.loglevel,
        history=options.data / "console_history",
        retry=options.retry or options.reconnect,
        reconnect=options.reconnect,
        user=options.user,
        batch=options.batch,
        keys=keys(options.chosen, FUNCTION_KEYS),
        look=Look(not options.no_color, 36 if options.log_uuid else 8 * options.log_uuid_short),
        interrupt=options.interrupt,
        patience=_seconds(options.connect_timeout),
    )


def _with_profile(options: argparse.Namespace) -> argparse.Namespace:
    """Fill in what fs_cli's files say of the profile and no option does. Raises `Refused`."""
    try:
        profiles = read(files())
    except (OSError, ValueError) as error:
        raise Refused(str(error)) from None
    wanted = options.profile or "default"
    if options.profile and wanted not in profiles:
        known = ", ".join(profiles) or "none"
        raise Refused(f"{files()[-1]} has no profile {wanted}; there is {known}")
    options.chosen = profiles.get(wanted, {})
    for name in ("host", "port", "password", "user", "loglevel"):
        if getattr(options, name) is None:
            setattr(options, name, options.chosen.get(name))
    options.loglevel = options.loglevel or LOG_LEVEL
    for name in FLAGS:
        written = options.chosen.get(name.replace("_", "-"), "").lower()
        setattr(options, name, getattr(options, name) or written in ("true", "yes", "on", "1"))
    try:
        options.port = options.port and int(options.port)
    except ValueError:
        raise Refused(f"the port {options.port!r} of {wanted} is no number") from None
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "softswitch console",
        description="Talk to a running switch. Without -x a prompt with history and completion"
        " opens.",
        add_help=False,
    )
    add = parser.add_argument
    add("profile", nargs="?", help="a profile of ~/.fs_cli_conf or /etc/fs_cli.conf (default)")
    add("-x", "--execute", metavar="COMMAND", help="run one command and print its answer")
    add("-H", "--host", help=f"where the switch is (the running one, else {HOST})")
    add("-P", "--port", type=int, help=f"its event socket's port (the running one's, else {PORT})")
    add("-p", "--password", help="its password (the running one's, else the generated one)")
    add("-u", "--user", help="log in as this user@domain of the directory")
    add("-b", "--batch", "--batchmode", action="store_true",
        help="run the lines of standard input, no prompt")  # fmt: skip
    add("-r", "--retry", action="store_true", help="try until the switch is there")
    add("-R", "--reconnect", action="store_true", help="come back when the connection is lost")
    add("-t", "--timeout", type=int, metavar="MS", help="milliseconds that -x waits for an answer")
    add("-T", "--connect-timeout", type=int, metavar="MS",
        help="milliseconds that a connection may take")  # fmt: skip
    add("-l", "--loglevel", metavar="LEVEL", help=f"log lines to show ({LOG_LEVEL})")
    add("-q", "--quiet", action="store_true", help="show no log lines")
    add("-U", "--log-uuid", action="store_true", help="put the call's uuid before each log line")
    add("-S", "--log-uuid-short", action="store_true", help="put the first part of it there")
    add("-n", "--no-color", action="store_true", help="show no colours")
    add("-i", "--interrupt", action="store_true", help="let Ctrl-C end the console")
    add("-d", "--debug", metavar="LEVEL", help="taken from fs_cli's habits; changes nothing")
    add("--data", type=Path, default=data_folder(), help="data folder of the switch")
    add("-h", "--help", action="help", help="show this and exit")
    return parser


def _place(options: argparse.Namespace) -> Place:
    return place(options.data, options.host, options.port, options.password)


def _execute(options: argparse.Namespace) -> int:
    while True:
        try:
            client = Client(
                *_place(options),
                _seconds(options.timeout),
                options.user,
                connecting=_seconds(options.connect_timeout),
            )
            break
        except Refused:
            if not options.retry:
                raise
            time.sleep(RETRY_SECONDS)
    try:
        answer = client.command(options.execute)
    finally:
        client.close()
    sys.stdout.write(answer if answer.endswith("\n") else answer + "\n")
    return 0


def _seconds(milliseconds: int | None) -> float | None:
    """fs_cli counts milliseconds; 0 is no limit, as nothing is."""
    return milliseconds / 1000 if milliseconds and milliseconds > 0 else None
