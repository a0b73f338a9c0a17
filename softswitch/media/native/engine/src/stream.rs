//! One leg's RTP session, without sockets or clock: packets, commands and time go in, packets and
//! events come out through [`Output`] (RFC 3550, RFC 3551).

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use dsp::codec::Codec;
use dsp::goertzel::DtmfDetector;

use crate::bug::{Detectors, Mix, Side, Taps};
use crate::counters::StreamStatistics;
use crate::output::Output;
use crate::parameters::{CodecParameters, Parameters};
use crate::recorder::Recording;
use crate::rtp::event_receiver::EventReceiver;
use crate::rtp::header::Header;
use crate::rtp::latch::Latch;
use crate::rtp::quality::Quality;
use crate::rtp::reception::Reception;
use crate::rtp::sender::Sender;
use crate::rtp::telephone_event::TelephoneEvent;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND};

mod arrival;
mod bare;
mod buffering;
mod digits;
mod effects;
mod filler;
mod hearing;
mod mixing;
mod payload_kind;
mod playback;
mod protection;
mod reports;
mod sending;
mod tracing;
mod transparent;

pub use buffering::Buffer;
pub use digits::DigitMethod;
pub use filler::Fill;
pub use hearing::{Hearing, Treatment};
pub(crate) use mixing::encode;
pub use playback::{Playback, Steering};
pub(crate) use sending::Placing;
pub use tracing::Tracing;
pub use transparent::Passage;

use bare::Numbering;
use buffering::Buffering;
use digits::DigitQueue;
use effects::BothEffects;
use filler::Filler;
use payload_kind::PayloadKind;
use protection::Protection;
use reports::Reports;

/// Rate of a stream that decodes nothing.
pub const DEFAULT_RATE: Rate = 8000;
/// A gap in the far end's timestamps up to this is a pause; a longer one a jump of its clock.
const LONGEST_PAUSE: Microseconds = 10 * SECOND;

/// What an accepted packet holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Audio of the codec with that index.
    Audio(usize),
    Noise,
    Event(TelephoneEvent),
    /// Nothing yet: the packet is held back until its turn.
    HeldBack,
    /// Audio made up in place of a packet of that codec that was lost; it has no payload.
    Concealed(usize),
}

/// An accepted packet, for whoever hears the stream.
#[derive(Clone, Debug)]
pub struct Incoming {
    pub header: Header,
    pub payload: Range<usize>,
    pub content: Content,
    /// Names the unbroken run of sequence numbers it belongs to.
    pub run: u64,
    pub clock: Rate,
    /// Overtaken by packets already handled: fit to be relayed, not to be decoded.
    pub late: bool,
    /// An event that is nobody's but ours: not to be passed on.
    pub withheld: bool,
    /// Decoded samples and their rate, if anybody wanted them; silence precedes them.
    pub audio: Option<Audio>,
}

/// Decoded audio in the scratch buffer of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audio {
    pub rate: Rate,
    /// Samples missing before this packet.
    pub gap: u32,
}

/// One RTP session.
pub struct Stream {
    pub id: u64,
    /// Its place in the graph.
    pub place: usize,
    statistics: Arc<StreamStatistics>,
    parameters: Option<Box<Parameters>>,
    kinds: [PayloadKind; 128],

    latch: Latch,
    reception: Reception,
    run: u64,
    last_heard: Microseconds,
    heard: bool,
    timeout_check: Option<Microseconds>,
    event_receiver: EventReceiver,
    decoder: Option<(usize, Box<dyn Codec>)>,
    next_timestamp: Option<u32>,
    quality: Quality,
    buffering: Option<Box<Buffering>>,
    detector: Option<(Rate, Box<DtmfDetector>)>,
    /// Telephone events of this party are kept from whoever hears it.
    withholds_events: bool,
    /// In-band digits are wanted.
    detects: bool,
    /// Bit n: somebody wants packets of codec n decoded.
    pub decode_for_listener: u128,
    /// The rate the listener can make use of.
    pub listener_rate: Rate,
    speak_gain: f32,
    effects: Option<Box<BothEffects>>,
    tracing: Tracing,

    pub(crate) sender: Sender,
    encoder: Option<Box<dyn Codec>>,
    encoded: Vec<u8>,
    /// Clock units of audio that its codec did not want sent, since the last packet.
    unsent: u32,
    hear_gain: f32,
    /// Whom this stream hears.
    pub hearing: Option<Hearing>,
    /// The place of the room it is in.
    pub room: Option<usize>,
    playback: Option<Box<Playback>>,
    digits: Option<Box<DigitQueue>>,
    filler: Option<Box<Filler>>,
    pub(crate) recordings: Vec<Recording>,
    pub(crate) taps: Option<Box<Taps>>,
    pub(crate) mix: Option<Box<Mix>>,
    pub(crate) detectors: Option<Box<Detectors>>,
    reports: Reports,
    protection: Option<Box<Protection>>,
    /// Of what arrives without headers.
    numbering: Numbering,
    /// Who sends the video that passes.
    relayed_source: Option<u32>,
}

/// The random numbers a stream begins with (RFC 3550 §5.1, §8).
#[derive(Clone, Copy, Debug)]
pub struct Beginning {
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
}

impl Stream {
    pub fn new(id: u64, begin: Beginning, statistics: Arc<StreamStatistics>) -> Stream {
        Stream {
            id,
            place: 0,
            statistics,
            parameters: None,
            kinds: [PayloadKind::Unknown; 128],
            latch: Latch::default(),
            reception: Reception::default(),
            run: id << 20,
            last_heard: 0,
            heard: false,
            timeout_check: None,
            event_receiver: EventReceiver::default(),
            decoder: None,
            next_timestamp: None,
            quality: Quality::default(),
            buffering: None,
            detector: None,
            withholds_events: false,
            detects: false,
            decode_for_listener: 0,
            listener_rate: Rate::MAX,
            speak_gain: 1.0,
            effects: None,
            tracing: Tracing::default(),
            sender: Sender::new(begin.ssrc, begin.sequence, begin.timestamp),
            encoder: None,
            encoded: Vec::new(),
            unsent: 0,
            hear_gain: 1.0,
            hearing: None,
            room: None,
            playback: None,
            digits: None,
            filler: None,
            recordings: Vec::new(),
            taps: None,
            mix: None,
            detectors: None,
            reports: Reports::new(begin.ssrc),
            protection: None,
            numbering: Numbering::default(),
            relayed_source: None,
        }
    }

    pub fn parameters(&self) -> Option<&Parameters> {
        self.parameters.as_deref()
    }

    /// Rate of the audio sent.
    pub fn rate(&self) -> Rate {
        self.encoder
            .as_ref()
            .map_or(DEFAULT_RATE, |encoder| encoder.sample_rate())
    }

    /// Whether what the party hears, and what it says, is changed on its way.
    pub fn changes(&self) -> (bool, bool) {
        let (hear, speak) = self.has_effects();
        (
            hear || self.hear_gain != 1.0 || self.mixes(),
            speak || self.speak_gain != 1.0 || self.adds_to_speech(),
        )
    }

    /// Whether what is sent must be decoded for somebody beside the far end.
    pub fn is_overheard(&self) -> bool {
        self.records_us() || self.taps(Side::Hear)
    }

    /// Apply what was negotiated.
    pub fn configure(&mut self, now: Microseconds, parameters: Parameters) {
        let previous = self.parameters.take();
        if previous
            .as_ref()
            .is_none_or(|previous| previous.codecs != parameters.codecs)
        {
            self.decoder = None;
            self.encoder = parameters.codecs.first().and_then(CodecParameters::create);
            self.next_timestamp = None;
            self.empty_buffer();
        }
        self.kinds = PayloadKind::table(&parameters);
        self.latch
            .configure(parameters.remote_address, parameters.symmetric);
        self.statistics.set_remote(self.latch.destination());
        let was_receiving = previous.as_ref().is_some_and(|previous| previous.receive);
        if parameters.receive && !was_receiving {
            self.last_heard = now;
        }
        let timeout = Microseconds::from(parameters.timeout_ms) * MILLISECOND;
        self.timeout_check =
            (parameters.receive && timeout > 0).then_some(self.last_heard.max(now) + timeout);
        self.reports.configure(now, parameters.rtcp_interval_ms);
        self.parameters = Some(Box::new(parameters));
    }

    /// Let other audio be louder or quieter: factors for what this party hears and says.
    pub fn set_gain(&mut self, hear: f32, speak: f32) {
        self.hear_gain = hear;
        self.speak_gain = speak;
    }

    /// Listen for digits in the audio, or no more.
    pub fn detect(&mut self, dtmf: bool) {
        self.detects = dtmf;
        if !dtmf {
            self.detector = None;
        }
    }

    /// Pass this party's telephone events to whoever hears it (so at first), or keep them.
    pub fn pass_events(&mut self, passed: bool) {
        self.withholds_events = !passed;
    }

    /// When `handle_timeout` wants to be called.
    pub fn next_timeout(&self) -> Option<Microseconds> {
        [
            self.timeout_check,
            self.event_receiver.next_timeout(),
            self.reports.next_timeout(),
            self.playback
                .as_ref()
                .map(|playback| playback.next_timeout()),
            self.digits.as_ref().map(|digits| digits.next_timeout()),
            self.recordings
                .iter()
                .map(|recording| recording.next_timeout())
                .min(),
            self.mix.as_ref().map(|mix| mix.next_timeout()),
            self.detectors.as_ref().map(|all| all.next_timeout()),
            self.next_turn(),
            self.next_filling(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Do what is due by now.
    pub fn handle_timeout(&mut self, now: Microseconds, output: &mut Output) -> Ticks {
        let ended = self.event_receiver.handle_timeout(now);
        let lost_end = ended.is_some();
        self.tell_digits(ended, output);
        self.check_silence(now, output);
        self.watch_keys(output);
        let mut ticks = Ticks {
            lost_end,
            ..Ticks::default()
        };
        self.continue_playback(now, &mut ticks, output);
        self.continue_digits(now, output);
        self.continue_filling(now, output);
        ticks.changed = self.continue_recordings(now, output);
        ticks.changed |= self.continue_mix(now, output);
        self.continue_detectors(now, output);
        self.continue_reports(now, output);
        ticks
    }

    /// The stream ends: say goodbye, finish what runs.
    pub fn close(&mut self, now: Microseconds, output: &mut Output) {
        self.stop_playback(output);
        self.close_recordings(now, output);
        self.close_bugs(output);
        self.say_goodbye(now, output);
    }

    /// The codec of what is sent.
    pub fn sent_codec(&self) -> Option<&CodecParameters> {
        self.parameters.as_ref()?.codecs.first()
    }

    /// Where to send, unless on hold or unknown.
    pub(crate) fn destination(&self) -> Option<SocketAddr> {
        let parameters = self.parameters.as_ref()?;
        if parameters.send {
            self.latch.destination()
        } else {
            None
        }
    }
}

/// How punctual a round of timeouts was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    pub late: u64,
    /// Something ended that wanted audio decoded.
    pub changed: bool,
    /// A key of the far end was let go, though nothing said so.
    pub lost_end: bool,
}
