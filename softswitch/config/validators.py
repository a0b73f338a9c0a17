"""What the owners of sections find wrong with them; ``reloadxml`` and ``check`` ask all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from softswitch.config.document import Configuration
from softswitch.config.errors import Finding

Validator = Callable[[Configuration], Iterable[Finding]]

_validators: dict[Validator, str] = {}


def register_validator(section: str, validator: Validator) -> Validator:
    """Have ``validator`` asked about each configuration; registering it again changes nothing."""
    _validators.setdefault(validator, section)
    return validator


def validate(configuration: Configuration, section: str | None = None) -> list[Finding]:
    """What the validators of one section, or all, find."""
    return [
        finding
        for validator, owned in tuple(_validators.items())
        if section is None or owned == section
        for finding in validator(configuration)
    ]
