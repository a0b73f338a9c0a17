"""``softswitch dialplan``: try a dialplan without a phone."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from softswitch.cli.options import conf_option, data_option

if TYPE_CHECKING:
    from softswitch.config.document import Configuration
    from softswitch.lint.expectations import Expectation

FILES = click.argument(
    "files", type=click.Path(dir_okay=False, path_type=Path), nargs=-1, metavar="[FILE.yaml]..."
)
_COLOURS = (("(PASS)", "green"), ("(FAIL)", "red"))


@click.group("dialplan")
def command() -> None:
    """Try a dialplan without a phone."""


@command.command("test")
@conf_option
@data_option
@click.option("--from", "caller", default="1000", show_default=True, help="The caller's number.")
@click.option("--name", default="", help="The caller's name.")
@click.option("--to", "number", required=True, help="The number that is called.")
@click.option("--context", default="", help="Where the call begins; the user's own context else.")
@click.option("--time", "moment", help='When it is, as "2026-11-23 09:30"; now if not given.')
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

    A caller who is a user of the directory has that user's variables and begins in the user's
    context. Exits with 0 where a route is found, 1 where none is, 2 where the configuration is
    broken.
    """
    from softswitch.dialplan.simulation_report import trace_json, trace_text
    from softswitch.lint.trial import Call, Trial

    when, given = _moment(moment), _variables(variables)
    trial = Trial(_configuration(conf, data))
    simulation = trial.call(Call(number, when, caller, name, context, given))
    if as_json:
        click.echo(trace_json(simulation), nl=False)
    else:
        for line in trace_text(simulation).splitlines():
            click.echo(_coloured(line))
    sys.exit(0 if simulation.extensions else 1)


@command.command("tests")
@conf_option
@data_option
@FILES
@click.option("--json", "as_json", is_flag=True, help="Print the outcomes for programs.")
def run_tests(conf: Path, data: Path, files: tuple[Path, ...], as_json: bool) -> None:
    """Hold the dialplan against files of expectations, by default CONF/tests/*.yaml.

    Exits with 0 where all are met, 1 where one is not, 2 where a file cannot be read.
    """
    from softswitch.lint.expectations import meet
    from softswitch.lint.trial import Trial

    trial = Trial(_configuration(conf, data))
    outcomes = [meet(expectation, trial) for expectation in _expectations(files, conf)]
    failed = sum(not outcome.passed for outcome in outcomes)
    if as_json:
        records = [
            {
                "name": outcome.expectation.name,
                "file": outcome.expectation.file,
                "line": outcome.expectation.line,
                "passed": outcome.passed,
                "differences": list(outcome.differences),
            }
            for outcome in outcomes
        ]
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            first, *rest = str(outcome).splitlines()
            click.echo(click.style(first, fg="green" if outcome.passed else "red"))
            for line in rest:
                click.echo(line)
        click.echo(f"{len(outcomes) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


@command.command("coverage")
@conf_option
@data_option
@FILES
@click.option("--fail-under", type=float, default=0.0, help="Exit with 1 below so many per cent.")
def tell_coverage(conf: Path, data: Path, files: tuple[Path, ...], fail_under: float) -> None:
    """Tell which extensions no expectation reaches, by default of those in CONF/tests/*.yaml."""
    from softswitch.lint.trial import Coverage, Trial

    trial = Trial(_configuration(conf, data))
    coverage = Coverage(trial.dialplan)
    for expectation in _expectations(files, conf):
        coverage.add(trial.call(expectation.call))
    for context, extensions in coverage.unreached():
        for extension in extensions:
            name = extension.name or "without a name"
            place = f"{extension.file}:{extension.line}"
            click.echo(f"not reached: {context.name}/{name}  [{place}]")
    share = 100 * coverage.reached / coverage.total if coverage.total else 100.0
    click.echo(f"{coverage.reached} of {coverage.total} extensions are reached, {share:.0f} %")
    sys.exit(1 if share < fail_under else 0)


def _configuration(conf: Path, data: Path) -> Configuration:
    """The configuration of a folder, which must be free of errors."""
    from softswitch.cli.variables import known_variables
    from softswitch.config.document import load
    from softswitch.config.errors import ConfigurationErrors, errors
    from softswitch.lint.check import load_owners

    load_owners()
    try:
        return load(conf, known_variables(conf, data))
    except ConfigurationErrors as refused:
        for finding in errors(refused.findings):
            click.echo(str(finding), err=True)
        sys.exit(2)


def _expectations(files: tuple[Path, ...], conf: Path) -> list[Expectation]:
    from softswitch.lint.expectations import ExpectationError, read_file

    chosen = list(files) or sorted((conf / "tests").glob("*.yaml"))
    if not chosen:
        click.echo(f"there are no tests: name a file, or put one into {conf / 'tests'}", err=True)
        sys.exit(2)
    now = datetime.now().astimezone()
    try:
        return [expectation for path in chosen for expectation in read_file(path, now)]
    except ExpectationError as error:
        click.echo(str(error), err=True)
        sys.exit(2)


def _coloured(line: str) -> str:
    for word, colour in _COLOURS:
        line = line.replace(word, click.style(word, fg=colour), 1)
    if line.lstrip().startswith(("Processing ", "Applications:", "Ends with ")):
        return click.style(line, bold=True)
    return line


def _variables(texts: tuple[str, ...]) -> dict[str, str]:
    variables = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--var")
        variables[name] = value
    return variables


def _moment(text: str | None) -> datetime:
    try:
        moment = datetime.fromisoformat(text) if text else datetime.now()
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time: write 2026-11-23 09:30", param_hint="--time"
        ) from None
    return moment.astimezone() if moment.tzinfo is None else moment
