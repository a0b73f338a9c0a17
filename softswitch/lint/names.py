"""Rules about names: applications, commands, modules and the files they are configured in."""

from __future__ import annotations

from collections.abc import Iterator

from softswitch import registry
from softswitch.config.element import Element
from softswitch.config.errors import CODES, Finding, Severity
from softswitch.dialplan.expansion import CommandCall, references
from softswitch.lint.rules import PlacedAction, Subject, more, nearest, rule
from softswitch.modules.python.files import MODULE, registered_names
from softswitch.modules.python.settings import folder_of
from softswitch.reference import compatibility
from softswitch.registry import ApplicationFlag
from softswitch.switch.modules import BUILT_IN

CODES.update(
    {
        "L801": "an application is not known",
        "L802": "an application of FreeSWITCH is not here",
        "L803": "a command is not known",
        "L804": "a command of FreeSWITCH is not here",
        "L805": "an application cannot run inline",
        "L806": "a module is not here",
        "L807": "no part of softswitch reads a configuration",
    }
)

_ENDS = "a call that comes here is hung up with DESTINATION_OUT_OF_ORDER"
READ = frozenset(
    """acl.conf console.conf ivr.conf logfile.conf modules.conf opus.conf pre_load_modules.conf
    post_load_modules.conf sofia.conf switch.conf timezones.conf""".split()
)
"""Configurations that the core reads; each module reads one of its own name."""

_OF_FREESWITCH = frozenset(
    """abstraction.conf amd.conf avcodec.conf avformat.conf conference_layouts.conf fax.conf
    freetdm.conf iax.conf msrp.conf post_load_switch.conf presence_map.conf sangoma_codec.conf
    vpx.conf zeroconf.conf""".split()
)
"""Configurations of FreeSWITCH that are not named after a module."""


@rule
def applications(subject: Subject) -> Iterator[Finding]:
    """Applications that nothing is registered for, each told once."""
    places: dict[str, list[PlacedAction]] = {}
    own = _own(subject, "application")
    for action in subject.actions:
        name = action.application
        if "$" not in name and name not in registry.application and name.lower() not in own:
            places.setdefault(action.application.lower(), []).append(action)
    for name, found in places.items():
        first = found[0]
        known = compatibility.find("applications", name)
        if known is not None:
            message = f"the application {known.name!r} of FreeSWITCH is not here"
            yield _at_application(first, "L802", message + more(len(found)), known.note)
        else:
            message = f"there is no application {first.application!r}{more(len(found))}"
            names = [entry.name for entry in registry.application]
            hint = nearest(name, [*names, *compatibility.known()["applications"]]) or _ENDS
            yield _at_application(first, "L801", message, hint)


def _own(subject: Subject, kind: str) -> frozenset[str]:
    """What the operator's own files will register, if they are loaded at all."""
    loads = subject.configuration.configuration("modules.conf")
    if loads is None or not any(item.get("module") == MODULE for item in loads.iter("load")):
        return frozenset()
    found = registered_names(folder_of(subject.configuration))
    return frozenset(name.lower() for what, name in found if what == kind)


def _at_application(action: PlacedAction, code: str, message: str, hint: str) -> Finding:
    own = action.element.get("application", "").lower() == action.application.lower()
    attribute = "application" if own else action.attribute
    return action.element.finding(code, message, hint, Severity.WARNING, attribute=attribute)


@rule
def inline(subject: Subject) -> Iterator[Finding]:
    """Actions with ``inline`` whose application is not made for it."""
    for context in subject.dialplan.contexts:
        for action in (a for a in subject.actions if a.context == context.name):
            entry = registry.application.find(action.element.get("application", ""))
            if entry is None or entry.name.lower() != action.application.lower():
                continue
            wanted = action.element.get("inline", "").lower() == "true"
            if wanted and ApplicationFlag.INLINE not in entry.flags:
                yield action.element.finding(
                    "L805",
                    f"{entry.name} cannot run while the dialplan is read",
                    'take inline="true" out; the action does nothing with it',
                    Severity.WARNING,
                    attribute="inline",
                )


@rule
def commands(subject: Subject) -> Iterator[Finding]:
    """Commands in ``${command(arguments)}`` that nothing is registered for, each told once."""
    places: dict[str, list[tuple[Element, str]]] = {}
    own = _own(subject, "command")
    for element, attribute, text in texts(subject):
        for call in all_references(text)[1]:
            name = call.name
            if "$" not in name and name not in registry.command and name.lower() not in own:
                places.setdefault(call.name.lower(), []).append((element, attribute))
    for name, found in places.items():
        element, attribute = found[0]
        known = compatibility.find("commands", name)
        if known is not None:
            code, hint = "L804", f"{known.note}; it expands to nothing"
            message = f"the command {name!r} of FreeSWITCH is not here{more(len(found))}"
        else:
            code, hint = "L803", nearest(name, [entry.name for entry in registry.command])
            message = f"there is no command {name!r}{more(len(found))}"
        hint = hint or "it expands to nothing"
        yield element.finding(code, message, hint, Severity.WARNING, attribute=attribute)


@rule
def modules(subject: Subject) -> Iterator[Finding]:
    """Modules to be loaded that are not here, each told once."""
    told: set[str] = set()
    for file in ("pre_load_modules.conf", "modules.conf", "post_load_modules.conf"):
        configuration = subject.configuration.configuration(file)
        for item in configuration.iter("load") if configuration else ():
            name = item.get("module", "")
            if name in BUILT_IN or name in registry.module or name in told:
                continue
            told.add(name)
            yield _absent_module(item, name)


def _absent_module(item: Element, name: str) -> Finding:
    message = f"the module {name!r} is not part of softswitch and is left out"
    severity = Severity.WARNING
    known = compatibility.find("modules", name)
    if known is None:
        modules = [*BUILT_IN, *(entry.name for entry in registry.module)]
        stems = [module.removeprefix("mod_") for module in modules]
        hint = nearest(name.removeprefix("mod_"), stems, "did you mean mod_")
    elif known.standing is compatibility.Standing.PARTIAL:
        message = f"of the module {name!r} only a part is here, built in"
        hint, severity = known.note, Severity.NOTE
    else:
        hint = known.note
    return item.finding("L806", message, hint, severity, attribute="module")


@rule
def configurations(subject: Subject) -> Iterator[Finding]:
    """Configurations that nobody reads: one finding for all, and one for each that is near."""
    own = {f"{entry.name.removeprefix('mod_')}.conf" for entry in registry.module}
    section = subject.configuration.section("configuration")
    stems = [known.removesuffix(".conf") for known in READ | own]
    idle: list[Element] = []
    for element in section.findall("configuration") if section else ():
        name = element.get("name", "").lower()
        if not name or name in READ or name in own:
            continue
        module = f"mod_{name.removesuffix('.conf').removeprefix('mod_')}"
        known = module in BUILT_IN or compatibility.find("modules", module) is not None
        if known or name in _OF_FREESWITCH:
            idle.append(element)
        elif near := nearest(name.removesuffix(".conf"), stems):
            message = f"no part of softswitch reads {name}"
            hint = near.replace("?", ".conf?")
            yield element.finding("L807", message, hint, Severity.WARNING, attribute="name")
        else:
            idle.append(element)
    if idle:
        names = ", ".join(element.get("name", "") for element in idle)
        message = f"no part of softswitch reads {names}"
        yield idle[0].finding("L807", message, "", Severity.NOTE, attribute="name")


def texts(subject: Subject) -> Iterator[tuple[Element, str, str]]:
    """Every text of the dialplan that is expanded: element, attribute, text."""
    section = subject.configuration.section("dialplan")
    for element in section.iter() if section else ():
        for attribute in ("data", "field", "expression"):
            if "${" in (text := element.get(attribute, "")):
                yield element, attribute, text
        if "${" in element.text:
            yield element, "", element.text


def all_references(text: str) -> tuple[list[str], list[CommandCall]]:
    """The variables and commands that a text mentions, those in arguments as well."""
    names, calls = references(text)
    for call in tuple(calls):
        inner_names, inner_calls = all_references(call.arguments)
        names.extend(inner_names)
        calls.extend(inner_calls)
    for name in tuple(names):
        if "${" in name:
            inner_names, inner_calls = all_references(name)
            names.remove(name)
            names.extend(inner_names)
            calls.extend(inner_calls)
    return names, calls
