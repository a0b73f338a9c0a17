"""The pages of ``docs/reference`` and the compatibility table, written from the registries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import softswitch.lint.audit  # noqa: F401  (enters its codes)
from softswitch import registry
from softswitch.config.errors import CODES
from softswitch.reference import compatibility, settings, variables
from softswitch.reference.compatibility import Standing
from softswitch.reference.explain import FLAGS
from softswitch.registry import Entry, Registry

_MADE = "<!-- Made by scripts/make-docs; change the source, then run it again. -->"


def pages() -> dict[str, str]:
    """Each page's text by its path below ``docs``; load the owners of registries before."""
    return {
        "reference/applications.md": _page(
            "Applications", "What a dialplan can do with a call.", _entries(registry.application)
        ),
        "reference/commands.md": _page(
            "Commands",
            "What the console, the event socket and `${command(arguments)}` can ask.",
            _entries(registry.command),
        ),
        "reference/settings.md": _page(
            "Settings",
            'What `<param name="" value=""/>` may say, file by file.',
            _settings(),
        ),
        "reference/variables.md": _page(
            "Variables",
            "Channel variables that mean something to the switch. Any other name is yours.",
            _variables(),
        ),
        "reference/findings.md": _page("Findings", "The codes of `softswitch check`.", _findings()),
        "compatibility.md": _page(
            "Compatibility",
            "What FreeSWITCH has, and how much of it is here: **full**, some with what they do "
            "otherwise on purpose, **partial** with what is missing, or absent with the reason.",
            _compatibility(),
        ),
    }


def _page(title: str, introduction: str, lines: Iterable[str]) -> str:
    return "\n".join([_MADE, "", f"# {title}", "", introduction, *lines]) + "\n"


def _entries(known: Registry[Any]) -> Iterator[str]:
    for entry in known:
        yield from _entry(entry)


def _entry(entry: Entry[object]) -> Iterator[str]:
    yield ""
    yield f"## {entry.name}"
    yield ""
    if entry.syntax:
        yield f"    {entry.name} {entry.syntax}"
        yield ""
    yield from (line.replace("``", "`") for line in entry.help.splitlines())
    said = [text for flag, text in FLAGS.items() if flag in entry.flags]
    if said or entry.module:
        yield ""
        yield f"*{'; '.join([*said, f'of {entry.module}'] if entry.module else said)}*"


def _settings() -> Iterator[str]:
    for block in settings.blocks():
        yield from ("", f"## {block.title}", "", f"In {_code(block.place)}.", "")
        yield from ("| Name | Value | Default | Meaning |", "|---|---|---|---|")
        for parameter in block.parameters:
            default = settings.written_default(parameter)
            yield _row(
                _code(parameter.name),
                parameter.describe_kind,
                _code(default) if default else "",
                parameter.help,
            )
        if block.accepted:
            yield from ("", "Accepted, without effect:", "")
            yield from _absent_settings(block)


def _variables() -> Iterator[str]:
    groups = dict.fromkeys(variable.group for variable in variables.catalogue().values())
    yield from ("", "Use: " + "; ".join(f"{key} {text}" for key, text in variables.USES.items()))
    for group in groups:
        yield from ("", f"## {group.capitalize()}", "", "| Name | Use | Meaning |", "|---|---|---|")
        for variable in variables.catalogue().values():
            if variable.group == group and variable.here:
                yield _row(_code(_name(variable)), variable.use, variable.meaning)


def _findings() -> Iterator[str]:
    yield from ("", "| Code | Meaning |", "|---|---|")
    for code, meaning in sorted(CODES.items()):
        yield _row(code, meaning)


def _compatibility() -> Iterator[str]:
    for kind, names in compatibility.known().items():
        counts = [
            f"{sum(item.standing is standing for item in names.values())} {standing.value}"
            for standing in Standing
        ]
        yield from ("", f"## {kind.capitalize()}", "", ", ".join(counts), "")
        yield from (
            "| Name | Module | Here | Missing, otherwise, or why not |",
            "|---|---|---|---|",
        )
        for item in sorted(names.values(), key=lambda item: item.name.lower()):
            yield _row(_code(item.name), item.module, _standing(item.standing), item.note)
    yield from ("", "## Variables", "")
    yield "An accepted variable asks for what is always so, or for what has no counterpart here."
    yield from ("", "| Name | Use | Here | Meaning |", "|---|---|---|---|")
    for variable in sorted(variables.catalogue().values(), key=lambda v: v.name.lower()):
        here = variable.standing.value
        here = f"**{here}**" if variable.here else here
        yield _row(_code(_name(variable)), variable.use, here, variable.meaning)
    yield from ("", "## Settings", "")
    yield "An absent setting is accepted and has no effect; `softswitch check` says so."
    for block in settings.blocks():
        yield from ("", f"### {block.title}", "")
        names_here = (parameter.name for parameter in block.parameters)
        yield "**full**: " + ", ".join(_code(name) for name in names_here)
        if block.accepted:
            yield from ("", "absent:", "")
            yield from _absent_settings(block)


def _absent_settings(block: settings.Block) -> Iterator[str]:
    """The settings that have no effect, with the reasons where they are known."""
    unexplained = [name for name in block.accepted if not block.why_absent(name)]
    if unexplained:
        yield "- " + ", ".join(map(_code, unexplained))
    for why, names in _by_reason(block).items():
        yield f"- {', '.join(map(_code, names))}: {why}"


def _by_reason(block: settings.Block) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in block.accepted:
        if why := block.why_absent(name):
            found.setdefault(why, []).append(name)
    return found


def _name(variable: variables.Variable) -> str:
    return f"{variable.name}NAME" if variable.is_prefix else variable.name


def _standing(standing: Standing) -> str:
    return standing.value if standing is Standing.ABSENT else f"**{standing.value}**"


def _code(text: str) -> str:
    return f"`{text}`"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
