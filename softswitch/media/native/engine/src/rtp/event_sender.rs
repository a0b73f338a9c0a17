//! The packets of one digit sent as a telephone event (RFC 4733 §2.5.1).

use super::telephone_event::{LONGEST, TelephoneEvent};
use crate::time::{Rate, samples};

/// How often the last report of an event is sent (RFC 4733 §2.5.1.4).
const END_PACKETS: u8 = 3;
/// Level in −dBm0 told for digits.
const VOLUME: u8 = 10;

/// A packet to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The first packet of the event.
    pub marker: bool,
    /// How far the timestamp lies behind the beginning of the event: 0 but in later segments.
    pub offset: u32,
    pub event: TelephoneEvent,
}

/// Makes the reports of one event, one for each packet time.
#[derive(Debug)]
pub struct EventSender {
    event: u8,
    total: u32,
    elapsed: u32,
    segment: u32,
    ends_left: u8,
}

impl EventSender {
    pub fn new(event: u8, milliseconds: u32, clock: Rate) -> EventSender {
        let total = samples(u64::from(milliseconds), clock).max(1) as u32;
        EventSender {
            event,
            total,
            elapsed: 0,
            segment: 0,
            ends_left: END_PACKETS,
        }
    }

    /// The report after another `step` clock units; None when all was sent.
    pub fn next(&mut self, step: u32) -> Option<Report> {
        if self.ends_left == 0 {
            return None;
        }
        let marker = self.elapsed == 0;
        let longest = u32::from(LONGEST);
        if self.elapsed < self.total {
            if self.elapsed - self.segment == longest {
                self.segment = self.elapsed; // RFC 4733 §2.5.1.3: a new segment, no marker
            }
            self.elapsed = (self.elapsed + step)
                .min(self.total)
                .min(self.segment + longest);
        }
        let end = self.elapsed == self.total;
        if end {
            self.ends_left -= 1;
        }
        let duration = (self.elapsed - self.segment) as u16;
        let event = TelephoneEvent {
            event: self.event,
            end,
            volume: VOLUME,
            duration,
        };
        Some(Report {
            marker,
            offset: self.segment,
            event,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reports(milliseconds: u32) -> Vec<Report> {
        let mut sender = EventSender::new(5, milliseconds, 8000);
        std::iter::from_fn(|| sender.next(160)).collect()
    }

    #[test]
    fn a_digit_grows_to_its_length_and_ends_three_times() {
        let reports = reports(100);
        let told: Vec<_> = reports
            .iter()
            .map(|report| (report.marker, report.event.end, report.event.duration))
            .collect();
        let expected = [
            (true, false, 160),
            (false, false, 320),
            (false, false, 480),
            (false, false, 640),
            (false, true, 800),
            (false, true, 800),
            (false, true, 800),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_length_between_packet_times_is_told_exactly() {
        assert_eq!(
            reports(50).last().map(|report| report.event.duration),
            Some(400)
        );
    }

    #[test]
    fn a_long_digit_is_cut_into_segments() {
        let reports = reports(10_000);
        let last = reports.last().expect("reports were made");
        assert_eq!(last.offset, 65_535);
        assert_eq!(u32::from(last.event.duration), 80_000 - 65_535);
        assert_eq!(reports.iter().filter(|report| report.marker).count(), 1);
        assert_eq!(reports.iter().filter(|report| report.event.end).count(), 3);
    }
}
