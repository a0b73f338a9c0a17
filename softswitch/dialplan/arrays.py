"""Array values of variables: ``ARRAY::one|:two|:three``, one text that holds several."""

from __future__ import annotations

from collections.abc import Iterable

PREFIX = "ARRAY::"
SEPARATOR = "|:"
MAX_INDEX = 4000
"""The highest index that ``name[index]=value`` may fill."""


class ArrayValue(str):
    """The text of an array, which remembers its elements even when there is only one.

    A one-element array prints as plain text, yet ``${name[0]}`` finds its element.
    """

    __slots__ = ("elements",)
    elements: tuple[str, ...]

    def __new__(cls, elements: Iterable[str]) -> ArrayValue:
        kept = tuple(elements)
        text = kept[0] if len(kept) == 1 else PREFIX + SEPARATOR.join(kept) if kept else ""
        value = super().__new__(cls, text)
        value.elements = kept
        return value

    def __reduce__(self) -> tuple[type[ArrayValue], tuple[tuple[str, ...]]]:
        return (type(self), (self.elements,))


def elements(value: str) -> tuple[str, ...]:
    """The elements of an array value; a plain text has none."""
    if isinstance(value, ArrayValue):
        return value.elements
    if value.startswith(PREFIX):
        return tuple(value[len(PREFIX) :].split(SEPARATOR))
    return ()


def element(value: str, index: int) -> str | None:
    """The element at ``index`` (from 0), or None when out of range or not an array."""
    found = elements(value)
    return found[index] if 0 <= index < len(found) else None


def _as_elements(value: str | None) -> tuple[str, ...]:
    if not value:
        return ()
    return elements(value) or (value,)


def push(value: str | None, added: str) -> ArrayValue:
    """``value`` with ``added`` behind; a plain text becomes the first element."""
    if not value and not elements(added):
        return ArrayValue((added,) if added else ())
    return ArrayValue((*_as_elements(value), *_as_elements(added)))


def unshift(value: str | None, added: str) -> ArrayValue:
    """``value`` with ``added`` in front."""
    return ArrayValue((*_as_elements(added), *_as_elements(value)))


def assign(value: str | None, index: int, element_text: str) -> ArrayValue:
    """``value`` with the element at ``index`` replaced; gaps become empty elements.

    Raises ``ValueError`` when ``index`` is outside 0 to ``MAX_INDEX``.
    """
    if not 0 <= index <= MAX_INDEX:
        raise ValueError(f"array index {index} is outside 0 to {MAX_INDEX}")
    kept = list(_as_elements(value))
    kept.extend([""] * (index + 1 - len(kept)))
    kept[index] = element_text
    return ArrayValue(kept)


def split_index(name: str) -> tuple[str, int] | None:
    """``("x", 2)`` for ``x[2]``, None for a name without an index."""
    head, bracket, tail = name.partition("[")
    if not bracket or not tail.endswith("]") or not tail[:-1].isdecimal():
        return None
    return head, int(tail[:-1])
