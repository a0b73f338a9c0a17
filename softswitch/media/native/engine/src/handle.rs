//! What callers hold: the engine and its streams. Nothing here waits for a worker.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use dsp::wav::WavWriter;

use crate::clock::Clock;
use crate::counters::{EngineCounters, StreamStatistics};
use crate::event::{Event, EventQueue};
use crate::files::FileThreads;
use crate::graph::Command;
use crate::inbox::{Opening, Request};
use crate::network::Method;
use crate::parameters::Parameters;
use crate::ports::PortPool;
use crate::prompts::Prompts;
use crate::recorder::{Hear, PERIOD_MS, RecordingOptions, Sink};
use crate::source::{Reader, Source};
use crate::srtp::Keys;
use crate::stream::{Beginning, Buffer, DEFAULT_RATE, DigitMethod, Fill};
use crate::sys::Priority;
use crate::time::Rate;
use crate::worker::Worker;

pub mod mixer;

/// From this load on, in thousandths, streams begin on the next worker.
const BUSY: u64 = 350;

/// How an engine is set up.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub rtp_start_port: u16,
    pub rtp_end_port: u16,
    /// Threads; 0 is one for each processor.
    pub workers: usize,
    pub method: Method,
}

/// A stream or the engine was closed before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

pub(crate) struct Shared {
    workers: Vec<Worker>,
    method: Method,
    pub(crate) files: FileThreads,
    events: Arc<EventQueue>,
    pub(crate) counters: Arc<EngineCounters>,
    ports: Arc<PortPool>,
    prompts: Prompts,
    next_id: AtomicU64,
    pub(crate) next_number: AtomicU64,
    /// Held while a stream changes its worker: moves must be asked for in one order everywhere.
    moving: Mutex<()>,
    closed: AtomicBool,
}

/// Owns the worker threads, the sockets and the clock of all media.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Shared>);

impl Engine {
    /// Start the threads.
    pub fn start(settings: Settings) -> io::Result<Engine> {
        let ports = PortPool::new(settings.rtp_start_port, settings.rtp_end_port)?;
        let events = Arc::new(EventQueue::new()?);
        let counters = Arc::new(EngineCounters::default());
        let clock = Clock::start();
        let method = settings.method.settle();
        let start = |number| {
            let name = format!("media-worker-{number}");
            let (events, counters) = (Arc::clone(&events), Arc::clone(&counters));
            Worker::start(name, method, events, counters, clock)
        };
        let workers = match settings.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            workers => workers,
        };
        let workers = (0..workers).map(start).collect::<io::Result<_>>()?;
        let files = FileThreads::start(Arc::clone(&events), Arc::clone(&counters))?;
        Ok(Engine(Arc::new(Shared {
            workers,
            method,
            files,
            events,
            counters,
            ports,
            prompts: Prompts::default(),
            next_id: AtomicU64::new(1),
            next_number: AtomicU64::new(1),
            moving: Mutex::new(()),
            closed: AtomicBool::new(false),
        })))
    }

    pub fn workers(&self) -> usize {
        self.0.workers.len()
    }

    /// How the workers stand among the threads of the machine.
    pub fn priority(&self) -> Priority {
        self.0.workers[0].priority
    }

    /// How the workers wait for packets.
    pub fn method(&self) -> Method {
        self.0.method
    }

    /// Readable while events wait.
    pub fn event_descriptor(&self) -> RawFd {
        self.0.events.descriptor()
    }

    pub fn take_events(&self) -> VecDeque<Event> {
        self.0.events.take()
    }

    pub fn counters(&self) -> &EngineCounters {
        &self.0.counters
    }

    pub fn is_closed(&self) -> bool {
        self.0.closed.load(Ordering::Acquire)
    }

    /// A WAV file to play; an error says why it cannot be played.
    pub fn open_wav(&self, path: &Path) -> io::Result<Source> {
        self.0.prompts.open(path)
    }

    /// Bind a port pair and begin a stream on it.
    pub fn open_stream(&self, ip: IpAddr, dscp: u8) -> io::Result<StreamHandle> {
        self.open_on(self.choose_worker(), ip, dscp)
    }

    fn open_on(&self, worker: usize, ip: IpAddr, dscp: u8) -> io::Result<StreamHandle> {
        let ports = self.0.ports.bind(ip, dscp)?;
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let (address, random) = (ports.address, RandomState::new());
        let (one, two) = (random.hash_one(id), random.hash_one(address));
        let begin = Beginning {
            ssrc: one as u32,
            // The upper half is left free: a receiver that starts late must not see it wrap.
            sequence: (one >> 32) as u16 & 0x7fff,
            timestamp: two as u32,
        };
        let statistics = Arc::new(StreamStatistics::default());
        let closed = Arc::new(AtomicBool::new(false));
        let handle = StreamHandle {
            engine: self.clone(),
            worker: Mutex::new(worker),
            id,
            address,
            ssrc: begin.ssrc,
            rate: AtomicU32::new(DEFAULT_RATE),
            statistics: Arc::clone(&statistics),
            closed: Arc::clone(&closed),
        };
        self.0.counters.streams.add(1);
        let opening = Opening {
            id,
            ports,
            begin,
            statistics,
            closed,
        };
        handle.post(Request::Open(Box::new(opening)));
        Ok(handle)
    }

    /// The first worker with time to spare: one that serves many wakes up for all of them together.
    fn choose_worker(&self) -> usize {
        let loads: Vec<u64> = self.0.workers.iter().map(|it| it.load.value()).collect();
        let idle = loads.iter().position(|&load| load < BUSY);
        let chosen = idle.or_else(|| (0..loads.len()).min_by_key(|&number| loads[number]));
        let chosen = chosen.unwrap_or_default();
        // A burst of calls must not all begin on one worker before it tells how busy it is.
        self.0.workers[chosen].load.add(1);
        chosen
    }

    /// Have that worker run a stream; the lock of moves must be held.
    fn bring_to(&self, here: usize, stream: &StreamHandle) {
        let workers = &self.0.workers;
        let mut there = stream.worker.lock().expect("no poster panics");
        if *there != here {
            workers[here].inbox.post(Request::Expect(stream.id));
            let inbox = workers[here].inbox.clone();
            workers[*there].inbox.post(Request::Move(stream.id, inbox));
            *there = here;
        }
    }

    /// Stop all threads and close all sockets.
    pub fn close(&self) {
        if self.0.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        for worker in &self.0.workers {
            worker.shut_down();
        }
        self.0.files.shut_down();
    }
}

/// What to record.
#[derive(Clone, Copy, Debug)]
pub struct RecordingRequest {
    pub hear: Hear,
    pub stereo: bool,
    pub append: bool,
    /// In stereo, what the far end says on the right.
    pub swap: bool,
    /// 0 is the codec's.
    pub rate: Rate,
    pub limit_ms: u64,
    pub silence_threshold: u32,
    pub silence_ms: u64,
    /// The same until the first sound.
    pub initial_silence_ms: u64,
    /// Divisor of the noise in place of what does not come; 0 is silence.
    pub fill: u32,
}

/// One leg's RTP session, run by a worker.
pub struct StreamHandle {
    pub(crate) engine: Engine,
    /// Its worker's number; held while a request is posted.
    worker: Mutex<usize>,
    pub(crate) id: u64,
    address: SocketAddr,
    ssrc: u32,
    /// Of the audio sent, as last configured.
    pub(crate) rate: AtomicU32,
    statistics: Arc<StreamStatistics>,
    closed: Arc<AtomicBool>,
}

impl StreamHandle {
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.engine.is_closed()
    }

    pub fn statistics(&self) -> Result<&StreamStatistics, Closed> {
        self.check().map(|()| &*self.statistics)
    }

    pub fn configure(&self, parameters: Parameters) -> Result<(), Closed> {
        let codec = parameters.codecs.first().and_then(|codec| codec.create());
        let rate = codec.map_or(DEFAULT_RATE, |codec| codec.sample_rate());
        self.rate.store(rate, Ordering::Relaxed);
        self.command(Command::Configure(Box::new(parameters)))
    }

    /// Let both hear each other. Streams of different engines cannot.
    pub fn connect(&self, other: &StreamHandle) -> Result<(), Closed> {
        other.check()?;
        self.check()?;
        // One move at a time, and no other between it and the connection.
        let _moving = self.engine.0.moving.lock().expect("no mover panics");
        let here = *self.worker.lock().expect("no poster panics");
        self.engine.bring_to(here, other);
        self.command(Command::Connect(other.id))
    }

    /// Whether both streams belong to one engine.
    pub fn is_beside(&self, other: &StreamHandle) -> bool {
        Arc::ptr_eq(&self.engine.0, &other.engine.0)
    }

    pub fn disconnect(&self) -> Result<(), Closed> {
        self.command(Command::Disconnect)
    }

    /// Play a source; returns the number of the playback.
    pub fn play(&self, source: &Source, loops: Option<u32>, offset_ms: u64) -> Result<u64, Closed> {
        self.check()?;
        let number = self.engine.0.next_number.fetch_add(1, Ordering::Relaxed);
        let feed = source
            .path()
            .map(|path| self.engine.0.files.feed(path, loops, offset_ms));
        let reader = Box::new(Reader::new(source, loops, offset_ms, feed));
        self.command(Command::Play { number, reader })?;
        Ok(number)
    }

    /// Record to a file; returns the number of the recording. Creates the file, so it may wait
    /// for the disk.
    pub fn record(
        &self,
        path: &Path,
        request: RecordingRequest,
        tags: &[(String, String)],
    ) -> io::Result<u64> {
        let channels = if request.stereo { 2 } else { 1 };
        let rate = match request.rate {
            0 => self.rate.load(Ordering::Relaxed),
            rate => rate,
        };
        let writer = if request.append && path.exists() {
            WavWriter::append(path)?
        } else {
            WavWriter::create_tagged(path, rate, channels, tags)?
        };
        let options = RecordingOptions {
            hear: request.hear,
            stereo: writer.channels() == 2,
            rate: writer.rate(),
            limit_ms: request.limit_ms,
            silence_threshold: request.silence_threshold,
            silence_ms: request.silence_ms,
            initial_silence_ms: request.initial_silence_ms,
            swap: request.swap,
            period_ms: PERIOD_MS,
            fill: request.fill,
        };
        let shared = &self.engine.0;
        let number = shared.next_number.fetch_add(1, Ordering::Relaxed);
        let file = shared.files.record(self.id, number, writer);
        shared.counters.recordings.add(1);
        let sink = Sink::File(file);
        self.post(Request::Stream(self.id, Command::Record { sink, options }));
        Ok(number)
    }

    pub fn stop(&self, number: u64) -> Result<(), Closed> {
        self.command(Command::Stop { number })
    }

    pub fn send_digits(
        &self,
        digits: &str,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    ) -> Result<(), Closed> {
        let digits = digits.to_owned();
        self.command(Command::SendDigits {
            digits,
            milliseconds,
            gap,
            method,
        })
    }

    pub fn pass_events(&self, passed: bool) -> Result<(), Closed> {
        self.command(Command::PassEvents { passed })
    }

    pub fn detect(&self, dtmf: bool) -> Result<(), Closed> {
        self.command(Command::Detect { dtmf })
    }

    /// Begin, change or end holding packets back.
    pub fn buffer(&self, wish: Buffer) -> Result<(), Closed> {
        self.command(Command::Buffer(wish))
    }

    /// Say when noise is heard.
    pub fn fill(&self, fill: Fill) -> Result<(), Closed> {
        self.command(Command::Fill(fill))
    }

    /// Have the far end of a video send a whole picture.
    pub fn request_picture(&self) -> Result<(), Closed> {
        self.command(Command::RequestPicture)
    }

    /// Protect packets with these keys: of what is sent and of what is received.
    pub fn set_keys(&self, keys: Option<(Keys, Keys)>) -> Result<(), Closed> {
        self.command(Command::SetKeys(keys.map(Box::new)))
    }

    /// Gains in decibels of what the party hears and says.
    pub fn set_gain(&self, hear_db: f32, speak_db: f32) -> Result<(), Closed> {
        let (hear, speak) = (
            dsp::level::db_to_gain(hear_db),
            dsp::level::db_to_gain(speak_db),
        );
        self.command(Command::SetGain { hear, speak })
    }

    /// Free the ports. Idempotent.
    pub fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.engine.0.counters.streams.subtract(1);
        if !self.engine.is_closed() {
            self.engine.0.ports.expect_release();
            self.post(Request::Close(self.id));
        }
    }

    pub(crate) fn check(&self) -> Result<(), Closed> {
        if self.is_closed() {
            Err(Closed)
        } else {
            Ok(())
        }
    }

    pub(crate) fn command(&self, command: Command) -> Result<(), Closed> {
        self.check()?;
        self.post(Request::Stream(self.id, command));
        Ok(())
    }

    fn post(&self, request: Request) {
        let worker = self.worker.lock().expect("no poster panics");
        self.engine.0.workers[*worker].inbox.post(request);
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
