"""The compiled engine is what `_engine.pyi` says."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ast.parse((ROOT / "softswitch/media/_engine.pyi").read_text())
engine = pytest.importorskip("softswitch.media._engine")

CLASSES = {
    node.name: node
    for node in CONTRACT.body
    if isinstance(node, ast.ClassDef) and not node.bases and node.name in dir(engine)
}


def members(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    return {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}


def is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(item, ast.Name) and item.id == "property" for item in node.decorator_list)


def parameters(node: ast.FunctionDef) -> list[tuple[str, bool, str | None]]:
    """Name, whether it is keyword-only, and the default of each parameter but the first."""
    plain = node.args.args[1:]
    defaults = [None] * (len(plain) - len(node.args.defaults)) + list(node.args.defaults)
    listed = [(arg, False, default) for arg, default in zip(plain, defaults, strict=True)]
    keywords = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    listed += [(arg, True, default) for arg, default in keywords]
    listed += [(rest, False, None) for rest in [node.args.kwarg] if rest]
    return [
        (arg.arg, keyword, None if default is None else repr(ast.literal_eval(default)))
        for arg, keyword, default in listed
    ]


def compiled_parameters(function: object) -> list[tuple[str, bool, str | None]]:
    signature = inspect.signature(function)  # type: ignore[arg-type]
    return [
        (
            parameter.name,
            parameter.kind is parameter.KEYWORD_ONLY,
            None if parameter.default is parameter.empty else repr(parameter.default),
        )
        for parameter in signature.parameters.values()
        if parameter.name != "self"
    ]


def test_the_contract_names_the_classes_there_are() -> None:
    assert set(CLASSES) == {"Encoder", "Engine", "Live", "Mixer", "Source", "Stream", "Tap"}
    assert issubclass(engine.StreamClosed, Exception)


def test_the_module_exports_nothing_else() -> None:
    exported = {name for name in dir(engine) if not name.startswith("_")}
    assert exported == set(engine.__all__)
    assert exported == {*CLASSES, "StreamClosed", "check_tone", "codecs", "decode", "music"}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_has_the_members_of_the_contract_and_no_others(name: str) -> None:
    compiled = {member for member in vars(getattr(engine, name)) if not member.startswith("_")}
    assert compiled == {member for member in members(CLASSES[name]) if not member.startswith("_")}


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_is_final(name: str) -> None:
    with pytest.raises(TypeError):
        type("Derived", (getattr(engine, name),), {})


@pytest.mark.parametrize(
    ("name", "member"),
    [(name, member) for name, node in CLASSES.items() for member in members(node)],
)
def test_a_member_takes_what_the_contract_says(name: str, member: str) -> None:
    declared = members(CLASSES[name])[member]
    compiled = (
        getattr(engine, name) if member == "__new__" else getattr(getattr(engine, name), member)
    )
    if is_property(declared):
        assert inspect.isgetsetdescriptor(compiled)
    else:
        assert compiled_parameters(compiled) == parameters(declared)


@pytest.mark.slow
def test_the_type_checker_finds_no_difference() -> None:
    command = [sys.executable, "-m", "mypy.stubtest", "softswitch.media._engine"]
    command += ["--mypy-config-file", "pyproject.toml"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert checked.returncode == 0, checked.stdout
