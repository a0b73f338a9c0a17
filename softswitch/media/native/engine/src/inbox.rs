//! What workers are asked for, and the queue it waits in.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::counters::{EngineCounters, StreamStatistics};
use crate::graph::Command;
use crate::mixer::MixerCommand;
use crate::ports::PortPair;
use crate::stream::{Beginning, Stream};
use crate::sys::Wake;

/// A stream's sockets and what others may know of it.
pub struct Opening {
    pub id: u64,
    pub ports: PortPair,
    pub begin: Beginning,
    pub statistics: Arc<StreamStatistics>,
    /// Set when the stream is gone.
    pub closed: Arc<AtomicBool>,
}

/// A stream on its way from one worker to another.
pub struct Moving {
    pub stream: Box<Stream>,
    pub ports: PortPair,
    /// Set when the stream is gone.
    pub closed: Arc<AtomicBool>,
}

/// What a worker is asked for.
pub enum Request {
    Open(Box<Opening>),
    Stream(u64, Command),
    Close(u64),
    Mixer(u64, MixerCommand),
    /// The stream of that number comes from another worker; nothing else is done before.
    Expect(u64),
    /// Give the stream of that number to another worker.
    Move(u64, Inbox),
    /// A stream from another worker, unless it ended meanwhile.
    Adopt(u64, Option<Box<Moving>>),
    Shutdown,
}

impl Request {
    /// Nobody will carry it out: a stream in it is gone, and its ports are free.
    pub fn discard(self, counters: &EngineCounters) {
        let closed = match self {
            Request::Open(opening) => opening.closed,
            Request::Adopt(_, Some(moving)) => moving.closed,
            _ => return,
        };
        if !closed.swap(true, Ordering::AcqRel) {
            counters.streams.subtract(1);
        }
    }
}

/// The requests that wait for a worker.
#[derive(Clone)]
pub struct Inbox(Arc<(Mutex<Vec<Request>>, Wake)>);

impl Inbox {
    pub fn new() -> io::Result<Inbox> {
        Ok(Inbox(Arc::new((Mutex::default(), Wake::new()?))))
    }

    /// Readable while requests wait.
    pub fn wake(&self) -> &Wake {
        &self.0.1
    }

    /// Post a request; never waits for the worker.
    pub fn post(&self, request: Request) {
        let (waiting, wake) = &*self.0;
        let mut waiting = waiting.lock().expect("no holder of the inbox panics");
        waiting.push(request);
        if waiting.len() == 1 {
            wake.raise();
        }
    }

    /// All that wait, in order.
    pub fn take(&self) -> Vec<Request> {
        let (waiting, wake) = &*self.0;
        let mut waiting = waiting.lock().expect("no holder of the inbox panics");
        if !waiting.is_empty() {
            wake.clear();
        }
        std::mem::take(&mut waiting)
    }
}
