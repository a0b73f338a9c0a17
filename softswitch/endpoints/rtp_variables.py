"""What a channel and its listeners are told of the media that were agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from softswitch.dialplan.expansion import is_harmless
from softswitch.endpoints.rtp_codecs import bit_rate, sample_rate
from softswitch.sdp.media import Direction

if TYPE_CHECKING:
    from softswitch.media.engine import Stream
    from softswitch.sdp.audio import NegotiatedAudio
    from softswitch.switch.session import Session


def describe(session: Session, stream: Stream, audio: NegotiatedAudio) -> dict[str, str]:
    """The variables that tell what was negotiated; the channel's codecs are set at once."""
    codec = audio.codec
    assert codec is not None, "an agreed exchange has a codec"
    channel = session.channel
    heard = str(sample_rate(codec.name, codec.clock_rate))
    bits = bit_rate(codec.name, codec.clock_rate, codec.channels)
    channel.read_codec = channel.write_codec = (codec.name, int(heard), bits)
    rate, ptime, direction = str(codec.clock_rate), str(codec.ptime), audio.direction.value
    values = {
        "rtp_use_codec_name": codec.name,
        "rtp_use_codec_rate": rate,
        "rtp_use_codec_ptime": ptime,
        "rtp_use_codec_channels": str(codec.channels),
        "rtp_use_codec_fmtp": codec.fmtp if is_harmless(codec.fmtp) else "",
        "rtp_last_audio_codec_string": f"{codec.name}@{rate}h@{ptime}i@{codec.channels}c",
        "rtp_use_pt": str(codec.payload_type),
        "rtp_audio_recv_pt": str(codec.receive_payload_type),
        "rtp_use_ssrc": str(stream.ssrc),
        "rtp_use_timer_name": "soft",
        "read_codec": codec.name,
        "write_codec": codec.name,
        "original_read_codec": channel.variables.get("original_read_codec") or codec.name,
        "read_rate": heard,
        "write_rate": heard,
        "original_read_rate": channel.variables.get("original_read_rate") or heard,
        "audio_media_flow": direction,
        "remote_audio_media_flow": Direction.of(audio.receive, audio.send).value,
        "local_media_ip": stream.local_address[0],
        "local_media_port": str(stream.local_address[1]),
    }
    if audio.telephone_event is not None:
        values["rtp_2833_send_payload"] = str(audio.telephone_event)
        values["rtp_2833_recv_payload"] = str(audio.telephone_event_receive)
    if audio.remote_address is not None:
        values["remote_media_ip"] = audio.remote_address[0]
        values["remote_media_port"] = str(audio.remote_address[1])
    return values


def tell_protection(session: Session, suite: str) -> None:
    """The channel's variables and the event of a call that is protected now."""
    for name in ("rtp_secure_media_confirmed", "rtp_secure_media_confirmed_audio"):
        session.set(name, "true")
    for name in ("rtp_has_crypto", "rtp_secure_media_negotiated"):
        session.set(name, suite)
    session.switch.fire(session, "CALL_SECURE", first={"secure_type": f"srtp:sdes:{suite}"})


def tell_codec(session: Session) -> None:
    """An event for what is read and one for what is written, named as FreeSWITCH does."""
    if not session.switch.bus.wants("CODEC"):
        return
    codec = session.channel.read_codec
    assert codec is not None, "told of once it is agreed"
    name, rate, bits = codec[0], str(codec[1]), str(codec[2])
    read = {"name": name, "rate": rate, "bit-rate": bits}
    session.switch.fire(session, "CODEC", {f"channel-read-codec-{k}": v for k, v in read.items()})
    session.switch.fire(session, "CODEC", {"Channel-Write-codec-bit-rate": bits})
