from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.config import validators
from softswitch.config.document import Configuration
from softswitch.config.errors import ConfigurationErrors, Finding, Severity
from softswitch.config.store import ConfigurationStore
from softswitch.config.validators import register_validator
from tests.config.files import write_files

ROOT = """<document>
<X-PRE-PROCESS cmd="include" data="vars.xml"/>
<section name="configuration">
<X-PRE-PROCESS cmd="include" data="parts/*.xml"/>
</section>
</document>
"""


def write_generation(folder: Path, number: int, *, broken: bool = False) -> None:
    """A generation is whole if its variable and all of its parts have one number."""
    parts = {
        f"parts/{part}.xml": f'<configuration name="p{part}" n="{number}" v="$${{n}}"/>'
        for part in range(4)
    }
    if broken:
        parts["parts/2.xml"] = "<configuration"
    variables = f'<X-PRE-PROCESS cmd="set" data="n={number}"/>'
    write_files(folder, {"softswitch.xml": ROOT, "vars.xml": variables, **parts})


def number_of(configuration: Configuration) -> int:
    """The one number in all parts of a generation; fails if there are several."""
    section = configuration.section("configuration")
    assert section is not None
    numbers = {part.get(name) for part in section for name in ("n", "v")}
    numbers.add(configuration.globals["n"])
    assert len(section) == 4
    assert len(numbers) == 1, numbers
    return int(numbers.pop() or -1)


@pytest.fixture
def store(tmp_path: Path) -> ConfigurationStore:
    write_generation(tmp_path, 0)
    return ConfigurationStore(tmp_path, {"built-in": "1"})


@pytest.fixture
def no_other_validators(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(validators, "_validators", {})
    yield


async def test_a_reload_puts_the_new_configuration_in_use_and_tells(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    told: list[Configuration] = []
    unsubscribe = store.subscribe(told.append)
    old = store.current
    write_generation(tmp_path, 1)
    assert await store.reload() == ()
    assert number_of(store.current) == 1
    assert told == [store.current]
    assert store.current.number > old.number
    assert number_of(old) == 0
    unsubscribe()
    await store.reload()
    assert len(told) == 1


async def test_an_error_keeps_the_old_configuration_and_is_returned(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    told: list[Configuration] = []
    store.subscribe(told.append)
    old = store.current
    write_generation(tmp_path, 1, broken=True)
    findings = await store.reload()
    assert [finding.code for finding in findings] == ["X113"]
    assert store.current is old
    assert store.globals["n"] == "0"
    assert not told


async def test_a_listener_that_fails_does_not_keep_the_others_from_being_told(
    store: ConfigurationStore, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(configuration: Configuration) -> None:
        raise ValueError("no")

    told: list[Configuration] = []
    store.subscribe(fail)
    store.subscribe(told.append)
    await store.reload()
    assert told == [store.current]
    assert "failed on the new configuration" in caplog.text


def test_a_first_configuration_with_errors_is_refused(tmp_path: Path) -> None:
    write_generation(tmp_path, 0, broken=True)
    with pytest.raises(ConfigurationErrors):
        ConfigurationStore(tmp_path, {})


async def test_what_a_validator_finds_is_returned_and_its_errors_refuse(
    store: ConfigurationStore, tmp_path: Path, no_other_validators: None
) -> None:
    def validator(configuration: Configuration) -> list[Finding]:
        severity = Severity.ERROR if configuration.globals["n"] == "2" else Severity.WARNING
        return [configuration.root.finding("R100", "m", severity=severity)]

    register_validator("dialplan", validator)
    write_generation(tmp_path, 1)
    assert [finding.code for finding in await store.reload()] == ["R100"]
    assert number_of(store.current) == 1
    assert [finding.code for finding in store.current.findings] == ["R100"]
    write_generation(tmp_path, 2)
    assert [finding.severity for finding in await store.reload()] == [Severity.ERROR]
    assert number_of(store.current) == 1


async def test_a_variable_set_while_running_is_read_by_the_next_reload(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    store.globals["late"] = "5"
    write_files(tmp_path, {"softswitch.xml": '<document a="$${late}" b="$${built-in}"/>'})
    await store.reload()
    assert store.current.root.attributes == {"a": "5", "b": "1"}


async def test_a_variable_set_while_files_are_read_survives(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    write_generation(tmp_path, 1)
    candidate = store.prepare()
    store.globals["late"] = "5"
    assert store.adopt(candidate)
    assert store.globals == {"built-in": "1", "n": "1", "late": "5"}


async def test_a_variable_the_files_delete_is_gone(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    root = '<X-PRE-PROCESS cmd="set" data="built-in="/>\n<document/>'
    write_files(tmp_path, {"softswitch.xml": root})
    await store.reload()
    assert "built-in" not in store.globals


def test_a_configuration_prepared_earlier_does_not_replace_a_later_one(
    store: ConfigurationStore, tmp_path: Path
) -> None:
    write_generation(tmp_path, 1)
    slow = store.prepare()
    write_generation(tmp_path, 2)
    assert store.adopt(store.prepare())
    assert not store.adopt(slow)
    assert number_of(store.current) == 2


STEPS = st.lists(
    st.sampled_from(["edit", "break", "prepare", "adopt oldest", "adopt newest", "set", "look"]),
    max_size=30,
)


@pytest.mark.slow
@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_edits_and_reloads_in_any_order_never_mix_or_lose_a_generation(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("conf")
    write_generation(folder, 0)
    store = ConfigurationStore(folder, {})
    written, broken = 0, False
    prepared: list[tuple[int, Configuration]] = []
    in_use, held = 0, [(0, store.current)]
    for step in steps:
        match step:
            case "edit" | "break":
                written, broken = written + 1, step == "break"
                write_generation(folder, written, broken=broken)
            case "prepare" if broken:
                with pytest.raises(ConfigurationErrors):
                    store.prepare()
            case "prepare":
                prepared.append((written, store.prepare()))
            case "adopt oldest" | "adopt newest" if prepared:
                number, candidate = prepared.pop(0 if step == "adopt oldest" else -1)
                later = candidate.number > store.current.number
                assert store.adopt(candidate) is later
                if later:
                    in_use = number
                    held.append((number, candidate))
            case "set":
                store.globals["runtime"] = str(written)
        assert number_of(store.current) == in_use
        assert store.globals["n"] == str(in_use)
    for number, configuration in held:
        assert number_of(configuration) == number


@pytest.mark.slow
async def test_readers_see_whole_generations_while_reloads_overlap(tmp_path: Path) -> None:
    write_generation(tmp_path, 0)
    store = ConfigurationStore(tmp_path, {})
    chance = random.Random(4)
    seen: list[int] = []
    reloads: list[asyncio.Task[tuple[Finding, ...]]] = []
    loop = asyncio.get_running_loop()
    for number in range(1, 40):
        folder = tmp_path / f"next{number}"
        write_generation(folder, number, broken=chance.random() < 0.3)
        store.directory = folder
        reloads.append(loop.create_task(store.reload()))
        for _ in range(chance.randrange(20)):
            await asyncio.sleep(0)
            seen.append(number_of(store.current))
    await asyncio.gather(*reloads)
    assert number_of(store.current) >= max(seen)
    assert seen == sorted(seen)
