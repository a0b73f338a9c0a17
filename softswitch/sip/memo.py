"""What is parsed once is not parsed again: of a text, in all messages, and of one message."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

MOST = 2048
"""Texts that one memo holds; beyond that it forgets all."""
LONGEST = 256
"""Characters of a text that is worth remembering."""

T = TypeVar("T")


class Memo(dict[str, T]):
    """Texts and what they mean: ``memo[text]`` makes it where it is not known.

    The values are shared: never change one. What making one raises is raised each time.
    """

    __slots__ = ("_make",)

    def __init__(self, make: Callable[[str], T]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, text: str) -> T:
        made = self._make(text)
        if len(text) <= LONGEST:
            if len(self) >= MOST:
                self.clear()
            self[text] = made
        return made


class lazy(Generic[T]):
    """An attribute that is made when it is first asked for, unless it was set before.

    `forget` has it made anew.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, owner: None, kind: type) -> Self: ...
    @overload
    def __get__(self, owner: object, kind: type) -> T: ...
    def __get__(self, owner: object | None, kind: type) -> T | Self:
        if owner is None:
            return self
        made = self._make(owner)
        setattr(owner, self._name, made)
        return made


def forget(owner: object) -> None:
    """Have all `lazy` attributes of an object made anew."""
    attributes = vars(owner)
    for name in [name for name in attributes if isinstance(getattr(type(owner), name, None), lazy)]:
        del attributes[name]
