"""Rewrites the repeats of a PCRE2 pattern and tells in how many ways they can match."""

from __future__ import annotations

from dataclasses import dataclass

from softswitch.dialplan.pcre_items import ENDLESS, QUANTIFIER, ItemRewriter, Node

MAX_SIZE = 65_536
"""Items in a pattern once its counted repeats are written out."""


@dataclass(slots=True)
class RepeatRewriter(ItemRewriter):
    """Reads what stands behind a repeatable piece."""

    lazy: bool = True
    """Whether repeats that prefer less are kept so."""

    def bounded(self, size: int) -> int:
        """``size``, unless the pattern grows too large with it."""
        if size > MAX_SIZE:
            raise self.error("the pattern is too large once its repeats are written out")
        return size

    def quantifier(self) -> tuple[int, int | None, str] | None:
        """Minimum, maximum and manner (lazy ``?``, possessive ``+``) of a repeat that is here."""
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.peek())
        if simple is not None:
            self.position += 1
            low, high = simple
        else:
            found = QUANTIFIER.match(self.text, self.position)
            if found is None:
                return None
            self.position = found.end()
            if len(found[1]) > 5 or int(found[1]) > 65535:
                raise self.error("the number in the {} quantifier is too big")
            low = int(found[1])
            high = low
            if found[2]:
                if len(found[3]) > 5 or int(found[3] or 0) > 65535:
                    raise self.error("the number in the {} quantifier is too big")
                high = int(found[3]) if found[3] else None
            if high is not None and high < low:
                raise self.error("the numbers in the {} quantifier are out of order")
        manner = self.peek() if self.peek() in ("?", "+") and self.peek() else ""
        self.position += len(manner)
        if "U" in self.flags and manner != "+":
            manner = "" if manner else "?"
        if manner == "?" and not self.lazy:
            manner = ""
        return low, high, manner

    def repeated(self, node: Node, low: int, high: int | None, manner: str) -> Node:
        """A piece that is there ``low`` to ``high`` times (None: without limit)."""
        mark = {(0, None): "*", (1, None): "+", (0, 1): "?"}.get((low, high))
        if mark is None:
            most = "" if high is None else str(high)
            mark = f"{{{low}}}" if low == high else f"{{{low},{most}}}"
        text = node.text + mark + manner
        if low == high == 1:
            text = node.text
        elif low == high and manner == "?":
            text = node.text + mark
        times = max(low, 1) if high is None else max(high, 1)
        branching = node.ways > 1 or node.degree > 0
        width = node.width * low if low == high and node.width is not None else None
        if node.width == 0:
            width = 0
        if high is None:
            endless = branching or not node.width
            ways, degree = (ENDLESS, 0) if endless else (1, 1)
        elif branching and times > 20:
            ways, degree = ENDLESS, 0
        else:
            ways, degree = (times - low + 1) * node.ways**times, node.degree * times
        return Node(text, width, min(ways, ENDLESS), degree, self.bounded(node.size * times), False)
