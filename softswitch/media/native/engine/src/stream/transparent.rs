//! Streams whose datagrams go on as they are: proxied media, video, fax by T.38, whatever it is.
//!
//! With codecs such a stream is video: RTP and RTCP of the far end pass with their sources, numbers
//! and times unchanged, so that reports and feedback (RFC 4585, RFC 5104) fit on both sides; only
//! payload types are those each side knows, and packets are protected where that was agreed.

use std::net::SocketAddr;

use super::hearing::Treatment;
use super::{PayloadKind, Stream};
use crate::output::{Channel, Output};
use crate::rtp::header::{Header, is_rtcp};
use crate::rtp::latch::Verdict;
use crate::rtp::rtcp;
use crate::time::{MILLISECOND, Microseconds};

/// The bits of the second octet that hold the payload type.
const PAYLOAD_TYPE: u8 = 0x7f;

/// What a datagram that may go on is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// Nobody knows or asks.
    Unread,
    /// RTP of the codec with that index.
    Codec(usize),
    Report,
}

impl Stream {
    /// Whether what passes goes on as it is.
    pub fn is_transparent(&self) -> bool {
        self.parameters
            .as_ref()
            .is_some_and(|known| known.transparent)
    }

    /// Whether it goes on as it is, but for payload types.
    fn relays_codecs(&self) -> bool {
        self.parameters
            .as_ref()
            .is_some_and(|known| known.transparent && !known.codecs.is_empty())
    }

    /// Whether nothing at all is read of what passes.
    pub fn is_opaque(&self) -> bool {
        self.is_transparent() && !self.relays_codecs()
    }

    /// Whether a datagram is RTCP. Where nothing is read only the port tells.
    pub fn is_report(&self, channel: Channel, packet: &[u8]) -> bool {
        channel == Channel::Rtcp || (!self.is_opaque() && is_rtcp(packet))
    }

    /// Take a datagram of the far end; None where it is somebody else's or not wanted now.
    pub fn take_unread(
        &mut self,
        now: Microseconds,
        is_report: bool,
        source: SocketAddr,
        packet: &[u8],
        output: &mut Output,
    ) -> Option<Passage> {
        let parameters = self.parameters.as_ref()?;
        let (receive, timeout) = (parameters.receive, parameters.timeout_ms);
        let counters = &self.statistics.counters;
        if is_report {
            let remote = self.latch.destination();
            let known = remote.is_some_and(|remote| remote.ip() == source.ip());
            if known {
                self.reports.learn(source);
                counters.rtcp_in.add_alone(1);
            } else {
                counters.foreign.add_alone(1);
            }
            return (known && receive).then_some(Passage::Report);
        }
        let mut passage = Passage::Unread;
        if self.relays_codecs() {
            let Ok((header, _)) = Header::parse(packet) else {
                counters.malformed.add_alone(1);
                return None;
            };
            let PayloadKind::Audio(index) = self.kinds[usize::from(header.payload_type)] else {
                counters.unknown_payload.add_alone(1);
                return None;
            };
            passage = Passage::Codec(usize::from(index));
            self.trace_received(source, &header, packet.len(), output);
            self.relayed_source = Some(header.ssrc);
        }
        let verdict = self.latch.judge(now, source);
        if verdict == Verdict::Foreign {
            counters.foreign.add_alone(1);
            self.statistics.set_stranger(source);
            return None;
        }
        counters.packets_in.add_alone(1);
        counters.bytes_in.add_alone(packet.len() as u64);
        self.last_heard = now;
        let resumed = !std::mem::replace(&mut self.heard, true);
        if resumed && receive && timeout > 0 {
            self.timeout_check = Some(now + Microseconds::from(timeout) * MILLISECOND);
        }
        if verdict == Verdict::Adopted || resumed {
            self.announce_source(source, output);
        }
        if !receive {
            self.statistics.counters.on_hold.add_alone(1);
            return None;
        }
        Some(passage)
    }

    /// Send a datagram of the party we hear on as it is, but for its payload type.
    pub fn pass_unread(&mut self, passage: Passage, packet: &[u8], output: &mut Output) {
        let Some(remote) = self.destination() else {
            return;
        };
        let is_report = passage == Passage::Report;
        let known = match passage {
            Passage::Unread => None,
            Passage::Report => None,
            Passage::Codec(index) => {
                let table = self.hearing.as_ref().map(|hearing| &hearing.table);
                match table.and_then(|table| table.get(index)) {
                    Some(&Treatment::Relay(payload_type)) => Some(payload_type),
                    Some(_) | None => {
                        self.statistics.counters.untranslatable.add_alone(1);
                        return;
                    }
                }
            }
        };
        let (channel, destination) = if is_report {
            (self.report_channel(), self.report_destination())
        } else {
            (Channel::Rtp, Some(remote))
        };
        let Some(destination) = destination else {
            return;
        };
        let protection = match self.is_protected() {
            true => self.protection.as_mut(),
            false => None,
        };
        let length = output.send(self.place, channel, destination, |out| {
            let start = out.len();
            out.extend_from_slice(packet);
            if let (Some(known), Some(octet)) = (known, out.get_mut(start + 1)) {
                *octet = *octet & !PAYLOAD_TYPE | known;
            }
            match protection {
                Some(protection) if is_report => protection.protect_report(out, start),
                Some(protection) => protection.protect_passed(out, start),
                None => {}
            }
        });
        let counters = &self.statistics.counters;
        if is_report {
            counters.rtcp_out.add_alone(1);
        } else if length > 0 {
            counters.packets_out.add_alone(1);
            counters.bytes_out.add_alone(length as u64);
            if let (Some(payload_type), Ok((header, _))) = (known, Header::parse(packet)) {
                let header = Header {
                    payload_type,
                    ..header
                };
                self.trace_sent(&header, length, output);
            }
        }
    }

    /// Ask the far end for a whole picture (RFC 4585 §6.3.1); nothing before it sent any.
    pub fn request_picture(&mut self, output: &mut Output) {
        let (true, Some(source)) = (self.relays_codecs(), self.relayed_source) else {
            return;
        };
        let Some(destination) = self.report_destination() else {
            return;
        };
        let (place, channel, ssrc) = (self.place, self.report_channel(), self.sender.ssrc);
        let protection = &mut self.protection;
        output.send(place, channel, destination, |out| {
            let start = out.len();
            rtcp::write_picture_loss(out, ssrc, source);
            if let Some(protection) = protection {
                protection.protect_report(out, start);
            }
        });
        self.statistics.counters.rtcp_out.add_alone(1);
    }

    fn report_channel(&self) -> Channel {
        let mux = self.parameters.as_ref().is_some_and(|known| known.rtcp_mux);
        if mux { Channel::Rtp } else { Channel::Rtcp }
    }
}
