"""The ``show`` command: what exists in the switch, as a table."""

from __future__ import annotations

from collections.abc import Callable

from softswitch import registry
from softswitch.commands import call_rows
from softswitch.commands.help import help_
from softswitch.commands.status import status
from softswitch.commands.table import Form, Table
from softswitch.dialplan.arguments import split
from softswitch.registry import command
from softswitch.say.language import languages
from softswitch.switch.commands import CommandCall
from softswitch.switch.modules import BUILT_IN
from softswitch.switch.switch import Switch

_SYNTAX = (
    "codec|endpoint|application|api|dialplan|file|timer|calls [count]|channels [count|like"
    " <match string>]|calls|detailed_calls|bridged_calls|detailed_bridged_calls|aliases|complete"
    "|chat|management|modules|nat_map|say|interfaces|interface_types|tasks|limits|status"
)
_INTERFACE = ("type", "name", "ikey")
_DIALPLANS = (("XML", "mod_dialplan_xml"), ("inline", "mod_dptools"))
_LIMITS = (("db", "mod_db"), ("hash", "mod_hash"))


@command("show", syntax=_SYNTAX, module="mod_commands")
async def show(call: CommandCall, arguments: str) -> str:
    """List channels, calls, registrations, applications, commands, codecs, modules, tasks …

    ``as json``, ``as xml`` and ``as delim X`` choose another form, ``count`` gives the number.
    """
    words = split(arguments, " ", 6)
    what = words.pop(0).lower() if words else ""
    lowered = [word.lower() for word in words]
    form = Form()
    if "as" in lowered[:-1]:
        position = lowered.index("as")
        wanted = Form.parse(words[position + 1 :])
        if wanted is None:
            return f"-ERR Cannot find format {words[position + 1]}\n"
        form, words = wanted, words[:position]
    if what.startswith("status"):
        answer: str = await status(call, "")
        return answer
    if what.startswith("help"):
        told: str = await help_(call, words[0] if words else "")
        return told
    make = _TABLES.get(what.removesuffix("s") if what.startswith(_PLURAL) else what)
    if make is None:
        return f"-USAGE: {_SYNTAX}\n"
    if what == "channels" and words and words[0].lower() == "like":
        table = call_rows.channels(call.switch, " ".join(words[1:]))
    elif what in _NAMED and words:
        table = make(call.switch)
        table = Table(table.columns, [row for row in table.rows if words[0] in row])
    else:
        table = make(call.switch)
    counted = what in _COUNTED and bool(words) and words[0].lower() == "count"
    return table.write_count(form) if counted else table.write(form)


_PLURAL = (
    *("codec", "dialplan", "file", "timer", "chat", "limit"),
    *("say", "management", "endpoint", "module"),
)
"""Kinds of interfaces that may be asked for with an s behind them."""
_COUNTED = frozenset(("calls", "channels", "registrations"))
"""Tables whose number of rows can be asked for."""
_NAMED = frozenset(("application", "api", "modules", "module"))
"""Tables that can be narrowed to one name."""


def _applications(switch: Switch) -> Table:
    return _entries(registry.application)


def _commands(switch: Switch) -> Table:
    return _entries(registry.command)


def _entries(entries: registry.Registry[Callable[..., object]]) -> Table:
    rows: list[tuple[str, ...]] = [
        (entry.name, entry.summary, entry.syntax, entry.module) for entry in entries
    ]
    return Table(("name", "description", "syntax", "ikey"), rows)


def _interfaces_of(kind: str, entries: registry.Registry[type]) -> list[tuple[str, ...]]:
    return [(kind, entry.name, entry.module) for entry in entries]


def _codecs(switch: Switch) -> Table:
    found = [entry for entry in registry.codec if entry.target.audio]
    rows = [("codec", entry.target.title or entry.name, entry.module) for entry in found]
    # Any codec that configuration names passes from one leg to the other.
    rows.append(("codec", "PROXY PASS-THROUGH", "CORE_PCM_MODULE"))
    return Table(_INTERFACE, sorted(rows))


def _endpoints(switch: Switch) -> Table:
    return Table(_INTERFACE, _interfaces_of("endpoint", registry.endpoint))


def _files(switch: Switch) -> Table:
    rows = [
        ("file", entry.name.removesuffix("://"), entry.module) for entry in registry.file_format
    ]
    return Table(_INTERFACE, [*rows])


def _dialplans(switch: Switch) -> Table:
    loaded = [
        (entry.name, entry.module)
        for entry in registry.dialplan
        if switch.modules.exists(entry.module)
    ]
    return Table(_INTERFACE, [("dialplan", *row) for row in (*_DIALPLANS, *loaded)])


def _say(switch: Switch) -> Table:
    return Table(_INTERFACE, [("say", entry.name, entry.module) for entry in languages()])


def _limits(switch: Switch) -> Table:
    return Table(_INTERFACE, [("limit", *row) for row in _LIMITS])


def _modules(switch: Switch) -> Table:
    """Each interface of each module, and the modules themselves; all are part of one program."""
    rows = [(*row, "") for row in _interfaces(switch).rows]
    named = sorted(BUILT_IN | switch.modules.running.keys())
    rows.extend(("module", name, name, "") for name in named)
    return Table((*_INTERFACE, "filename"), rows)


def _interfaces(switch: Switch) -> Table:
    rows: list[tuple[str, ...]] = []
    rows.extend(("api", entry.name, entry.module) for entry in registry.command)
    rows.extend(("application", entry.name, entry.module) for entry in registry.application)
    for make in (_codecs, _dialplans, _endpoints, _files, _limits, _say):
        rows.extend(make(switch).rows)
    return Table(_INTERFACE, sorted(rows))


def _interface_types(switch: Switch) -> Table:
    counts: dict[str, int] = {}
    for row in _interfaces(switch).rows:
        counts[row[0]] = counts.get(row[0], 0) + 1
    return Table(("type", "total"), [(kind, str(count)) for kind, count in counts.items()])


def _tasks(switch: Switch) -> Table:
    rows = [
        (str(task.number), task.description, task.group, str(task.runs_at), "0", switch.hostname)
        for task in switch.scheduler
    ]
    columns = ("task_id", "task_desc", "task_group", "task_runtime", "task_sql_manager", "hostname")
    return Table(columns, [*rows])


def _aliases(switch: Switch) -> Table:
    rows = [("0", name, line, switch.hostname) for name, line in sorted(switch.aliases.items())]
    return Table(("sticky", "alias", "command", "hostname"), [*rows])


def _completions(switch: Switch) -> Table:
    columns = ("sticky", *(f"a{number}" for number in range(1, 11)), "hostname")
    rows: list[tuple[str, ...]] = []
    for line in sorted(switch.completions):
        words = [*line.split(" "), *[""] * 10][:10]
        rows.append(("0", *words, switch.hostname))
    return Table(columns, rows)


def _registrations(switch: Switch) -> Table:
    bindings = getattr(switch.endpoints.get("sofia"), "location", ())
    columns = tuple(
        """reg_user realm token url expires network_ip network_port network_proto hostname
        metadata""".split()
    )
    rows: list[tuple[str, ...]] = [
        (
            binding.user,
            binding.realm,
            binding.call_id,
            f"sofia/{binding.profile}/{binding.contact}",
            str(int(binding.expires)),
            binding.network_ip,
            str(binding.network_port),
            binding.transport.lower(),
            switch.hostname,
            "",
        )
        for binding in bindings
    ]
    return Table(columns, rows)


def _none(switch: Switch) -> Table:
    """What softswitch does not have: the answer is an empty table."""
    return Table(_INTERFACE, [])


_TABLES: dict[str, Callable[[Switch], Table]] = {
    "aliases": _aliases,
    "api": _commands,
    "application": _applications,
    "bridged_calls": lambda switch: call_rows.calls(switch, bridged_only=True),
    "calls": call_rows.calls,
    "channels": call_rows.channels,
    "chat": _none,
    "codec": _codecs,
    "complete": _completions,
    "detailed_bridged_calls": lambda switch: call_rows.calls(
        switch, detailed=True, bridged_only=True
    ),
    "detailed_calls": lambda switch: call_rows.calls(switch, detailed=True),
    "dialplan": _dialplans,
    "endpoint": _endpoints,
    "file": _files,
    "interface_types": _interface_types,
    "interfaces": _interfaces,
    "limit": _limits,
    "management": _none,
    "module": _modules,
    "nat_map": lambda switch: Table(("port", "proto", "proto_num", "sticky"), []),
    "registrations": _registrations,
    "say": _say,
    "tasks": _tasks,
    "timer": _none,
}
