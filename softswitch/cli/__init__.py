"""The ``softswitch`` command; each subcommand's code is imported only when it is called."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command that the arguments name, and exit with its status."""
    if sys.argv[1:2] == ["console"]:
        # Scripts call it in loops: without click it starts in half the time.
        from softswitch.cli.console import console

        sys.exit(console(sys.argv[2:]))
    from softswitch.cli.group import softswitch

    softswitch(prog_name="softswitch")
