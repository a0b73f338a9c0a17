from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.voicemail.support import DOMAIN, office, params

MENU = "voicemail/vm-listen_new"
ASKED_ID = "voicemail/vm-enter_id"
ASKED_PASSWORD = "voicemail/vm-enter_pass"


async def test_a_user_logs_in_and_is_told_how_many_messages_there_are(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("check")
        await caller.answers(ASKED_PASSWORD, "1234#")
        await caller.hears("voicemail/vm-you_have", "digits/0", "voicemail/vm-new")
        await caller.answers(MENU, "#")
        await caller.hears("voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        (event,) = o.events("authentication")
        assert (event["VM-User"], event["VM-Auth-Result"]) == ("1000", "success")


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ([], "0 new messages 0 saved messages"),
        (["new"], "1 new message"),
        (["new", "urgent", "urgent"], "2 urgent-new messages 3 new messages"),
        (["saved"], "0 new messages 1 saved message"),
        (["new", "saved", "saved"], "1 new message"),
        (["urgent", "saved"], "1 urgent-new message"),
    ],
)
async def test_the_summary_counts_what_there_is(
    tmp_path: Path, messages: list[str], said: str
) -> None:
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000") as o:
        for number, kind in enumerate(messages):
            message = await o.put(
                str(number), urgency="A_URGENT" if kind == "urgent" else "B_NORMAL"
            )
            if kind == "saved":
                await (await o.box()).store.mark_read(message, 5)
        caller = o.call("run", vm_auto_play="false")
        await caller.hears(MENU)
        words = [
            name.removeprefix("digits/").removeprefix("voicemail/vm-") for name in caller.heard[:-1]
        ]
        assert " ".join(words).replace("you_have ", "") == said
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_a_key_during_the_summary_is_a_choice_already(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000") as o:
        await o.put("a")
        caller = o.call("run")
        await caller.answers("voicemail/vm-you_have", "5")
        await caller.hears("voicemail/vm-to_record_greeting")
        assert "voicemail/vm-message_number" not in caller.heard
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_the_number_is_asked_for_where_the_dialplan_does_not_say_it(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check default {DOMAIN}", "set after=yes") as o:
        caller = o.call("run")
        await caller.answers(ASKED_ID, "5551000#")
        await caller.answers(ASKED_PASSWORD, "1234#")
        await caller.answers(MENU, "#")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        assert o.events("authentication")[0]["VM-User"] == "1000"


@pytest.mark.parametrize("wrong", ["9999", "1000"])
async def test_three_wrong_passwords_are_the_end(tmp_path: Path, wrong: str) -> None:
    async with office(tmp_path) as o:
        caller = o.call("check")
        for _ in range(3):
            await caller.answers(ASKED_PASSWORD, f"{wrong}#")
            await caller.hears("voicemail/vm-fail_auth")
        await caller.hears("voicemail/vm-abort", "voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        assert [event["VM-Auth-Result"] for event in o.events("authentication")] == ["fail"] * 3


async def test_no_password_is_no_wrong_one_but_counts_as_an_attempt(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check default {DOMAIN}", "set after=yes") as o:
        caller = o.call("run")
        await caller.answers(ASKED_ID, "#")
        await caller.answers(ASKED_ID, "1000#")
        for _ in range(2):
            await caller.answers(ASKED_PASSWORD, "#")
        await caller.hears("voicemail/vm-abort", "voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        assert "voicemail/vm-fail_auth" not in caller.heard
        assert caller.heard.count(ASKED_ID) == 2
        assert o.events("authentication") == []


async def test_after_a_wrong_password_the_number_is_asked_for_again(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check default {DOMAIN}") as o:
        caller = o.call("run")
        await caller.answers(ASKED_ID, "1001#")
        await caller.answers(ASKED_PASSWORD, "1#")
        await caller.hears("voicemail/vm-fail_auth")
        await caller.answers(ASKED_ID, "1000#")
        await caller.answers(ASKED_PASSWORD, "1234#")
        await caller.hears(MENU)
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_no_password_opens_a_mailbox_that_does_not_exist(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with office(
        tmp_path, f"voicemail check auth default {DOMAIN} 9999", "set after=yes"
    ) as o:
        caller = o.call("run")
        await caller.hears("voicemail/vm-abort", "voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        assert ASKED_PASSWORD not in caller.heard
        assert f"9999@{DOMAIN} has no mailbox" in caplog.text


async def test_auth_alone_is_for_leaving_a_message(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail auth default {DOMAIN} 1000") as o:
        caller = o.call("run")
        await caller.hears("voicemail/vm-person")
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_the_options_lead_back_without_the_summary(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000") as o:
        caller = o.call("run")
        await caller.answers(MENU, "5")
        await caller.answers("voicemail/vm-to_record_greeting", "0")
        await caller.hears(MENU)
        (event,) = o.events("folder-summary")
        assert event["VM-Folder"] == "inbox"
        assert caller.session.get("voicemail_current_folder") == "inbox"
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_a_number_that_does_not_exist_is_asked_for_a_password_all_the_same(
    tmp_path: Path,
) -> None:
    async with office(tmp_path, f"voicemail check default {DOMAIN}") as o:
        caller = o.call("run")
        await caller.answers(ASKED_ID, "7777#")
        await caller.answers(ASKED_PASSWORD, "1234#")
        await caller.hears("voicemail/vm-fail_auth")
        caller.hangs_up()
        await o.bench.ended(caller.session)


async def test_silence_is_not_waited_for_without_end(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        caller = o.call("check")
        await caller.hears("voicemail/vm-abort")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"


@pytest.mark.parametrize(
    ("data", "variables"),
    [
        (f"check auth default {DOMAIN} 1000", {}),
        (f"auth check default {DOMAIN} 1000", {}),
        (f"check default {DOMAIN} 1000", {"voicemail_authorized": "true"}),
        (f"check default {DOMAIN} 1003", {}),
    ],
)
async def test_some_need_no_password(tmp_path: Path, data: str, variables: dict[str, str]) -> None:
    async with office(tmp_path, f"voicemail {data}") as o:
        caller = o.call("run", **variables)
        await caller.answers(MENU, "#")
        await o.bench.ended(caller.session)
        assert ASKED_PASSWORD not in caller.heard
        assert [event["VM-Auth-Result"] for event in o.events("authentication")] == ["success"]


@pytest.mark.parametrize("variable", [True, False])
async def test_a_login_alone_sets_the_variables_of_the_user(tmp_path: Path, variable: bool) -> None:
    what = "check" if variable else "check auth_only"
    variables = {"vm_auth_only": "true"} if variable else {}
    actions = (f"voicemail {what} default {DOMAIN} 1000", "set after=yes")
    async with office(tmp_path, *actions) as o:
        caller = o.call("run", **variables)
        await caller.answers(ASKED_PASSWORD, "1234#")
        session = await o.bench.ended(caller.session)
        assert session.get("user_pin_authenticated") == "true"
        assert session.get("user_pin_authenticated_user") == "1000"
        assert session.get("toll_allow") == "local"
        assert session.get("user_name") == "1000"
        assert session.get("after") == "yes"


async def test_a_login_that_fails_hangs_up_where_it_is_all_that_is_wanted(tmp_path: Path) -> None:
    actions = (f"voicemail check auth_only default {DOMAIN} 1000", "set after=yes")
    settings = params(max_login_attempts="1")
    async with office(tmp_path, *actions, settings=settings) as o:
        caller = o.call("run")
        await caller.answers(ASKED_PASSWORD, "1#")
        await caller.hears("voicemail/vm-abort", "voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.channel.hangup_cause.name == "USER_CHALLENGE"
        assert session.get("after") is None


async def test_the_menu_is_said_three_times_to_nobody(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000") as o:
        caller = o.call("run")
        await caller.answers(MENU, "9")
        await caller.hears(MENU, MENU, "voicemail/vm-goodbye")
        await o.bench.ended(caller.session)


async def test_new_and_saved_messages_are_chosen_in_the_menu(tmp_path: Path) -> None:
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000") as o:
        await o.put("new")
        saved = await o.put("saved")
        await (await o.box()).store.mark_read(saved, 5)
        caller = o.call("run", vm_auto_play="false")
        await caller.answers(MENU, "2")
        await caller.hears("voicemail/vm-saved", "voicemail/vm-message_number", saved.path)
        await caller.answers("voicemail/vm-save_recording", "2")
        await caller.answers(MENU, "1")
        await caller.hears("voicemail/vm-new", "voicemail/vm-message_number")
        caller.hangs_up()
        await o.bench.ended(caller.session)


@pytest.mark.parametrize(("uuid", "heard"), [("b", True), ("nosuch", False)])
async def test_a_single_message_is_played_without_a_menu(
    tmp_path: Path, uuid: str, heard: bool
) -> None:
    actions = (f"voicemail check auth default {DOMAIN} 1000 {uuid}", "set after=yes")
    async with office(tmp_path, *actions) as o:
        for name in "abc":
            await o.put(name)
        caller = o.call("run")
        if heard:
            await caller.answers("voicemail/vm-save_recording", "2")
        await caller.hears("voicemail/vm-goodbye")
        session = await o.bench.ended(caller.session)
        assert session.get("after") == "yes"
        assert [name[-5] for name in caller.heard if "/msg_" in name] == (["b"] if heard else [])
        assert MENU not in caller.heard


@pytest.mark.parametrize("kind", ["param", "variable"])
async def test_dates_are_told_in_the_zone_of_the_user(tmp_path: Path, kind: str) -> None:
    user = params(timezone="America/New_York")
    if kind == "variable":
        user = f"</params><variables>{user.replace('param', 'variable')}</variables><params>"
    async with office(tmp_path, f"voicemail check auth default {DOMAIN} 1000", user=user) as o:
        await o.put("a", created=1_700_000_000)
        caller = o.call("run")
        # Where it is still the afternoon.
        await caller.hears("time/at", "digits/5", "digits/13", "time/p-m")
        caller.hangs_up()
        await o.bench.ended(caller.session)
