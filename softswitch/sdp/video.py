"""Offer and answer for one stream of video that is passed on between two far ends (RFC 3264).

What one far end says of its formats, parameters and feedback (RFC 4585) is told to the other
unchanged: nothing here understands pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from softswitch.sdp.crypto import Crypto, Protection, Secure
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.line import (
    answered_crypto,
    answered_keys,
    chosen_keys,
    offered_crypto,
    refusal,
    settle,
    why_unprotected,
    why_unusable,
)
from softswitch.sdp.media import Direction, MediaDescription

USUAL_FEEDBACK = ("ccm fir", "nack", "nack pli")
"""What we offer where nobody else's wishes are known."""
_DYNAMIC = (*range(96, 128), *range(35, 64))
_VARIANTS = {"h264": "packetization-mode", "vp9": "profile-id"}
"""The parameter that must be the same on both sides (RFC 6184 §8.1, RFC 9628 §6.1)."""


class VideoFormat(NamedTuple):
    """A format as one side describes it.

    Without ``fmtp`` every variant of the codec is meant. ``payload_type`` None is any number.
    """

    name: str
    clock_rate: int = 90000
    fmtp: str = ""
    feedback: tuple[str, ...] = ()
    payload_type: int | None = None

    @property
    def variant(self) -> str:
        """What tells variants of a codec apart; empty where nothing does, or any will do."""
        parameter = _VARIANTS.get(self.name.lower())
        if parameter is None or not self.fmtp:
            return ""
        found = re.search(rf"(?:^|[;\s]){parameter}\s*=\s*(\d+)", self.fmtp, re.IGNORECASE)
        return found[1] if found is not None else "0"

    def matches(self, other: VideoFormat) -> bool:
        """True for the same variant of the same codec."""
        if (self.name.lower(), self.clock_rate) != (other.name.lower(), other.clock_rate):
            return False
        return self.variant == other.variant or not self.fmtp or not other.fmtp

    def __str__(self) -> str:
        return f"{self.name}/{self.clock_rate}"


class LocalVideo(NamedTuple):
    """Our side of a video stream. ``formats`` are in our order of preference."""

    address: str
    port: int
    formats: tuple[VideoFormat, ...]
    direction: Direction = Direction.SENDRECV
    secure: Secure = Secure.FORBIDDEN
    crypto: tuple[Crypto, ...] = ()
    rtcp_mux: bool = False
    bandwidth: tuple[str, ...] = ()
    """``b=`` lines of whoever is to get our pictures."""
    feedback_profile: bool = False
    """Offer AVPF: feedback may come at any time (RFC 4585)."""
    single: bool = False
    """Answer one format alone."""


class NegotiatedFormat(NamedTuple):
    """A format both sides agreed on: as the far end describes it, and by our own number."""

    theirs: VideoFormat
    payload_type: int
    receive_payload_type: int


class NegotiatedVideo(NamedTuple):
    """What an exchange settled for video; without effect when ``rejected`` has a reason."""

    formats: tuple[NegotiatedFormat, ...] = ()
    remote_address: tuple[str, int] | None = None
    remote_rtcp_address: tuple[str, int] | None = None
    send: bool = False
    receive: bool = False
    rtcp_mux: bool = False
    protection: Protection | None = None
    bandwidth: tuple[str, ...] = ()
    feedback_profile: bool = False
    rejected: str | None = None

    @property
    def theirs(self) -> tuple[VideoFormat, ...]:
        """The formats as the far end describes them."""
        return tuple([item.theirs for item in self.formats])

    def __repr__(self) -> str:
        if self.rejected is not None:
            return f"<NegotiatedVideo rejected: {self.rejected}>"
        names = ", ".join([str(item.theirs) for item in self.formats])
        direction = Direction.of(self.send, self.receive).value
        return f"<NegotiatedVideo {names} {direction}>"


def formats_of(line: MediaDescription) -> list[VideoFormat]:
    """The formats of a line with what it says of each."""
    feedback: dict[str, list[str]] = {}
    for value in line.all_attributes("rtcp-fb"):
        number, _, text = value.strip().partition(" ")
        feedback.setdefault(number, []).append(text.strip())
    common = feedback.get("*", [])
    return [
        VideoFormat(
            item.name,
            item.clock_rate,
            item.fmtp,
            tuple([*common, *feedback.get(str(item.payload_type), [])]),
            item.payload_type,
        )
        for item in line.rtp_formats
        if item.name
    ]


def first_match(wanted: VideoFormat, among: Iterable[VideoFormat]) -> VideoFormat | None:
    """The first format that is the same variant of the same codec."""
    return next((item for item in among if item.matches(wanted)), None)


def offered_video(local: LocalVideo, previous: MediaDescription | None) -> MediaDescription:
    """Our line of an offer; numbers stay as they were in ``previous``, our last one."""
    known = formats_of(previous) if previous is not None and previous.port else []
    taken = {item.payload_type for item in known}
    formats = []
    for item in local.formats:
        had = first_match(item, known)
        number = had.payload_type if had is not None else item.payload_type
        if had is None and (number is None or number in taken):
            number = next(free for free in _DYNAMIC if free not in taken)
        taken.add(number)
        formats.append(item._replace(payload_type=number))
    protocol = "RTP/SAVP" if local.secure is Secure.MANDATORY else "RTP/AVP"
    if local.feedback_profile:
        protocol += "F"
    if known and previous is not None:
        protocol = previous.protocol
    line = _line(local, protocol, formats, local.direction)
    if local.rtcp_mux:
        line.attributes.append(("rtcp-mux", None))
    if local.secure is not Secure.FORBIDDEN:
        crypto = offered_crypto(local, previous if known else None)
        line.attributes += [("crypto", str(item)) for item in crypto]
    return line


def answer_video(
    offered: SessionDescription, line: MediaDescription, local: LocalVideo
) -> tuple[MediaDescription, NegotiatedVideo]:
    """Our line that answers one of an offer, and what it settles."""
    reason = why_unusable(offered, line, local, "video")
    if reason is None and not local.formats:
        reason = "video is not wanted here"
    protection = chosen_keys(line, local)
    reason = reason or why_unprotected(line, local, protection)
    agreed: list[NegotiatedFormat] = []
    ours: list[VideoFormat] = []
    for theirs in formats_of(line):
        mine = first_match(theirs, local.formats)
        if mine is None or theirs.payload_type is None or (agreed and local.single):
            continue
        number = theirs.payload_type
        # As long as nobody else is known the far end gets what it offered.
        said = theirs if local.single else mine
        ours.append(theirs._replace(fmtp=said.fmtp, feedback=said.feedback))
        agreed.append(NegotiatedFormat(theirs, number, number))
    if not agreed:
        reason = reason or "no video codec in common"
    if reason is not None:
        return refusal(line), NegotiatedVideo(rejected=reason)
    settled = settle(offered, line, local)
    direction = Direction.of(settled.send, settled.receive)
    answered = _line(local, line.protocol, ours, direction)
    if settled.rtcp_mux:
        answered.attributes.append(("rtcp-mux", None))
    if protection is not None:
        answered.attributes.append(("crypto", str(answered_crypto(line, protection))))
    return answered, _negotiated(agreed, offered, line, local, protection)


def accept_video(
    offered: SessionDescription, answered: SessionDescription, local: LocalVideo
) -> NegotiatedVideo | None:
    """What the far end's answer to our offer settles; None where we offered no video."""
    lines = enumerate(offered.media)
    asked = next(((at, line) for at, line in lines if line.kind == "video" and line.port), None)
    if asked is None:
        return None
    position, ours = asked
    if position >= len(answered.media):
        return NegotiatedVideo(rejected="the answer has no line for the offered video")
    theirs = answered.media[position]
    protection = answered_keys(theirs, ours)
    reason = why_unusable(answered, theirs, local, "video")
    reason = reason or why_unprotected(theirs, local, protection)
    agreed = []
    known = formats_of(ours)
    for item in formats_of(theirs):
        same = next((it for it in known if it.payload_type == item.payload_type), None)
        if same is None or not same.matches(item):
            same = first_match(item, known)
        if same is not None and same.payload_type is not None and item.payload_type is not None:
            agreed.append(NegotiatedFormat(item, item.payload_type, same.payload_type))
    if not agreed:
        reason = reason or "the answer has no video codec of the offer"
    if reason is not None:
        return NegotiatedVideo(rejected=reason)
    return _negotiated(agreed, answered, theirs, local, protection)


def _negotiated(
    agreed: list[NegotiatedFormat],
    description: SessionDescription,
    line: MediaDescription,
    local: LocalVideo,
    protection: Protection | None,
) -> NegotiatedVideo:
    settled = settle(description, line, local)
    return NegotiatedVideo(
        tuple(agreed),
        settled.remote_address,
        settled.remote_rtcp_address,
        send=settled.send,
        receive=settled.receive,
        rtcp_mux=settled.rtcp_mux,
        protection=protection,
        bandwidth=tuple(line.bandwidth),
        feedback_profile=line.protocol.upper().endswith("F"),
    )


def _line(
    local: LocalVideo, protocol: str, formats: list[VideoFormat], direction: Direction
) -> MediaDescription:
    line = MediaDescription(
        "video",
        local.port,
        protocol,
        [str(item.payload_type) for item in formats],
        bandwidth=list(local.bandwidth),
    )
    for item in formats:
        number = str(item.payload_type)
        line.attributes.append(("rtpmap", f"{number} {item}"))
        if item.fmtp:
            line.attributes.append(("fmtp", f"{number} {item.fmtp}"))
        line.attributes += [("rtcp-fb", f"{number} {text}") for text in item.feedback]
    if direction is not Direction.SENDRECV:
        line.attributes.append((direction.value, None))
    return line
