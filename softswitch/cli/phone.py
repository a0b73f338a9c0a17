"""``softswitch phone``: a command-line phone on the project's own SIP stack and engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from softswitch.cli.options import conf_option, data_option

if TYPE_CHECKING:
    from softswitch.phone.session import Account


@click.group("phone")
def command() -> None:
    """Call and be called from the command line."""


def _account_options(default_user: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The options that say who we are."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        for option in reversed(
            (
                click.option("--user", default=default_user, show_default=True, help="Who we are."),
                click.option("--password", help="Ours; the generated one if not given."),
                click.option("--server", metavar="HOST[:PORT]", help="The switch; this machine's."),
                click.option("--domain", help="The domain of our address."),
                click.option(
                    "--transport", type=click.Choice(["udp", "tcp"]), default="udp", help="For SIP."
                ),
                click.option(
                    "--codec",
                    default="PCMU,PCMA",
                    show_default=True,
                    metavar="CODECS",
                    help="Speak these, the first best; as in codec_string.",
                ),
                click.option(
                    "--srtp",
                    type=click.Choice(["forbidden", "optional", "mandatory"]),
                    default="forbidden",
                    show_default=True,
                    help="Whether to offer SRTP; what is offered to us is taken.",
                ),
                click.option("--play", default="", metavar="FILE", help="Say a sound or tone."),
                click.option("--record", default="", metavar="FILE", help="Keep what is heard."),
                click.option("--dtmf", default="", metavar="DIGITS", help="Press these keys."),
                click.option("--mic", is_flag=True, help="Talk with microphone and loudspeaker."),
                click.option("--duration", type=float, metavar="SECONDS", help="Then hang up."),
                conf_option,
                data_option,
            )
        ):
            function = option(function)
        return function

    return decorate


@command.command("call")
@click.argument("target")
@_account_options("1000")
def call(
    target: str,
    play: str,
    record: str,
    dtmf: str,
    mic: bool,
    duration: float | None,
    **account: Any,
) -> None:
    """Call TARGET, a number or a SIP URI.

    The phone hangs up after --duration, else when all of --play was said, else when the far end
    does. With --mic you talk yourself once --play was said, until --duration or the end. Exits
    with 0 where the call was answered, else with 1.
    """
    from softswitch.phone.session import Sound, place_call

    sound = Sound(_path(play), _path(record), dtmf, duration=duration, microphone=mic)
    _run(place_call(_account(**account), target, sound, click.echo))


@command.command("listen")
@_account_options("1001")
@click.option("--answer-after", type=float, default=0.0, metavar="SECONDS", help="Ring so long.")
@click.option("--echo", is_flag=True, help="Say back what is heard.")
@click.option("--once", is_flag=True, help="End after the first call.")
def listen(
    play: str,
    record: str,
    dtmf: str,
    mic: bool,
    duration: float | None,
    answer_after: float,
    echo: bool,
    once: bool,
    **account: Any,
) -> None:
    """Register and answer every call, until Ctrl-C."""
    from softswitch.phone.session import Sound, take_calls

    if mic and echo:
        raise click.UsageError("--mic and --echo both say something: give one of them")
    sound = Sound(_path(play), _path(record), dtmf, echo, duration, mic)
    who = _account(**account)
    _run(take_calls(who, sound, click.echo, answer_after=answer_after, once=once))


def _path(text: str) -> str:
    return os.path.abspath(text) if text and "://" not in text else text


def _account(
    user: str,
    password: str | None,
    server: str | None,
    domain: str | None,
    transport: str,
    codec: str,
    srtp: str,
    conf: Path,
    data: Path,
) -> Account:
    """Who we are; what is not given is taken from the configuration of this machine's switch."""
    from softswitch.config.secrets import read
    from softswitch.media.codecs.preference import parse_preferences
    from softswitch.phone.session import Account
    from softswitch.sdp.crypto import Secure

    secure = Secure(srtp)
    try:
        parse_preferences(codec)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--codec") from None
    if password is None:
        password = read(data).get("default_password", "")
    if server is None:
        host, port, home = _own_switch(conf, data)
        return Account(user, password, (host, port), domain or home, transport, codec, secure)
    host, colon, text = server.rpartition(":")
    if not colon:
        host, text = server, "5060"
    if not text.isdigit():
        raise click.BadParameter(f"{server!r} is not HOST[:PORT]", param_hint="--server")
    return Account(
        user, password, (_address(host), int(text)), domain or host, transport, codec, secure
    )


def _own_switch(conf: Path, data: Path) -> tuple[str, int, str]:
    """Address, port and domain of the switch that runs with this configuration."""
    from softswitch.cli.variables import known_variables
    from softswitch.config.document import load
    from softswitch.config.errors import ConfigurationErrors

    try:
        variables = load(conf, known_variables(conf, data)).globals
    except ConfigurationErrors as refused:
        message = f"{refused}\ngive the switch's address with --server"
        raise click.ClickException(message) from None
    host = variables.get("bind_address") or variables["local_ip_v4"]
    port = variables.get("internal_sip_port", "5060")
    return host, int(port) if port.isdigit() else 5060, variables.get("domain") or host


def _address(host: str) -> str:
    import socket

    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise click.ClickException(f"{host} has no address: {error}") from None


def _run(work: Coroutine[Any, Any, bool]) -> None:
    import asyncio

    try:
        sys.exit(0 if asyncio.run(work) else 1)
    except KeyboardInterrupt:
        sys.exit(0)
    except OSError as error:
        raise click.ClickException(str(error)) from None
