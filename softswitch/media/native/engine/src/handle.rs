//! What callers hold: the engine, and in the files beside this one its streams and rooms. Nothing
//! here waits for a worker.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::RawFd;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::clock::Clock;
use crate::counters::{EngineCounters, StreamStatistics};
use crate::event::{Event, EventQueue};
use crate::files::FileThreads;
use crate::inbox::{Opening, Request};
use crate::network::Method;
use crate::ports::{PortPair, PortPool};
use crate::prompts::Prompts;
use crate::source::{Reader, Source};
use crate::stream::{Beginning, DEFAULT_RATE};
use crate::sys::Priority;
use crate::worker::Worker;

mod bugs;
mod mixer;
mod recording;
mod stream;

pub use bugs::FeedRequest;
pub use mixer::MixerHandle;
pub use stream::StreamHandle;

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

struct Shared {
    workers: Vec<Worker>,
    method: Method,
    files: FileThreads,
    events: Arc<EventQueue>,
    counters: Arc<EngineCounters>,
    ports: Arc<PortPool>,
    prompts: Prompts,
    next_id: AtomicU64,
    next_number: AtomicU64,
    /// Held while a stream changes its worker: moves must be asked for in one order everywhere.
    moving: Mutex<()>,
    closed: AtomicBool,
}

/// Owns the worker threads, the sockets and the clock of all media.
#[derive(Clone)]
pub struct Engine(Arc<Shared>);

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
        let ports = self.0.ports.bind(ip, dscp)?;
        Ok(self.open_on(self.choose_worker(), ports))
    }

    /// Begin a stream on one port of the caller's choice; 0 is any.
    pub fn open_single(&self, address: SocketAddr, dscp: u8) -> io::Result<StreamHandle> {
        let ports = self.0.ports.bind_single(address, dscp)?;
        Ok(self.open_on(self.choose_worker(), ports))
    }

    fn open_on(&self, worker: usize, ports: PortPair) -> StreamHandle {
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
        handle
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

    /// A number for a playback, a recording or a bug: no two of an engine have the same.
    fn next_number(&self) -> u64 {
        self.0.next_number.fetch_add(1, Ordering::Relaxed)
    }

    /// Begin to read a source.
    fn read(&self, source: &Source, loops: Option<u32>, offset_ms: u64) -> Reader {
        let path = source.path();
        let feed = path.map(|path| self.0.files.feed(path, loops, offset_ms));
        Reader::new(source, loops, offset_ms, feed)
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
        for worker in &self.0.workers {
            worker.discard_requests(&self.0.counters);
        }
        self.0.files.shut_down();
    }
}

#[cfg(test)]
mod tests;
