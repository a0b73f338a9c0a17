"""``softswitch explain``: help for any name of a configuration."""

from __future__ import annotations

import sys

import click


@click.command("explain")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
def command(names: tuple[str, ...]) -> None:
    """Explain applications, commands, variables, settings, endpoints and finding codes.

    Exits with 1 where a name is not known.
    """
    from softswitch.lint.check import load_owners
    from softswitch.reference.explain import explain, suggestions

    load_owners()
    unknown = False
    for name in names:
        texts = explain(name)
        if texts:
            click.echo("\n\n".join(texts) + "\n")
            continue
        unknown = True
        near = suggestions(name)
        hint = f"did you mean {', '.join(near)}?" if near else "nothing is named like it"
        click.echo(f"{name} is not known: {hint}", err=True)
    sys.exit(1 if unknown else 0)
