//! What the state machines want sent and told: filled by them, drained by the worker.

use std::net::SocketAddr;
use std::ops::Range;

use crate::event::Event;

/// The two sockets of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    Rtp,
    Rtcp,
}

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// The sending stream's place in the graph.
    pub place: usize,
    pub channel: Channel,
    pub destination: SocketAddr,
    bytes: Range<usize>,
}

/// Datagrams and events in the order they arose. The memory is used over and over.
#[derive(Debug, Default)]
pub struct Output {
    arena: Vec<u8>,
    pub transmits: Vec<Transmit>,
    pub events: Vec<Event>,
}

impl Output {
    /// Queue a datagram that `write` appends to the given buffer; returns its length. Where that
    /// appends nothing, nothing is sent.
    pub fn send(
        &mut self,
        place: usize,
        channel: Channel,
        destination: SocketAddr,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> usize {
        let start = self.arena.len();
        write(&mut self.arena);
        let bytes = start..self.arena.len();
        let length = bytes.len();
        if length == 0 {
            return 0;
        }
        self.transmits.push(Transmit {
            place,
            channel,
            destination,
            bytes,
        });
        length
    }

    pub fn bytes(&self, transmit: &Transmit) -> &[u8] {
        &self.arena[transmit.bytes.clone()]
    }

    /// Forget the datagrams behind the first `count`: what wanted them sent has failed.
    pub fn keep_transmits(&mut self, count: usize) {
        self.transmits.truncate(count);
    }

    /// Forget the datagrams after they were sent.
    pub fn clear_transmits(&mut self) {
        self.transmits.clear();
        self.arena.clear();
    }
}
