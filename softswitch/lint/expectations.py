"""Files of expectations: calls, and the extensions and applications they should come to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import yaml

from softswitch.config.document import load
from softswitch.config.host import built_in_globals
from softswitch.config.secrets import NAMES
from softswitch.dialplan.simulate import Simulation
from softswitch.lint.check import load_owners
from softswitch.lint.trial import Call, Trial

_CALL = ("name", "to", "from", "caller_name", "context", "time", "vars", "commands")
_GLOBAL = re.compile(r"\$\$\{([^}]*)\}")
_EXPECTED = ("extension", "actions", "ending")


class ExpectationError(ValueError):
    """A file that holds no expectations; the message is ``file:line: what is wrong``."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A call and what should come of it; what is None is not looked at."""

    name: str
    call: Call
    extensions: tuple[str, ...] | None
    actions: tuple[tuple[str, str | None], ...] | None
    """Applications with their data, expanded but for ``$${name}``; None for any data."""
    ending: str | None
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an expectation."""

    expectation: Expectation
    simulation: Simulation
    differences: tuple[str, ...]
    """Lines that tell what is not as expected; empty if it all is."""

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.differences

    def __str__(self) -> str:
        place = f"{self.expectation.file}:{self.expectation.line}"
        head = f"{'pass' if self.passed else 'FAIL'} {self.expectation.name}  [{place}]"
        return "\n".join([head, *(f"    {line}" for line in self.differences)])


def meet(expectation: Expectation, trial: Trial) -> Outcome:
    """Try the call and compare."""
    commands = {
        _GLOBAL.sub(trial.global_value, command): answer
        for command, answer in expectation.call.commands.items()
    }
    simulation = trial.call(replace(expectation.call, commands=commands))
    differences: list[str] = []
    if expectation.extensions is not None:
        differences += _difference(
            "extensions", list(expectation.extensions), list(simulation.extensions)
        )
    if expectation.actions is not None:
        done = [action for action in simulation.actions if not action.inline]
        real = [_told(action.application, action.data) for action in done]
        wanted = []
        for at, (application, data) in enumerate(expectation.actions):
            if data is not None:
                wanted.append(_told(application, _GLOBAL.sub(trial.global_value, data)))
                continue
            wanted.append(application)
            if at < len(done) and done[at].application.lower() == application.lower():
                real[at] = application
        differences += _difference("actions", wanted, real)
    if expectation.ending is not None:
        differences += _difference("ending", [expectation.ending], [simulation.ending])
    return Outcome(expectation, simulation, tuple(differences))


def assert_met(file: Path, conf: Path, variables: Mapping[str, str] | None = None) -> None:
    """For pytest: meet every expectation of a YAML file with the configuration in ``conf``.

    ``variables`` are global variables in front of the first line, such as ``domain``. Raises
    AssertionError with all that differs, ``ConfigurationErrors`` and ``ExpectationError`` where
    there is nothing to compare.
    """
    load_owners()
    known = {**built_in_globals(conf, conf), **dict.fromkeys(NAMES, "secret"), **(variables or {})}
    trial = Trial(load(conf, known))
    now = datetime.now().astimezone()
    outcomes = [meet(expectation, trial) for expectation in read_file(file, now)]
    assert all(outcome.passed for outcome in outcomes), "\n".join(
        str(outcome) for outcome in outcomes if not outcome.passed
    )


def _told(application: str, data: str) -> str:
    return f"{application}: {data}" if data else application


def _difference(what: str, wanted: list[str], real: list[str]) -> list[str]:
    if wanted == real:
        return []
    lines = [line for line in difflib.ndiff(wanted, real) if not line.startswith("?")]
    return [f"{what} (- expected, + found):", *(f"  {line}" for line in lines)]


def read_file(path: Path, now: datetime) -> list[Expectation]:
    """The expectations of a YAML file; raises ``ExpectationError``. ``now`` is aware."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ExpectationError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ExpectationError(f"{path}: the byte at {error.start} is not UTF-8") from None
    return read(text, str(path), now)


def read(text: str, file: str, now: datetime) -> list[Expectation]:
    """The expectations of a YAML text; calls without a time are made ``now``."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise ExpectationError(f"{file}:{line}: this is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ExpectationError(f"{file}: this is not YAML: {error}") from None
    return list(_Reader(file, now).expectations(root))


class _Reader:
    """Turns YAML nodes into expectations; every scalar is taken as the text it is written as."""

    def __init__(self, file: str, now: datetime) -> None:
        self._file = file
        self._now = now

    def expectations(self, root: yaml.Node | None) -> Iterator[Expectation]:
        defaults: dict[str, yaml.Node] = {}
        if isinstance(root, yaml.MappingNode):
            parts = self._mapping(root, ("defaults", "tests"))
            if "defaults" in parts:
                defaults = self._mapping(parts["defaults"], _CALL)
            root = parts.get("tests")
        if root is None:
            raise ExpectationError(f"{self._file}: there are no tests in it")
        for node in self._list(root):
            fields = self._mapping(node, (*_CALL, *_EXPECTED))
            yield self._expectation(node, {**defaults, **fields})

    def _expectation(self, node: yaml.Node, fields: dict[str, yaml.Node]) -> Expectation:
        if "to" not in fields:
            raise self._error(node, "a test needs 'to', the number that is called")
        if not any(name in fields for name in _EXPECTED):
            raise self._error(node, f"a test needs one of {', '.join(_EXPECTED)}")
        texts = {
            name: self._text(item)
            for name, item in fields.items()
            if name in ("name", "to", "from", "caller_name", "context", "ending")
        }
        call = Call(
            texts["to"],
            self._moment(fields.get("time")),
            name=texts.get("caller_name", ""),
            context=texts.get("context", ""),
            variables=self._texts(fields.get("vars")),
            commands=self._texts(fields.get("commands")),
        )
        if "from" in texts:
            call = replace(call, caller=texts["from"])
        extensions = None
        if "extension" in fields:
            item = fields["extension"]
            listed = self._list(item) if isinstance(item, yaml.SequenceNode) else [item]
            extensions = tuple(text for text in map(self._text, listed) if text)
        actions = None
        if "actions" in fields:
            actions = tuple(self._action(item) for item in self._list(fields["actions"]))
        name = texts.get("name") or f"{call.caller} calls {call.number}"
        line = node.start_mark.line + 1
        return Expectation(name, call, extensions, actions, texts.get("ending"), self._file, line)

    def _action(self, node: yaml.Node) -> tuple[str, str | None]:
        """``application``, which allows any data, or ``application: data``."""
        if isinstance(node, yaml.MappingNode):
            if len(node.value) != 1:
                raise self._error(node, "an action is written 'application: data'")
            application, data = node.value[0]
            return self._text(application), self._text(data)
        return self._text(node), None

    def _moment(self, node: yaml.Node | None) -> datetime:
        if node is None:
            return self._now
        try:
            moment = datetime.fromisoformat(self._text(node))
        except ValueError:
            raise self._error(node, "a time is written 2026-11-23 10:00") from None
        return moment if moment.tzinfo else moment.astimezone()

    def _texts(self, node: yaml.Node | None) -> dict[str, str]:
        if node is None:
            return {}
        return {name: self._text(item) for name, item in self._mapping(node, None).items()}

    def _mapping(self, node: yaml.Node, known: tuple[str, ...] | None) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, "'name: value' is wanted here")
        found: dict[str, yaml.Node] = {}
        for key, item in node.value:
            name = self._text(key)
            if known is not None and name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
                raise self._error(key, f"{name!r} is not known here: {hint}")
            found[name] = item
        return found

    def _list(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._error(node, "a list is wanted here, each item behind '- '")
        return list(node.value)

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode):
            raise self._error(node, "a single text is wanted here")
        return str(node.value)

    def _error(self, node: yaml.Node, message: str) -> ExpectationError:
        return ExpectationError(f"{self._file}:{node.start_mark.line + 1}: {message}")
