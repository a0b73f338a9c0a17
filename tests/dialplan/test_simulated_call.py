"""The caller of a simulation."""

from __future__ import annotations

import pytest

from softswitch.dialplan.simulated_call import PURE, SimulatedCall


def call() -> SimulatedCall:
    return SimulatedCall({"ANI": "7", "x": "field"}, {"V": "1"}, {"g": "global", "v": "hidden"})


def test_a_name_means_scope_then_variable_then_field_then_global() -> None:
    caller = call()
    assert [caller.lookup(name) for name in ("V", "ani", "g", "zz")] == ["1", "7", "global", None]
    caller.set("x", "variable")
    with caller.scoped([("x", "scope")]):
        assert caller.lookup("X") == "scope"
    assert caller.lookup("x") == "variable"


def test_an_extension_run_as_a_subroutine_gives_the_fields_back() -> None:
    caller = SimulatedCall({"destination_number": "1", "context": "c"}, {}, {})
    with caller.as_extension("2", "", "d"):
        assert (caller.field("destination_number"), caller.field("context")) == ("2", "d")
    assert caller.field("destination_number") == "1"
    caller.transfer("3", "XML", "e")
    assert caller.field("rdnis") == "1"


@pytest.mark.parametrize(
    ("application", "data", "name", "value"),
    [
        ("set", "a=1", "a", "1"), ("set", "a,1", "a", "1"), ("set", "a=b=c", "a", "b=c"),
        ("set", "v=", "v", None),
        ("set", "v=_undef_", "v", None), ("set", "l[1]=b", "l", "ARRAY::|:b"),
        ("multiset", "^^;a=1 2;b=3", "a", "1 2"),
        ("unset", " v ", "v", None), ("multiunset", "a v", "v", None),
        ("push", "v=2", "v", "ARRAY::1|:2"),
        ("unshift", "v=0", "v", "ARRAY::0|:1"), ("export", "a=1", "export_vars", "a"),
        ("export", "nolocal:a=1", "export_vars", "nolocal:a"),
        ("bridge_export", "a=1", "bridge_export_vars", "a"),
        ("eval", "v=2", "v", "1"),
    ],
)  # fmt: skip
def test_applications_that_only_set_do_so(
    application: str, data: str, name: str, value: str | None
) -> None:
    caller = call()
    PURE[application](caller, data, lambda text: text)
    assert caller.variables.get(name) == value
