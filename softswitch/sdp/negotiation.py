"""Offer and answer for one audio stream, and one of video beside it, as pure functions (RFC 3264).

`offer` writes our offer, `accept_answer` reads what came back; `answer` does both for an offer we
got. One audio line is used, and one of video where that is allowed; every other media line is
refused with port 0 in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from softswitch.sdp.audio import (
    LocalAudio,
    NegotiatedAudio,
    NegotiatedCodec,
    Negotiation,
    NegotiationReport,
    Preference,
)
from softswitch.sdp.crypto import Secure
from softswitch.sdp.description import Origin, SessionDescription
from softswitch.sdp.line import answered_crypto, offered_crypto, refusal, why_unusable
from softswitch.sdp.media import Connection, Direction, Format, MediaDescription
from softswitch.sdp.payload_types import EVENTS, TELEPHONE_EVENT, offered_formats
from softswitch.sdp.selection import accept, allowed_names, choose, codec_names
from softswitch.sdp.video import (
    LocalVideo,
    NegotiatedVideo,
    accept_video,
    answer_video,
    offered_video,
)


def offer(
    local: LocalAudio,
    previous: SessionDescription | None = None,
    video: LocalVideo | None = None,
) -> SessionDescription:
    """Our offer. ``previous`` is what we said last in this session, offer or answer.

    A later offer keeps the payload type numbers of an earlier description, refuses the media lines
    that had other uses in it, and counts the version up only when something changed
    (RFC 3264 §8).
    """
    known = _used_line(previous, "audio")
    in_use = known if known is not None and known.port else None
    formats = offered_formats(local, in_use.rtp_formats if in_use else [])
    ptime = local.codecs[0].ptime if local.codecs else None
    protocol = "RTP/SAVP" if local.secure is Secure.MANDATORY else "RTP/AVP"
    audio = _media_line(local, in_use.protocol if in_use else protocol, formats, ptime)
    if local.rtcp_mux:
        audio.attributes.append(("rtcp-mux", None))
    if local.secure is not Secure.FORBIDDEN:
        # Without SAVP it is an offer that may be passed over (RFC 8643).
        audio.attributes += [("crypto", str(crypto)) for crypto in offered_crypto(local, in_use)]
    seen = _used_line(previous, "video")
    ours = offered_video(video, seen) if video is not None else None
    media = []
    for line in previous.media if previous is not None else ():
        if line is known:
            media.append(audio)
        elif line is seen and ours is not None:
            media.append(ours)
        else:
            media.append(refusal(line))
    if known is None:
        media.append(audio)
    if seen is None and ours is not None:
        media.append(ours)
    return _session(local, media, previous)


def answer(
    offered: SessionDescription,
    local: LocalAudio,
    *,
    preference: Preference = Preference.GENEROUS,
    previous: SessionDescription | None = None,
    video: LocalVideo | None = None,
) -> Negotiation:
    """Our answer to an offer, and what it settles.

    The answer names the chosen codec alone, by the offer's payload type number, so that the far end
    does not change it during the call. ``previous`` is what we said last in this session.
    When nothing fits, ``audio.rejected`` has the reason and the answer refuses every media line.
    """
    report = NegotiationReport(allowed=list(allowed_names(local.codecs)))
    media: list[MediaDescription] = []
    audio: NegotiatedAudio | None = None
    refused: NegotiatedAudio | None = None
    pictures: NegotiatedVideo | None = None
    for line in offered.media:
        if line.kind == "video" and video is not None and (pictures is None or pictures.rejected):
            ours, pictures = answer_video(offered, line, video)
            media.append(ours)
            if pictures.rejected is not None:
                report.reject("video line", pictures.rejected)
            continue
        reason = why_unusable(offered, line, local)
        if reason is None and audio is not None:
            reason = "another audio line is used"
        if reason is None:
            result = choose(offered, line, local, preference, report)
            if result.rejected is None:
                audio = result
                media.append(_answer_line(line, local, result))
                continue
            reason, refused = result.rejected, result
        elif refused is None and line.kind == "audio":
            refused = NegotiatedAudio(rejected=reason)
        report.reject(f"{line.kind} line", reason)
        media.append(refusal(line))
    if audio is None:
        audio = refused or NegotiatedAudio(rejected="no audio was offered")
    return Negotiation(_session(local, media, previous), audio, report, _agreed(pictures))


def accept_answer(
    offered: SessionDescription,
    answered: SessionDescription,
    local: LocalAudio,
    *,
    preference: Preference = Preference.GENEROUS,
    video: LocalVideo | None = None,
) -> Negotiation:
    """What the far end's answer to our offer settles; all codecs it accepted, in their order.

    ``local`` is what ``offered`` was made from.
    """
    ours = _used_line(offered, "audio")
    if ours is None:
        raise ValueError("the offer has no audio line")
    asked = ours.rtp_formats
    report = NegotiationReport(
        offered=codec_names(asked), allowed=list(allowed_names(local.codecs))
    )
    position = [line is ours for line in offered.media].index(True)
    if position >= len(answered.media):
        reason: str | None = "the answer has no line for the offered audio"
        audio = NegotiatedAudio(rejected=reason)
    else:
        theirs = answered.media[position]
        reason = why_unusable(answered, theirs, local)
        if reason is None:
            audio = accept(answered, theirs, ours, local, preference, report)
            reason = audio.rejected
        else:
            audio = NegotiatedAudio(rejected=reason)
    if reason is not None:
        report.reject("audio", reason)
    pictures = accept_video(offered, answered, video) if video is not None else None
    if pictures is not None and pictures.rejected is not None:
        report.reject("video", pictures.rejected)
    return Negotiation(offered, audio, report, _agreed(pictures))


def _agreed(pictures: NegotiatedVideo | None) -> NegotiatedVideo | None:
    return None if pictures is None or pictures.rejected is not None else pictures


def _used_line(description: SessionDescription | None, kind: str) -> MediaDescription | None:
    """The line we use for audio or video; after a refusal the first line of that kind."""
    if description is None:
        return None
    lines = [line for line in description.media if line.kind == kind]
    for line in lines:
        if line.port:
            return line
    return lines[0] if lines else None


def _media_line(
    local: LocalAudio,
    protocol: str,
    formats: Sequence[Format],
    ptime: int | None,
    direction: Direction | None = None,
) -> MediaDescription:
    numbers, attributes = _describe(tuple(formats), ptime, direction or local.direction)
    line = MediaDescription(
        "audio", local.port, protocol, list(numbers), attributes=list(attributes)
    )
    if local.rtcp_port is not None and local.rtcp_port != local.port + 1:
        line.attributes.append(("rtcp", str(local.rtcp_port)))
    line.attributes += local.more
    return line


@lru_cache(maxsize=256)
def _describe(
    formats: tuple[Format, ...], ptime: int | None, direction: Direction
) -> tuple[tuple[str, ...], tuple[tuple[str, str | None], ...]]:
    """What an audio line of ours says in all calls alike: its numbers and their attributes."""
    attributes: list[tuple[str, str | None]] = []
    for item in formats:
        attributes.append(("rtpmap", f"{item.payload_type} {item}"))
        if item.fmtp:
            attributes.append(("fmtp", f"{item.payload_type} {item.fmtp}"))
    if ptime is not None:
        attributes.append(("ptime", str(ptime)))
    if direction is not Direction.SENDRECV:
        attributes.append((direction.value, None))
    return tuple([str(item.payload_type) for item in formats]), tuple(attributes)


def _session(
    local: LocalAudio, media: list[MediaDescription], previous: SessionDescription | None
) -> SessionDescription:
    """The description around our media lines, its version counted up when something changed."""
    version = local.session_id + 1
    if previous is not None and previous.origin is not None:
        version = previous.origin.version
    description = SessionDescription(
        origin=Origin(local.username, local.session_id, version, local.address),
        name=local.name,
        connection=Connection(local.address),
        media=media,
    )
    if previous is not None and description.origin is not None and description != previous:
        description.origin.version += 1
    return description


def _answer_line(
    offered: MediaDescription, local: LocalAudio, audio: NegotiatedAudio
) -> MediaDescription:
    codec = audio.codecs[0]
    formats = _answered_formats(tuple(offered.rtp_formats), codec, audio.telephone_event)
    line = _media_line(local, offered.protocol, formats, codec.ptime, audio.direction)
    if audio.rtcp_mux:
        line.attributes.append(("rtcp-mux", None))
    if audio.protection is not None:
        crypto = answered_crypto(offered, audio.protection)
        line.attributes.append(("crypto", str(crypto)))
    return line


@lru_cache(maxsize=256)
def _answered_formats(
    offered: tuple[Format, ...], codec: NegotiatedCodec, telephone_event: int | None
) -> tuple[Format, ...]:
    """The codec agreed, and the offer's telephone events as far as we take them."""
    spoken = Format(
        codec.payload_type, codec.name, codec.clock_rate, codec.channels, codec.local_fmtp
    )
    if telephone_event is None:
        return (spoken,)
    event = next(item for item in offered if item.payload_type == telephone_event)
    return spoken, event._replace(name=TELEPHONE_EVENT, fmtp=EVENTS)
