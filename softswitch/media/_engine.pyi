"""The contract of the compiled media engine: what ``softswitch.media._engine`` exports.

Calls never block and never call back into Python: they check their arguments, post to a
worker thread and return. What happens later is told through :meth:`Engine.take_events`.
Audio is 16-bit signed PCM in native byte order. Using a closed handle raises `StreamClosed`.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self, Unpack, final, type_check_only

from softswitch.media.interface import RecordingOptions

__all__ = [
    "Encoder",
    "Engine",
    "Live",
    "Mixer",
    "Source",
    "Stream",
    "StreamClosed",
    "Tap",
    "check_tone",
    "codecs",
    "decode",
    "music",
]

class StreamClosed(Exception):
    """The handle was closed before this call."""

@type_check_only
class CodecParameters(Protocol):
    """One payload type of a stream as negotiated."""

    @property
    def payload_type(self) -> int: ...
    @property
    def name(self) -> str:
        """Upper-case encoding name: ``PCMU PCMA L16`` or any other (relayed only)."""
    @property
    def clock_rate(self) -> int:
        """RTP clock in Hz."""
    @property
    def channels(self) -> int: ...
    @property
    def ptime(self) -> int:
        """Milliseconds of audio in a packet we send."""
    @property
    def fmtp(self) -> str: ...

@type_check_only
class RtpParameters(Protocol):
    """What an offer/answer exchange settled for a stream."""

    @property
    def remote_address(self) -> tuple[str, int] | None:
        """Where to send RTP; None while unknown (we then wait for latching)."""
    @property
    def remote_rtcp_address(self) -> tuple[str, int] | None:
        """Where to send RTCP; None means the RTP port + 1 (or the RTP port with rtcp_mux)."""
    @property
    def codecs(self) -> Sequence[CodecParameters]:
        """Audio codecs agreed: the first is the one we send, packets of any are accepted."""
    @property
    def telephone_event(self) -> int | None:
        """Payload type of RFC 4733 events we send, None if not agreed."""
    @property
    def telephone_event_receive(self) -> int | None:
        """Payload type on which we receive events."""
    @property
    def send(self) -> bool:
        """False while on hold: nothing is sent."""
    @property
    def receive(self) -> bool:
        """False while on hold: what arrives is counted and dropped."""
    @property
    def symmetric(self) -> bool:
        """Latch on to the address packets really come from (within a safe window)."""
    @property
    def timeout_ms(self) -> int:
        """So long without a packet (while receiving) makes a ``media_timeout``; 0 = never."""
    @property
    def rtcp_interval_ms(self) -> int:
        """Time between sender/receiver reports; 0 = none."""
    @property
    def rtcp_mux(self) -> bool: ...
    @property
    def transparent(self) -> bool:
        """Datagrams go on to the connected stream, if that is transparent too, as they are.

        With ``codecs`` they are RTP of these: payload types become those of the other side, where
        variants of a codec are told apart by ``fmtp``, and ``set_srtp`` holds. RTCP goes on, too.
        """
    @property
    def bare(self) -> bool:
        """Datagrams hold sound in the first codec and no header; L16 is in native byte order."""

@type_check_only
class MixerParameters(Protocol):
    """How a room mixes."""

    @property
    def rate(self) -> int:
        """8,000 to 48,000 Hz."""
    @property
    def interval_ms(self) -> int:
        """10 to 120; members whose packets are as long share encoders."""
    @property
    def stereo(self) -> bool:
        """Members have places; who has a codec of two channels hears them."""
    @property
    def comfort_noise(self) -> int:
        """Divisor of the noise that is heard while nobody speaks; 0 = silence."""
    @property
    def ungated(self) -> bool:
        """Voices are mixed whether they are loud enough or not."""
    @property
    def open(self) -> bool:
        """False: no voice is mixed; what is played is heard all the same."""

@type_check_only
class MemberParameters(Protocol):
    """How a member takes part."""

    @property
    def in_db(self) -> float:
        """Gain of what it says."""
    @property
    def out_db(self) -> float:
        """Gain of what it hears."""
    @property
    def mute(self) -> bool: ...
    @property
    def deaf(self) -> bool: ...
    @property
    def energy_level(self) -> int:
        """Mean absolute value above which it is taken for a voice; 0 lets everything pass."""
    @property
    def mute_detect(self) -> bool:
        """Tell ``muted_talking``."""
    @property
    def auto_gain(self) -> tuple[int, int, int, int, int] | None:
        """Mean absolute value aimed at, what is too quiet to count, deviation left alone, step in
        half decibels, frames judged together."""
    @property
    def ceiling(self) -> tuple[int, int, int] | None:
        """Mean absolute value above which it is silenced, frames borne, for how many ms."""
    @property
    def pan(self) -> float:
        """Its place in a stereo room: -1 left, 1 right."""

@final
class Engine:
    """Owns the worker threads, the sockets and the clock of all media."""

    def __new__(
        cls,
        *,
        rtp_start_port: int = 16384,
        rtp_end_port: int = 32768,
        workers: int = 1,
        io_uring: bool = True,
    ) -> Self:
        """Start the workers. RTP ports are even numbers of the range, RTCP the next odd one.

        ``workers`` of 0 is one for each processor. Without ``io_uring``, or where the kernel
        refuses it, sockets are waited for with epoll.

        Raises ValueError if the range holds no pair, OSError if a thread cannot start. A closed
        engine opens nothing: OSError."""
    @property
    def workers(self) -> int:
        """How many threads carry streams."""
    @property
    def priority(self) -> str:
        """How they stand among the machine's threads: ``real-time``, ``high`` or ``usual``."""
    @property
    def method(self) -> str:
        """How they wait for packets: ``io_uring`` or ``epoll``."""
    @property
    def event_fd(self) -> int:
        """Readable whenever events wait (an eventfd; drained by take_events)."""
    def take_events(self) -> list[tuple[Any, ...]]:
        """All waiting events in order; ``stream`` is the stream's id.

        ``("digit", stream, digit, duration_ms, source)``  source ``rtp`` or ``inband``
        ``("playback_finished", stream, playback, samples, reason)``
            ``done`` ``stopped`` ``failed``; samples played, at the rate of the stream's codec
        ``("recording_finished", stream, recording, samples, reason)``
            ``stopped`` ``limit`` ``silence`` ``closed`` ``failed: <text>``; the file is complete,
            samples of each channel at its rate
        ``("media_started", stream, ip, port)``
            first packet of a remote address, and the first after a timeout
        ``("media_timeout", stream, silent_ms)``  once, until something arrives again
        ``("remote_learned", stream, ip, port)``
            latched to another address than negotiated; follows its ``media_started``
        ``("detected", stream, detector, frequency)``  of a beep in Hz, else 0
        ``("packet", stream, sent, length, remote, source, payload_type, timestamp, sequence,
            marker)``  a packet passed while `Stream.trace` wants them told
        ``("report", stream, sent, ssrc, sender, blocks, last_timestamp, round_trip_us)``
            RTCP while `Stream.tell_reports` wants it told; sender ``(ntp, timestamp, packets,
            octets)`` or None, blocks ``(ssrc, fraction_lost, cumulative_lost, highest_sequence,
            jitter, last_report, delay)``, round trip or None
        ``("digits_sent", stream)``  the queue of send_digits ran empty
        ``("stream_failed", stream, text)``  the stream (or the room) is closed

        Of a room, whose id stands for the stream, playbacks and recordings as above, and:

        ``("talking", mixer, member, talking, score)``  the member's stream; its mean absolute value
        ``("muted_talking", mixer, member)``  a muted member speaks
        ``("floor_changed", mixer, member)``  None where nobody has it
        """
    def open_stream(self, local_ip: str, *, dscp: int = 0, port: int | None = None) -> Stream:
        """Bind an RTP/RTCP port pair on ``local_ip``, the ports used longest ago first.

        With ``port`` it is that one alone, of any range; 0 is any.

        Raises OSError if none is free, ValueError for what is no IP address."""
    def open_mixer(self, settings: MixerParameters) -> Mixer:
        """Open a room. Raises ValueError for settings that cannot be."""
    def open_buffer(self, samples: bytes, rate: int) -> Source:
        """Mono PCM held in memory and shared by any number of listeners; rate 1 to 192 kHz."""
    def open_wav(self, path: str) -> Source:
        """A WAV file (PCM 8/16/24/32, float, mu-law, A-law; any rate and channel count, mixed
        down to mono): a short one is kept in memory, a long one read ahead.
        Raises OSError or ValueError with a reason."""
    def open_tone(self, script: str) -> Source:
        """Tones in FreeSWITCH's TGML; what means nothing is passed over, as there (`check_tone`).

        Raises ValueError naming what is wrong and where if nothing of it would be heard."""
    def open_silence(self, milliseconds: int, noise: int = 0) -> Source:
        """Silence, or comfort noise of that divisor; negative length is endless."""
    def open_live(self, rate: int) -> Live:
        """Sound that is written as it goes on, of 8 to 192 kHz."""
    def stats(self) -> dict[str, int]:
        """Streams, mixers, sources and recordings that are open; packets_in, packets_out,
        packets_dropped (foreign, malformed, duplicate, unknown payload, on hold), send_errors,
        late_ticks (packets played more than 5 ms late), events_lost (100,000 others waited)."""
    def close(self) -> None:
        """Stop all workers and close all sockets. Idempotent."""

@final
class Source:
    """Something that can be played, by one or many."""

    @property
    def milliseconds(self) -> int | None:
        """Its length, None if endless or unknown."""
    @property
    def rate(self) -> int | None:
        """Its samples a second, None if it plays at any rate."""
    def close(self) -> None:
        """Forget it. What plays it goes on; playing it anew raises `StreamClosed`. Idempotent."""

@final
class Live:
    """Sound that goes on whether anybody listens or not; any thread may write it."""

    @property
    def listeners(self) -> int:
        """How many streams play it now."""
    def write(self, samples: bytes, rate: int) -> None:
        """Add 16-bit mono samples behind the newest, converted to the rate of the source.

        Who listens is 600 ms behind them; 5 s are kept for listeners of uneven pace."""
    def source(self) -> Source:
        """What plays it, from the moment it begins to be played."""
    def close(self) -> None:
        """Nothing more comes: whoever listens hears the end. Idempotent."""

@final
class Tap:
    """Samples of a stream on their way to Python: aligned in time, bounded, never in the way."""

    @property
    def number(self) -> int:
        """For `Stream.stop` and `Stream.control`; its end is told as ``recording_finished``."""
    @property
    def rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def lost(self) -> int:
        """Samples of each channel that were not read in time."""
    def fileno(self) -> int:
        """Readable while samples wait, and once nothing more comes."""
    def read(self) -> tuple[bytes, bool]:
        """All that waits, 16-bit in native byte order, and whether more can come."""

@final
class Stream:
    """One leg's RTP session. Losing the last reference closes it."""

    @property
    def id(self) -> int: ...
    @property
    def local_address(self) -> tuple[str, int]: ...
    @property
    def ssrc(self) -> int: ...
    def configure(self, parameters: RtpParameters) -> None:
        """Apply what was negotiated; idempotent, may be called at every offer/answer.

        Before the first time whatever arrives is dropped. Raises ValueError for parameters that
        cannot be (what is no IP address, a payload type above 127 …)."""
    def connect(self, other: Stream) -> None:
        """Let both hear each other, until `disconnect`, a new `connect`, or a close of either.

        With itself it is an echo. Same codec and packet time on both sides: payloads pass
        unchanged, at once, with our numbering. Else each packet is decoded, encoded in the first
        codec of the other side and cut to its packet time, at once, without added frames. A codec
        that is not decoded passes where both sides have it, and is counted ``untranslatable``
        where the other lacks it. Telephone events of one side are told, and passed to the other
        if it agreed to them."""
    def disconnect(self) -> None:
        """End `connect`; the other side hears nothing either."""
    def play(self, source: Source, *, loops: int = 1, offset_ms: int = 0) -> int:
        """Play instead of what is connected, a packet every packet time.

        Loops < 0 is endless, 0 is 1; the offset counts in the first loop only. A second play
        replaces the first (which finishes as ``stopped``). A stream whose first codec cannot be
        encoded fails it at once. Returns the playback's number."""
    def record(
        self,
        path: str,
        *,
        append: bool = False,
        tags: Sequence[tuple[str, str]] | None = None,
        **wishes: Unpack[RecordingOptions],
    ) -> int:
        """Write a WAV file whose header is right at every moment; several may run at once.

        ``hear`` is ``read`` (what the far end says), ``write`` (what it hears) or ``both``: mixed,
        or in stereo the far end on the left and what it hears on the right. Rate 0 is the codec's;
        appending keeps the file's rate and channels. What does not arrive is silence, or noise of
        the divisor ``fill`` (1400 is barely heard): the length is the time that passed. The limit
        is kept to the sample; ``silence_ms`` with a mean absolute value below the threshold end
        it (0 = never), ``initial_silence_ms`` before the first sound (None: the same). ``swap``
        changes the sides of stereo; tags go by the four letters of their INFO chunks. Returns its
        number. A file that cannot be opened raises OSError."""
    def tap(
        self,
        *,
        period_ms: int = 100,
        complete: bool = False,
        **wishes: Unpack[RecordingOptions],
    ) -> Tap:
        """Record into memory, a piece every ``period_ms``; else as `record`.

        Half a minute waits for a slow reader, then the oldest is lost and counted; with
        ``complete`` the recording fails instead."""
    def find_tone(self, frequencies: Sequence[float], *, hear: str = "read") -> int:
        """Listen for the sum of 1 to 18 frequencies in what the party says (``read``) or hears
        (``write``): at least 120 ms of it, mainly it. Told each time, and every half second of
        a tone that goes on. Returns the detector's number."""
    def find_beep(self, *, hear: str = "read") -> int:
        """Listen for a beep: 160 ms of one frequency of 350 to 2500 Hz and nothing else."""
    def find_level(
        self,
        threshold: int,
        hits: int,
        *,
        silence: bool = False,
        listen: int = 0,
        hear: str = "read",
    ) -> int:
        """Wait for ``hits`` pieces of 20 ms in a row with a mean absolute value of the threshold
        or above, or below it; before that for ``listen`` loud ones. Told once. Where no packets
        come there is silence."""
    def steer(
        self, number: int, *, paused: bool = False, gain_db: float = 0.0, speed: float = 1.0
    ) -> None:
        """Pause a playback (silence is sent), or play it louder or at 0.25 to 4 times its speed,
        which changes its pitch. Unknown numbers are ignored."""
    def control(self, number: int, action: str) -> None:
        """``mask`` (record silence, time goes on), ``unmask``, ``pause`` (no time passes) or
        ``resume`` a recording; unknown numbers are ignored."""
    def feed(
        self,
        target: Stream,
        *,
        hear: str = "both",
        into: str = "hear",
        replace: bool = False,
        gain_db: float = 0.0,
        delay_ms: int = 0,
    ) -> int:
        """Let what this party says (``read``), hears (``write``) or both flow into what another
        hears or says (``speak``), mixed or in place of it, late by up to a minute. Nobody hears
        himself by it: what inlets add is not fed on. Ends with either stream, or by `stop` on
        both. Returns its number; several may run at once."""
    def inject(
        self,
        source: Source,
        *,
        into: str = "hear",
        replace: bool = False,
        loops: int = 1,
        offset_ms: int = 0,
        gain_db: float = 0.0,
    ) -> int:
        """Add a source to what this party hears or says, over whatever is connected or played.

        What it says needs packets of its own to be added to. Ends as a playback does."""
    def stop(self, number: int) -> None:
        """End one playback, recording or bug; unknown numbers are ignored."""
    def send_digits(
        self, digits: str, *, duration_ms: int = 100, gap_ms: int = 50, method: str = "rfc4733"
    ) -> None:
        """Queue digits (``0-9*#A-D``, ``F`` a hook flash; ``w`` and ``W`` pause 0.5 and 1 s).

        ``rfc4733`` or ``inband``; where telephone events are not agreed they go in-band. A digit
        lasts 40 ms at least; meanwhile nothing else is sent. Raises ValueError for other
        characters and for lengths above 60 s."""
    def pass_events(self, *, passed: bool) -> None:
        """Pass this party's telephone events on to whoever hears it (so at first), or keep them.

        They are told as digits either way."""
    def detect(self, *, dtmf: bool) -> None:
        """Switch in-band DTMF detection on or off (off at first)."""
    def set_gain(self, *, hear_db: float = 0.0, speak_db: float = 0.0) -> None:
        """Gain of what this party hears and of what it says; with any, audio is decoded."""
    def set_effects(
        self, hear: str, *, level: int | None = None, suppression_db: int | None = None
    ) -> None:
        """Effects on what this party says (``read``), hears (``write``) or ``both``; none ends.

        ``level`` (100 to 30000) brings voices to the loudness of a sine of that amplitude, by 30
        dB at most; ``suppression_db`` (1 to 60) makes steady noise softer by so much at most, and
        all 16 ms later. With any, audio is decoded. Raises ValueError."""
    def trace(self, *, received: bool = False, sent: bool = False) -> None:
        """Tell of each packet that comes, and that is sent, or no more."""
    def tell_reports(self, *, received: bool = False, sent: bool = False) -> None:
        """Tell of each RTCP report that comes, and of each sender report that is sent, or no
        more."""
    def set_jitter_buffer(
        self, initial_ms: int, max_ms: int = 0, *, in_bridge: bool = False
    ) -> None:
        """Hold packets of the far end back, so that each is heard on an even beat.

        The delay grows up to ``max_ms`` where packets come late, and shrinks again; with
        ``max_ms`` not above ``initial_ms`` it is fixed. What is lost is made up. Digits are told
        at once. While the stream is connected with another one packets pass as they come, but
        with ``in_bridge``. ``initial_ms`` of 0 ends it; beyond 10000 raises ValueError."""
    def pause_jitter_buffer(self, paused: bool) -> None:
        """Let packets pass the jitter buffer, or hold them back again."""
    def set_srtp(
        self,
        suite: str | None,
        send: bytes | None = None,
        receive: bytes | None = None,
        *,
        send_mki: bytes | None = None,
        receive_mki: bytes | None = None,
        lifetime: int = 0,
    ) -> None:
        """Protect RTP and RTCP with these keys, each a master key with its salt behind it.

        Suites are named as in SDP: ``AES_CM_128_HMAC_SHA1_80``, ``…_32``, ``AES_192_CM_…``,
        ``AES_256_CM_…``, ``AEAD_AES_128_GCM``, ``AEAD_AES_256_GCM``. A key that is in use already
        goes on where it was. What is not authentic is counted ``unprotected``, what was seen
        before ``replayed``; neither is ever latched on to. None ends it. Raises ValueError for
        another suite or a key of the wrong length.

        With a name (MKI, RFC 3711 §3.1) every packet carries it, or must. When so many packets
        (``lifetime``, 0 for 2^31) are almost sent, ``keys_worn`` is told once. A new key takes the
        place of the one before: packets under way with that are still read until the first with
        the new one comes, and where our numbers wrapped before we go on as another SSRC."""
    def request_picture(self) -> None:
        """Ask the far end of a transparent stream with codecs for a whole picture (RFC 4585
        §6.3.1). `connect` does it, too."""
    def fill(self, *, idle: int | None = None, pauses: int | None = None) -> None:
        """Send noise while nothing is connected or played (``idle``), and while the connected
        party says by comfort noise packets that it is silent (``pauses``).

        The numbers are divisors: 1400 is barely heard, bigger is quieter, 0 is true silence."""
    def stats(self) -> dict[str, Any]:
        """Counters of this stream.

        packets_in, bytes_in, packets_out, bytes_out (RTP with its header); lost, duplicate,
        out_of_order; dtmf_packets, dtmf_packets_out, cng_packets; dropped for their source
        (foreign), form (malformed), payload type (unknown_payload), hold (on_hold), or for want
        of a codec in common (untranslatable); rtcp_in, rtcp_out; remote_lost as the far end
        reports it. jitter_packets, too_late, flushed, concealed and largest_buffer_ms of the
        jitter buffer; rtcp_bytes_out; unprotected, replayed. flaws are packets lost or too late.

        Floats are jitter_ms, remote_jitter_ms, rtt_ms, mean_interval_ms, jitter_min_variance,
        jitter_max_variance (ms²), loss_rate, burst_rate, quality (percent) and mos (1 to 4.5).
        remote is the (ip, port) packets go to, stranger the last whose packets were not taken;
        either may be None."""
    def close(self) -> None:
        """End what runs, say goodbye (RTCP) and free its ports at once. Idempotent."""

@final
class Mixer:
    """A room: each member hears the others. Losing the last reference closes it.

    Members are named by the ids of their streams; unknown ones are ignored."""

    @property
    def id(self) -> int: ...
    def configure(self, settings: MixerParameters) -> None:
        """Change how it mixes; rate and interval stay those it was opened with."""
    def add(self, stream: Stream, settings: MemberParameters) -> None:
        """Take in a stream, which leaves whatever it heard before.

        It leaves by `remove`, `Stream.disconnect`, a `connect` or its close. A playback or digits
        on the stream itself go before what the room says. Codec, rate and packet time are each
        member's own. Without a sound in the room it is sent silence."""
    def remove(self, stream: Stream) -> None: ...
    def configure_member(self, stream: int, settings: MemberParameters) -> None: ...
    def relate(self, listener: int, speaker: int, *, hears: bool) -> None:
        """Whether one member hears another; at first all do."""
    def give_floor(self, stream: int | None) -> None:
        """Who has the floor until somebody louder speaks; at first the first member."""
    def play(
        self,
        source: Source,
        *,
        to: int | None = None,
        loops: int = 1,
        offset_ms: int = 0,
        gain_db: float = 0.0,
        exclusive: bool = False,
    ) -> int:
        """Play to all or to one member, beside the voices or (exclusive) instead of them.

        Any number play at once. Returns the playback's number; samples are told at the room's
        rate."""
    def set_gain(self, number: int, *, gain_db: float) -> None:
        """The gain of a playback from now on."""
    def record(self, path: str, *, append: bool = False, rate: int = 0, limit_ms: int = 0) -> int:
        """Write a WAV file of all that is heard in the room, in stereo if the room is.

        Rate 0 is the room's. Returns its number. A file that cannot be opened raises OSError."""
    def tap(self, *, rate: int = 0, limit_ms: int = 0) -> Tap:
        """The same for a reader in Python; one slower than half a minute fails it."""
    def pause(self, number: int, *, paused: bool) -> None:
        """Pause a playback or a recording, or go on with it."""
    def stop(self, number: int) -> None:
        """End one playback or recording; unknown numbers are ignored."""
    def level(self, stream: int) -> tuple[int, int]:
        """A member's loudness: of its last frame, and smoothed over some."""
    def close(self) -> None:
        """End the room; its members hear nothing any more. Idempotent."""

def codecs() -> list[str]:
    """Names of the codecs the engine decodes and encodes."""

def decode(name: str, clock_rate: int, payload: bytes) -> tuple[bytes, int]:
    """Decode payloads of a codec in one piece: mono samples and their rate in Hz.

    Raises ValueError for what is no codec of the engine or no payload of it."""

@final
class Encoder:
    """One direction of a codec of one channel, which remembers what went before.

    Raises ValueError for what is no codec of the engine."""

    def __new__(cls, name: str, clock_rate: int) -> Self: ...
    @property
    def sample_rate(self) -> int:
        """Samples a second of what it takes."""
    def encode(self, samples: bytes) -> bytes:
        """The payload of 16-bit mono samples, which go on where the last ones ended.

        A codec that packs several samples into a byte may hold back the last of them."""

def music(rate: int) -> bytes:
    """Music of our own, about 19 seconds that may be played over and over: mono samples."""

def check_tone(script: str) -> list[str]:
    """What of a TGML script is passed over, in words with its place.

    Raises ValueError naming what is wrong with one of which nothing is heard."""
