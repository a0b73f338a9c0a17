"""A list that gives out its nodes in turn, each as often in a round as its weight says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Node:
    """One of a list."""

    name: str
    weight: int
    """How often in a round it is given out; 1 or more."""
    given: int = 0
    """How often it was in this round."""


class DistributorList:
    """Nodes with weights 1 and 9 come as one and nine of ten, mixed as far as that goes."""

    def __init__(self, name: str, nodes: Iterable[Node]) -> None:
        self.name = name
        self.nodes = tuple(nodes)
        self._last = -1

    def __repr__(self) -> str:
        return f"<DistributorList {self.name}, {len(self.nodes)} nodes>"

    def next(self, excluded: Collection[str] = ()) -> str | None:
        """The node whose turn it is; None where all are excluded.

        One that is excluded loses the turn it would have had.
        """
        if all(node.name in excluded for node in self.nodes):
            return None
        waiting = [node for node in self.nodes if node.given < node.weight]
        if all(node.name in excluded for node in waiting):
            self.restart()
        while True:
            node = self._turn()
            node.given += 1
            if node.name not in excluded:
                return node.name

    def _turn(self) -> Node:
        """The next one with turns left; there is one."""
        count = len(self.nodes)
        for step in range(1, count + 1):
            position = (self._last + step) % count
            if self.nodes[position].given < self.nodes[position].weight:
                self._last = position
                return self.nodes[position]
        raise AssertionError("a round with no turns left was not restarted")

    def node(self, name: str) -> Node | None:
        """The node of that name, in any case."""
        return next((node for node in self.nodes if node.name.lower() == name.lower()), None)

    def restart(self) -> None:
        """Begin a round."""
        self._last = -1
        for node in self.nodes:
            node.given = 0

    def text(self) -> str:
        """The list as ``distributor_ctl dump`` shows it."""
        nodes = (f"node: name={node.name} weight={node.weight}\n" for node in self.nodes)
        return f"list: name={self.name}\n{''.join(nodes)}"
