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
from softswitch.sdp.crypto import Protection
from softswitch.sdp.description import SessionDescription
from softswitch.sdp.line import answered_keys, chosen_keys, settle, why_unprotected
from softswitch.sdp.media import Format, MediaDescription
from softswitch.sdp.payload_types import TELEPHONE_EVENT, find_format

_PACKET_TIMES = (10, 20, 30, 40, 50, 60, 80, 100, 120)


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
    return _settle(offered, line, local, selection, chosen_keys(line, local))


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
    return _settle(answered, theirs, local, selection, answered_keys(theirs, ours))


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
    protection: Protection | None,
) -> NegotiatedAudio:
    """What was settled, or why the line cannot be used with these keys."""
    reason = why_unprotected(line, local, protection)
    if reason is not None:
        return NegotiatedAudio(rejected=reason)
    settled = settle(description, line, local)
    return NegotiatedAudio(
        settled.remote_address,
        settled.remote_rtcp_address,
        selection.codecs,
        selection.event_send,
        selection.event_receive,
        send=settled.send,
        receive=settled.receive,
        held=settled.held,
        rtcp_mux=settled.rtcp_mux,
        protection=protection,
    )


def codec_names(formats: Iterable[Format]) -> list[str]:
    """The codecs of a media line for the report."""
    return [str(item) for item in formats if item.name.lower() != TELEPHONE_EVENT]


@lru_cache(maxsize=256)
def allowed_names(codecs: tuple[LocalCodec, ...]) -> tuple[str, ...]:
    """Our codecs for the report."""
    return tuple([str(codec) for codec in codecs])
