"""The digit machine: which binding the keys of a party mean, as far as they are known.

Holds no timer and reads no clock: whoever feeds it waits, and says when time is over.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from softswitch.dialplan.pcre import Expression, Fit, compile_expression


class Verdict(enum.Enum):
    """What keys mean so far."""

    MATCH = "match"
    """One binding, and more keys could make no other."""
    EARLY = "early"
    """One binding, but more keys could make another."""
    PARTIAL = "partial"
    """Nothing yet."""
    NONE = "none"
    """Nothing, whatever may follow."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Keys and what they shall do."""

    digits: str
    """The keys themselves, or ``~`` and a regular expression."""
    action: str
    """``exec:<app>``, ``api:<command>`` or any text that is only told."""
    value: str = ""
    runs_on: str = "self"
    """``self``, ``peer`` or ``both``: the legs that do it."""
    expression: Expression | None = None

    @classmethod
    def make(cls, digits: str, action: str, value: str = "", runs_on: str = "self") -> Binding:
        """Raises `PatternError` where ``~`` is followed by no regular expression."""
        expression = compile_expression(digits[1:]) if digits.startswith("~") else None
        return cls(digits, action, value, runs_on, expression)

    def fits(self, digits: str) -> Fit:
        """What ``digits`` are to this binding."""
        if self.expression is not None:
            return self.expression.fit(digits)
        if digits == self.digits:
            return Fit.FULL
        return Fit.PARTIAL if self.digits.startswith(digits) else Fit.NONE


@dataclass(slots=True)
class DigitMachine:
    """Bindings by realm, of which one is heeded, and the keys that came since the last verdict."""

    realms: dict[str, list[Binding]] = field(default_factory=dict)
    realm: str = ""
    digits: str = ""
    """Keys that wait for others."""

    @property
    def active(self) -> bool:
        """Whether any key could mean anything."""
        return bool(self.realms.get(self.realm))

    def bind(self, realm: str, binding: Binding) -> None:
        """Add a binding; the first realm is heeded at once."""
        self.realms.setdefault(realm, []).append(binding)
        self.realm = self.realm or realm

    def clear(self, realm: str) -> None:
        """Forget the bindings of one realm, or of ``all``."""
        if realm == "all":
            self.realms.clear()
        self.realms.pop(realm, None)

    def feed(self, digit: str) -> tuple[Verdict, Binding | None]:
        """Take a key; what all keys since the last verdict mean."""
        self.digits += digit
        return self.judge()

    def judge(self) -> tuple[Verdict, Binding | None]:
        """What the waiting keys mean; the binding that was made first wins."""
        full: Binding | None = None
        more = False
        for binding in self.realms.get(self.realm, ()):
            fit = binding.fits(self.digits)
            if fit is Fit.FULL:
                full = full or binding
                # An expression that fits may fit with further keys too, and so it would always
                # wait: FreeSWITCH takes it at once, as we do.
            elif fit is Fit.PARTIAL:
                more = True
        if full is not None:
            return (Verdict.EARLY if more else Verdict.MATCH), full
        return (Verdict.PARTIAL if more else Verdict.NONE), None

    def take(self) -> str:
        """The waiting keys; they wait no more."""
        digits, self.digits = self.digits, ""
        return digits
