"""The group of all subcommands."""

from __future__ import annotations

import importlib

import click

from softswitch import __version__

COMMANDS = {
    "run": "Start the switch in the foreground.",
    "console": "Talk to a running switch.",
    "top": "Watch a running switch.",
    "check": "Find mistakes in a configuration.",
    "audit": "Find weak secrets, open doors and readable files.",
    "logs": "Show the log lines of a call.",
    "trace": "Show the SIP messages of a call.",
    "doctor": "Find out why something does not work on this machine.",
    "db": "Back up, restore and check what is stored.",
    "dialplan": "Try a dialplan without a phone.",
    "explain": "Explain an application, command, variable or setting.",
    "phone": "Call and be called from the command line.",
    "voicemail": "Take over the mailboxes of a FreeSWITCH.",
    "user": "Add users to the directory.",
}
"""Each subcommand, defined as ``command`` in the module of its name, and what help says of it."""


class LazyGroup(click.Group):
    """A group that imports a subcommand only to run it, not to list it."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = importlib.import_module(f"softswitch.cli.{name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="softswitch")
def softswitch() -> None:
    """A softswitch that speaks FreeSWITCH's XML, dial strings and event socket."""
