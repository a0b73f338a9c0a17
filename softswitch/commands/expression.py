"""The language of ``expr``: ``+ - * / ^``, assignment, functions; ``;`` or ``|`` parts statements.

There are no comparison operators: ``above(a,b)``, ``below(a,b)`` and ``equal(a,b)`` give 1 or 0.
A sign binds tighter than a power: ``-2^2`` is 4. Random functions keep their state in a variable
that is given by ``&name``, and begin at 0.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 64
"""Parentheses, calls and assignments inside each other."""
MOST_STEPS = 5_000
"""Operations that one evaluation may take, so that no loop holds up the switch."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<mark>[-+*/^()=,;|&]))"
)


class ExpressionError(ValueError):
    """The text is no expression, or its value is not defined."""


@dataclass(slots=True)
class _Number:
    value: float


@dataclass(slots=True)
class _Name:
    name: str


@dataclass(slots=True)
class _Assign:
    name: str
    value: _Node


@dataclass(slots=True)
class _Operation:
    operator: str
    left: _Node
    right: _Node


@dataclass(slots=True)
class _Call:
    name: str
    arguments: list[_Node] = field(default_factory=list)
    reference: str = ""
    """The variable given by ``&name``."""


_Node = _Number | _Name | _Assign | _Operation | _Call


def evaluate(text: str) -> float:
    """The value of the last statement.

    Raises `ExpressionError` for anything that is no expression, and for values that are not
    defined or too large to be a number.
    """
    if not text.strip() or len(text) > LONGEST:
        raise ExpressionError("there is no expression")
    statements = _Parser(text).statements()
    run = _Run()
    value = 0.0
    try:
        for statement in statements:
            value = run.value(statement)
    except (ArithmeticError, ValueError) as error:
        raise ExpressionError(str(error)) from error
    if not math.isfinite(value):
        raise ExpressionError("the value is not a number")
    return value


class _Parser:
    """Recursive descent: statements, sums, products, signs, powers, values."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None:
                raise ExpressionError(f"{text[position:].strip()[:1]!r} is unexpected")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind].replace("|", ";")))
            position = found.end()
        self._at = 0
        self._depth = 0

    def statements(self) -> list[_Node]:
        nodes = []
        while self._at < len(self._tokens):
            nodes.append(self._statement())
            if self._at < len(self._tokens):
                self._expect(";")
        return nodes

    def _peek(self, ahead: int = 0) -> str:
        index = self._at + ahead
        return self._tokens[index][1] if index < len(self._tokens) else ""

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ExpressionError("the expression ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, mark: str) -> None:
        if self._take()[1] != mark:
            raise ExpressionError(f"{mark!r} is missing")

    def _statement(self) -> _Node:
        if self._peek(1) == "=" and self._tokens[self._at][0] == "name":
            name = self._identifier()
            self._take()
            self._deeper()
            node = _Assign(name, self._statement())
            self._depth -= 1
            return node
        return self._sum()

    def _sum(self) -> _Node:
        node = self._product()
        while self._peek() in ("+", "-"):
            node = _Operation(self._take()[1], node, self._product())
        return node

    def _product(self) -> _Node:
        node = self._power()
        while self._peek() in ("*", "/"):
            node = _Operation(self._take()[1], node, self._power())
        return node

    def _power(self) -> _Node:
        node = self._signed()
        while self._peek() == "^":
            self._take()
            node = _Operation("^", node, self._signed())
        return node

    def _signed(self) -> _Node:
        sign = 1.0
        while self._peek() in ("+", "-"):
            sign = -sign if self._take()[1] == "-" else sign
        node = self._value()
        return node if sign > 0 else _Operation("-", _Number(0.0), node)

    def _value(self) -> _Node:
        kind, text = self._take()
        if kind == "number":
            return _Number(float(text))
        if kind == "name" and self._peek() == "(":
            return self._call(text)
        if kind == "name":
            return _Name(text)
        if text == "(":
            self._deeper()
            node = self._statement()
            self._expect(")")
            self._depth -= 1
            return node
        raise ExpressionError(f"{text!r} is unexpected")

    def _call(self, name: str) -> _Node:
        if name not in FUNCTIONS and name not in _LAZY and name not in _RANDOM:
            raise ExpressionError(f"there is no function {name}")
        self._deeper()
        self._take()
        node = _Call(name)
        while self._peek() != ")":
            if self._peek() == "&" and not node.reference:
                self._take()
                node.reference = self._identifier()
            else:
                node.arguments.append(self._statement())
            if self._peek() != ")":
                self._expect(",")
        self._take()
        self._depth -= 1
        least, most = FUNCTIONS[name][0] if name in FUNCTIONS else (_LAZY | _RANDOM)[name]
        if not least <= len(node.arguments) <= most:
            raise ExpressionError(f"{name} takes another number of arguments")
        if (name in _RANDOM) is not bool(node.reference):
            raise ExpressionError(f"&variable is for {', '.join(_RANDOM)}")
        return node

    def _identifier(self) -> str:
        kind, text = self._take()
        if kind != "name" or text in CONSTANTS:
            raise ExpressionError(f"{text!r} is no variable")
        return text

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError("the expression is nested too deeply")


class _Run:
    """One evaluation: its variables and the steps it has left."""

    def __init__(self) -> None:
        self._variables: dict[str, float] = {}
        self._steps = 0

    def value(self, node: _Node) -> float:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise ExpressionError("the expression takes too long")
        match node:
            case _Number(value):
                return value
            case _Name(name):
                return CONSTANTS.get(name, self._variables.get(name, 0.0))
            case _Assign(name, expression):
                self._variables[name] = self.value(expression)
                return self._variables[name]
            case _Operation(operator, left, right):
                return _operate(operator, self.value(left), self.value(right))
            case _Call(name, arguments) if name in _LAZY:
                return self._lazy(name, arguments)
            case _Call(name, arguments, reference) if name in _RANDOM:
                return self._random(name, [self.value(item) for item in arguments], reference)
            case _Call(name, arguments):
                return float(FUNCTIONS[name][1](*[self.value(item) for item in arguments]))
        raise AssertionError(f"{node!r} has no value")

    def _random(self, name: str, bounds: list[float], reference: str) -> float:
        """The next number of the sequence whose state a variable holds, as Microsoft's C has it."""
        if name == "randomize":
            self._variables[reference] = float(random.randrange(1 << 31))
            return 0.0
        state = int(self._variables.get(reference, 0.0)) * 214013 + 2531011
        self._variables[reference] = float(state % (1 << 48))
        part = ((state >> 16) & 0x7FFF) / 0x7FFF
        low, high = bounds or (0.0, 1.0)
        return low + part * (high - low)

    def _lazy(self, name: str, arguments: list[_Node]) -> float:
        """Functions that do not look at all their arguments, or look at them again."""
        if name == "if":
            return self.value(arguments[1] if self.value(arguments[0]) else arguments[2])
        if name == "select":
            chosen = self.value(arguments[0])
            if chosen < 0:
                return self.value(arguments[1])
            if chosen == 0:
                return self.value(arguments[2])
            return self.value(arguments[-1])
        if name == "many":
            return [self.value(item) for item in arguments][-1]
        self.value(arguments[0])
        result = 0.0
        while self.value(arguments[1]):
            for item in arguments[3:]:
                result = self.value(item)
            self.value(arguments[2])
        return result


def _operate(operator: str, left: float, right: float) -> float:
    if operator == "+":
        return left + right
    if operator == "-":
        return left - right
    if operator == "*":
        return left * right
    if operator == "/":
        return left / right
    return math.pow(left, right)


_ANY = 64
_LAZY: dict[str, tuple[int, int]] = {
    "if": (3, 3),
    "select": (3, 4),
    "many": (1, _ANY),
    "for": (4, _ANY),
}


_RANDOM: dict[str, tuple[int, int]] = {"rand": (0, 0), "random": (2, 2), "randomize": (0, 0)}
CONSTANTS = {
    "M_E": math.e,
    "M_LOG2E": math.log2(math.e),
    "M_LOG10E": math.log10(math.e),
    "M_LN2": math.log(2),
    "M_LN10": math.log(10),
    "M_PI": math.pi,
    "M_PI_2": math.pi / 2,
    "M_PI_4": math.pi / 4,
    "M_1_PI": 1 / math.pi,
    "M_2_PI": 2 / math.pi,
    "M_1_SQRTPI": 1 / math.sqrt(math.pi),
    "M_2_SQRTPI": 2 / math.sqrt(math.pi),
    "M_SQRT2": math.sqrt(2),
    "M_1_SQRT2": 1 / math.sqrt(2),
}


def _clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


def _clamp(value: float, low: float, high: float) -> float:
    """``value`` wrapped into the range from ``low`` to ``high``."""
    return low + math.fmod(math.fmod(value - low, high - low) + (high - low), high - low)


def _bits(value: float) -> int:
    return int(value) & 0xFFFFFFFF


def _point(start: float, end: float, new_start: float, new_end: float, point: float) -> float:
    """Where ``point`` lies when its range is stretched to a new one."""
    if start == end:
        return start
    return new_start + (point - start) / (end - start) * (new_end - new_start)


def _poly(x: float, *coefficients: float) -> float:
    result = 0.0
    for coefficient in coefficients:
        result = result * x + coefficient
    return result


FUNCTIONS: dict[str, tuple[tuple[int, int], Callable[..., float]]] = {
    "abs": ((1, 1), abs),
    "mod": ((2, 2), math.fmod),
    "ipart": ((1, 1), math.trunc),
    "fpart": ((1, 1), lambda x: x - math.trunc(x)),
    "min": ((1, _ANY), lambda *x: min(x)),
    "max": ((1, _ANY), lambda *x: max(x)),
    "pow": ((2, 2), math.pow),
    "sqrt": ((1, 1), math.sqrt),
    "sin": ((1, 1), math.sin),
    "sinh": ((1, 1), math.sinh),
    "asin": ((1, 1), math.asin),
    "cos": ((1, 1), math.cos),
    "cosh": ((1, 1), math.cosh),
    "acos": ((1, 1), math.acos),
    "tan": ((1, 1), math.tan),
    "tanh": ((1, 1), math.tanh),
    "atan": ((1, 1), math.atan),
    "atan2": ((2, 2), math.atan2),
    "log": ((1, 1), math.log10),
    "pow10": ((1, 1), lambda x: math.pow(10.0, x)),
    "ln": ((1, 1), math.log),
    "exp": ((1, 1), math.exp),
    "logn": ((2, 2), lambda x, base: math.log(x) / math.log(base)),
    "ceil": ((1, 1), math.ceil),
    "floor": ((1, 1), math.floor),
    "deg": ((1, 1), math.degrees),
    "rad": ((1, 1), math.radians),
    "recttopolr": ((2, 2), math.hypot),
    "recttopola": ((2, 2), lambda x, y: math.atan2(y, x) % (2 * math.pi)),
    "poltorectx": ((2, 2), lambda radius, angle: radius * math.cos(angle)),
    "poltorecty": ((2, 2), lambda radius, angle: radius * math.sin(angle)),
    "equal": ((2, 2), lambda a, b: a == b),
    "above": ((2, 2), lambda a, b: a > b),
    "below": ((2, 2), lambda a, b: a < b),
    "avg": ((1, _ANY), lambda *x: sum(x) / len(x)),
    "clip": ((3, 3), _clip),
    "clamp": ((3, 3), _clamp),
    "pntchange": ((5, 5), _point),
    "poly": ((2, _ANY), _poly),
    "and": ((2, 2), lambda a, b: bool(a) and bool(b)),
    "or": ((2, 2), lambda a, b: bool(a) or bool(b)),
    "not": ((1, 1), lambda a: not a),
    "land": ((2, 2), lambda a, b: _bits(a) & _bits(b)),
    "lor": ((2, 2), lambda a, b: _bits(a) | _bits(b)),
}
"""Name to the number of arguments (least, most) and the function itself."""
