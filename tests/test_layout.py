"""The tests mirror the source: each file has its test file, and the reverse."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TESTED_BY = {
    "__main__.py": "cli/test_init.py",
    "main.py": "calls",
    "db/sqlite.py": "calls/test_registering.py",
    "dialplan/pcre_characters.py": "dialplan/test_pcre_rewrite.py",
    "dialplan/pcre_items.py": "dialplan/test_pcre_rewrite.py",
    "dialplan/review.py": "dialplan/test_xml.py",
    "endpoints": "calls",
    "media/codecs": "media/codecs/test_codec.py",
    "media/interface.py": "media/test_contract.py",
    "switch/dialstring.py": "switch/test_originate.py",
    "switch/outleg.py": "switch/test_originate.py",
    "switch/ringback.py": "switch/test_originate.py",
    "switch/ringing.py": "switch/test_originate.py",
    "switch": "switch/test_session.py",
}
"""Source files and folders without a test file of their own, and where they are tested."""

OF_SEVERAL = {
    "test_layout.py",
    "commands/test_recorded_answers.py",
    "config/test_broken_files.py",
    "dialplan/test_vanilla.py",
    "media/test_contract.py",
    "media/test_native_engine.py",
    "media/test_sound.py",
    "modules/event_socket/test_recorded_sessions.py",
    "sdp/test_fuzz.py",
    "sip/test_fuzz.py",
    "sip/test_lossy_calls.py",
    "sip/test_torture.py",
}
"""Test files about several source files."""

WHOLE = ("calls", "interop", "load")
"""Folders of tests about the whole program."""


def _tested(source: Path) -> bool:
    folder = ROOT / "tests" / source.parent
    if (folder / f"test_{source.name}").exists() or [*folder.glob(f"test_{source.stem}_*.py")]:
        return True
    places = [str(source), *(str(parent) for parent in source.parents)]
    return any(
        (ROOT / "tests" / TESTED_BY[place]).exists() for place in places if place in TESTED_BY
    )


def test_each_source_file_has_a_test_file() -> None:
    package = ROOT / "softswitch"
    sources = [path.relative_to(package) for path in sorted(package.rglob("*.py"))]
    untested = [
        str(source) for source in sources if source.name != "__init__.py" and not _tested(source)
    ]
    assert untested == []


def test_each_test_file_has_a_source_file() -> None:
    tests = ROOT / "tests"
    stray = []
    for path in sorted(tests.rglob("test_*.py")):
        test = path.relative_to(tests)
        if test.parts[0] in WHOLE or str(test) in OF_SEVERAL:
            continue
        words = path.stem.removeprefix("test_").split("_")
        names = {"_".join(words[:count]) for count in range(1, len(words) + 1)} | {"__init__"}
        folder = ROOT / "softswitch" / test.parent
        if not any((folder / f"{name}.py").exists() for name in names):
            stray.append(str(test))
    assert stray == []


def test_the_lists_of_exceptions_name_files_that_are_there() -> None:
    for source, test in TESTED_BY.items():
        assert (ROOT / "softswitch" / source).exists(), source
        assert (ROOT / "tests" / test).exists(), test
    for test in OF_SEVERAL:
        assert (ROOT / "tests" / test).exists(), test
