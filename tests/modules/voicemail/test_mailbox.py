from __future__ import annotations

from hashlib import md5
from pathlib import Path

import pytest

from tests.modules.voicemail.support import DOMAIN, office, params

HASH = md5(f"1000:{DOMAIN}:77".encode()).hexdigest()


@pytest.mark.parametrize(
    ("user", "settings", "chosen", "admitted", "refused"),
    [
        ("", "", "", "1234", "4321"),
        ("", "", "99", "99", "1"),
        ("", "", "99", "1234", "1"),
        ("", params(db_password_override="true"), "99", "99", "1234"),
        ("", params(db_password_override="true"), "", "1234", "99"),
        (params(vm_a1_hash=HASH), "", "", "77", "78"),
        (params(a1_hash=HASH.upper()), "", "", "77", "78"),
        (params(a1_hash=HASH), "", "", "1234", "78"),
    ],
)
async def test_a_password_opens_the_mailbox(
    tmp_path: Path, user: str, settings: str, chosen: str, admitted: str, refused: str
) -> None:
    async with office(tmp_path, user=user, settings=settings) as o:
        box = await o.box()
        await box.store.prefer("1000", DOMAIN, "password", chosen)
        assert await box.admits(admitted)
        assert not await box.admits(refused)
        assert not await box.admits("")
        assert await box.needs_password()


@pytest.mark.parametrize(("allowed", "free"), [("true", True), ("false", False)])
async def test_who_may_choose_a_password_is_free_until_he_does(
    tmp_path: Path, allowed: str, free: bool
) -> None:
    settings = params(allow_empty_password_auth=allowed)
    async with office(tmp_path, settings=settings) as o:
        box = await o.box("1003")
        assert await box.needs_password() is not free
        assert await box.admits("") is free
        await box.store.prefer("1003", DOMAIN, "password", "5")
        assert await box.needs_password()
        assert await box.admits("5")
        assert not await box.admits("")


async def test_a_mailbox_is_found_by_id_and_alias_unless_it_is_off(tmp_path: Path) -> None:
    async with office(tmp_path) as o:
        for address in (f"1000@{DOMAIN}", f"5551000@{DOMAIN}", f"default/1000@{DOMAIN}", "1000"):
            box = await o.service.find(address)
            assert box is not None and box.id == "1000", address
        assert (await o.box("1001")).address == f"1001@{DOMAIN}"
        for address in (f"1002@{DOMAIN}", f"9@{DOMAIN}", "1000@b.test", "", f"x/1000@{DOMAIN}"):
            assert await o.service.find(address) is None, address


@pytest.mark.parametrize(
    ("settings", "user", "domain", "expected"),
    [
        ("", "", "", "storage/voicemail/default/example.test/1000"),
        (params(storage_dir="vm"), "", "", "storage/voicemail/vm/example.test/1000"),
        (params(storage_dir="/vm"), "", "", "/vm/example.test/1000"),
        (
            *(params(storage_dir="/vm", storage_dir_shared="true"), "", ""),
            "/vm/example.test/voicemail/1000",
        ),
        ("", params(vm_storage_dir="/mine"), "", "/mine"),
        ("", params(vm_storage_dir="mine"), "", "storage/voicemail/mine"),
        ("", "", params(storage_dir="/ours"), "/ours/1000"),
        ("", "", params(vm_domain_storage_dir="ours"), "storage/voicemail/ours/1000"),
    ],
)
async def test_messages_are_kept_where_freeswitch_keeps_them(
    tmp_path: Path, settings: str, user: str, domain: str, expected: str
) -> None:
    async with office(tmp_path, settings=settings, user=user, domain=domain) as o:
        assert (await o.box()).folder == tmp_path / expected


@pytest.mark.parametrize(
    ("user", "extension"),
    [("", "wav"), (params(vm_message_ext="flac"), "flac"), (params(vm_message_ext="../x"), "wav")],
)
async def test_files_have_the_names_of_freeswitch(
    tmp_path: Path, user: str, extension: str
) -> None:
    async with office(tmp_path, user=user) as o:
        box = await o.box()
        assert box.greeting(3).name == "greeting_3.wav"
        assert box.recorded_name.name == "recorded_name.wav"
        assert box.message("u").name == f"msg_u.{extension}"
