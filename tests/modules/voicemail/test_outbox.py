from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from softswitch.modules.voicemail.letters import Mail
from softswitch.modules.voicemail.outbox import Outbox, Refused, send_mail
from softswitch.modules.voicemail.settings import EmailSettings
from tests.modules.voicemail.support import office, params
from tests.support.switch import bench

MAIL = Mail("default", "pbx@a", "alice@b", b"Subject: x\r\n\r\nhello\r\n")


class Server:
    """A mail server that takes what it is told to take."""

    def __init__(self, *problems: Exception) -> None:
        self.problems = list(problems)
        self.taken: list[Mail] = []
        self.attempts = 0

    def send(self, settings: EmailSettings, mail: Mail) -> None:
        self.attempts += 1
        if self.problems:
            raise self.problems.pop(0)
        self.taken.append(mail)


async def test_a_mail_is_sent_and_gone(tmp_path: Path) -> None:
    server = Server()
    async with bench(tmp_path) as b:
        outbox = Outbox(b.switch, server.send)
        assert await outbox.put(MAIL)
        await b.after(1)
        assert server.taken == [MAIL]
        assert list(outbox.folder.iterdir()) == []
        assert b.switch.tasks == 0
        await outbox.stop()


async def test_a_mail_that_is_not_taken_is_tried_again_later_and_later(tmp_path: Path) -> None:
    server = Server(*(OSError("no route") for _ in range(4)))
    async with bench(tmp_path) as b:
        outbox = Outbox(b.switch, server.send)
        began = b.switch.loop.time()
        await outbox.put(MAIL)
        while not server.taken:
            await b.after(5)
        assert server.attempts == 5
        assert b.switch.loop.time() - began == pytest.approx(30 + 60 + 120 + 240, abs=10)
        await outbox.stop()


async def test_a_mail_outlives_a_restart(tmp_path: Path) -> None:
    async with bench(tmp_path) as b:
        down = Server(*(OSError("no route") for _ in range(9)))
        outbox = Outbox(b.switch, down.send)
        await outbox.put(MAIL)
        await b.after(1)
        assert outbox.waiting == 1
        await outbox.stop()
        up = Server()
        again = Outbox(b.switch, up.send)
        await again.start()
        await b.after(1)
        assert up.taken == [MAIL]
        await again.stop()


async def test_a_mail_that_is_refused_for_good_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server = Server(Refused("550 no such user"))
    async with bench(tmp_path) as b:
        outbox = Outbox(b.switch, server.send)
        await outbox.put(MAIL)
        await b.after(100)
        assert server.attempts == 1
        assert [path.suffix for path in outbox.folder.iterdir()] == [".refused"]
        assert "550 no such user" in caplog.text
        await outbox.stop()


async def test_what_is_no_mail_is_put_aside_too(tmp_path: Path) -> None:
    server = Server()
    async with bench(tmp_path) as b:
        outbox = Outbox(b.switch, server.send)
        outbox.folder.mkdir()
        (outbox.folder / "0.mail").write_bytes(b"rubbish")
        await outbox.put(MAIL)
        await b.after(1)
        assert server.taken == [MAIL]
        assert [path.name for path in outbox.folder.iterdir()] == ["0.refused"]
        await outbox.stop()


async def test_a_mail_that_cannot_be_kept_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench(tmp_path) as b:
        (tmp_path / "mail").write_text("no folder")
        outbox = Outbox(b.switch, Server().send)
        assert not await outbox.put(MAIL)
        assert "the mail to alice@b cannot be kept" in caplog.text


@pytest.mark.parametrize(("keep", "left"), [("true", 1), ("false", 0)])
async def test_messages_are_mailed_as_their_user_wishes(
    tmp_path: Path, keep: str, left: int
) -> None:
    user = params(
        vm_mailto="alice@b",
        vm_email_all_messages="true",
        vm_keep_local_after_email=keep,
        vm_attach_file="true",
    )
    server = Server()
    async with office(tmp_path, user=user) as o:
        o.service.outbox._send = server.send
        await o.leave()
        await asyncio.sleep(1)
        (mail,) = server.taken
        assert mail.recipient == "alice@b"
        assert b"RIFF" not in mail.data[:200] and b"msg_" in mail.data
        assert len(await o.messages()) == left
        box = await o.box()
        assert len(list(box.folder.iterdir())) == left
        assert len(o.events("leave-message")) == len(o.waiting) == left


async def test_a_message_that_cannot_be_mailed_stays(tmp_path: Path) -> None:
    user = params(
        vm_mailto="alice@b", vm_email_all_messages="true", vm_keep_local_after_email="false"
    )
    async with office(tmp_path, user=user) as o:
        (tmp_path / "mail").write_text("no folder")
        await o.leave()
        assert len(await o.messages()) == 1


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs; what it answers to RCPT is the server's ``answer``."""

    def handle(self) -> None:
        server: _SmtpServer = self.server  # type: ignore[assignment]
        self.wfile.write(b"220 hello\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT":
                self.wfile.write(server.answer)
            elif word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    server.data += line
                self.wfile.write(b"250 taken\r\n")
            elif word == b"QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 fine\r\n")


class _SmtpServer(socketserver.ThreadingTCPServer):
    answer = b"250 fine\r\n"
    data = b""


@contextmanager
def smtp(answer: bytes = b"250 fine\r\n") -> Iterator[tuple[_SmtpServer, EmailSettings]]:
    server = _SmtpServer(("127.0.0.1", 0), _Session)
    server.answer = answer
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server, EmailSettings(smtp_server=f"127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_mail_reaches_a_server() -> None:
    with smtp() as (server, settings):
        send_mail(settings, MAIL)
        assert server.data == MAIL.data


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (b"550 no such user\r\n", Refused, "550 no such user"),
        (b"450 try later\r\n", OSError, "450 try later"),
    ],
)
def test_a_server_that_takes_no_mail_says_whether_for_good(
    answer: bytes, error: type[Exception], text: str
) -> None:
    with smtp(answer) as (_, settings), pytest.raises(error, match=text):
        send_mail(settings, MAIL)


def test_a_server_that_is_not_there_may_be_there_another_time() -> None:
    with smtp() as (_, settings):
        pass
    with pytest.raises(OSError, match="refused"):
        send_mail(settings, MAIL)
