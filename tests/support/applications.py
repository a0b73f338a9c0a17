"""Applications that tests make up."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from softswitch import registry
from softswitch.registry import ApplicationFlag
from softswitch.switch.session import Session


@contextmanager
def application(
    name: str,
    target: Callable[[Session, str], Awaitable[None]],
    flags: ApplicationFlag = ApplicationFlag.NO_MEDIA,
) -> Iterator[None]:
    """``name`` is an application for as long as the block lasts."""
    registry.application(name, flags=flags)(target)
    try:
        yield
    finally:
        registry.application.remove(name)
