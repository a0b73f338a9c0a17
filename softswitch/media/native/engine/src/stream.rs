//! One leg's RTP session, without sockets or clock: packets, commands and time go in, packets and
//! events come out through [`Output`] (RFC 3550, RFC 3551).

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;

use dsp::codec::Codec;
use dsp::goertzel::DtmfDetector;

use crate::counters::StreamStatistics;
use crate::event::{DigitSource, Event};
use crate::output::Output;
use crate::parameters::{CodecParameters, Parameters};
use crate::recorder::Recording;
use crate::rtp::event_receiver::{EventReceiver, ReceivedDigit};
use crate::rtp::header::Header;
use crate::rtp::latch::{Latch, Verdict};
use crate::rtp::reception::{Arrival, Reception};
use crate::rtp::sender::Sender;
use crate::rtp::telephone_event::TelephoneEvent;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND, units};

mod digits;
mod hearing;
mod playback;
mod reports;

pub use digits::DigitMethod;
pub use hearing::{Hearing, Treatment};
pub use playback::Playback;

use digits::DigitQueue;
use reports::Reports;

/// The static payload type of comfort noise (RFC 3389 §4).
const COMFORT_NOISE: u8 = 13;
/// Rate of a stream that decodes nothing.
pub const DEFAULT_RATE: Rate = 8000;
/// A gap in the far end's timestamps up to this is a pause; a longer one a jump of its clock.
const LONGEST_PAUSE: Microseconds = 10 * SECOND;

/// What a payload type of the stream stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PayloadKind {
    Unknown,
    /// The codec of that index.
    Audio(u8),
    Event,
    Noise,
}

/// What an accepted packet holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    /// Audio of the codec with that index.
    Audio(usize),
    Noise,
    Event(TelephoneEvent),
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
    detector: Option<(Rate, Box<DtmfDetector>)>,
    /// In-band digits are wanted.
    detects: bool,
    /// Bit n: somebody wants packets of codec n decoded.
    pub decode_for_listener: u128,
    speak_gain: f32,

    sender: Sender,
    encoder: Option<Box<dyn Codec>>,
    hear_gain: f32,
    /// Whom this stream hears.
    pub hearing: Option<Hearing>,
    playback: Option<Box<Playback>>,
    digits: Option<Box<DigitQueue>>,
    pub(crate) recordings: Vec<Recording>,
    reports: Reports,
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
            detector: None,
            detects: false,
            decode_for_listener: 0,
            speak_gain: 1.0,
            sender: Sender::new(begin.ssrc, begin.sequence, begin.timestamp),
            encoder: None,
            hear_gain: 1.0,
            hearing: None,
            playback: None,
            digits: None,
            recordings: Vec::new(),
            reports: Reports::new(begin.ssrc),
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

    /// Whether audio passes the stream unchanged in that direction.
    pub fn has_gain(&self) -> (bool, bool) {
        (self.hear_gain != 1.0, self.speak_gain != 1.0)
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
        }
        self.kinds = payload_kinds(&parameters);
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

    /// Take an RTP datagram. What others may hear is returned, its audio decoded into `pcm` if wanted.
    pub fn handle_packet(
        &mut self,
        now: Microseconds,
        source: SocketAddr,
        packet: &[u8],
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Incoming> {
        let statistics = Arc::clone(&self.statistics);
        let counters = &statistics.counters;
        let Some(parameters) = self.parameters.as_deref() else {
            counters.foreign.add_alone(1);
            return None;
        };
        let Ok((header, payload)) = Header::parse(packet) else {
            counters.malformed.add_alone(1);
            return None;
        };
        let kind = self.kinds[usize::from(header.payload_type)];
        if kind == PayloadKind::Unknown {
            counters.unknown_payload.add_alone(1);
            return None;
        }
        let verdict = self.latch.judge(now, source);
        if verdict == Verdict::Foreign {
            counters.foreign.add_alone(1);
            return None;
        }
        let receive = parameters.receive;
        let clock = match kind {
            PayloadKind::Audio(index) => parameters.codecs[usize::from(index)].clock_rate,
            _ => parameters
                .codecs
                .first()
                .map_or(DEFAULT_RATE, |codec| codec.clock_rate),
        };
        let timeout = Microseconds::from(parameters.timeout_ms) * MILLISECOND;
        let resumed = !std::mem::replace(&mut self.heard, true);
        self.last_heard = now;
        if resumed && receive && timeout > 0 {
            self.timeout_check = Some(now + timeout);
        }
        if verdict == Verdict::Adopted {
            self.announce_source(source, output);
        } else if resumed {
            output.events.push(Event::MediaStarted {
                stream: self.id,
                address: source,
            });
        }

        counters.packets_in.add_alone(1);
        counters.bytes_in.add_alone(packet.len() as u64);
        if !receive {
            counters.on_hold.add_alone(1);
            return None;
        }
        let arrival = self.reception.handle_packet(&header);
        counters.lost.set(u64::from(self.reception.lost()));
        match arrival {
            Arrival::Fresh => {}
            Arrival::Restarted => {
                self.run += 1;
                self.next_timestamp = None;
                let ended = self.event_receiver.reset();
                self.tell_digits(ended, output);
            }
            Arrival::Late => counters.out_of_order.add_alone(1),
            Arrival::Duplicate => {
                counters.duplicate.add_alone(1);
                return None;
            }
            Arrival::Stray => {
                counters.out_of_order.add_alone(1);
                return None;
            }
        }
        let late = arrival == Arrival::Late;
        let mut audio = None;
        let content = match kind {
            PayloadKind::Audio(index) => {
                let index = usize::from(index);
                self.reception.measure_jitter(now, header.timestamp, clock);
                let jitter = u64::from(self.reception.jitter()) * SECOND / u64::from(clock);
                statistics.jitter_microseconds.set(jitter);
                if !late && self.wants_decoded(index) {
                    audio = self.decode(now, index, &header, &packet[payload.clone()], pcm, output);
                } else if !late {
                    self.next_timestamp = None;
                }
                Content::Audio(index)
            }
            PayloadKind::Event => {
                counters.dtmf_packets.add_alone(1);
                let report = TelephoneEvent::parse(&packet[payload.clone()])?;
                self.receive_event(now, &header, report, clock, output);
                Content::Event(report)
            }
            PayloadKind::Noise => {
                counters.cng_packets.add_alone(1);
                Content::Noise
            }
            PayloadKind::Unknown => unreachable!("unknown payload types were dropped"),
        };
        Some(Incoming {
            header,
            payload,
            content,
            run: self.run,
            clock,
            late,
            audio,
        })
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
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Do what is due by now.
    pub fn handle_timeout(&mut self, now: Microseconds, output: &mut Output) -> Ticks {
        let ended = self.event_receiver.handle_timeout(now);
        self.tell_digits(ended, output);
        self.check_silence(now, output);
        let mut ticks = Ticks::default();
        self.continue_playback(now, &mut ticks, output);
        self.continue_digits(now, output);
        self.continue_recordings(now);
        self.continue_reports(now, output);
        ticks
    }

    /// The stream ends: say goodbye, finish what runs.
    pub fn close(&mut self, now: Microseconds, output: &mut Output) {
        self.stop_playback(output);
        self.close_recordings(now);
        self.say_goodbye(now, output);
    }

    fn announce_source(&mut self, source: SocketAddr, output: &mut Output) {
        self.statistics.set_remote(Some(source));
        output.events.push(Event::MediaStarted {
            stream: self.id,
            address: source,
        });
        if self.latch.is_learned() {
            output.events.push(Event::RemoteLearned {
                stream: self.id,
                address: source,
            });
        }
    }

    fn wants_decoded(&self, codec: usize) -> bool {
        self.decode_for_listener & (1 << codec.min(127)) != 0
            || self.detects
            || self
                .recordings
                .iter()
                .any(|recording| recording.hears_far_end())
    }

    fn decode(
        &mut self,
        now: Microseconds,
        index: usize,
        header: &Header,
        payload: &[u8],
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Audio> {
        if self
            .decoder
            .as_ref()
            .is_none_or(|(current, _)| *current != index)
        {
            let codec = self.parameters.as_ref()?.codecs.get(index)?.create()?;
            self.decoder = Some((index, codec));
            self.next_timestamp = None;
        }
        let clock = self.parameters.as_ref()?.codecs.get(index)?.clock_rate;
        let (_, decoder) = self.decoder.as_mut()?;
        let rate = decoder.sample_rate();
        pcm.clear();
        if decoder.decode(payload, pcm).is_err() {
            self.statistics.counters.malformed.add_alone(1);
            return None;
        }
        let length = (pcm.len() as u64 * u64::from(clock) / u64::from(rate)) as u32;
        let missing = self
            .next_timestamp
            .map_or(0, |next| header.timestamp.wrapping_sub(next));
        self.next_timestamp = Some(header.timestamp.wrapping_add(length));
        let gap = if missing <= units(LONGEST_PAUSE, clock) {
            (u64::from(missing) * u64::from(rate) / u64::from(clock)) as u32
        } else {
            0
        };
        if self.speak_gain != 1.0 {
            dsp::level::apply_gain(pcm, self.speak_gain);
        }
        self.detect_digits(rate, pcm, output);
        for recording in &mut self.recordings {
            recording.hear_far_end(now, pcm, rate, gap);
        }
        Some(Audio { rate, gap })
    }

    fn detect_digits(&mut self, rate: Rate, pcm: &[i16], output: &mut Output) {
        if !self.detects {
            return;
        }
        if self
            .detector
            .as_ref()
            .is_none_or(|(current, _)| *current != rate)
        {
            self.detector = Some((rate, Box::new(DtmfDetector::new(rate))));
        }
        let Some((_, detector)) = &mut self.detector else {
            return;
        };
        let mut found = Vec::new();
        detector.process(pcm, &mut found);
        output
            .events
            .extend(found.into_iter().map(|(digit, milliseconds)| Event::Digit {
                stream: self.id,
                digit,
                milliseconds,
                source: DigitSource::Inband,
            }));
    }

    fn receive_event(
        &mut self,
        now: Microseconds,
        header: &Header,
        report: TelephoneEvent,
        clock: Rate,
        output: &mut Output,
    ) {
        let mut ended = [None, None];
        self.event_receiver
            .handle_report(now, header, report, clock, |digit| {
                let free = usize::from(ended[0].is_some());
                ended[free] = Some(digit);
            });
        self.tell_digits(ended.into_iter().flatten(), output);
    }

    fn tell_digits(&self, ended: impl IntoIterator<Item = ReceivedDigit>, output: &mut Output) {
        output
            .events
            .extend(ended.into_iter().map(|found| Event::Digit {
                stream: self.id,
                digit: found.digit,
                milliseconds: found.milliseconds,
                source: DigitSource::Rtp,
            }));
    }

    fn check_silence(&mut self, now: Microseconds, output: &mut Output) {
        let Some(parameters) = &self.parameters else {
            return;
        };
        if self.timeout_check.is_none_or(|due| now < due) {
            return;
        }
        let timeout = Microseconds::from(parameters.timeout_ms) * MILLISECOND;
        let silent = now.saturating_sub(self.last_heard);
        if silent < timeout {
            self.timeout_check = Some(self.last_heard + timeout);
            return;
        }
        // Told once; the next packet starts the watch again.
        self.timeout_check = None;
        self.heard = false;
        output.events.push(Event::MediaTimeout {
            stream: self.id,
            milliseconds: silent / MILLISECOND,
        });
    }

    /// The codec of what is sent.
    fn sent_codec(&self) -> Option<&CodecParameters> {
        self.parameters.as_ref()?.codecs.first()
    }

    /// Where to send, unless on hold or unknown.
    fn destination(&self) -> Option<SocketAddr> {
        let parameters = self.parameters.as_ref()?;
        if parameters.send {
            self.latch.destination()
        } else {
            None
        }
    }

    fn count_sent(&mut self, length: usize) {
        let counters = &self.statistics.counters;
        counters.packets_out.add_alone(1);
        counters.bytes_out.add_alone(length as u64);
        self.sender.packets = self.sender.packets.wrapping_add(1);
        self.sender.octets = self
            .sender
            .octets
            .wrapping_add((length - crate::rtp::header::LENGTH) as u32);
    }
}

/// How punctual a round of timeouts was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    pub late: u64,
}

fn payload_kinds(parameters: &Parameters) -> [PayloadKind; 128] {
    let mut kinds = [PayloadKind::Unknown; 128];
    kinds[usize::from(COMFORT_NOISE)] = PayloadKind::Noise;
    let event = parameters
        .telephone_event_receive
        .or(parameters.telephone_event);
    if let Some(payload_type) = event {
        kinds[usize::from(payload_type)] = PayloadKind::Event;
    }
    for (index, codec) in parameters.codecs.iter().enumerate().take(127).rev() {
        kinds[usize::from(codec.payload_type)] = if codec.name == "CN" {
            PayloadKind::Noise
        } else {
            PayloadKind::Audio(index as u8)
        };
    }
    kinds
}
