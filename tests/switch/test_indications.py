"""What can be said is plain data: it compares, and reads well in a log."""

from __future__ import annotations

from softswitch.switch.indications import Display, Information


def test_what_is_said_compares_and_reads_well() -> None:
    assert Information("x") == Information("x", "")
    assert repr(Display("Bob", "42")) == "Display(name='Bob', number='42', asked=True)"
