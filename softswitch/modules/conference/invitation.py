"""What ``conference`` is asked for.

``name@profile+pin+flags{a|b}`` or ``bridge:name:dial string``.
"""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.modules.conference import flags

DEFAULT_PROFILE = "default"
_FLAGS = "+flags{"


@dataclass(frozen=True, slots=True)
class Invitation:
    """The argument of ``conference`` taken apart."""

    name: str
    profile: str = DEFAULT_PROFILE
    pin: str = ""
    flags: frozenset[str] = frozenset()
    bridge: str = ""
    """Whom to call into the new room; empty for the usual form."""

    @classmethod
    def parse(cls, text: str) -> Invitation:
        """Raises ValueError with what is missing."""
        text = text.strip()
        given: frozenset[str] = frozenset()
        if _FLAGS in text:
            text, _, rest = text.partition(_FLAGS)
            inside, closed, after = rest.partition("}")
            if not closed:
                raise ValueError("its +flags{ are never closed with }")
            given, text = flags.split(inside), text + after
        bridge = ""
        if text.lower().startswith("bridge:"):
            text, separated, bridge = text[len("bridge:") :].partition(":")
            if not separated or not bridge.strip():
                raise ValueError("bridge:<name>:<dial string> wants a dial string")
        text, _, pin = text.partition("+")
        name, separated, profile = text.rpartition("@")
        if not separated:
            name, profile = text, DEFAULT_PROFILE
        if not name.strip():
            raise ValueError("it names no conference")
        return cls(name.strip(), profile.strip() or DEFAULT_PROFILE, pin.strip(), given, bridge)
