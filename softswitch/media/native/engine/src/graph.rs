//! All streams of a worker and who hears whom; like its streams without sockets or clock.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use dsp::effect::EffectWishes;

use crate::bug::{Detector, Finder, Inlet, PipeWriter, Side};
use crate::counters::{EngineCounters, StreamStatistics};
use crate::output::{Channel, Output};
use crate::parameters::{CodecParameters, Parameters};
use crate::recorder::{Control, Recording, RecordingOptions, Sink};
use crate::source::Reader;
use crate::srtp::Keys;
use crate::stream::{
    Beginning, Buffer, Content, DigitMethod, Fill, Hearing, Incoming, Playback, Steering, Stream,
    Tracing, Treatment,
};
use crate::time::{MILLISECOND, Microseconds, Rate};
use crate::timers::Timers;

mod rooms;

use rooms::Rooms;

/// Playbacks begin on this grid, so that a worker wakes up for many of them together.
const BEAT: Microseconds = 5 * MILLISECOND;
/// With more streams than this, playbacks begin some beats late: those that are asked for at once
/// must not all send at once for ever after.
const CROWD: usize = 200;
const LATEST_BEAT: Microseconds = 4;

/// What can be asked of a stream.
pub enum Command {
    Configure(Box<Parameters>),
    /// With the stream of that number.
    Connect(u64),
    Disconnect,
    Play {
        number: u64,
        reader: Box<Reader>,
    },
    Record {
        sink: Sink,
        options: RecordingOptions,
    },
    Steer {
        number: u64,
        steering: Steering,
    },
    ControlRecording {
        number: u64,
        control: Control,
    },
    /// Let one direction flow into a pipe.
    AddOutlet {
        number: u64,
        side: Side,
        pipe: PipeWriter,
    },
    AddInlet(Box<Inlet>),
    Listen {
        number: u64,
        side: Side,
        finder: Box<Finder>,
    },
    /// End the playback, recording or bug of that number.
    Stop {
        number: u64,
    },
    SendDigits {
        digits: String,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    },
    PassEvents {
        passed: bool,
    },
    Detect {
        dtmf: bool,
    },
    Buffer(Buffer),
    /// Of what is sent and of what is received; None for packets that are not protected.
    SetKeys(Option<Box<(Keys, Keys)>>),
    Fill(Fill),
    /// Have the far end send a whole picture.
    RequestPicture,
    SetEffects {
        side: Side,
        wishes: EffectWishes,
    },
    /// Tell of packets, or no more.
    Trace(Tracing),
    SetGain {
        hear: f32,
        speak: f32,
    },
}

/// The streams of a worker.
pub struct Graph {
    streams: Vec<Option<Box<Stream>>>,
    free: Vec<usize>,
    places: HashMap<u64, usize>,
    timers: Timers,
    rooms: Rooms,
    pcm: Vec<i16>,
    payload: Vec<u8>,
    plain: Vec<u8>,
    wall_offset: Microseconds,
    /// Packets that nobody could make use of, since they were last asked for.
    dropped: u64,
    counters: Arc<EngineCounters>,
    /// What is to be sent and told.
    pub output: Output,
}

impl Graph {
    /// `wall_offset` plus the engine's clock makes microseconds since 1970.
    pub fn new(wall_offset: Microseconds, counters: Arc<EngineCounters>) -> Graph {
        Graph {
            streams: Vec::new(),
            free: Vec::new(),
            places: HashMap::new(),
            timers: Timers::default(),
            rooms: Rooms::default(),
            pcm: Vec::new(),
            payload: Vec::new(),
            plain: Vec::new(),
            wall_offset,
            dropped: 0,
            counters,
            output: Output::default(),
        }
    }

    /// Begin a stream; returns its place.
    pub fn open(&mut self, id: u64, begin: Beginning, statistics: Arc<StreamStatistics>) -> usize {
        let mut stream = Box::new(Stream::new(id, begin, statistics));
        stream.set_wall_offset(self.wall_offset);
        self.attach(stream)
    }

    /// Take in a stream that is connected with nobody; returns its place.
    pub fn attach(&mut self, mut stream: Box<Stream>) -> usize {
        let place = self.free.pop().unwrap_or_else(|| {
            self.streams.push(None);
            self.streams.len() - 1
        });
        stream.place = place;
        self.places.insert(stream.id, place);
        self.timers.set(place, stream.next_timeout());
        self.streams[place] = Some(stream);
        place
    }

    /// Give away a stream, connected with nobody.
    pub fn detach(&mut self, place: usize) -> Option<Box<Stream>> {
        self.disconnect(place);
        let stream = self.streams[place].take()?;
        self.places.remove(&stream.id);
        self.timers.set(place, None);
        self.free.push(place);
        Some(stream)
    }

    /// The place of a stream.
    pub fn place(&self, id: u64) -> Option<usize> {
        self.places.get(&id).copied()
    }

    /// The number of the stream at a place.
    pub fn id(&self, place: usize) -> Option<u64> {
        Some(self.streams.get(place)?.as_ref()?.id)
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub fn places(&self) -> Vec<usize> {
        self.places.values().copied().collect()
    }

    /// End a stream in an orderly way.
    pub fn close(&mut self, now: Microseconds, place: usize) {
        if let Some(stream) = self.streams[place].as_deref_mut() {
            stream.close(now, &mut self.output);
        }
        self.detach(place);
    }

    /// Take a datagram that arrived for a stream.
    pub fn handle_packet(
        &mut self,
        now: Microseconds,
        place: usize,
        channel: Channel,
        source: SocketAddr,
        packet: &[u8],
    ) {
        let Some(speaker) = self.streams.get_mut(place).and_then(Option::as_deref_mut) else {
            return;
        };
        let is_report = speaker.is_report(channel, packet);
        if speaker.is_protected() {
            speaker.watch_keys(&mut self.output);
            let mut plain = std::mem::take(&mut self.plain);
            if speaker.unprotect(is_report, packet, &mut plain) {
                self.handle_plain(now, place, is_report, source, &plain);
            } else {
                self.dropped += 1;
            }
            self.plain = plain;
            return;
        }
        self.handle_plain(now, place, is_report, source, packet);
    }

    fn pass_unread(
        &mut self,
        now: Microseconds,
        place: usize,
        is_report: bool,
        source: SocketAddr,
        packet: &[u8],
    ) {
        let Some(speaker) = self.streams[place].as_deref_mut() else {
            return;
        };
        let output = &mut self.output;
        let Some(passage) = speaker.take_unread(now, is_report, source, packet, output) else {
            self.dropped += 1;
            return;
        };
        let due = speaker.next_timeout();
        let listener = speaker.hearing.as_ref().map(|hearing| hearing.from);
        self.timers.set(place, due);
        if let Some(listener) = listener
            && let Some(listener) = self.streams[listener].as_deref_mut()
            && listener.is_transparent()
        {
            listener.pass_unread(passage, packet, output);
        }
    }

    fn handle_plain(
        &mut self,
        now: Microseconds,
        place: usize,
        is_report: bool,
        source: SocketAddr,
        packet: &[u8],
    ) {
        let Some(speaker) = self.streams[place].as_deref_mut() else {
            return;
        };
        if speaker.is_transparent() {
            return self.pass_unread(now, place, is_report, source, packet);
        }
        if is_report {
            speaker.handle_report(now, source, packet);
            return;
        }
        let events = self.output.events.len();
        let incoming = speaker.handle_packet(now, source, packet, &mut self.pcm, &mut self.output);
        let is_event = matches!(
            &incoming,
            Some(Incoming {
                content: Content::Event(_) | Content::HeldBack,
                ..
            })
        );
        if is_event || self.output.events.len() > events {
            let due = speaker.next_timeout();
            self.timers.set(place, due);
        }
        if incoming.is_none() {
            self.dropped += 1;
        }
        if let Some(incoming) = incoming {
            self.deliver(now, place, &incoming, &packet[incoming.payload.clone()]);
        }
    }

    /// Let those who hear a stream hear what it says.
    fn deliver(&mut self, now: Microseconds, place: usize, incoming: &Incoming, payload: &[u8]) {
        let Some(speaker) = self.streams[place].as_deref() else {
            return;
        };
        let listener = speaker.hearing.as_ref().map(|hearing| hearing.from);
        if let (Some(room), Some(audio)) = (speaker.room, incoming.audio) {
            self.hear_in_room(room, place, audio);
        }
        if let Some(place) = listener
            && let Some(listener) = self.streams[place].as_deref_mut()
        {
            listener.hear(now, incoming, payload, &self.pcm, &mut self.output);
            if incoming.content == Content::Noise {
                // It may fill the pause with noise of its own.
                let due = listener.next_timeout();
                self.timers.set(place, due);
            }
        }
    }

    /// Let what a stream held back be heard in its turn.
    fn play_out(&mut self, now: Microseconds, place: usize) {
        let mut payload = std::mem::take(&mut self.payload);
        while let Some(speaker) = self.streams[place].as_deref_mut()
            && let Some(incoming) =
                speaker.play_out(now, &mut payload, &mut self.pcm, &mut self.output)
        {
            self.deliver(now, place, &incoming, &payload);
        }
        self.payload = payload;
    }

    /// How many packets nobody could make use of since the last call.
    pub fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    /// Carry out a command.
    pub fn handle_command(&mut self, now: Microseconds, place: usize, command: Command) {
        match command {
            Command::Connect(other) => {
                if let Some(&other) = self.places.get(&other) {
                    self.connect(place, other);
                }
                return;
            }
            Command::Disconnect => return self.disconnect(place),
            _ => {}
        }
        let Some(stream) = self.streams[place].as_deref_mut() else {
            return;
        };
        let output = &mut self.output;
        let crowded = self.places.len() > CROWD;
        let spread = if crowded {
            place as Microseconds % LATEST_BEAT * BEAT
        } else {
            0
        };
        match command {
            Command::Configure(parameters) => stream.configure(now, *parameters),
            Command::Play { number, reader } => {
                let begin = now.next_multiple_of(BEAT) + spread;
                stream.play(Playback::new(number, *reader, begin), output);
            }
            Command::Record { sink, options } => stream.record(Recording::new(sink, options, now)),
            Command::Steer { number, steering } => stream.steer(number, steering),
            Command::ControlRecording { number, control } => {
                stream.control_recording(now, number, control, output);
            }
            Command::AddOutlet { number, side, pipe } => stream.add_outlet(number, side, pipe),
            Command::AddInlet(inlet) => stream.add_inlet(now, *inlet),
            Command::Listen {
                number,
                side,
                finder,
            } => stream.add_detector(now, Detector::new(number, side, *finder, now)),
            Command::Stop { number } => stream.stop(now, number, output),
            Command::SendDigits {
                digits,
                milliseconds,
                gap,
                method,
            } => {
                stream.send_digits(now, &digits, milliseconds, gap, method);
            }
            Command::PassEvents { passed } => stream.pass_events(passed),
            Command::Detect { dtmf } => stream.detect(dtmf),
            Command::Fill(fill) => stream.fill(now, fill),
            Command::RequestPicture => stream.request_picture(output),
            Command::SetKeys(keys) => stream.set_keys(keys.map(|keys| *keys)),
            Command::Buffer(wish) => stream.buffer(wish),
            Command::SetEffects { side, wishes } => stream.set_effects(side, wishes),
            Command::Trace(tracing) => stream.trace(tracing),
            Command::SetGain { hear, speak } => stream.set_gain(hear, speak),
            Command::Connect(_) | Command::Disconnect => unreachable!("carried out above"),
        }
        // What begins at once need not wait for the next round of the timers.
        self.handle_timeout(now, place);
        self.refresh(place);
    }

    /// When `handle_timeouts` wants to be called.
    pub fn next_timeout(&mut self) -> Option<Microseconds> {
        let due = [self.timers.next_due(), self.rooms.timers.next_due()];
        due.into_iter().flatten().min()
    }

    /// Take the next stream that is due.
    pub fn pop_due(&mut self, now: Microseconds) -> Option<usize> {
        self.timers.pop(now)
    }

    /// Do what is due for a stream.
    pub fn handle_timeout(&mut self, now: Microseconds, place: usize) {
        let Some(stream) = self.streams.get_mut(place).and_then(Option::as_deref_mut) else {
            return;
        };
        let ticks = stream.handle_timeout(now, &mut self.output);
        if stream.is_buffering() {
            self.play_out(now, place);
        }
        let Some(stream) = self.streams[place].as_deref() else {
            return;
        };
        if ticks.late > 0 {
            self.counters.late_ticks.add(ticks.late);
        }
        let due = stream.next_timeout();
        self.timers.set(place, due);
        if ticks.changed {
            self.refresh(place);
        }
    }

    fn connect(&mut self, one: usize, other: usize) {
        self.disconnect(one);
        self.disconnect(other);
        for (listener, from) in [(one, other), (other, one)] {
            if let Some(stream) = self.streams[listener].as_deref_mut() {
                stream.set_hearing(Some(Hearing::new(from, Vec::new())));
            }
        }
        self.refresh(one);
        for place in [one, other] {
            // What is seen from now on begins with a whole picture.
            if let Some(stream) = self.streams[place].as_deref_mut() {
                stream.request_picture(&mut self.output);
            }
        }
    }

    fn disconnect(&mut self, place: usize) {
        self.leave_room(place);
        let Some(stream) = self.streams[place].as_deref_mut() else {
            return;
        };
        let Some(other) = stream.hearing.as_ref().map(|hearing| hearing.from) else {
            return;
        };
        for place in [place, other] {
            if let Some(stream) = self.streams[place].as_deref_mut() {
                stream.set_hearing(None);
                stream.decode_for_listener = 0;
            }
        }
    }

    /// Decide anew how a stream and the one it is connected with hear each other.
    fn refresh(&mut self, place: usize) {
        let hearing = |place: usize| self.streams[place].as_deref()?.hearing.as_ref();
        let Some(other) = hearing(place).map(|hearing| hearing.from) else {
            return;
        };
        self.decide(place, other);
        if place != other {
            self.decide(other, place);
        }
    }

    fn decide(&mut self, listener: usize, speaker: usize) {
        let (Some(hears), Some(speaks)) = (
            self.streams[listener].as_deref(),
            self.streams[speaker].as_deref(),
        ) else {
            return;
        };
        let table = treatments(hears, speaks);
        let overheard = hears.is_overheard();
        let sent = hears.parameters().and_then(|known| known.codecs.first());
        let rate = sent.and_then(|sent| sent.sample_rate());
        let mut decode = 0u128;
        for (index, treatment) in table.iter().enumerate().take(128) {
            if *treatment == Treatment::Translate || overheard {
                decode |= 1 << index;
            }
        }
        if let Some(speaker) = self.streams[speaker].as_deref_mut() {
            speaker.decode_for_listener = decode;
            speaker.listener_rate = rate.unwrap_or(Rate::MAX);
        }
        if let Some(listener) = self.streams[listener].as_deref_mut()
            && let Some(hearing) = &listener.hearing
            && hearing.table != table
        {
            listener.set_hearing(Some(Hearing::new(speaker, table)));
        }
    }
}

/// How a listener treats each codec of a speaker.
fn treatments(listener: &Stream, speaker: &Stream) -> Vec<Treatment> {
    let (Some(hears), Some(speaks)) = (listener.parameters(), speaker.parameters()) else {
        return Vec::new();
    };
    let Some(sent) = hears.codecs.first() else {
        return Vec::new();
    };
    let unchanged = !listener.changes().0 && !speaker.changes().1;
    let treat = |codec: &CodecParameters| {
        let translatable = codec.create().is_some() && sent.create().is_some();
        if !translatable {
            let same = || hears.codecs.iter().filter(|it| it.is_same_format(codec));
            // Variants of one codec go on as the same variant, where there is one.
            let variant = same().find(|it| it.fmtp == codec.fmtp);
            let found = variant.or_else(|| same().next());
            return found.map_or(Treatment::Drop, |it| Treatment::Relay(it.payload_type));
        }
        if codec.is_same_format(sent) && unchanged && codec.ptime == sent.ptime {
            Treatment::Relay(sent.payload_type)
        } else {
            Treatment::Translate
        }
    };
    speaks.codecs.iter().map(treat).collect()
}
