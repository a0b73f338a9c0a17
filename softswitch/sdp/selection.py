"""Choosing codecs from the far end's media line, and what that settles (RFC 3264 §6, §7)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from softswitch.sdp.audio import (
    LocalAudio,
    LocalCodec,
    NegotiatedAudio,
    NegotiatedCodec,
    NegotiationReport,
    Preference,
)
from softswitch.sdp.crypto import Crypto, Protection, Secure, usable
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.media import Format, MediaDescription, address_family, is_group_address
from softswitch.sdp.payload_types import TELEPHONE_EVENT, find_format

_PLAIN_RTP = ("RTP/AVP", "RTP/AVPF")
_SECURE_RTP = ("RTP/SAVP", "RTP/SAVPF")
_PACKET_TIMES = (10, 20, 30, 40, 50, 60, 80, 100, 120)


def why_unusable(
    description: SessionDescription, line: MediaDescription, local: LocalAudio
) -> str | None:
    """Why a media line of the far end cannot carry our audio, None if it can."""
    if line.kind != "audio":
        return f"{line.kind} is not supported"
    if line.port == 0:
        return "refused by the far end (port 0)"
    secure = line.protocol.upper() in _SECURE_RTP
    if not secure and line.protocol.upper() not in _PLAIN_RTP:
        return f"the transport {line.protocol} is not supported"
    if secure and local.secure is Secure.FORBIDDEN:
        return f"the transport {line.protocol} is not allowed here"
    connection = description.connection_of(line)
    if connection is None:
        return "it has no connection address"
    if is_group_address(connection.address):
        return f"{connection.address} is a multicast or broadcast address"
    family = address_family(connection.address)
    if family is None:
        return f"{connection.address} is not an IP address"
    if family != address_family(local.address):
        return f"its address is IPv{family}, ours is not"
    return None


class _Selection(NamedTuple):
    """Codecs settled and what the report says of them; calls of the same phones share it."""

    codecs: tuple[NegotiatedCodec, ...]
    event_send: int | None
    event_receive: int | None
    report: NegotiationReport

    def tell(self, report: NegotiationReport) -> None:
        """Add our part to the report of an exchange."""
        report.offered += self.report.offered
        report.chosen += self.report.chosen
        report.rejected += self.report.rejected


def choose(
    offered: SessionDescription,
    line: MediaDescription,
    local: LocalAudio,
    preference: Preference,
    report: NegotiationReport,
) -> NegotiatedAudio:
    """The codec for an offered line."""
    formats = tuple(line.rtp_formats)
    wanted = _wanted_ptime(line, preference)
    selection = _choose(
        formats, local.codecs, local.telephone_event, preference, wanted, line.maxptime
    )
    selection.tell(report)
    if not selection.codecs:
        return NegotiatedAudio(rejected="no codec in common")
    mine, theirs = _chosen_keys(line, local)
    return _protect(_settle(offered, line, local, selection), line, local, mine, theirs)


def _chosen_keys(line: MediaDescription, local: LocalAudio) -> tuple[Crypto | None, Crypto | None]:
    """Our key for the first of the offered crypto lines that we allow, and theirs."""
    if local.secure is Secure.FORBIDDEN:
        return None, None
    for theirs in usable(line.crypto):
        for mine in local.crypto:
            if mine.suite == theirs.suite:
                return mine, theirs
    return None, None


def _answered_keys(
    line: MediaDescription, asked: MediaDescription
) -> tuple[Crypto | None, Crypto | None]:
    """Our key of the crypto line that was answered, and theirs (RFC 4568 §7.1.3)."""
    offered = {crypto.tag: crypto for crypto in usable(asked.crypto)}
    for theirs in usable(line.crypto):
        mine = offered.get(theirs.tag)
        if mine is not None and mine.suite == theirs.suite:
            return mine, theirs
    return None, None


def _protect(
    audio: NegotiatedAudio,
    line: MediaDescription,
    local: LocalAudio,
    mine: Crypto | None,
    theirs: Crypto | None,
) -> NegotiatedAudio:
    """Take the keys over, or say why the line cannot be used without."""
    if mine is not None and theirs is not None:
        return audio._replace(protection=Protection(mine.suite, mine.key, theirs.key))
    if line.protocol.upper() in _SECURE_RTP:
        return NegotiatedAudio(rejected=f"{line.protocol} without a crypto line we can use")
    if local.secure is Secure.MANDATORY:
        return NegotiatedAudio(rejected="SRTP is mandatory here and was not agreed")
    return audio


@lru_cache(maxsize=256)
def _choose(
    formats: tuple[Format, ...],
    codecs: tuple[LocalCodec, ...],
    telephone_event: int | None,
    preference: Preference,
    wanted: int | None,
    limit: int | None,
) -> _Selection:
    report = NegotiationReport(offered=codec_names(formats))
    pairs: list[tuple[Format, LocalCodec]] = []
    for item in formats:
        codec = _local_codec(codecs, item)
        if codec is not None:
            pairs.append((item, codec))
        elif item.name.lower() != TELEPHONE_EVENT:
            report.reject(str(item), _why_not(item, codecs))
    if not pairs:
        return _Selection((), None, None, report)
    _sort(pairs, codecs, preference, wanted)
    item, codec = pairs[0]
    report.chosen.append(str(item))
    for other, _ in pairs[1:]:
        report.reject(str(other), f"{item} is preferred ({preference.value})")
    agreed = _agree(item, item.payload_type, codec, wanted, limit)
    event = None if telephone_event is None else _event(formats, item.clock_rate)
    number = event.payload_type if event else None
    return _Selection((agreed,), number, number, report)


def accept(
    answered: SessionDescription,
    theirs: MediaDescription,
    ours: MediaDescription,
    local: LocalAudio,
    preference: Preference,
    report: NegotiationReport,
) -> NegotiatedAudio:
    """The codecs of an answered line; ``ours`` is the line of our offer."""
    formats, asked = tuple(theirs.rtp_formats), ours.rtp_formats
    wanted, limit = _wanted_ptime(theirs, preference), theirs.maxptime
    selection = _accept(formats, tuple(asked), local.codecs, preference, wanted, limit)
    selection.tell(report)
    if not selection.codecs:
        return NegotiatedAudio(rejected="the answer has no codec of the offer")
    mine, key = _answered_keys(theirs, ours)
    return _protect(_settle(answered, theirs, local, selection), theirs, local, mine, key)


@lru_cache(maxsize=256)
def _accept(
    answered: tuple[Format, ...],
    asked: tuple[Format, ...],
    allowed: tuple[LocalCodec, ...],
    preference: Preference,
    wanted: int | None,
    limit: int | None,
) -> _Selection:
    report = NegotiationReport()
    pairs: list[tuple[Format, LocalCodec]] = []
    receive: dict[int, int] = {}
    formats = [_named(item, asked) for item in answered]
    for item in formats:
        if item.name.lower() == TELEPHONE_EVENT:
            continue
        sent = find_format(asked, item.name, item.clock_rate, item.channels)
        codec = _local_codec(allowed, item)
        if sent is None or codec is None:
            report.reject(str(item), "was not offered")
            continue
        pairs.append((item, codec))
        receive[item.payload_type] = sent.payload_type
    if not pairs:
        return _Selection((), None, None, report)
    _sort(pairs, allowed, preference, wanted)
    report.chosen += [str(item) for item, _ in pairs]
    codecs = tuple(
        _agree(item, receive[item.payload_type], codec, wanted, limit) for item, codec in pairs
    )
    event = _event(formats, pairs[0][0].clock_rate)
    mine = find_format(asked, TELEPHONE_EVENT, event.clock_rate) if event else None
    if event is None or mine is None:
        return _Selection(codecs, None, None, report)
    return _Selection(codecs, event.payload_type, mine.payload_type, report)


def _named(item: Format, asked: tuple[Format, ...]) -> Format:
    """An answered format; one without rtpmap means what we offered by that number."""
    if item.name:
        return item
    same = next((known for known in asked if known.payload_type == item.payload_type), None)
    return item if same is None else same._replace(fmtp=item.fmtp)


def _local_codec(codecs: tuple[LocalCodec, ...], item: Format) -> LocalCodec | None:
    return next(
        (codec for codec in codecs if codec.matches(item.name, item.clock_rate, item.channels)),
        None,
    )


def _why_not(item: Format, codecs: tuple[LocalCodec, ...]) -> str:
    if not item.name:
        return "has no rtpmap"
    similar = next((codec for codec in codecs if codec.name.lower() == item.name.lower()), None)
    return "is not allowed here" if similar is None else f"only {similar} is allowed here"


def _sort(
    pairs: list[tuple[Format, LocalCodec]],
    codecs: tuple[LocalCodec, ...],
    preference: Preference,
    wanted: int | None,
) -> None:
    """Put the preferred pair first; a codec of the wanted packet time goes before others."""
    if preference is not Preference.GENEROUS:
        pairs.sort(key=lambda pair: codecs.index(pair[1]))
    if wanted is not None:
        pairs.sort(key=lambda pair: pair[1].ptime != wanted)


def _wanted_ptime(line: MediaDescription, preference: Preference) -> int | None:
    """The packet time the far end wants; a scrooge does not ask."""
    return None if preference is Preference.SCROOGE else line.ptime


def _agree(
    item: Format, receive: int, codec: LocalCodec, wanted: int | None, limit: int | None
) -> NegotiatedCodec:
    times = [time for time in _PACKET_TIMES if not codec.ptimes or time in codec.ptimes]
    ptime = codec.ptime
    if wanted is not None and wanted in _PACKET_TIMES:
        # A codec that has no such packets sends the next shorter ones.
        ptime = max((time for time in times if time <= wanted), default=ptime)
    if limit is not None and limit < ptime:
        # RFC 8866 §6.4: more must not be sent.
        ptime = max((time for time in times if time <= limit), default=ptime)
    return NegotiatedCodec(
        codec.name,
        codec.clock_rate,
        codec.channels,
        item.payload_type,
        receive,
        item.fmtp,
        codec.fmtp,
        ptime,
    )


def _event(formats: Iterable[Format], clock_rate: int) -> Format | None:
    """Telephone events at the codec's clock rate, else at 8000 Hz, else any."""
    events = [item for item in formats if item.name.lower() == TELEPHONE_EVENT]
    for rate in (clock_rate, 8000):
        found = find_format(events, TELEPHONE_EVENT, rate)
        if found is not None:
            return found
    return events[0] if events else None


def _settle(
    description: SessionDescription,
    line: MediaDescription,
    local: LocalAudio,
    selection: _Selection,
) -> NegotiatedAudio:
    connection = description.connection_of(line)
    if connection is None:
        raise AssertionError("a line without an address is unusable")
    remote = description.direction_of(line)
    listens = remote.receives and not connection.held
    speaks = local.direction.sends
    mux = line.rtcp_mux and local.rtcp_mux
    address = (connection.address, line.port)
    rtcp = line.rtcp
    if mux:
        rtcp_address = address
    elif rtcp is not None:
        rtcp_address = (rtcp[1] or connection.address, rtcp[0])
    else:
        rtcp_address = (connection.address, min(line.port + 1, 65535))
    return NegotiatedAudio(
        address,
        rtcp_address,
        selection.codecs,
        selection.event_send,
        selection.event_receive,
        send=speaks and listens,
        receive=local.direction.receives and remote.sends,
        held=speaks and not listens,
        rtcp_mux=mux,
    )


def codec_names(formats: Iterable[Format]) -> list[str]:
    """The codecs of a media line for the report."""
    return [str(item) for item in formats if item.name.lower() != TELEPHONE_EVENT]


@lru_cache(maxsize=256)
def allowed_names(codecs: tuple[LocalCodec, ...]) -> tuple[str, ...]:
    """Our codecs for the report."""
    return tuple([str(codec) for codec in codecs])
