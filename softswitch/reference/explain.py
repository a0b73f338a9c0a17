"""Help for any name: application, command, variable, setting, module, cause, word of the XML …"""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator
from typing import Any

from softswitch import registry
from softswitch.config.errors import CODES
from softswitch.dialplan.xml import CALLER_FIELDS
from softswitch.reference import compatibility, settings, variables, words
from softswitch.reference.compatibility import Standing
from softswitch.registry import ApplicationFlag, Entry, Registry
from softswitch.switch.causes import HangupCause
from softswitch.switch.modules import BUILT_IN

_REGISTRIES: tuple[tuple[str, Registry[Any]], ...] = (
    ("application", registry.application),
    ("command", registry.command),
    ("endpoint", registry.endpoint),
    ("module", registry.module),
    ("file format", registry.file_format),
    ("codec", registry.codec),
)
FLAGS = {
    ApplicationFlag.NO_MEDIA: "runs without media",
    ApplicationFlag.INLINE: 'may stand in an action with inline="true"',
    ApplicationFlag.ZOMBIE: "may run after hang-up",
}
"""What an application's flags mean to who writes a dialplan."""


def explain(name: str) -> list[str]:
    """A text for each thing of that name, none if there is nothing; load the owners before."""
    name = name.strip()
    if name.startswith(("${", "$${")) and name.endswith("}"):
        name = name[name.index("{") + 1 : -1]
    return [
        *_registered(name),
        *_elsewhere(name),
        *_built_in(name),
        *_variable(name),
        *_settings(name),
        *_configuration(name),
        *_word(name),
        *_cause(name),
        *_code(name),
    ]


def suggestions(name: str) -> list[str]:
    """Names that look like one that is not known, the nearest first."""
    return difflib.get_close_matches(name.lower(), sorted(_names()), 5, 0.7)


def _names() -> set[str]:
    names = {entry.name.lower() for _, known in _REGISTRIES for entry in known}
    for of_kind in compatibility.known().values():
        names.update(of_kind)
    names.update(variables.catalogue())
    names.update(BUILT_IN, CALLER_FIELDS, (cause.name.lower() for cause in HangupCause))
    names.update(name.lower() for name in (*words.USER_PARAMS, *words.DIALPLAN))
    for block in settings.blocks():
        names.update(block.files)
        names.update(parameter.name.lower() for parameter in block.parameters)
        names.update(accepted.lower() for accepted in block.accepted)
    return names


def _registered(name: str) -> Iterator[str]:
    for kind, known in _REGISTRIES:
        entry = known.find(name) or known.find(f"{name}://")
        if entry is None and kind == "endpoint":
            entry = known.find(name.partition("/")[0])
        if entry is not None:
            yield _entry(kind, entry)


def _entry(kind: str, entry: Entry[object]) -> str:
    lines = [f"{kind} {entry.name} {entry.syntax}".rstrip(), ""]
    lines += [f"  {line}".rstrip() for line in entry.plain_help.splitlines()]
    said = [text for flag, text in FLAGS.items() if flag in entry.flags]
    if kind in ("application", "command"):
        standing = compatibility.find(f"{kind}s", entry.name)
        if standing is not None and standing.note:
            said.append(f"missing: {standing.note}")
        if standing is not None and standing.standing is Standing.OWN:
            said.append("FreeSWITCH has no such name")
    if entry.module:
        said.append(f"of {entry.module}")
    if said:
        lines += ["", f"  ({'; '.join(said)})"]
    return "\n".join(lines)


def _elsewhere(name: str) -> Iterator[str]:
    for kind in compatibility.known():
        found = compatibility.find(kind, name)
        if found is not None and found.standing is Standing.ABSENT:
            yield (
                f"{kind.removesuffix('s')} {found.name}\n\n"
                f"  FreeSWITCH has it ({found.module}); softswitch does not: {found.note}."
            )


def _built_in(name: str) -> Iterator[str]:
    if name.lower() in BUILT_IN:
        yield f"module {name.lower()}\n\n  What it does in FreeSWITCH is built in: nothing to load."


def _configuration(name: str) -> Iterator[str]:
    """What a file such as ``sofia.conf`` may set."""
    for block in settings.blocks():
        if name.lower() in block.files:
            names = ", ".join(parameter.name for parameter in block.parameters)
            lines = textwrap.wrap(names, 96, break_on_hyphens=False)
            yield "\n".join([f"settings {block.place}", "", *(f"  {line}" for line in lines)])


def _word(name: str) -> Iterator[str]:
    lower = name.lower()
    if lower in CALLER_FIELDS:
        yield (
            f"caller field {lower}\n\n  Of the call that is routed: "
            f'field="{lower}" in a condition, or ${{{lower}}}.'
        )
    for kind, known in (("user parameter", words.USER_PARAMS), ("dialplan", words.DIALPLAN)):
        for word, meaning in known.items():
            if word.lower() == lower:
                yield f"{kind} {word}\n\n  {meaning}"


def _cause(name: str) -> Iterator[str]:
    cause = HangupCause.__members__.get(name.upper())
    if cause is not None:
        yield (
            f"hang-up cause {cause.name}\n\n  Number {cause.value}"
            f"{' of Q.850' if cause.value < 128 else ' of FreeSWITCH'}; "
            f"what hangup, error/{cause.name} and continue_on_fail may name."
        )


def _variable(name: str) -> Iterator[str]:
    found = variables.find(name)
    if found is None:
        return
    lines = [f"variable {found.name}{'...' if found.is_prefix else ''}", "", f"  {found.meaning}"]
    said = variables.USES[found.use]
    if found.standing is variables.Standing.ACCEPTED:
        said = f"in FreeSWITCH {said}; here it is accepted and has no effect"
    elif not found.here:
        said = f"in FreeSWITCH {said}; softswitch does not do that"
    yield "\n".join([*lines, "", f"  ({said}; {found.group})"])


def _settings(name: str) -> Iterator[str]:
    for block, parameter in settings.find(name):
        if parameter is None:
            why = block.why_absent(name)
            yield (
                f"setting {name}  ({block.place})\n\n"
                f"  FreeSWITCH has it; here it has no effect{f': {why}' if why else ''}."
            )
            continue
        default = settings.written_default(parameter) or "nothing"
        yield (
            f"setting {parameter.name}  ({block.place})\n\n  {parameter.help}\n\n"
            f"  ({parameter.describe_kind}; default {default})"
        )


def _code(name: str) -> Iterator[str]:
    if (meaning := CODES.get(name.upper())) is not None:
        yield f"finding {name.upper()}\n\n  {meaning}"
