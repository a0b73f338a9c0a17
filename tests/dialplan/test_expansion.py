"""The ``${}`` language, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.dialplan import expansion
from softswitch.dialplan.arrays import ArrayValue
from softswitch.dialplan.expansion import (
    CommandCall,
    drive,
    expand,
    expand_event,
    expand_now,
    needs_expansion,
    references,
    static_text,
)

VARIABLES: dict[str, str] = {
    "a": "hello",
    "n": "a",
    "b": "x${a}y",
    "c": "${b}${b}",
    "d": "4155551212",
    "arr": "ARRAY::one|:two|:three",
    "single": ArrayValue(["only"]),
    "gaps": "ARRAY::|:x|:",
    "nested": "ARRAY::${a}|:${d}",
    "loop": "${loop}",
    "esc": r"it\'s",
    "esc2": r"a\\b",
    "dollar": r"\${a}",
    "idx": "1",
    "off": "3",
    "i": "arr[1]",
    "sl": "d:3",
    "foo": "ABC",
    "domain": "127.0.0.1",
    "a:b": "colon",
    "with space": "spaced",
    "cmd": "up",
    "bad": "${",
    "half": "a}",
    "zero": "0",
    "utf": "naïve é",
}

# Text and what it expands to; ``up`` answers its arguments in upper case, ``args`` as <them>.
CASES: list[tuple[str, str]] = [
    # untouched texts
    ("", ""), ("plain", "plain"), ("$", "$"), ("$$", "$$"), ("$a", "$a"), ("$5", "$5"),
    ("$1", "$1"),
    ("a$b", "a$b"), ("{a}", "{a}"), ("}", "}"), ("%{a}", "%{a}"), ("$ {a}", "$ {a}"),
    ("$(a)", "$(a)"),
    (r"\x", r"\x"), (r"\$5", r"\$5"), (r"a\,b", r"a\,b"), ("\\", "\\"), ("a\\", "a\\"),
    ("100%", "100%"),
    ("{x=1}sofia/a/b", "{x=1}sofia/a/b"), ("^(\\d+)$", "^(\\d+)$"), ("$$x", "$$x"),
    ("a,b;c", "a,b;c"),
    # plain references
    ("${a}", "hello"), ("$${a}", "hello"), ("$$${a}", "$hello"), ("x${a}", "xhello"),
    ("${a}x", "hellox"),
    ("x${a}y", "xhelloy"), ("${a}${a}", "hellohello"), ("${a} ${d}", "hello 4155551212"),
    ("${zz}", ""), ("[${zz}]", "[]"), ("${}", ""), ("x${}y", "xy"), ("${a", "hello"), ("${", ""),
    ("x${a", "xhello"), ("${a}}", "hello}"), ("${a}{", "hello{"), ("{${a}}", "{hello}"),
    ("${a}$", "hello$"),
    ("${a}$$", "hello$"), ("${a}$x", "hello$x"), ("$x${a}", "$xhello"), ("$$x${a}", "$xhello"),
    ("${ a}", ""), ("${A}", ""), ("${a}.${n}", "hello.a"), ("${domain}}|", "127.0.0.1}|"),
    ("${a}\n${a}", "hello\nhello"), ("${zero}", "0"), ("${utf}", "naïve é"), ("é${a}é", "éhelloé"),
    # values are expanded in their turn
    ("${b}", "xhelloy"), ("${c}", "xhelloyxhelloy"), ("${n}", "a"), ("${esc}", "its"),
    ("${esc2}", r"a\b"),
    ("${dollar}", "${a}"), ("${bad}", ""), ("${half}", "a}"), ("${loop}", "${loop}"),
    ("a${loop}b", "a${loop}b"),
    # names are expanded first
    ("${${n}}", "hello"), ("${${n}:1}", "ello"), ("${${n}:1:2}", "el"), ("${${zz}}", ""),
    ("${${zz}a}", "hello"),
    ("${${i}}", "two"), ("${${sl}}", "5551212"), ("${d:${off}}", "5551212"),
    ("${arr[${idx}]}", "two"),
    ("${a${zz}}", "hello"), ("${${${n}}}", ""), ("$${${n}}", "hello"),
    # slices
    ("${d:0}", "4155551212"), ("${d:1}", "155551212"), ("${d:3}", "5551212"), ("${d:9}", "2"),
    ("${d:10}", ""), ("${d:11}", ""), ("${d:20}", ""), ("${d:0:3}", "415"), ("${d:3:3}", "555"),
    ("${d:3:7}", "5551212"), ("${d:3:70}", "5551212"), ("${d:3:0}", "5551212"),
    ("${d:3:-2}", "5551212"),
    ("${d:-4}", "1212"), ("${d:-4:2}", "12"), ("${d:-1}", "2"), ("${d:-10}", "4155551212"),
    ("${d:-11}", "4155551212"), ("${d:-20}", "4155551212"), ("${d:-20:3}", "415"),
    ("${d:+3}", "5551212"),
    ("${d: 3}", ""), ("${d:x}", "4155551212"), ("${d:}", "4155551212"), ("${d::}", "4155551212"),
    ("${d::3}", "415"), ("${d:3x}", "5551212"), ("${d:1:2:3}", "15"), ("${d:0:100}", "4155551212"),
    ("${foo:0}", "ABC"), ("${foo:0:2}", "AB"), ("${foo:1}", "BC"), ("${foo:3}", ""),
    ("${foo:99}", ""),
    ("${foo:1:1}", "B"), ("${foo:0:3}", "ABC"), ("${foo:99:2}", ""), ("${foo:-1}", "C"),
    ("${foo:-3}", "ABC"),
    ("${foo:-99}", "ABC"), ("${zz:0}", ""), ("${zz:5}", ""), ("${b:1:5}", "hello"),
    ("${domain:-3}", "0.1"),
    ("${utf:0:5}", "naïve"), ("30${d:2}", "3055551212"), ("${d:3}${d:0:3}", "5551212415"),
    ("${a:b}", "hello"), ("${d:99999999999999999999}", ""), ("${d:-0}", "4155551212"),
    # arrays
    ("${arr}", "ARRAY::one|:two|:three"), ("${arr[0]}", "one"), ("${arr[1]}", "two"),
    ("${arr[2]}", "three"),
    ("${arr[3]}", ""), ("${arr[7]}", ""), ("${arr[-1]}", "ARRAY::one|:two|:three"),
    ("${arr[x]}", "one"),
    ("${arr[]}", "one"),
    ("${arr[1]:1}", "wo"), ("${arr[2]:0:2}", "th"), ("${a[0]}", ""), ("${a[1]}", ""),
    ("${zz[0]}", ""),
    ("${single}", "only"), ("${single[0]}", "only"), ("${single[1]}", ""), ("${gaps[0]}", ""),
    ("${gaps[1]}", "x"), ("${nested[0]}", "hello"), ("${nested[1]:3}", "5551212"), ("${arr[1}", ""),
    ("${arr[1]x}", "two"), ("${arr:7:3}", "one"), ("${a]}", ""), ("${arr[1", ""),
    # commands
    ("${up(x y)}", "X Y"), ("${up x y}", "X Y"), ("${up()}", ""), ("${up }", ""), ("${up(}", ""),
    ("${up(x}", "X"), ("${up(x)", "X"), ("${up x", "X"), ("${up(a(b)c)}", "A(B)C"),
    ("${up((a))}", "(A)"),
    ("${up a(b)c}", "A(B"), ("${up a(b(c)d)e}", "A(B(C)D"), ("${up (a)}", "(A"), ("${up(a)b}", "A"),
    ("${up(a)b)}", "A"), ("${up a)b}", "A)B"), ("${up(${a})}", "HELLO"), ("${up ${a}}", "HELLO"),
    ("${up(${up(x)}y)}", "XY"), ("${up(a${zz}b)}", "AB"), ("${up(a{b}c)}", "A{B}C"),
    ("${up({)}", "{"),
    ("${args(a b)}", "<a b>"), ("${args a b }", "<a b >"), ("${args( a )}", "< a >"),
    ("${args(a:1:2)}", "<a:1:2>"),
    ("${args(it\\'s)}", "<its>"), ("${args(a\\,b)}", "<a\\,b>"), ("${args(a\\\\b)}", "<a\\b>"),
    ("${nosuch(x)}", ""),
    ("${nosuch}", ""), ("${args(%Y-%m-%d %H:%M)}", "<%Y-%m-%d %H:%M>"),
    ("${args(a|^(b)(c)|%1)}", "<a|^(b)(c)|%1>"),
    ("${args(${b})}", "<xhelloy>"), ("${raw(x)}", "${a}\\'"), ("[${raw(x)}]", "[${a}\\']"),
    ("${raw }x", "${a}\\'x"),
    ("${${cmd}(x)}", "X"), ("${${cmd} x y}", "X Y"), ("${${zz}(x)}", ""),
    ("${${args(cmd)} x}", ""), ("${a${args( )}(x)}", ""), ("${${cmd}${zz}(${${cmd} b})}", "B"),
    ("${args(x)}${args(y)}", "<x><y>"), ("$${up(x)}", "X"),
    ("${args(${arr[1]})}", "<two>"),
    ("${args(insert/${domain}-x/${d:3}/$1)}", "<insert/127.0.0.1-x/5551212/$1>"),
    ("${with space}", ""),
    ("${up\t(x)}", ""), ("${args(junk(})}", "<junk(>)}"), ("${args(${a}", "<hello>"),
    ("a${up(b)}c", "aBc"), ("${up(x)}\\\\", "X\\\\"),
    # escapes
    (r"\${a}", "${a}"), (r"\$${a}", "${a}"), (r"\\${a}", "\\hello"), (r"\\\${a}", r"\${a}"),
    (r"a\\b", r"a\b"),
    (r"\\", "\\"), (r"\\\\", "\\\\"), (r"it\'s", "its"), (r"\'a\'", "a"), (r"a\nb", r"a\nb"),
    (r"x\tz", r"x\tz"),
    (r"a\sb", r"a\sb"), (r"a\n${a}", r"a\nhello"), (r"\$\\", "$\\"), (r"\$$x\\", "$x\\"),
    (r"${a}\\x", r"hello\\x"),
    (r"${a}\'x", "hello\\'x"), (r"${a}x\'y", "helloxy"), (r"${a}\${a}", "hello\\hello"),
    (r"\x${a}", r"\xhello"),
    (r"${a}\n", r"hello\n"), (r"\'${a}\'", "hello\\'"), ("\\'", ""), ("a\\'", "a"), (r"\\n", r"\n"),
    (r"\d\\d", r"\d\d"), ("${a}|\\n|\\t|\\s|\\'|a\\,b", "hello|\\n|\\t|\\s||a\\,b"),
    ("${domain:20:2}|a${domain}b|\\${domain}|\\\\${domain}|$domain|$$domain",
     "|a127.0.0.1b|${domain}|\\127.0.0.1|$domain|$domain"),
    # what dialplans write
    ("user/${a}@${domain}", "user/hello@127.0.0.1"),
    ("{leg_timeout=15}user/${d}", "{leg_timeout=15}user/4155551212"),
    ("sofia/gateway/x/${d:-7}", "sofia/gateway/x/5551212"),
    ("x=${args(select/${domain}-m/${d})}", "x=<select/127.0.0.1-m/4155551212>"),
    ("$1-${domain}@default", "$1-127.0.0.1@default"),
    ("tone_stream://%(500, 0, 320)", "tone_stream://%(500, 0, 320)"),
    ("execute_on_answer='bind_meta_app 2 a s1 transfer::intercept:${d} inline'",
     "execute_on_answer='bind_meta_app 2 a s1 transfer::intercept:4155551212 inline'"),
    ("AES_${foo}|${zz}", "AES_ABC|"), ("^${d}$", "^4155551212$"), ("${foo}_${foo:1}", "ABC_BC"),
]  # fmt: skip


def command(name: str, arguments: str) -> str:
    if name == "up":
        return arguments.upper()
    if name == "args":
        return f"<{arguments}>"
    return "${a}\\'" if name == "raw" else ""


def test_the_table_is_as_large_as_promised() -> None:
    assert len(CASES) >= 200
    assert len(dict(CASES)) == len(CASES)


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_texts_expand_for_a_channel(text: str, expected: str) -> None:
    assert expand_now(text, VARIABLES.get, command) == expected


HEADERS = {"a": "hello", "b": "x${a}y", "foo": "ABC", "empty": "", "arr": "ARRAY::one|:two"}
GLOBALS = {"g": "global ${a}", "a": "global a", "domain": "127.0.0.1"}

EVENT_CASES = [
    ("${a}", "hello"), ("$${a}", "global a"), ("${b}", "x${a}y"), ("${g}", "global hello"),
    ("$${g}", "global hello"), ("$${b}", ""), ("${domain:-3}", "0.1"), ("${foo:1:1}", "B"),
    ("${empty:0}", ""),
    ("${arr[1]}", "two"), ("${up(${a})}", "HELLO"), ("${zz}", ""), ("\\${a}", "${a}"),
    ("$$a", "$$a"),
    ("$$a${a}", "$ahello"), ("plain", "plain"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), EVENT_CASES)
def test_texts_expand_for_an_event(text: str, expected: str) -> None:
    assert drive(expand_event(text, HEADERS.get, GLOBALS.get), command) == expected


def test_commands_are_yielded_and_their_output_is_sent_in() -> None:
    work = expand("1${one(${a})}2${two x}3", VARIABLES.get)
    assert next(work) == CommandCall("one", "hello")
    assert work.send("[1]") == CommandCall("two", "x")
    with pytest.raises(StopIteration) as finished:
        work.send("[2]")
    assert finished.value.value == "1[1]2[2]3"


def test_without_a_command_runner_commands_answer_nothing() -> None:
    assert expand_now("a${up(x)}b", VARIABLES.get) == "ab"


def test_only_references_and_escapes_need_expansion() -> None:
    assert not needs_expansion("$1 \\d \\$5 {a} $$x")
    assert all(map(needs_expansion, ("${a}", "$${a}", "\\\\", "\\n", "\\s", "\\t", "\\'")))


def test_static_text_is_told_from_text_that_depends_on_variables() -> None:
    assert static_text("^\\\\*98$") == "^\\*98$"
    assert static_text("^98$") == "^98$"
    assert static_text("${a}") is None
    assert static_text("\\${a}") == "${a}"


def test_references_of_a_text_are_listed() -> None:
    assert references("${a}${b:1}${x(${y})}$1") == (["a", "b"], [CommandCall("x", "${y}")])
    assert references("plain") == ([], [])


def test_variables_that_hold_themselves_end_at_the_depth_limit() -> None:
    assert expand_now("${x}", {"x": "a${x}"}.get) == "a" * 100 + "a${x}"


def test_variables_that_double_themselves_do_not_grow_without_limit() -> None:
    assert len(expand_now("${x}", {"x": "yy${x}${x}"}.get)) <= expansion.MAX_OUTPUT


def test_output_of_commands_counts_against_the_limit() -> None:
    text = "${big()}" * 5
    output = expand_now(text, VARIABLES.get, lambda name, arguments: "x" * 400_000)
    assert len(output) == 800_000


PIECES = st.sampled_from(
    [
        "${", "$", "{", "}", "(", ")", "[", "]", ":", "\\", "'", " ", "a", "b", "loop", "arr",
        "c", "1",
        "-1", "${a}", "${up(", "${loop}", "|:", "ARRAY::", "$$", "\\n", "é", "\n", "0:3",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


@given(TEXTS, st.dictionaries(st.sampled_from(["a", "b", "c", "loop", "arr"]), TEXTS))
def test_expansion_never_raises_and_its_output_is_bounded(
    text: str, variables: dict[str, str]
) -> None:
    assert len(expand_now(text, variables.get, command)) <= expansion.MAX_OUTPUT + 20_000
    drive(expand_event(text, variables.get, variables.get), command)


@given(st.text())
def test_any_text_without_references_and_escapes_is_returned_untouched(text: str) -> None:
    if not needs_expansion(text):
        assert expand_now(text, VARIABLES.get, command) == text
