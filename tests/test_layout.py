"""The tests mirror the source: each file has its test file, and the reverse."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

TESTED_BY = {
    "__main__.py": "test_main.py",
    "media/codecs/cn.py": "media/codecs/test_codec.py",
    "media/codecs/g722.py": "media/codecs/test_codec.py",
    "media/codecs/g726.py": "media/codecs/test_codec.py",
    "media/codecs/gsm.py": "media/codecs/test_codec.py",
    "media/codecs/l16.py": "media/codecs/test_codec.py",
    "media/codecs/opus.py": "media/codecs/test_preference.py",
    "media/codecs/pcma.py": "media/codecs/test_codec.py",
    "media/codecs/pcmu.py": "media/codecs/test_codec.py",
    "sip/usage_state.py": "sip/test_invite_usage.py",
    "media/interface.py": "media/test_contract.py",
    "modules/callcenter/agent.py": "modules/callcenter/test_command.py",
    "modules/callcenter/application.py": "modules/callcenter/test_waiting.py",
    "modules/callcenter/events.py": "modules/callcenter/test_talk.py",
    "modules/callcenter/listing.py": "modules/callcenter/test_command.py",
    "modules/callcenter/member.py": "modules/callcenter/test_waiting.py",
    "modules/callcenter/sounds.py": "modules/callcenter/test_talk.py",
    "modules/conference/verbs.py": "modules/conference/test_command.py",
    "modules/fifo/application.py": "modules/fifo/test_caller.py",
    "modules/fifo/report.py": "modules/fifo/test_command.py",
    "switch/ivr.py": "switch/test_playing.py",
    "modules/fifo/stamp.py": "modules/fifo/test_caller.py",
}
"""Source files that say so little that others' tests hold them, and which."""

OF_SEVERAL = {
    "test_architecture.py",
    "test_layout.py",
    "apps/test_any_data.py",
    "commands/test_any_arguments.py",
    "commands/test_odd_arguments.py",
    "commands/test_recorded_answers.py",
    "config/test_broken_files.py",
    "dialplan/test_vanilla.py",
    "media/test_contract.py",
    "media/test_native_engine.py",
    "media/test_sound.py",
    "modules/event_socket/test_recorded_sessions.py",
    "modules/fifo/test_leaving.py",
    "sdp/test_fuzz.py",
    "sip/test_fuzz.py",
    "sip/test_lossy_calls.py",
    "sip/test_lossy_dialogs.py",
    "sip/test_torture.py",
    "switch/test_recorded_calls.py",
}
"""Test files about several source files."""

WHOLE = ("calls", "interop", "load")
"""Folders of tests about the whole program."""


def _has_test_file(source: Path) -> bool:
    return (ROOT / "tests" / source.parent / f"test_{source.name}").exists()


def _has_source_file(test: Path) -> bool:
    """``test_parser_torture.py`` is about ``parser.py``, ``test_init.py`` about ``__init__.py``."""
    folder = ROOT / "softswitch" / test.parent
    words = test.stem.removeprefix("test_").split("_")
    names = {"_".join(words[:count]) for count in range(1, len(words) + 1)}
    if words == ["init"]:
        names = {"__init__"}
    return any((folder / f"{name}.py").exists() for name in names)


def _sources() -> list[Path]:
    package = ROOT / "softswitch"
    files = [path.relative_to(package) for path in sorted(package.rglob("*.py"))]
    return [file for file in files if file.name != "__init__.py"]


def _tests() -> list[Path]:
    tests = ROOT / "tests"
    files = [path.relative_to(tests) for path in sorted(tests.rglob("test_*.py"))]
    return [file for file in files if file.parts[0] not in WHOLE]


def test_each_source_file_has_a_test_file() -> None:
    untested = [str(source) for source in _sources() if not _has_test_file(source)]
    assert [source for source in untested if source not in TESTED_BY] == []


def test_each_test_file_has_a_source_file() -> None:
    stray = [str(test) for test in _tests() if not _has_source_file(test)]
    assert [test for test in stray if test not in OF_SEVERAL] == []


def test_each_exception_is_there_and_needed() -> None:
    sources, tests = {str(source) for source in _sources()}, {str(test) for test in _tests()}
    for source, test in TESTED_BY.items():
        assert source in sources
        assert test in tests
        assert not _has_test_file(Path(source)), source
    for test in OF_SEVERAL:
        assert test in tests
        assert not _has_source_file(Path(test)), test


def test_each_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    bare = [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()]
    assert bare == []
