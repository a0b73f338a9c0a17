from __future__ import annotations

from pathlib import Path

import pytest

from softswitch.switch import modules
from tests.modules.directory.support import (
    ASKS_FIRST,
    ASKS_LAST,
    CHOOSE,
    DOMAIN,
    ENTRY,
    company,
    param,
    user,
)
from tests.support.audio import tone, write_wav

SPELLED = [f"ascii/{ord(letter)}" for letter in "carl"]


async def test_letters_find_a_name_and_a_key_puts_the_call_through(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.hears("directory/dir-enter_person", ASKS_LAST)
        await caller.hears("directory/dir-to_search_by", ASKS_FIRST, "voicemail/vm-press")
        caller.presses("566#")
        await caller.hears("digits/1", "directory/dir-result_match", ENTRY, "digits/1")
        await caller.hears(*SPELLED, "directory/dir-at_extension", "digits/1", "digits/0")
        await caller.hears("digits/0", "digits/2", CHOOSE, "voicemail/vm-press", "digits/1")
        await caller.hears("directory/dir-for_next", "voicemail/vm-press", "digits/6")
        await caller.hears("directory/dir-for_prev", "voicemail/vm-press", "digits/4")
        await caller.hears("directory/dir-start_new_search", "voicemail/vm-press", "digits/3")
        caller.presses("1")
        assert await c.reached(caller) == "1002"
        assert caller.session.get("after") is None


async def test_the_letters_end_by_themselves_after_a_pause(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "685")
        loop = c.bench.switch.loop
        pressed = loop.time()
        await caller.hears("directory/dir-result_match")
        assert 3.0 <= loop.time() - pressed < 3.6
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1003"


async def test_keys_typed_ahead_reach_the_right_one(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers("directory/dir-enter_person", "566#1")
        assert await c.reached(caller) == "1002"
        assert ENTRY not in caller.heard


async def test_the_star_asks_for_the_other_name_and_back(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "56*")
        await caller.answers(ASKS_FIRST, "*")
        await caller.answers(ASKS_LAST, "*")
        await caller.answers(ASKS_FIRST, "2275#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"


async def test_too_few_letters_and_names_that_do_not_exist_are_told(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "769#")
        await caller.hears("directory/dir-no_matching_results")
        await caller.answers(ASKS_LAST, "76#")
        await caller.hears("directory/dir-specify_mininum", "digits/3")
        await caller.hears("directory/dir-letters_of_person_name")
        caller.hangs_up()
        await c.bench.ended(caller.session)


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        ("1", "1"),
        ("61", "12"),
        ("91", "12"),
        ("6641", "1221"),
        ("41", "11"),
        ("6461", "1212"),
    ],
)
async def test_six_goes_on_and_four_goes_back(tmp_path: Path, keys: str, numbers: str) -> None:
    async with company(tmp_path, settings=param("min-search-digits", "2")) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "76#")
        await caller.hears("digits/2", "directory/dir-result_match")
        for number, key in zip(numbers, keys, strict=True):
            await caller.hears(ENTRY, f"digits/{number}")
            await caller.answers(CHOOSE, key)
        assert await c.reached(caller) == {"1": "1001", "2": "1000"}[numbers[-1]]


async def test_behind_the_last_entry_it_is_told_so_and_told_again(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(CHOOSE, "6")
        await caller.hears("directory/dir-no_more_results", ENTRY, "digits/1")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"


async def test_another_search_begins_by_a_key(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(CHOOSE, "3")
        await caller.answers(ASKS_LAST, "774#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1004"


async def test_the_terminator_skips_what_is_told_just_now(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(ENTRY, "#")
        await caller.answers(SPELLED[0], "#")
        await caller.answers("directory/dir-at_extension", "#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"
        assert SPELLED[1] not in caller.heard
        assert "digits/2" not in caller.heard


@pytest.mark.parametrize("key", ["", "#"])
async def test_who_says_nothing_at_an_entry_goes_on_in_the_dialplan(
    tmp_path: Path, key: str
) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.answers(CHOOSE, key)
        assert await c.reached(caller) == ""
        assert caller.session.get("after") == "yes"


@pytest.mark.parametrize(("settings", "times"), [("", 3), (param("max-menu-attempts", "2"), 2)])
async def test_silence_ends_after_some_attempts(tmp_path: Path, settings: str, times: int) -> None:
    async with company(tmp_path, settings=settings) as c:
        caller = c.call()
        await caller.hears(*["directory/dir-enter_person"] * times)
        assert await c.reached(caller) == ""
        assert caller.session.get("after") == "yes"
        assert caller.heard.count("directory/dir-enter_person") == times


async def test_too_many_are_not_told_one_by_one(tmp_path: Path) -> None:
    people = "".join(user(f"200{n}", f"Ann Smith{n}") for n in range(5))
    async with company(tmp_path, people=people) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "764#")
        await caller.hears("directory/dir-too_many_result")
        await caller.answers(ASKS_LAST, "764843#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "2003"


async def test_zero_results_at_most_means_any_number(tmp_path: Path) -> None:
    people = "".join(user(f"200{n}", f"Ann Smith{n}") for n in range(9))
    async with company(tmp_path, people=people, settings=param("max-result", "0")) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "76484#")
        await caller.hears("digits/10", "directory/dir-result_match")
        caller.hangs_up()
        await c.bench.ended(caller.session)


async def test_the_number_of_the_shy_is_not_told(tmp_path: Path) -> None:
    shy = user("3000", "Sly Fox", params=param("directory-exten-visible", "false"))
    async with company(tmp_path, people=shy) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "369#")
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "3000"
        assert "directory/dir-at_extension" not in caller.heard


async def test_a_name_recorded_in_voicemail_is_heard_in_the_persons_own_voice(
    tmp_path: Path,
) -> None:
    async with company(tmp_path) as c:
        modules.discover()
        assert await c.bench.switch.modules.load("mod_voicemail") is None
        recorded = tmp_path / "carl.wav"
        write_wav(recorded, tone(440, 200))
        module = c.bench.switch.modules.running["mod_voicemail"]
        box = await module.service.find(f"1002@{DOMAIN}")  # type: ignore[attr-defined]
        await box.store.prefer(box.id, box.domain, "name_path", str(recorded))
        caller = c.call()
        await caller.answers(ASKS_LAST, "566#")
        await caller.hears(ENTRY, str(recorded), "directory/dir-at_extension")
        assert SPELLED[0] not in caller.heard
        await caller.answers(CHOOSE, "1")
        assert await c.reached(caller) == "1002"


@pytest.mark.parametrize("prompt", [ASKS_LAST, "directory/dir-result_match", SPELLED[0], CHOOSE])
async def test_a_caller_who_hangs_up_ends_it(tmp_path: Path, prompt: str) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        if prompt != ASKS_LAST:
            await caller.answers(ASKS_LAST, "566#")
        await caller.hears(prompt)
        caller.hangs_up()
        assert await c.reached(caller) == ""
        assert caller.session.get("after") is None


async def test_a_flood_of_keys_is_only_a_long_name(tmp_path: Path) -> None:
    async with company(tmp_path) as c:
        caller = c.call()
        await caller.answers(ASKS_LAST, "2" * 400)
        await caller.hears("directory/dir-no_matching_results")
        caller.hangs_up()
        await c.bench.ended(caller.session)
