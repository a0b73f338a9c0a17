//! Telling of each packet, for whoever looks for a fault.

use std::net::SocketAddr;

use super::Stream;
use crate::event::{Event, PacketTrace};
use crate::output::Output;
use crate::rtp::header::Header;

/// Which packets are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tracing {
    pub received: bool,
    pub sent: bool,
}

impl Stream {
    /// Tell of packets from now on, or no more.
    pub fn trace(&mut self, tracing: Tracing) {
        self.tracing = tracing;
    }

    pub(super) fn trace_received(
        &self,
        source: SocketAddr,
        header: &Header,
        length: usize,
        output: &mut Output,
    ) {
        if self.tracing.received {
            self.tell_packet(false, Some(source), header, length, output);
        }
    }

    pub(super) fn trace_sent(&self, header: &Header, length: usize, output: &mut Output) {
        if self.tracing.sent {
            self.tell_packet(true, None, header, length, output);
        }
    }

    fn tell_packet(
        &self,
        sent: bool,
        source: Option<SocketAddr>,
        header: &Header,
        length: usize,
        output: &mut Output,
    ) {
        output.events.push(Event::Packet {
            stream: self.id,
            packet: Box::new(PacketTrace {
                sent,
                length,
                remote: self.latch.destination(),
                source,
                payload_type: header.payload_type,
                timestamp: header.timestamp,
                sequence: header.sequence,
                marker: header.marker,
            }),
        });
    }
}
