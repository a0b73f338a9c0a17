"""The model of a dialplan."""

from __future__ import annotations

from softswitch.dialplan.model import Condition, Context, Dialplan, Extension


def test_contexts_are_found_without_case_and_global_stands_in() -> None:
    sales, everyone = Context("Sales"), Context("global")
    dialplan = Dialplan((sales, everyone))
    assert dialplan.find("sALES") is sales
    assert dialplan.find("other") is everyone
    assert Dialplan((sales,)).find("other") is None


def test_the_index_of_a_context_is_built_once() -> None:
    context = Context("c", (Extension("a", (Condition(),)),))
    dialplan = Dialplan((context,))
    assert dialplan.index(context) is dialplan.index(context)


def test_a_dialplan_tells_its_contexts() -> None:
    assert repr(Dialplan((Context("c", (Extension("a"),)),))) == "<Dialplan c: 1>"
