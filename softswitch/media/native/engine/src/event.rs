//! What the engine tells, and the queue it waits in until it is taken.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Mutex;

use crate::counters::EngineCounters;
use crate::rtp::rtcp::{ReportBlock, SenderInformation};
use crate::sys::Wake;

/// Events beyond this are lost (and counted): nobody takes them.
const MOST_WAITING: usize = 100_000;

/// How a digit was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitSource {
    Rtp,
    Inband,
}

/// Why a playback ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackEnd {
    Done,
    Stopped,
    Failed,
}

/// Why a recording ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingEnd {
    Stopped,
    Limit,
    Silence,
    Closed,
    Failed(String),
}

/// What a packet said of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketTrace {
    pub sent: bool,
    /// In bytes, with its header.
    pub length: usize,
    /// Where the stream sends to.
    pub remote: Option<SocketAddr>,
    /// Where it came from.
    pub source: Option<SocketAddr>,
    pub payload_type: u8,
    pub timestamp: u32,
    pub sequence: u16,
    pub marker: bool,
}

/// What an RTCP report said (RFC 3550 §6.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportTrace {
    pub sent: bool,
    /// Who reports.
    pub ssrc: u32,
    /// None where the reporter sent nothing.
    pub sender: Option<SenderInformation>,
    pub blocks: Vec<ReportBlock>,
    /// Of the last packet of audio that came.
    pub last_timestamp: u32,
    /// From the engine to the far end and back, in microseconds, as the report tells.
    pub round_trip: Option<u64>,
}

/// Something that happened to the stream (or the room) of that number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Digit {
        stream: u64,
        digit: char,
        milliseconds: u32,
        source: DigitSource,
    },
    PlaybackFinished {
        stream: u64,
        playback: u64,
        samples: u64,
        end: PlaybackEnd,
    },
    RecordingFinished {
        stream: u64,
        recording: u64,
        samples: u64,
        end: RecordingEnd,
    },
    MediaStarted {
        stream: u64,
        address: SocketAddr,
    },
    MediaTimeout {
        stream: u64,
        milliseconds: u64,
    },
    RemoteLearned {
        stream: u64,
        address: SocketAddr,
    },
    DigitsSent {
        stream: u64,
    },
    /// The key of what is sent has protected almost all it may.
    KeysWorn {
        stream: u64,
    },
    /// A detector found what it listens for; the frequency in Hz of a beep, else 0.
    Detected {
        stream: u64,
        detector: u64,
        frequency: u32,
    },
    /// A packet was sent or came, and is to be told.
    Packet {
        stream: u64,
        packet: Box<PacketTrace>,
    },
    /// A report was sent or came, and is to be told.
    Report {
        stream: u64,
        report: Box<ReportTrace>,
    },
    /// A member of a room began or ceased to speak.
    Talking {
        mixer: u64,
        member: u64,
        talking: bool,
        score: u32,
    },
    /// A member speaks though it is muted.
    MutedTalking {
        mixer: u64,
        member: u64,
    },
    FloorChanged {
        mixer: u64,
        member: Option<u64>,
    },
    StreamFailed {
        stream: u64,
        text: String,
    },
}

/// Events on their way out, with a descriptor that is readable while any wait.
#[derive(Debug)]
pub struct EventQueue {
    waiting: Mutex<VecDeque<Event>>,
    wake: Wake,
}

impl EventQueue {
    pub fn new() -> io::Result<EventQueue> {
        Ok(EventQueue {
            waiting: Mutex::default(),
            wake: Wake::new()?,
        })
    }

    pub fn descriptor(&self) -> RawFd {
        self.wake.as_raw_fd()
    }

    pub fn push(&self, counters: &EngineCounters, events: impl IntoIterator<Item = Event>) {
        let mut waiting = self.waiting.lock().expect("no holder of the queue panics");
        let was_empty = waiting.is_empty();
        for event in events {
            if waiting.len() < MOST_WAITING {
                waiting.push_back(event);
            } else {
                counters.events_lost.add(1);
            }
        }
        if was_empty && !waiting.is_empty() {
            self.wake.raise();
        }
    }

    pub fn take(&self) -> VecDeque<Event> {
        let mut waiting = self.waiting.lock().expect("no holder of the queue panics");
        self.wake.clear();
        std::mem::take(&mut waiting)
    }
}
