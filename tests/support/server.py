"""A whole switch in this process: real sockets, the native engine, a few lines of XML."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from softswitch.config.store import ConfigurationStore
from softswitch.endpoints.sip.endpoint import SipEndpoint
from softswitch.endpoints.sip.profile import Profile
from softswitch.main import make_switch, start
from softswitch.media._engine import Engine
from softswitch.media.engine import MediaEngine
from softswitch.phone.phone import Phone
from softswitch.sip.stack import Stack
from softswitch.switch.events import Event
from softswitch.switch.folders import Folders
from softswitch.switch.session import Session
from softswitch.switch.switch import Switch
from tests.support.patience import PATIENCE
from tests.support.ports import FIRST_MEDIA_PORT, held_here
from tests.support.sip_socket import SipSocket

DOMAIN = "example.test"
LATER = 3600.0
"""Seconds after which no transaction may live any more."""

DOCUMENT = """<document type="freeswitch/xml">
<section name="configuration">
<configuration name="switch.conf"><settings>
<param name="rtp-start-port" value="{first_port}"/>
<param name="rtp-end-port" value="{last_port}"/>
<param name="sessions-per-second" value="1000"/>
</settings></configuration>
<configuration name="event_socket.conf"><settings>
<param name="listen-port" value="0"/><param name="password" value="only-for-tests"/>
</settings></configuration>
<configuration name="acl.conf"><network-lists>
<list name="here" default="deny"><node type="allow" cidr="127.0.0.0/8"/></list>
<list name="elsewhere" default="deny"><node type="allow" cidr="192.0.2.0/24"/></list>
</network-lists></configuration>
<configuration name="sofia.conf"><profiles>{profiles}</profiles></configuration>
{configuration}
</section>
<section name="dialplan"><context name="default">{extensions}</context>{contexts}</section>
<section name="directory"><domain name="{domain}">
<params><param name="dial-string" value="{dial_string}"/></params>
<groups><group name="all"><users>{users}</users></group></groups>
</domain></section>
</document>
"""
DIAL_STRING = "${sofia_contact(*/${dialed_user}@${dialed_domain})}"
USER = """<user id="{0}"><params><param name="password" value="secret-{0}"/></params>
<variables><variable name="user_context" value="default"/></variables></user>
"""
PROFILE = {
    "sip-ip": "127.0.0.1",
    "rtp-ip": "127.0.0.1",
    "sip-port": "0",
    "context": "default",
    "codec-prefs": "PCMU,PCMA",
    "apply-inbound-acl": "here",
    "rtcp-audio-interval-msec": "0",
}


def profile_xml(name: str, settings: Mapping[str, str] | None = None, gateways: str = "") -> str:
    """A ``<profile>`` on a free port of the loopback; ``settings`` win over `PROFILE`."""
    params = "".join(
        f'<param name="{key}" value="{value}"/>'
        for key, value in {**PROFILE, **(settings or {})}.items()
    )
    return (
        f'<profile name="{name}"><gateways>{gateways}</gateways>'
        f"<settings>{params}</settings></profile>"
    )


def write_configuration(
    folder: Path,
    extensions: tuple[str, ...] = (),
    *,
    profile: Mapping[str, str] | None = None,
    gateways: str = "",
    more_profiles: str = "",
    configuration: str = "",
    contexts: str = "",
) -> Path:
    """Write a configuration with the users 1000 to 1003 and a profile ``internal``."""
    conf = folder / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    (conf / "softswitch.xml").write_text(
        DOCUMENT.format(
            first_port=FIRST_MEDIA_PORT,
            last_port=FIRST_MEDIA_PORT + 499,
            profiles=profile_xml("internal", profile, gateways) + more_profiles,
            configuration=configuration,
            extensions="".join(extensions),
            contexts=contexts,
            domain=DOMAIN,
            dial_string=DIAL_STRING,
            users="".join(USER.format(number) for number in range(1000, 1004)),
        )
    )
    return conf


class Server:
    """A running switch, its phones, and the proof that they leave nothing behind."""

    def __init__(self, switch: Switch, phones: MediaEngine, listen: tuple[str, ...]) -> None:
        self.switch = switch
        self.events: list[Event] = []
        self.phones: list[Phone] = []
        self.sockets: list[SipSocket] = []
        self._phone_engine = phones
        self._stopped = False
        switch.bus.subscribe(self.events.append, *listen)

    @classmethod
    async def begin(cls, folder: Path, listen: tuple[str, ...] = ("ALL",)) -> Server:
        """Start a switch on the configuration in ``folder``; keep the events of these names."""
        loop = asyncio.get_running_loop()
        conf = folder / "conf"
        store = ConfigurationStore(conf, {"data_dir": str(folder), "domain": DOMAIN})
        switch = make_switch(loop, store, Folders(conf, folder, folder / "sounds"))
        problems = await start(switch)
        if problems:
            # What did start would outlive the test.
            await switch.shutdown()
            raise AssertionError(problems)
        native = Engine(rtp_start_port=FIRST_MEDIA_PORT + 500, rtp_end_port=FIRST_MEDIA_PORT + 999)
        return cls(switch, MediaEngine(loop, native), listen)

    @property
    def sip(self) -> SipEndpoint:
        """The endpoint ``sofia``."""
        return SipEndpoint.of(self.switch)

    def profile(self, name: str = "internal") -> Profile:
        """One of its profiles."""
        return self.sip.profiles[name]

    def address(self, name: str = "internal") -> tuple[str, int]:
        """Where a profile listens."""
        return "127.0.0.1", self.profile(name).sip_port

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are up, in the order they began."""
        return list(self.switch.sessions.values())

    async def phone(
        self,
        user: str,
        *,
        password: str | None = None,
        transport: str = "udp",
        codecs: str = "PCMU,PCMA",
        profile: str = "internal",
        register: bool = False,
    ) -> Phone:
        """A phone of that user, closed with the server."""
        phone = await Phone.open(
            self._phone_engine,
            self.address(profile),
            user=user,
            password=f"secret-{user}" if password is None else password,
            domain=DOMAIN,
            transport=transport,
            codecs=codecs,
        )
        self.phones.append(phone)
        if register:
            await phone.register()
        return phone

    async def socket(self, profile: str = "internal") -> SipSocket:
        """A bare socket that speaks to a profile; it outlives the server (see `SipSocket`)."""
        wire = await SipSocket.open(self.address(profile))
        self.sockets.append(wire)
        return wire

    async def api(self, line: str) -> str:
        """The answer of a console command."""
        return await self.switch.run_command(line)

    def names(self, session: Session | None = None) -> list[str]:
        """The names of the events so far, of one channel or of all."""
        return [
            event.name
            for event in self.events
            if session is None or event.headers.get("Unique-ID") == session.uuid
        ]

    def ended(self) -> list[dict[str, str]]:
        """The headers of every call's end, in order."""
        return [e.headers for e in self.events if e.name == "CHANNEL_HANGUP_COMPLETE"]

    async def stop(self) -> None:
        """End phones and switch; whatever is left over fails the test."""
        if self._stopped:
            return
        self._stopped = True
        try:
            for phone in self.phones:
                await phone.close()
            await until(lambda: not self.left_over(), "the end of all calls", then=self.left_over)
        finally:
            addresses = [self.address(name) for name in self.sip.profiles]
            stacks = [profile.stack for profile in self.sip.profiles.values()]
            drivers = [profile.driver for profile in self.sip.profiles.values()]
            await self.switch.shutdown()
            self._phone_engine.close()
        for stack in [*stacks, *(phone.stack for phone in self.phones)]:
            assert_forgets_everything(stack)
        for driver in drivers:
            assert not driver.counts.stack_errors, driver
            assert not driver.counts.handler_errors, driver
        for address in addresses:
            assert not held_here(address), address

    def left_over(self) -> list[object]:
        """What is still there of calls; empty once the last one is over."""
        switch = self.switch
        left: list[object] = [*self.sessions, *switch._tasks]
        left += [engine for engine in (switch.engine, self._phone_engine) if engine.live_streams]
        for profile in self.sip.profiles.values():
            left += profile.stack.usages
        return left


def assert_forgets_everything(stack: Stack) -> None:
    """No transaction, dialog or timer outlives the times of RFC 3261."""
    now = asyncio.get_running_loop().time() + LATER
    # Repetitions run until their transaction ends: each round is one that came due.
    for _ in range(100):
        if stack.next_timeout() is None:
            break
        stack.handle_timeout(now)
        now += LATER
    assert not any(stack.counts().values()), repr(stack)


async def until(
    condition: Callable[[], bool],
    what: str,
    patience: float = PATIENCE,
    then: Callable[[], object] = lambda: "",
) -> None:
    """Wait for something that sets off no event of its own; ``then`` tells what is instead."""
    loop = asyncio.get_running_loop()
    limit = loop.time() + patience
    while not condition():
        assert loop.time() < limit, f"{what} never came {then()}"
        await asyncio.sleep(0.002)
