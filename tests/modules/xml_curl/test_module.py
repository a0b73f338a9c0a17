from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from softswitch.modules.xml_curl.module import XmlCurl
from softswitch.switch.causes import HangupCause
from tests.support.portal import bindings, document, portal
from tests.support.switch import bench, extension

MODULE = "mod_xml_curl"


def context(*extensions: str) -> str:
    return document("dialplan", f'<context name="default">{"".join(extensions)}</context>')


async def test_a_call_follows_the_portals_dialplan_until_the_module_is_unloaded(
    tmp_path: Path,
) -> None:
    async with (
        portal() as p,
        bench(tmp_path, extension("1", "hangup"), configuration=bindings(p.url, "dialplan")) as b,
    ):
        p.answers["dialplan"] = context(extension("1", "hangup CALL_REJECTED"))
        assert await b.switch.modules.load(MODULE) is None
        call = await b.ended(b.call("1", variables={"colour": "blue"}))
        assert call.channel.hangup_cause.name == "CALL_REJECTED"
        form = p.of("dialplan")[0]
        assert (form["tag_name"], form["key_name"], form["key_value"]) == ("", "", "")
        assert form["Hunt-Destination-Number"] == "1"
        assert form["variable_colour"] == "blue"
        assert form["Caller-Context"] == "default"
        assert not p.of("directory"), "only bound sections are asked for"
        assert await b.switch.modules.unload(MODULE) is None
        call = await b.ended(b.call("1"))
        assert call.channel.hangup_cause.name == "NORMAL_CLEARING"
        assert len(p.forms) == 1


async def test_what_the_portal_does_not_know_is_in_the_files(tmp_path: Path) -> None:
    async with (
        portal() as p,
        bench(tmp_path, extension("1", "hangup"), configuration=bindings(p.url)) as b,
    ):
        await b.switch.modules.load(MODULE)
        call = await b.ended(b.call("1"))
        assert call.channel.hangup_cause.name == "NORMAL_CLEARING"
        assert len(p.of("dialplan")) == 1


async def test_calls_go_on_with_the_files_when_the_portal_is_too_slow(tmp_path: Path) -> None:
    configuration = bindings("{0}", "dialplan", timeout="0.05")
    async with portal() as p:
        p.gate.clear()
        p.answers["dialplan"] = context(extension("1", "hangup CALL_REJECTED"))
        async with bench(
            tmp_path, extension("1", "hangup"), configuration=configuration.format(p.url)
        ) as b:
            await b.switch.modules.load(MODULE)
            calls = [b.call("1") for _ in range(8)]
            for call in calls:
                await b.ended(call)
                assert call.channel.hangup_cause.name == "NORMAL_CLEARING"
            before = len(p.forms)
            await b.ended(b.call("1"))
            assert len(p.forms) == before, "the dead server is left alone"


async def test_settings_come_from_the_portal(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path, configuration=bindings(p.url)) as b:
        p.answers["configuration"] = document(
            "configuration", '<configuration name="sofia.conf" description="theirs"/>'
        )
        await b.switch.modules.load(MODULE)
        found = await b.switch.lookups.configuration("sofia.conf")
        assert found is not None and found.get("description") == "theirs"
        form = p.of("configuration")[-1]
        assert form["tag_name"] == "configuration"
        assert (form["key_name"], form["key_value"]) == ("name", "sofia.conf")
        located = await b.switch.run_command(
            "xml_locate configuration configuration name sofia.conf"
        )
        assert "theirs" in located


async def test_users_come_from_the_portal_and_are_kept_as_asked(tmp_path: Path) -> None:
    async with portal() as p, bench(tmp_path, configuration=bindings(p.url, "directory")) as b:
        b.script("desk", "answer@0 hangup@0.01")
        p.answers["directory"] = document(
            "directory",
            '<domain name="example.test"><params><param name="dial-string" value="test/desk"/>'
            '</params><groups><group name="g"><users><user id="77" cacheable="true"/></users>'
            "</group></groups></domain>",
        )
        await b.switch.modules.load(MODULE)
        answer = await b.switch.run_command("originate user/77 &park")
        assert answer.startswith("+OK")
        form = p.of("directory")[0]
        assert form["action"] == "user_call"
        assert (form["key"], form["user"], form["domain"]) == ("id", "77", "example.test")
        assert (form["tag_name"], form["key_value"]) == ("domain", "example.test")
        await b.switch.run_command("user_exists id 77 example.test")
        assert len(p.forms) == 1
        assert await b.switch.run_command("xml_flush_cache") == "+OK cleared 1 entry\n"
        await b.switch.run_command("user_exists id 77 example.test")
        assert len(p.forms) == 2
        b.switch.hangup_all(HangupCause.NORMAL_CLEARING)


async def test_a_module_without_bindings_runs_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path) as b:
        assert await b.switch.modules.load(MODULE) is None
        module = b.switch.modules.running[MODULE]
        assert isinstance(module, XmlCurl) and module.gateways == []
        assert not b.switch.lookups.bound("directory")
        assert "nothing is asked" in caplog.text


async def test_a_certificate_that_is_not_there_keeps_it_from_running(tmp_path: Path) -> None:
    configuration = bindings("https://127.0.0.1:9/", ssl_cacert_file=str(tmp_path / "none.pem"))
    async with bench(tmp_path, configuration=configuration) as b:
        problem = await b.switch.modules.load(MODULE)
        assert problem is not None and "No such file" in problem
        assert not b.switch.lookups.bound("directory")


def test_the_http_client_is_imported_only_when_the_module_starts() -> None:
    program = (
        "import sys, softswitch.modules.xml_curl.module as m; sys.exit('aiohttp' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
