//! The stream's RTCP: reports at intervals, round-trip time, goodbye (RFC 3550 §6).

use std::net::SocketAddr;

use super::{Stream, Tracing};
use crate::event::{Event, ReportTrace};
use crate::output::{Channel, Output};
use crate::rtp::rtcp::{self, ReportBlock, SenderInformation};
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND};

/// Reports within one packet that are told; a far end of ours has one.
const MOST_BLOCKS: usize = 5;

/// State of the reports of one stream.
#[derive(Debug)]
pub struct Reports {
    cname: Box<str>,
    interval: Microseconds,
    next: Option<Microseconds>,
    random: u32,
    /// Where RTCP really came from.
    learned: Option<SocketAddr>,
    /// The last sender report of the far end: middle of its NTP time, and when it came.
    last_report: Option<(u32, Microseconds)>,
    sent_at_report: u32,
    /// Which reports are told.
    told: Tracing,
    /// What must be added to the engine's clock to get microseconds since 1970.
    pub wall_offset: Microseconds,
}

impl Reports {
    pub fn new(ssrc: u32) -> Reports {
        Reports {
            cname: format!("{ssrc:08x}@softswitch").into(),
            interval: 0,
            next: None,
            random: ssrc | 1,
            learned: None,
            last_report: None,
            sent_at_report: 0,
            told: Tracing::default(),
            wall_offset: 0,
        }
    }

    pub fn configure(&mut self, now: Microseconds, interval_ms: u32) {
        let interval = Microseconds::from(interval_ms) * MILLISECOND;
        if interval != self.interval {
            self.interval = interval;
            self.next = (interval > 0).then(|| now + self.spread());
        }
    }

    pub fn next_timeout(&self) -> Option<Microseconds> {
        self.next
    }

    /// Note where RTCP really comes from.
    pub fn learn(&mut self, source: SocketAddr) {
        self.learned = Some(source);
    }

    /// The interval, varied so that reports of many streams do not march in step (§6.2).
    fn spread(&mut self) -> Microseconds {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 17;
        self.random ^= self.random << 5;
        self.interval / 2 + self.interval * u64::from(self.random >> 16) / 0x1_0000
    }
}

impl Stream {
    /// Tell the stream how the engine's clock relates to the time of day.
    pub fn set_wall_offset(&mut self, offset: Microseconds) {
        self.reports.wall_offset = offset;
    }

    /// Tell of reports from now on, or no more.
    pub fn tell_reports(&mut self, told: Tracing) {
        self.reports.told = told;
    }

    /// Take an RTCP datagram.
    pub fn handle_report(
        &mut self,
        now: Microseconds,
        source: SocketAddr,
        packet: &[u8],
        output: &mut Output,
    ) {
        let statistics = &self.statistics;
        let from_far_end = self
            .latch
            .destination()
            .is_some_and(|remote| remote.ip() == source.ip());
        if !from_far_end {
            statistics.counters.foreign.add_alone(1);
            return;
        }
        let mut blocks = Vec::new();
        let told = self.reports.told.received;
        let parsed = rtcp::parse_each(packet, self.sender.ssrc, |block| {
            if told && blocks.len() < MOST_BLOCKS {
                blocks.push(block);
            }
        });
        let Some(received) = parsed else {
            statistics.counters.malformed.add_alone(1);
            return;
        };
        statistics.counters.rtcp_in.add_alone(1);
        if self
            .parameters
            .as_ref()
            .is_some_and(|known| known.symmetric)
        {
            self.reports.learned = Some(source);
        }
        if let Some((_, sender)) = received.sender {
            self.reports.last_report = Some((rtcp::middle(sender.ntp), now));
        }
        let round_trip = received.block.and_then(|block| self.note_block(now, block));
        if told && let Some(ssrc) = received.reporter {
            output.events.push(Event::Report {
                stream: self.id,
                report: Box::new(ReportTrace {
                    sent: false,
                    ssrc,
                    sender: received.sender.map(|(_, sender)| sender),
                    blocks,
                    last_timestamp: self.reception.last_timestamp(),
                    round_trip,
                }),
            });
        }
    }

    /// Learn from what the far end reports of us; the round-trip time it tells, if any.
    fn note_block(&mut self, now: Microseconds, block: ReportBlock) -> Option<Microseconds> {
        let clock = self.event_clock();
        if let Some(encoder) = &mut self.encoder {
            let lost = u16::from(block.reception.fraction_lost) * 100 / 256;
            encoder.note_loss(lost as u8);
        }
        let statistics = &self.statistics;
        statistics
            .counters
            .remote_lost
            .set(block.reception.cumulative_lost.max(0) as u64);
        let jitter = u64::from(block.reception.jitter) * SECOND / u64::from(clock);
        statistics.remote_jitter_microseconds.set(jitter);
        if block.last_report == 0 {
            return None;
        }
        // RFC 3550 §6.4.1: arrival − last report − delay, in 1/65536 s.
        let arrival = rtcp::middle(rtcp::ntp(now + self.reports.wall_offset));
        let trip = arrival
            .wrapping_sub(block.last_report)
            .wrapping_sub(block.delay) as i32;
        let microseconds = (0..10 << 16)
            .contains(&trip)
            .then(|| (trip as u64 * SECOND) >> 16)?;
        statistics.round_trip_microseconds.set(microseconds);
        Some(microseconds)
    }

    pub(super) fn continue_reports(&mut self, now: Microseconds, output: &mut Output) {
        if self.reports.next.is_none_or(|due| now < due) {
            return;
        }
        self.reports.next = Some(now + self.reports.spread());
        self.send_report(now, false, output);
    }

    pub(super) fn say_goodbye(&mut self, now: Microseconds, output: &mut Output) {
        if self.reports.interval > 0 && self.sender.packets > 0 {
            self.send_report(now, true, output);
        }
    }

    fn send_report(&mut self, now: Microseconds, goodbye: bool, output: &mut Output) {
        let clock: Rate = self.event_clock();
        let Some(parameters) = &self.parameters else {
            return;
        };
        let Some(destination) = self.report_destination() else {
            return;
        };
        let sent = self.sender.packets != self.reports.sent_at_report;
        self.reports.sent_at_report = self.sender.packets;
        let sender = sent.then(|| SenderInformation {
            ntp: rtcp::ntp(now + self.reports.wall_offset),
            timestamp: self.sender.timestamp_at(now, clock),
            packets: self.sender.packets,
            octets: self.sender.octets,
        });
        let (last_report, delay) = self.reports.last_report.map_or((0, 0), |(middle, came)| {
            (middle, (((now - came) << 16) / SECOND) as u32)
        });
        let block = self.reception.ssrc().map(|ssrc| ReportBlock {
            ssrc,
            reception: self.reception.report(),
            last_report,
            delay,
        });
        let channel = if parameters.rtcp_mux {
            Channel::Rtp
        } else {
            Channel::Rtcp
        };
        self.statistics.counters.rtcp_out.add_alone(1);
        let protection = &mut self.protection;
        let length = output.send(self.place, channel, destination, |out| {
            let start = out.len();
            rtcp::write(
                out,
                self.sender.ssrc,
                sender,
                block,
                &self.reports.cname,
                goodbye,
            );
            if let Some(protection) = protection {
                protection.protect_report(out, start);
            }
        });
        self.statistics
            .counters
            .rtcp_bytes_out
            .add_alone(length as u64);
        if self.reports.told.sent && sender.is_some() {
            output.events.push(Event::Report {
                stream: self.id,
                report: Box::new(ReportTrace {
                    sent: true,
                    ssrc: self.sender.ssrc,
                    sender,
                    blocks: block.into_iter().collect(),
                    last_timestamp: self.reception.last_timestamp(),
                    round_trip: None,
                }),
            });
        }
    }

    pub(super) fn report_destination(&self) -> Option<SocketAddr> {
        let parameters = self.parameters.as_ref()?;
        let remote = self.latch.destination()?;
        if parameters.rtcp_mux {
            return Some(remote);
        }
        if let Some(learned) = self
            .reports
            .learned
            .filter(|learned| learned.ip() == remote.ip())
        {
            return Some(learned);
        }
        if let Some(address) = parameters.remote_rtcp_address
            && !self.latch.is_learned()
        {
            return Some(address);
        }
        Some(SocketAddr::new(remote.ip(), remote.port().checked_add(1)?))
    }
}
