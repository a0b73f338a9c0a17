from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.message import Message as Parsed
from pathlib import Path

import pytest

from softswitch.modules.voicemail.letters import Mail, expand, format_number, mails_for
from softswitch.modules.voicemail.store import URGENT
from tests.modules.voicemail.support import DOMAIN, office, params

VANILLA = Path(__file__).resolve().parents[3] / "../shared/data/freeswitch-vanilla"


def email(**values: str) -> str:
    return f"<email>{params(**values)}</email>"


async def written(
    folder: Path, user: str, settings: str = "", *, asked: bool = False, **fields: str
) -> list[Mail]:
    """The mails that a message of four seconds makes."""
    async with office(folder, user=user, settings=settings) as o:
        message = await o.put("a", created=1_700_000_000, **fields)
        return await mails_for(o.bench.switch, await o.box(), message, asked=asked)


def parsed(mail: Mail) -> Parsed:
    return message_from_bytes(mail.data)


def text(part: Parsed) -> str:
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


async def test_a_mail_has_the_message_and_what_is_known_of_it(tmp_path: Path) -> None:
    user = params(
        vm_mailto="alice@b.test",
        vm_email_all_messages="true",
        vm_attach_file="true",
        timezone="UTC",
    )
    (mail,) = await written(tmp_path, user)
    assert (mail.sender, mail.recipient) == (f"1000@{DOMAIN}", "alice@b.test")
    whole = parsed(mail)
    assert whole["Subject"] == 'Voicemail from "Bob" <3000> 00:00:04'
    assert whole["To"] == "<alice@b.test>"
    assert whole["X-Priority"] == "3"
    assert whole["X-Voicemail-Length"] == "4"
    body, sound = whole.get_payload()  # type: ignore[misc]
    assert "Received: Tuesday, November 14 2023, 10:13 PM" in text(body)  # type: ignore[arg-type]
    assert sound.get_filename() == "msg_a.wav"  # type: ignore[union-attr]
    assert sound.get_content_maintype() == "audio"  # type: ignore[union-attr]
    assert sound.get_payload(decode=True)[:4] == b"RIFF"  # type: ignore[union-attr, index]


@pytest.mark.parametrize(
    ("user", "recipients", "sounds"),
    [
        ({}, [], []),
        ({"vm_mailto": "a@b"}, [], []),
        (
            {"vm_mailto": "a@b", "vm_email_all_messages": "true", "vm_attach_file": "true"},
            *(["a@b"], [True]),
        ),
        (
            {"vm_mailto": "a@b", "vm_email_all_messages": "true", "vm_attach_file": "false"},
            *(["a@b"], [False]),
        ),
        (
            {"vm_mailto": "a@b", "vm_email_all_messages": "true"},
            *(["a@b"], [False]),
        ),
        (
            {
                "vm_mailto": "a@b",
                "vm_email_all_messages": "true",
                "vm_keep_local_after_email": "false",
            },
            *(["a@b"], [True]),
        ),
        (
            {"vm_mailto": "a@b", "vm_notify_email_all_messages": "true"},
            *(["a@b"], [False]),
        ),
        (
            {"vm_notify_mailto": "n@b", "vm_notify_email_all_messages": "true"},
            *(["n@b"], [False]),
        ),
    ],
)
async def test_users_choose_what_is_mailed(
    tmp_path: Path, user: dict[str, str], recipients: list[str], sounds: list[bool]
) -> None:
    mails = await written(tmp_path, params(**user))
    assert [mail.recipient for mail in mails] == recipients
    assert [len(parsed(mail).get_payload()) == 2 for mail in mails] == sounds


async def test_a_message_is_mailed_when_its_user_asks(tmp_path: Path) -> None:
    (mail,) = await written(tmp_path, params(email_addr="a@b"), asked=True, urgency="A_URGENT")
    assert mail.recipient == "a@b"
    assert parsed(mail)["X-Priority"] == "1"


async def test_values_from_the_network_stay_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/vm.tpl").write_text(
        "Subject: from ${voicemail_caller_id_name}\n\n"
        "Content-Type: text/html\n\n<b>${voicemail_caller_id_name}</b>"
    )
    user = params(vm_mailto="a@b", vm_email_all_messages="true")
    name = "<script>\r\nBcc: x@y ${voicemail_file_path}"
    settings = email(template_file="vm.tpl")
    async with office(tmp_path, user=user, settings=settings) as o:
        message = await o.put("a")
        evil = replace(message, cid_name=name)
        (mail,) = await mails_for(o.bench.switch, await o.box(), evil)
    whole = parsed(mail)
    assert whole["Bcc"] is None
    assert "\n" not in whole["Subject"]
    html = text(whole.get_payload()[0])  # type: ignore[arg-type, index]
    assert "<script>" not in html and "&lt;script&gt;" in html
    assert "${voicemail_file_path}" in html


async def test_who_sends_can_be_chosen(tmp_path: Path) -> None:
    user = params(vm_mailto="a@b", vm_email_all_messages="true")
    settings = email(email_from="Voicemail &lt;vm@${voicemail_domain}&gt;")
    (mail,) = await written(tmp_path, user, settings)
    assert mail.sender == f"vm@{DOMAIN}"
    (mail,) = await written(tmp_path / "x", user + params(vm_mailfrom="pbx@b"), settings)
    assert mail.sender == "pbx@b"


async def test_a_template_that_is_gone_is_replaced(tmp_path: Path) -> None:
    user = params(vm_mailto="a@b", vm_email_all_messages="true")
    (mail,) = await written(tmp_path, user, email(template_file="nosuch.tpl"))
    assert parsed(mail)["Subject"].startswith("Voicemail from")


@pytest.mark.skipif(not VANILLA.exists(), reason="FreeSWITCH's own configuration is not here")
async def test_the_template_of_freeswitch_is_understood(tmp_path: Path) -> None:
    user = params(vm_mailto="a@b", vm_email_all_messages="true", vm_attach_file="true")
    settings = email(template_file=f"{VANILLA}/voicemail.tpl")
    (mail,) = await written(tmp_path, user, settings)
    whole = parsed(mail)
    assert whole["X-Mailer"] == "FreeSWITCH"
    assert whole["From"] == f'"Bob" <3000@{DOMAIN}>'
    body, sound = whole.get_payload()  # type: ignore[misc]
    plain, html = body.get_payload()  # type: ignore[union-attr, misc]
    assert "Duration: 00:00:04" in text(plain)  # type: ignore[arg-type]
    assert html.get_content_type() == "text/html"  # type: ignore[union-attr]
    assert sound.get_content_maintype() == "audio"  # type: ignore[union-attr]


def test_unknown_names_are_empty_and_values_are_not_expanded_again() -> None:
    values = {"a": "${b}", "b": "no"}
    assert expand("${a}|${c}|$a|${a", values) == "${b}||$a|${a"
    assert expand("${a}", {"a": "x\r\ny"}) == "x y"


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("12125550100", "1 (212) 555-0100"),
        ("+12125550100", "1 (212) 555-0100"),
        ("2125550100", "1 (212) 555-0100"),
        ("1000", "1000"),
        ("+442079460000", "+442079460000"),
        ("anonymous", "anonymous"),
        ("", ""),
    ],
)
def test_numbers_of_north_america_are_written_as_there(number: str, written: str) -> None:
    assert format_number(number) == written


async def test_a_mail_may_tell_how_many_messages_there_are(tmp_path: Path) -> None:
    template = tmp_path / "conf" / "counts.tpl"
    template.parent.mkdir(parents=True)
    names = ("total_new", "total_saved", "urgent_new", "urgent_saved")
    lines = [f"{name}=${{voicemail_{name}_messages}}" for name in names]
    lines.append("from ${voicemail_formatted_caller_id_number}")
    template.write_text("Subject: counts\n\n" + "\n".join(lines))
    settings = email(template_file="counts.tpl")
    user = params(vm_mailto="a@b.test", vm_email_all_messages="true", vm_attach_file="false")
    async with office(tmp_path, user=user, settings=settings) as o:
        await o.put("old", read=2000, urgency=URGENT)  # type: ignore[arg-type]
        await o.put("first", urgency=URGENT)
        message = await o.put("second", urgency=URGENT)
        message = replace(message, cid_number="2125550100")
        (mail,) = await mails_for(o.bench.switch, await o.box(), message)
        parts = [part for part in parsed(mail).walk() if not part.is_multipart()]
        body = text(parts[0]).splitlines()
    # It is told before the message itself is among those that are counted.
    assert body[:2] == ["total_new=3", "total_saved=1"]
    assert body[2:4] == ["urgent_new=3", "urgent_saved=1"]
    assert body[4] == "from 1 (212) 555-0100"


async def test_a_mail_may_be_written_in_the_profile(tmp_path: Path) -> None:
    user = params(
        vm_mailto="a@b", vm_email_all_messages="true", vm_notify_email_all_messages="true"
    )
    settings = (
        "<email><headers>\n  From: ${voicemail_from}\n  Subject: For ${voicemail_account}\n"
        "</headers><body>\nFrom ${voicemail_caller_id_name}.\n</body></email>"
        + params(notify_email_headers="Subject: Note", notify_email_body="Hear it.")
    )
    mail, note = map(parsed, await written(tmp_path, user, settings))
    assert mail["Subject"] == "For 1000" and mail["From"] == f"1000@{DOMAIN}"
    (body,) = mail.get_payload()  # type: ignore[misc]
    assert text(body) == "From Bob."  # type: ignore[arg-type]
    (body,) = note.get_payload()  # type: ignore[misc]
    assert (note["Subject"], text(body)) == ("Note", "Hear it.")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("command", "own", "name"),
    [
        ("cp", "", "msg_a.mp3"),
        ("cp", "false", "msg_a.wav"),
        ("false", "cp", "msg_a.mp3"),
        ("/nowhere/lame -b 32", "", "msg_a.wav"),
        ("'", "", "msg_a.wav"),
    ],
)
async def test_a_program_may_make_another_file_of_the_sound(
    tmp_path: Path, command: str, own: str, name: str
) -> None:
    wanted = {"vm_mailto": "a@b", "vm_email_all_messages": "true", "vm_attach_file": "true"}
    if own:
        wanted["vm_convert_cmd"] = own
    settings = params(convert_cmd=command, convert_ext="mp3")
    (mail,) = await written(tmp_path, params(**wanted), settings)
    sound = parsed(mail).get_payload()[1]
    assert sound.get_filename() == name  # type: ignore[union-attr]
    assert sound.get_payload(decode=True)[:4] == b"RIFF"  # type: ignore[union-attr, index]
