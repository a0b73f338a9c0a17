"""Extensions side by side: what their captures are, and which is never reached."""

from __future__ import annotations

import pytest

from softswitch.dialplan.model import Condition
from softswitch.dialplan.pcre import compile_expression
from softswitch.dialplan.review import captured_groups, has_open_reference, used_captures
from tests.dialplan.plans import plan, plan_and_findings


def condition(inside: str) -> Condition:
    [context] = plan(f'<extension name="a">{inside}</extension>').contexts
    return context.extensions[0].conditions[0]


def groups(inside: str, expression: str | None = None) -> int | None:
    compiled = compile_expression(expression) if expression is not None else None
    return captured_groups(condition(inside), compiled)


def shadowed(*extensions: tuple[str, str]) -> list[str]:
    """Names of those that are never reached; each is its attributes and its conditions."""
    text = "".join(
        f'<extension name="{name}" {attributes}>{inside}</extension>'
        for name, (attributes, inside) in zip("abcdef", extensions, strict=False)
    )
    _, findings = plan_and_findings(text)
    told = [str(finding.message) for finding in findings if finding.code == "R708"]
    return [text.split("'")[1] for text in told]


def number(expression: str, inside: str = "", attributes: str = "") -> str:
    opening = f'<condition field="destination_number" expression="{expression}" {attributes}>'
    return f'{opening}<action application="answer"/>{inside}</condition>'


def test_captures_are_named_with_and_without_braces() -> None:
    assert used_captures("user/$1@${2} ${3x} $$ $x costs $10") == {1, 2, 10}
    assert used_captures("nothing") == set()


def test_actions_may_name_the_groups_of_their_condition() -> None:
    assert groups(number("^(1)(2)$"), "^(1)(2)$") == 2
    assert groups(number("^12$"), "^12$") == -1
    assert groups("<condition/>") == -1
    assert groups(number("^${pattern}$")) is None


def test_of_several_tests_the_one_with_most_groups_counts() -> None:
    test = '<regex field="ani" expression="{}"/>'
    both = f'<condition regex="any">{test.format("(1)")}{test.format("(1)(2)")}</condition>'
    assert groups(both) == 2
    unknown = f'<condition regex="any">{test.format("(1)")}{test.format("${x}")}</condition>'
    assert groups(unknown) is None


@pytest.mark.parametrize("everything", ["", "^", ".*", "^(.*)$"])
def test_nothing_is_reached_behind_what_takes_every_number(everything: str) -> None:
    assert shadowed(("", number(everything)), ("", number("^1$"))) == ["b"]
    assert shadowed(("", number("^1$")), ("", number(everything))) == []


def test_the_same_test_again_is_never_reached() -> None:
    assert shadowed(("", number("^1$")), ("", number("^2$")), ("", number("^1$"))) == ["c"]


@pytest.mark.parametrize(
    "first",
    [
        ('continue="true"', number("^1$")),
        ("", number("^1$") + '<condition field="ani" expression="7"/>'),
        ("", number("^1$", '<condition field="ani" expression="7"/>')),
        ("", number("^1$", attributes='wday="2"')),
        ("", number("^1$", attributes='break="never"')),
        ("", number("^1$", '<anti-action application="hangup"/>')),
        ("", number("^${mine}$")),
    ],
)
def test_what_may_pass_a_call_on_hides_nothing(first: tuple[str, str]) -> None:
    assert shadowed(first, ("", number("^1$"))) == []


def test_two_of_one_name_are_told_without_regard_to_case() -> None:
    _, findings = plan_and_findings(
        f'<extension name="Hall">{number("^1$")}</extension>'
        f'<extension name="hall">{number("^2$")}</extension>'
    )
    [finding] = findings
    assert finding.code == "R709"
    assert "another extension is named 'hall'" in finding.message


@pytest.mark.parametrize(
    ("data", "unclosed"),
    [
        ("a=${b", True),
        ("${a} ${b", True),
        ("${a${b}", True),
        ("${a${b}}", False),
        ("${hash(select/${a}/b)} $1 {x}", False),
        (r"\${a", False),
        ("$${a}", False),
        ("plain", False),
    ],
)
def test_a_reference_without_an_end_is_seen(data: str, unclosed: bool) -> None:
    assert has_open_reference(data) is unclosed
