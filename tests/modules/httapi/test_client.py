from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest

from softswitch.modules.httapi.client import Attachment, Client, NoDocument
from softswitch.modules.httapi.permissions import GIVEN, Permissions
from softswitch.modules.httapi.settings import Profile, ServerSettings
from tests.modules.httapi.support import leader
from tests.support.switch import Bench, bench, extension

STAY = extension("1", "sleep 100000")


def client(b: Bench, server: ServerSettings, *granted: str, **params: str) -> Client:
    profile = Profile("x", server, Permissions(GIVEN | set(granted)))
    return Client(b.call("1"), profile, params)


async def test_parameters_are_sent_by_get_and_some_of_them_once(tmp_path: Path) -> None:
    async with leader() as server, bench(tmp_path, STAY) as b:
        server.say("<continue/>", "<continue/>")
        made = client(b, ServerSettings(f"{server.url}/a?x=1"), mine="y z")
        made.tell_caller()
        made.once["digits"] = "5"
        document = await made.next_document()
        assert [tag.name for tag in document.work] == ["continue"]
        await made.next_document()
        first, second = server.asked
        assert server.methods == ["GET", "GET"] and server.paths == ["/a", "/a"]
        assert (first["mine"], first["digits"], first["x"]) == ("y z", "5", "1")
        assert first["session_id"] and first["hostname"] == b.switch.hostname
        assert first["Caller-Caller-ID-Number"] == "1000"
        assert "digits" not in second and second["session_id"] == first["session_id"]
        assert server.headers[0]["User-Agent"].startswith("softswitch-httapi/")


async def test_a_profile_says_how_it_is_asked(tmp_path: Path) -> None:
    async with leader() as server, bench(tmp_path, STAY) as b:
        server.say("<continue/>", "<continue/>")
        settings = ServerSettings(
            f"{server.url}/${{who}}", "me:pw", "post", post_vars=("a",), user_agent="mine"
        )
        made = client(b, settings, a="1", c="2", who="x/y")
        await made.next_document()
        assert server.methods == ["POST"] and server.asked == [{"a": "1"}]
        assert server.paths == ["/x/y"], "filled in and quoted"
        wanted = f"Basic {b64encode(b'me:pw').decode()}"
        assert server.headers[0]["Authorization"] == wanted
        assert server.headers[0]["User-Agent"] == "mine"
        made.once["url"] = f"{server.url}/once"
        await made.next_document()
        assert server.paths[1] == "/once" and made.url.endswith("${who}")


async def test_the_whole_channel_is_told_where_that_is_allowed(tmp_path: Path) -> None:
    async with leader() as server, bench(tmp_path, STAY) as b:
        made = client(b, ServerSettings(server.url), "extended-data")
        await made.next_document()
        await made.next_document()
        assert server.asked[0]["Channel-Name"] == "test/1000"
        assert "Channel-Name" not in server.asked[1]
        made.params["full_channel_data_on_every_req"] = "true"
        await made.next_document()
        assert server.asked[2]["Channel-Name"] == "test/1000"
        await made.say_goodbye()
        assert server.asked[3]["exiting"] == "true"


async def test_files_are_sent_and_removed(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"sound")
    async with leader() as server, bench(tmp_path / "switch", STAY) as b:
        made = client(b, ServerSettings(server.url), who="me")
        made.attachments = [
            Attachment("file", "my.wav", tmp_path / "a.wav"),
            Attachment("gone", "x.wav", tmp_path / "none.wav"),
        ]
        await made.next_document()
        assert server.methods == ["POST"]
        assert server.asked[0]["file"] == ("my.wav", b"sound") and "gone" not in server.asked[0]
        assert server.asked[0]["who"] == "me"
        assert not (tmp_path / "a.wav").exists() and made.attachments == []


async def test_what_is_no_document_is_told_without_secrets(tmp_path: Path) -> None:
    async with leader() as server, bench(tmp_path, STAY) as b:
        url = server.url.replace("//", "//me:geheim@")
        made = client(b, ServerSettings(url))
        server.status = 500
        with pytest.raises(NoDocument, match="answers 500") as refused:
            await made.next_document()
        assert "geheim" not in str(refused.value)
        server.status, server.kind = 200, "text/html"
        with pytest.raises(NoDocument, match="not text/xml"):
            await made.next_document()
        server.kind = "text/xml"
        server.documents = ["<document"]
        with pytest.raises(NoDocument, match=r"127\.0\.0\.1"):
            await made.next_document()
        nowhere = client(b, ServerSettings("http://me:geheim@127.0.0.1:9/"))
        with pytest.raises(NoDocument, match=r"127\.0\.0\.1:9") as refused:
            await nowhere.next_document()
        assert "geheim" not in str(refused.value)
        await nowhere.say_goodbye()
