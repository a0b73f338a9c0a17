//! Sending what was made here or comes from the party heard: one packet, counted and protected.

use super::Stream;
use crate::output::{Channel, Output};
use crate::rtp::header::Header;
use crate::rtp::sender::Format;
use crate::time::Microseconds;

/// Where a packet of audio made here belongs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Placing {
    /// Names the unbroken run it belongs to.
    pub run: u64,
    pub format: Format,
    /// Clock units of nothing before it.
    pub gap: u32,
    /// It begins a talkspurt.
    pub begins: bool,
}

impl Placing {
    /// Right behind the packet before.
    pub(crate) fn next(run: u64, format: Format) -> Placing {
        Placing {
            run,
            format,
            gap: 0,
            begins: false,
        }
    }
}

impl Stream {
    pub(super) fn send_payload(&mut self, header: Header, payload: &[u8], output: &mut Output) {
        if self.is_bare() {
            let length = self.send_bare(payload, output);
            if length > 0 {
                self.count_sent(length);
            }
            return;
        }
        if let Some(destination) = self.destination() {
            let protection = &mut self.protection;
            let length = output.send(self.place, Channel::Rtp, destination, |out| {
                let start = out.len();
                out.extend_from_slice(&header.to_bytes());
                out.extend_from_slice(payload);
                if let Some(protection) = protection {
                    protection.protect(out, start);
                }
            });
            if length > 0 {
                self.count_sent(length);
                self.trace_sent(&header, length, output);
            }
        }
    }

    /// Encode and send one packet. What the codec says need not be sent is a gap in time.
    pub(crate) fn send_samples(
        &mut self,
        now: Microseconds,
        place: Placing,
        samples: &[i16],
        output: &mut Output,
    ) {
        let mut encoded = std::mem::take(&mut self.encoded);
        encoded.clear();
        if let Some(encoder) = &mut self.encoder {
            encoder.encode(samples, &mut encoded);
            self.send_encoded(now, place, &encoded, output);
        }
        self.encoded = encoded;
    }

    /// Send one packet of an encoder. Nothing at all is a gap in time.
    pub(super) fn send_encoded(
        &mut self,
        now: Microseconds,
        place: Placing,
        payload: &[u8],
        output: &mut Output,
    ) {
        if self.destination().is_none() {
            return;
        }
        if payload.is_empty() {
            self.unsent = self.unsent.wrapping_add(place.gap + place.format.frame);
            return;
        }
        let unsent = std::mem::take(&mut self.unsent);
        let header = self.sender.generate(
            now,
            place.run,
            place.format,
            place.gap.wrapping_add(unsent),
            place.begins || unsent > 0,
        );
        self.send_payload(header, payload, output);
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
