//! What one synchronisation source sent us: order, loss and jitter (RFC 3550 §6.4.1, A.1, A.3, A.8).

use super::header::Header;
use crate::time::{Microseconds, Rate, units};

/// A gap in sequence numbers up to this is loss; a wider one is a restart.
const MAX_DROPOUT: u16 = 3000;
/// Packets this far behind the newest are late; older ones belong to no known run.
const MAX_MISORDER: u16 = 100;

/// What to make of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Newer than all before it, or the first of its source.
    Fresh,
    /// The first of a new source or a new run of sequence numbers.
    Restarted,
    /// Overtaken by others, but not seen before.
    Late,
    Duplicate,
    /// Far off the run; the start of a new one if its successor comes next.
    Stray,
}

/// The numbers of a report block about a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceptionReport {
    pub fraction_lost: u8,
    pub cumulative_lost: i32,
    pub highest_sequence: u32,
    pub jitter: u32,
}

/// Follows the packets of one remote source.
#[derive(Debug, Default)]
pub struct Reception {
    ssrc: Option<u32>,
    highest: u16,
    cycles: u32,
    base: u32,
    received: u32,
    /// Bit n: the packet n before the highest was seen.
    seen: u64,
    stray_successor: Option<u16>,
    expected_at_report: u32,
    received_at_report: u32,
    transit: Option<u32>,
    last_timestamp: u32,
    /// In 1/16 units of the clock.
    jitter: u32,
    lost_before: u32,
}

impl Reception {
    pub fn ssrc(&self) -> Option<u32> {
        self.ssrc
    }

    /// Judge a packet and count it.
    pub fn handle_packet(&mut self, header: &Header) -> Arrival {
        if self.ssrc != Some(header.ssrc) {
            self.restart(header);
            return Arrival::Restarted;
        }
        let ahead = header.sequence.wrapping_sub(self.highest);
        let behind = self.highest.wrapping_sub(header.sequence);
        if ahead == 0 || behind < 64 {
            let bit = 1 << behind;
            if self.seen & bit != 0 {
                return Arrival::Duplicate;
            }
            self.seen |= bit;
        } else if ahead < MAX_DROPOUT {
            if header.sequence < self.highest {
                self.cycles += 1 << 16;
            }
            self.highest = header.sequence;
            self.seen = self.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
            self.received += 1;
            self.stray_successor = None;
            return Arrival::Fresh;
        } else if behind > MAX_MISORDER {
            if self.stray_successor == Some(header.sequence) {
                self.restart(header);
                return Arrival::Restarted;
            }
            self.stray_successor = Some(header.sequence.wrapping_add(1));
            return Arrival::Stray;
        }
        self.received += 1;
        Arrival::Late
    }

    /// Measure the jitter of a packet of audio. Events keep the timestamp of their beginning, so
    /// they say nothing about it.
    pub fn measure_jitter(&mut self, now: Microseconds, timestamp: u32, clock: Rate) {
        self.last_timestamp = timestamp;
        let transit = units(now, clock).wrapping_sub(timestamp);
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit.wrapping_sub(before) as i32).unsigned_abs();
            // A jump of the clock is not jitter.
            if difference < clock {
                self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
            }
        }
    }

    /// Packets that should have come and did not, over all sources so far.
    pub fn lost(&self) -> u32 {
        self.lost_before + self.expected().saturating_sub(self.received)
    }

    /// The timestamp of the last packet of audio; 0 before the first.
    pub fn last_timestamp(&self) -> u32 {
        self.last_timestamp
    }

    /// Smoothed deviation of arrival times, in units of the RTP clock.
    pub fn jitter(&self) -> u32 {
        self.jitter >> 4
    }

    /// Sum up for a report block; the fraction counts from one call to the next.
    pub fn report(&mut self) -> ReceptionReport {
        let expected = self.expected();
        let expected_since = expected.wrapping_sub(self.expected_at_report);
        let received_since = self.received.wrapping_sub(self.received_at_report);
        self.expected_at_report = expected;
        self.received_at_report = self.received;
        let lost_since = expected_since.saturating_sub(received_since);
        let fraction_lost = (lost_since << 8)
            .checked_div(expected_since)
            .map_or(0, |fraction| fraction.min(255));
        let lost = i64::from(expected) - i64::from(self.received);
        ReceptionReport {
            fraction_lost: fraction_lost as u8,
            cumulative_lost: lost.clamp(-0x80_0000, 0x7f_ffff) as i32,
            highest_sequence: self.cycles.wrapping_add(u32::from(self.highest)),
            jitter: self.jitter(),
        }
    }

    fn expected(&self) -> u32 {
        if self.ssrc.is_none() {
            return 0;
        }
        let highest = self.cycles.wrapping_add(u32::from(self.highest));
        highest.wrapping_sub(self.base).wrapping_add(1)
    }

    fn restart(&mut self, header: &Header) {
        *self = Reception {
            ssrc: Some(header.ssrc),
            highest: header.sequence,
            base: u32::from(header.sequence),
            received: 1,
            seen: 1,
            jitter: self.jitter,
            lost_before: self.lost(),
            ..Reception::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(ssrc: u32, sequence: u16) -> Header {
        Header {
            marker: false,
            payload_type: 0,
            sequence,
            timestamp: 0,
            ssrc,
        }
    }

    fn arrivals(sequences: &[u16]) -> (Reception, Vec<Arrival>) {
        let mut reception = Reception::default();
        let arrivals = sequences
            .iter()
            .map(|&number| reception.handle_packet(&header(1, number)))
            .collect();
        (reception, arrivals)
    }

    #[test]
    fn loss_is_counted_across_the_wrap_of_sequence_numbers() {
        let (mut reception, arrivals) = arrivals(&[65_533, 65_534, 1, 2]);
        assert_eq!(arrivals[1..], [Arrival::Fresh; 3]);
        assert_eq!(reception.lost(), 2);
        let report = reception.report();
        assert_eq!(report.cumulative_lost, 2);
        assert_eq!(report.highest_sequence, 0x1_0002);
        assert_eq!(report.fraction_lost, (2 * 256 / 6) as u8);
    }

    #[test]
    fn a_reordered_packet_is_late_and_not_lost() {
        let (reception, arrivals) = arrivals(&[1, 2, 4, 3, 5]);
        assert_eq!(arrivals[3], Arrival::Late);
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn duplicates_are_told_from_late_packets() {
        let (_, arrivals) = arrivals(&[1, 2, 2, 4, 3, 3, 1]);
        use Arrival::{Duplicate, Fresh, Late, Restarted};
        assert_eq!(
            arrivals,
            [
                Restarted, Fresh, Duplicate, Fresh, Late, Duplicate, Duplicate
            ]
        );
    }

    #[test]
    fn a_reset_of_the_sequence_is_believed_at_its_second_packet() {
        let (reception, arrivals) = arrivals(&[100, 101, 40_000, 40_001, 40_002]);
        assert_eq!(
            arrivals[2..],
            [Arrival::Stray, Arrival::Restarted, Arrival::Fresh]
        );
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn one_stray_packet_changes_nothing() {
        let (reception, arrivals) = arrivals(&[100, 40_000, 101, 102]);
        assert_eq!(
            arrivals[1..],
            [Arrival::Stray, Arrival::Fresh, Arrival::Fresh]
        );
        assert_eq!(reception.lost(), 0);
    }

    #[test]
    fn loss_of_a_former_source_is_remembered() {
        let (mut reception, _) = arrivals(&[1, 3]);
        assert_eq!(reception.handle_packet(&header(2, 500)), Arrival::Restarted);
        assert_eq!(reception.lost(), 1);
        assert_eq!(
            reception.report().cumulative_lost,
            0,
            "reports are about the present source"
        );
    }

    #[test]
    fn the_fraction_lost_counts_since_the_last_report() {
        let (mut reception, _) = arrivals(&[1, 3]);
        assert_eq!(reception.report().fraction_lost, 85);
        reception.handle_packet(&header(1, 4));
        assert_eq!(reception.report().fraction_lost, 0);
    }

    #[test]
    fn even_arrivals_have_no_jitter_and_uneven_ones_have() {
        let mut reception = Reception::default();
        for packet in 0..50 {
            reception.measure_jitter(u64::from(packet) * 20_000, packet * 160, 8000);
        }
        assert_eq!(reception.jitter(), 0);
        for packet in 50..200 {
            let late = if packet % 2 == 0 { 4_000 } else { 0 };
            reception.measure_jitter(u64::from(packet) * 20_000 + late, packet * 160, 8000);
        }
        assert!(
            (28..=33).contains(&reception.jitter()),
            "{}",
            reception.jitter()
        );
    }
}
