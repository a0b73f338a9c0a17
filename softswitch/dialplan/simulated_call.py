"""The caller of a simulation: fields and variables, and the applications that only set them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from softswitch.dialplan import arrays
from softswitch.dialplan.arguments import split

Expand = Callable[[str], str]


class SimulatedCall:
    """Caller fields, channel variables and global variables, looked up in the channel's order."""

    def __init__(
        self,
        fields: Mapping[str, str],
        variables: Mapping[str, str],
        global_variables: Mapping[str, str],
    ) -> None:
        self.fields = {name.lower(): value for name, value in fields.items()}
        self.variables = {name.lower(): value for name, value in variables.items()}
        self.global_variables = dict(global_variables)
        self._scopes: list[dict[str, str]] = []

    def __repr__(self) -> str:
        return f"<SimulatedCall {self.field('destination_number')} in {self.field('context')}>"

    def field(self, name: str) -> str | None:
        """A field of the caller."""
        return self.fields.get(name)

    def lookup(self, name: str) -> str | None:
        """What ``${name}`` means now."""
        lower = name.lower()
        for scope in reversed(self._scopes):
            if lower in scope:
                return scope[lower]
        value = self.variables.get(lower)
        if value is None:
            value = self.fields.get(lower)
        return self.global_variables.get(name) if value is None else value

    def set(self, name: str, value: str) -> str:
        """Set or, with an empty value, delete a variable; returns a note of it."""
        indexed = arrays.split_index(name)
        if indexed is not None:
            name, index = indexed
            try:
                value = arrays.assign(self.variables.get(name.lower()), index, value)
            except ValueError as error:
                return str(error)
        if value in ("", "_undef_"):
            self.variables.pop(name.lower(), None)
            return f"{name} is removed"
        self.variables[name.lower()] = value
        return f"{name}={value}"

    def delete(self, prefix: str) -> None:
        """Delete all variables whose names start with ``prefix``."""
        for name in [name for name in self.variables if name.startswith(prefix.lower())]:
            del self.variables[name]

    @contextmanager
    def scoped(self, variables: list[tuple[str, str]]) -> Iterator[None]:
        """Variables that only the running application sees."""
        self._scopes.append({name.lower(): value for name, value in variables})
        try:
            yield
        finally:
            self._scopes.pop()

    def transfer(self, extension: str, dialplan: str, context: str) -> None:
        """The call goes to another extension; the number it leaves becomes ``rdnis``."""
        self.fields["rdnis"] = self.fields.get("destination_number", "")
        self.fields.update(destination_number=extension, dialplan=dialplan, context=context)

    def restore_number(self) -> None:
        """The inline dialplan gives back the number that its text replaced."""
        self.fields["destination_number"] = self.fields.get("rdnis", "")
        self.fields["rdnis"] = ""

    @contextmanager
    def as_extension(self, extension: str, dialplan: str, context: str) -> Iterator[None]:
        """While another extension's actions run as a subroutine."""
        before = dict(self.fields)
        self.fields["destination_number"] = extension
        self.fields["dialplan"] = dialplan or before.get("dialplan", "")
        self.fields["context"] = context or before.get("context", "")
        try:
            yield
        finally:
            self.fields = before


def _set(call: SimulatedCall, data: str, expand: Expand) -> str:
    name, _, value = data.partition("=" if "=" in data else ",")
    return call.set(name.strip(), expand(value)) if name.strip() else "a name is missing"


def _multiset(call: SimulatedCall, data: str, expand: Expand) -> str:
    return ", ".join(_set(call, item, expand) for item in split(data))


def _unset(call: SimulatedCall, data: str, expand: Expand) -> str:
    return call.set(data.strip(), "")


def _multiunset(call: SimulatedCall, data: str, expand: Expand) -> str:
    return ", ".join(call.set(name, "") for name in split(data))


def _push(call: SimulatedCall, data: str, expand: Expand) -> str:
    name, _, value = data.partition("=")
    return call.set(name, arrays.push(call.variables.get(name.lower()), expand(value)))


def _unshift(call: SimulatedCall, data: str, expand: Expand) -> str:
    name, _, value = data.partition("=")
    return call.set(name, arrays.unshift(call.variables.get(name.lower()), expand(value)))


def _export_to(list_name: str) -> Callable[[SimulatedCall, str, Expand], str]:
    def export(call: SimulatedCall, data: str, expand: Expand) -> str:
        name, _, value = data.partition("=")
        names = [item for item in call.variables.get(list_name, "").split(",") if item]
        if name not in names:
            call.set(list_name, ",".join((*names, name)))
        return call.set(name, expand(value))

    return export


def _set_global(call: SimulatedCall, data: str, expand: Expand) -> str:
    name, _, value = data.partition("=")
    call.global_variables[name.strip()] = expand(value)
    return f"global {name.strip()}={call.global_variables[name.strip()]}"


def _set_profile_var(call: SimulatedCall, data: str, expand: Expand) -> str:
    name, _, value = data.partition("=")
    call.fields[name.strip().lower()] = expand(value)
    return f"caller's {name.strip()}={call.fields[name.strip().lower()]}"


def _nothing(call: SimulatedCall, data: str, expand: Expand) -> str:
    return ""


PURE: dict[str, Callable[[SimulatedCall, str, Expand], str]] = {
    "set": _set,
    "multiset": _multiset,
    "unset": _unset,
    "multiunset": _multiunset,
    "push": _push,
    "unshift": _unshift,
    "export": _export_to("export_vars"),
    "bridge_export": _export_to("bridge_export_vars"),
    "set_global": _set_global,
    "set_profile_var": _set_profile_var,
    "eval": _nothing,
}
"""Applications that do nothing but set something, and what they do here."""
