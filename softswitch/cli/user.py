"""``softswitch user``: add users to the directory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from softswitch.cli.options import conf_option

MOST = 10_000
"""Users that one call may add."""

_TEMPLATE = """\
<include>
  <user id="{number}">
    <params>
      <param name="password" value="{password}"/>
    </params>
    <variables>
      <variable name="user_context" value="{context}"/>
      <variable name="accountcode" value="{number}"/>
      <variable name="effective_caller_id_name" value="Extension {number}"/>
      <variable name="effective_caller_id_number" value="{number}"/>
    </variables>
  </user>
</include>
"""


@click.group("user")
def command() -> None:
    """Add users to the directory."""


@command.command("add")
@click.argument("number", required=False)
@click.option("--users", metavar="FIRST-LAST", help="Add a range of numbers.")
@click.option("--password", help="The password; a random one for each user if not given.")
@click.option("--context", default="default", show_default=True, help="Where its calls begin.")
@conf_option
def add(
    number: str | None, users: str | None, password: str | None, context: str, conf: Path
) -> None:
    """Write a file for user NUMBER, or for each number of a range; existing users stay.

    A running switch takes them after `softswitch console -x reloadxml`.
    """
    from xml.sax.saxutils import quoteattr

    from softswitch.config.secrets import make_secret

    if (number is None) == (users is None):
        raise click.UsageError("give either a NUMBER or --users FIRST-LAST")
    folder = conf / "directory" / "default"
    if not folder.is_dir():
        raise click.ClickException(f"there is no folder {folder}; give the configuration by --conf")
    added = []
    for one in _numbers(number, users):
        path = folder / f"{one}.xml"
        secret = password or make_secret()
        text = _TEMPLATE.format(
            number=one, password=quoteattr(secret)[1:-1], context=quoteattr(context)[1:-1]
        )
        try:
            # It holds a password: for its owner only, from its first byte on.
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            click.echo(f"{one} exists")
            continue
        path.write_text(text, encoding="utf-8")
        added.append(one)
        click.echo(f"{one} password {secret}")
    click.echo(f"{len(added)} added to {folder}")
    if users is not None:
        existing = sorted(path.stem for path in folder.glob("*.xml") if path.stem.isdigit())
        click.echo(f"a dialplan's expression for the new: {_expression(added)}")
        click.echo(f"and for all users: {_expression(existing)}")


def _numbers(number: str | None, users: str | None) -> Iterator[str]:
    if number is not None:
        if not re.fullmatch(r"[\w.+-]+", number, re.ASCII):
            raise click.BadParameter(f"{number!r} is no user's name or number")
        yield number
        return
    found = re.fullmatch(r"([0-9]{1,15})-([0-9]{1,15})", users or "")
    if found is None or int(found[2]) < int(found[1]):
        raise click.BadParameter(f"{users!r} is not FIRST-LAST", param_hint="--users")
    if int(found[2]) - int(found[1]) >= MOST:
        raise click.BadParameter(f"more than {MOST} users at once", param_hint="--users")
    for value in range(int(found[1]), int(found[2]) + 1):
        yield str(value).zfill(len(found[1]))


def _expression(numbers: list[str]) -> str:
    """A regular expression that matches exactly these numbers."""
    if not numbers:
        return "(none)"
    return f"^({_alternatives(sorted(set(numbers)))})$"


def _alternatives(numbers: list[str]) -> str:
    """Numbers that share a beginning share it in the expression, and digits become ranges."""
    by_first: dict[str, list[str]] = {}
    for number in numbers:
        if number:
            by_first.setdefault(number[0], []).append(number[1:])
    # Beginnings with the same continuations are written once.
    by_rest: dict[str, list[str]] = {}
    for first, rests in by_first.items():
        by_rest.setdefault(_alternatives(rests), []).append(first)
    parts = [
        _digits(firsts) + (f"({rest})" if "|" in rest else rest) for rest, firsts in by_rest.items()
    ]
    text = "|".join(parts)
    return f"({text})?" if text and "" in numbers else text


def _digits(digits: list[str]) -> str:
    if len(digits) == 1:
        return digits[0]
    if len(digits) > 2 and all(digit.isdigit() for digit in digits):
        numbers = [int(digit) for digit in digits]
        if numbers == list(range(numbers[0], numbers[-1] + 1)):
            return f"[{digits[0]}-{digits[-1]}]"
    return f"[{''.join(digits)}]"
