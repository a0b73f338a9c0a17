from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.commands.expression import FUNCTIONS, ExpressionError, evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("2^3^2", 64),
        ("-2^2", 4),
        ("2*-3", -6),
        ("2^-1", 0.5),
        ("8/4/2", 1),
        (".5+1.", 1.5),
        ("x=5;x*2", 10),
        ("x=y=2;x+y", 4),
        ("unknown+1", 1),
        ("1;2;3;", 3),
        ("abs(-3)", 3),
        ("mod(7,3)", 1),
        ("ipart(2.7)", 2),
        ("fpart(2.5)", 0.5),
        ("min(3,1,2)", 1),
        ("max(3,1,2)", 3),
        ("pow(2,3)", 8),
        ("sqrt(16)", 4),
        ("log(100)", 2),
        ("ln(exp(2))", 2),
        ("logn(8,2)", 3),
        ("pow10(2)", 100),
        ("ceil(2.1)", 3),
        ("floor(2.9)", 2),
        ("deg(rad(90))", 90),
        ("recttopolr(3,4)", 5),
        ("if(above(2,1),5,6)", 5),
        ("if(below(2,1),5,6)", 6),
        ("equal(2,2)", 1),
        ("and(1,0)", 0),
        ("or(1,0)", 1),
        ("not(0)", 1),
        ("avg(1,2,3)", 2),
        ("clip(7,1,5)", 5),
        ("clamp(7,0,5)", 2),
        ("poly(2,1,2,3)", 11),
        ("pntchange(0,10,0,100,5)", 50),
        ("select(-1,1,2,3)", 1),
        ("select(0,1,2,3)", 2),
        ("select(1,1,2,3)", 3),
        ("many(1,2,3)", 3),
        ("for(i=0,below(i,5),i=i+1,s=s+i);s", 10),
    ],
)
def test_expressions_have_their_values(text: str, value: float) -> None:
    assert evaluate(text) == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1+",
        "(1",
        "1)",
        "1 2",
        "pi()",
        "7%3",
        "1>2",
        "abs()",
        "abs(1,2)",
        "junk({",
        "sqrt(-1)",
        "1/0",
        "10^400",
        "1e400",
        "9^9^9^9",
        "for(0,1,0,0)",
        "(" * 100 + "1" + ")" * 100,
        "1+" * 500 + "1",
        "x=" * 100 + "1",
        "é",
    ],
)
def test_what_has_no_value_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text)


def test_the_longest_sum_has_a_value() -> None:
    assert evaluate("1+" * 499 + "1") == 500


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_takes_its_fewest_arguments(name: str) -> None:
    fewest = FUNCTIONS[name][0][0]
    evaluate(f"{name}({','.join(['0.5', '0.25', '0.75', '1', '2'][:fewest])})")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="0123456789+-*/^().,;= xyabsminforif", max_size=40))
def test_no_text_raises_anything_else(text: str) -> None:
    try:
        evaluate(text)
    except ExpressionError:
        pass
