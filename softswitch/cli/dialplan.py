"""``softswitch dialplan``: try a dialplan without a phone."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from softswitch.cli.options import conf_option, data_option


@click.group("dialplan")
def command() -> None:
    """Try a dialplan without a phone."""


@command.command("test")
@conf_option
@data_option
@click.option("--from", "caller", default="1000", show_default=True, help="The caller's number.")
@click.option("--name", default="", help="The caller's name.")
@click.option("--to", "number", required=True, help="The number that is called.")
@click.option("--context", default="default", show_default=True, help="Where the call begins.")
@click.option("--time", "moment", help="When it is, as 2026-11-23T09:30; now if not given.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="Set a variable.")
@click.option("--json", "as_json", is_flag=True, help="Print the trace for programs.")
def try_number(
    conf: Path,
    data: Path,
    caller: str,
    name: str,
    number: str,
    context: str,
    moment: str | None,
    variables: tuple[str, ...],
    as_json: bool,
) -> None:
    """Tell which extensions a call finds, why, and the applications it would run.

    Exits with 0 where a route is found, 1 where none is, 2 where the configuration is broken.
    """
    from softswitch.cli.variables import known_variables
    from softswitch.config.errors import errors
    from softswitch.dialplan.simulate import simulate
    from softswitch.dialplan.simulation_report import trace_json, trace_text
    from softswitch.dialplan.xml import read_dialplan
    from softswitch.lint.check import check
    from softswitch.registry import ApplicationFlag, application

    report = check(conf, known_variables(conf, data))
    if report.configuration is None:
        for finding in errors(report.findings):
            click.echo(str(finding), err=True)
        sys.exit(2)
    dialplan, _ = read_dialplan(report.configuration)
    fields = {
        "destination_number": number,
        "caller_id_number": caller,
        "caller_id_name": name,
        "username": caller,
        "ani": caller,
        "context": context,
        "dialplan": "XML",
    }

    def may_run_inline(wanted: str) -> bool:
        entry = application.find(wanted)
        return entry is not None and bool(entry.flags & ApplicationFlag.INLINE)

    simulation = simulate(
        dialplan,
        fields,
        _variables(variables),
        _moment(moment),
        global_variables=report.configuration.globals,
        may_run_inline=may_run_inline,
    )
    click.echo((trace_json if as_json else trace_text)(simulation), nl=False)
    sys.exit(0 if simulation.extensions else 1)


def _variables(texts: tuple[str, ...]) -> dict[str, str]:
    variables = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--var")
        variables[name] = value
    return variables


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now()
    except ValueError:
        raise click.BadParameter(f"{text!r} is no time", param_hint="--time") from None
    return moment.astimezone() if moment.tzinfo is None else moment
