"""``softswitch console``: talk to a running switch, as with fs_cli.

It parses its arguments itself: one command and its answer take less time than click to load.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from softswitch.cli.folders import data_folder
from softswitch.console.client import Client, Refused
from softswitch.console.profiles import files, keys, read

RETRY_SECONDS = 1.0
FLAGS = ("quiet", "log_uuid", "log_uuid_short", "no_color")
"""Options that a profile may have as ``log-uuid => true``."""


def console(arguments: list[str]) -> int:
    """Run the console with these arguments; the exit status is 1 where no switch answers."""
    parser = _parser()
    try:
        options = _with_profile(parser, parser.parse_args(arguments))
        password = options.password or stored_password(options.data)
        if options.execute is not None:
            return _execute(options, password)
    except Refused as refused:
        print(f"softswitch console: {refused}", file=sys.stderr)
        return 1
    from softswitch.console.line_editor import FUNCTION_KEYS
    from softswitch.console.session import Look, run

    return run(
        options.host,
        options.port,
        password,
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


def _with_profile(
    parser: argparse.ArgumentParser, options: argparse.Namespace
) -> argparse.Namespace:
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
        if getattr(options, name) == parser.get_default(name) and name in options.chosen:
            setattr(options, name, options.chosen[name])
    for name in FLAGS:
        written = options.chosen.get(name.replace("_", "-"), "").lower()
        setattr(options, name, getattr(options, name) or written in ("true", "yes", "on", "1"))
    try:
        options.port = int(options.port)
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
    add("-H", "--host", default="127.0.0.1", help="where the switch is (127.0.0.1)")
    add("-P", "--port", type=int, default=8021, help="its event socket's port (8021)")
    add("-p", "--password", help="the event socket's password; else the generated one")
    add("-u", "--user", help="log in as this user@domain of the directory")
    add("-b", "--batch", "--batchmode", action="store_true",
        help="run the lines of standard input, no prompt")  # fmt: skip
    add("-r", "--retry", action="store_true", help="try until the switch is there")
    add("-R", "--reconnect", action="store_true", help="come back when the connection is lost")
    add("-t", "--timeout", type=int, metavar="MS", help="milliseconds that -x waits for an answer")
    add("-T", "--connect-timeout", type=int, metavar="MS",
        help="milliseconds that a connection may take")  # fmt: skip
    add("-l", "--loglevel", default="info", metavar="LEVEL", help="log lines to show (info)")
    add("-q", "--quiet", action="store_true", help="show no log lines")
    add("-U", "--log-uuid", action="store_true", help="put the call's uuid before each log line")
    add("-S", "--log-uuid-short", action="store_true", help="put the first part of it there")
    add("-n", "--no-color", action="store_true", help="show no colours")
    add("-i", "--interrupt", action="store_true", help="let Ctrl-C end the console")
    add("-d", "--debug", metavar="LEVEL", help="taken from fs_cli's habits; changes nothing")
    add("--data", type=Path, default=data_folder(), help="folder with the generated secrets")
    add("-h", "--help", action="help", help="show this and exit")
    return parser


def _execute(options: argparse.Namespace, password: str) -> int:
    while True:
        try:
            client = Client(
                options.host,
                options.port,
                password,
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


def stored_password(data: Path) -> str:
    from softswitch.config.secrets import read

    try:
        password = read(data).get("event_socket_password")
    except OSError as error:
        raise Refused(f"the password cannot be read: {error}") from None
    if not password:
        raise Refused(f"{data} holds no password yet; give it with -p, or its folder with --data")
    return password
