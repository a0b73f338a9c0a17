//! All streams of a worker and who hears whom; like its streams without sockets or clock.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::bug::Detector;
use crate::counters::{EngineCounters, StreamStatistics};
use crate::output::{Channel, Output};
use crate::recorder::Recording;
use crate::stream::{Beginning, Content, Incoming, Playback, Stream};
use crate::time::{MILLISECOND, Microseconds};
use crate::timers::Timers;

mod command;
mod hearing;
mod rooms;

pub use command::Command;

use rooms::Rooms;

/// Playbacks begin on this grid, so that a worker wakes up for many of them together.
const BEAT: Microseconds = 5 * MILLISECOND;
/// With more streams than this, playbacks begin some beats late: those that are asked for at once
/// must not all send at once for ever after.
const CROWD: usize = 200;
const LATEST_BEAT: Microseconds = 4;

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
        let bare = speaker.is_bare();
        let is_report = !bare && speaker.is_report(channel, packet);
        if bare || speaker.is_protected() {
            let mut plain = std::mem::take(&mut self.plain);
            let readable = if bare {
                speaker.frame(channel, packet, &mut plain)
            } else {
                speaker.watch_keys(&mut self.output);
                speaker.unprotect(is_report, packet, &mut plain)
            };
            if readable {
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
            speaker.handle_report(now, source, packet, &mut self.output);
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
            Command::TellReports(told) => stream.tell_reports(told),
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
        let listener = stream.hearing.as_ref().map(|hearing| hearing.from);
        if ticks.lost_end
            && let Some(listener) = listener
            && let Some(listener) = self.streams[listener].as_deref_mut()
        {
            listener.end_event(&mut self.output);
        }
        if ticks.changed {
            self.refresh(place);
        }
    }
}
