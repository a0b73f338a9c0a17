"""A call's sound over a plain UDP socket, for a program beside the switch: no RTP, only samples.

What the party says is sent in datagrams of one packet time, what comes back is what it hears.
The media engine does both; Python only sets it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from softswitch.media.codecs.preference import described
from softswitch.media.parameters import CodecParameters, RtpParameters
from softswitch.switch import media_bugs
from softswitch.switch.media_bugs import MediaBug

if TYPE_CHECKING:
    from softswitch.switch.session import Session

FUNCTION = "unicast"
PAYLOAD_TYPE = 96
"""Of no meaning outside of the engine: it is never sent."""


class UnicastError(Exception):
    """A sentence that says why there can be none."""


@dataclass(frozen=True, slots=True)
class Unicast:
    """Where sound goes and comes from."""

    local: tuple[str, int] = ("127.0.0.1", 8025)
    """Port 0 is any."""
    remote: tuple[str, int] = ("127.0.0.1", 8026)
    """Datagrams of others are not heard."""
    native: bool = False
    """In the call's own codec, in place of 16-bit samples of its rate in native byte order."""


async def start(session: Session, wish: Unicast) -> tuple[str, int]:
    """Begin, in place of an earlier one of the call; it ends when the call ends or moves on.

    Opens media (183) if there are none yet. Returns the local address. Raises `UnicastError` for
    addresses that cannot be used, `CallFailed` for a call without media.
    """
    media_bugs.stop(session, FUNCTION)
    await session.pre_answer()
    media = session.media
    codec = _codec(session, native=wish.native)
    try:
        stream = session.switch.engine.open_stream(wish.local[0], port=wish.local[1])
    except (OSError, ValueError) as error:
        raise UnicastError(f"{wish.local[0]}:{wish.local[1]} cannot be used: {error}") from None
    try:
        stream.configure(
            RtpParameters(wish.remote, (codec,), symmetric=False, rtcp_interval_ms=0, bare=True)
        )
    except ValueError as error:
        stream.close()
        raise UnicastError(str(error)) from None
    media.feed(stream, hear="read", into="hear")
    stream.feed(media, hear="read", into="hear")
    target = "{}:{}->{}:{}".format(*stream.local_address, *wish.remote)

    def end() -> None:
        stream.close()
        bug.detach()
        session.unwatch(watch)

    def watch(_: Session, what: str) -> None:
        if what in ("hangup", "moved"):
            end()

    bug = MediaBug(session, FUNCTION, target, end)
    session.watchers.append(watch)
    session.log.info("unicast %s in %s at %d Hz", target, codec.name, codec.clock_rate)
    return stream.local_address


def _codec(session: Session, *, native: bool) -> CodecParameters:
    """What datagrams hold."""
    read = session.channel.read_codec
    variables = session.channel.variables
    ptime = int(variables.get("rtp_use_codec_ptime") or 20)
    if not native:
        return CodecParameters(PAYLOAD_TYPE, "L16", read[1] if read else 8000, ptime=ptime)
    if read is None:
        raise UnicastError("the call has agreed on no codec")
    known = described(read[0])
    if known is None or not known.transcodable:
        raise UnicastError(f"{read[0]} can only be passed on from call to call")
    return CodecParameters(
        PAYLOAD_TYPE,
        read[0].upper(),
        int(variables.get("rtp_use_codec_rate") or read[1]),
        int(variables.get("rtp_use_codec_channels") or 1),
        ptime,
        variables.get("rtp_use_codec_fmtp") or "",
    )
