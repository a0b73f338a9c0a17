//! Turns received telephone-event packets into digits, each told exactly once (RFC 4733 §2.5).

use super::header::Header;
use super::telephone_event::{LONGEST, TelephoneEvent, digit_of};
use crate::time::{Microseconds, Rate};

/// An event of which nothing more is heard for so long has ended, its last packets were lost.
const LOST_END: Microseconds = 200_000;

/// A digit that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReceivedDigit {
    pub digit: char,
    pub milliseconds: u32,
}

#[derive(Debug)]
struct Current {
    timestamp: u32,
    event: u8,
    /// Units of the segments before this one.
    earlier: u32,
    duration: u16,
    reported: bool,
    heard_at: Microseconds,
    clock: Rate,
}

/// Follows the events of one remote source.
#[derive(Debug, Default)]
pub struct EventReceiver {
    current: Option<Current>,
}

impl EventReceiver {
    /// Take one report; hands every digit that is now known to have ended to `found`.
    pub fn handle_report(
        &mut self,
        now: Microseconds,
        header: &Header,
        report: TelephoneEvent,
        clock: Rate,
        mut found: impl FnMut(ReceivedDigit),
    ) {
        match &mut self.current {
            Some(current) if current.timestamp == header.timestamp => {
                current.heard_at = now;
                if current.event == report.event {
                    current.duration = current.duration.max(report.duration);
                }
            }
            Some(current) if (header.timestamp.wrapping_sub(current.timestamp) as i32) < 0 => {
                return; // a late packet of an event already done with
            }
            Some(current) if current.continues_in(header, report) => {
                current.earlier += u32::from(current.duration);
                current.timestamp = header.timestamp;
                current.duration = report.duration;
                current.heard_at = now;
            }
            previous => {
                if let Some(ended) = previous.as_mut().and_then(Current::end) {
                    found(ended);
                }
                *previous = Some(Current {
                    timestamp: header.timestamp,
                    event: report.event,
                    earlier: 0,
                    duration: report.duration,
                    reported: false,
                    heard_at: now,
                    clock,
                });
            }
        }
        if report.end
            && let Some(ended) = self.current.as_mut().and_then(Current::end)
        {
            found(ended);
        }
    }

    /// When `handle_timeout` wants to be called.
    pub fn next_timeout(&self) -> Option<Microseconds> {
        let current = self.current.as_ref()?;
        (!current.reported).then_some(current.heard_at + LOST_END)
    }

    /// The digit whose end was lost, if it is time to give it up.
    pub fn handle_timeout(&mut self, now: Microseconds) -> Option<ReceivedDigit> {
        let due = self.next_timeout()?;
        if now < due {
            None
        } else {
            self.current.as_mut()?.end()
        }
    }

    /// Forget the source, as when another begins.
    pub fn reset(&mut self) -> Option<ReceivedDigit> {
        self.current.take()?.end()
    }
}

impl Current {
    /// Whether a report with a new timestamp is the next segment of this event
    /// (RFC 4733 §2.5.1.3): the duration was full and no new beginning is marked.
    fn continues_in(&self, header: &Header, report: TelephoneEvent) -> bool {
        let full = LONGEST - (self.clock / 10) as u16;
        !self.reported
            && !header.marker
            && report.event == self.event
            && self.duration >= full
            && header.timestamp.wrapping_sub(self.timestamp) <= u32::from(LONGEST)
    }

    fn end(&mut self) -> Option<ReceivedDigit> {
        if std::mem::replace(&mut self.reported, true) {
            return None;
        }
        let units = u64::from(self.earlier) + u64::from(self.duration);
        Some(ReceivedDigit {
            digit: digit_of(self.event)?,
            milliseconds: (units * 1000 / u64::from(self.clock)) as u32,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds reports `(timestamp, marker, event, end, duration)`, 20 ms apart.
    fn receive(reports: &[(u32, bool, u8, bool, u16)]) -> Vec<(char, u32)> {
        let mut receiver = EventReceiver::default();
        let mut digits = Vec::new();
        let mut now = 0;
        for &(timestamp, marker, event, end, duration) in reports {
            let header = Header {
                marker,
                payload_type: 101,
                sequence: 0,
                timestamp,
                ssrc: 1,
            };
            let report = TelephoneEvent {
                event,
                end,
                volume: 10,
                duration,
            };
            receiver.handle_report(now, &header, report, 8000, |digit| digits.push(digit));
            now += 20_000;
        }
        digits.extend(receiver.handle_timeout(now + LOST_END));
        digits
            .into_iter()
            .map(|found| (found.digit, found.milliseconds))
            .collect()
    }

    #[test]
    fn a_digit_with_three_end_packets_is_told_once() {
        let reports = [
            (100, true, 5, false, 160),
            (100, false, 5, false, 320),
            (100, false, 5, true, 800),
            (100, false, 5, true, 800),
            (100, false, 5, true, 800),
        ];
        assert_eq!(receive(&reports), [('5', 100)]);
    }

    #[test]
    fn a_digit_whose_end_is_lost_is_told_when_the_next_begins() {
        let reports = [(100, true, 1, false, 400), (2000, true, 2, true, 800)];
        assert_eq!(receive(&reports), [('1', 50), ('2', 100)]);
    }

    #[test]
    fn a_digit_whose_end_is_lost_is_told_after_a_while() {
        assert_eq!(receive(&[(100, true, 1, false, 400)]), [('1', 50)]);
    }

    #[test]
    fn a_digit_whose_beginning_is_lost_is_told_by_its_end() {
        assert_eq!(receive(&[(100, false, 11, true, 800)]), [('#', 100)]);
    }

    #[test]
    fn the_same_digit_again_is_told_again() {
        let reports = [(100, true, 7, true, 800), (1500, true, 7, true, 800)];
        assert_eq!(receive(&reports), [('7', 100), ('7', 100)]);
    }

    #[test]
    fn a_late_packet_of_the_last_digit_is_nothing_new() {
        let reports = [
            (100, true, 1, true, 800),
            (1500, true, 2, true, 800),
            (100, false, 1, true, 800),
        ];
        assert_eq!(receive(&reports), [('1', 100), ('2', 100)]);
    }

    #[test]
    fn an_event_longer_than_a_duration_can_hold_is_one_digit() {
        let reports = [
            (0, true, 3, false, 65_000),
            (0, false, 3, false, 65_535),
            (65_535, false, 3, false, 160),
            (65_535, false, 3, true, 14_465),
        ];
        assert_eq!(receive(&reports), [('3', 10_000)]);
    }

    #[test]
    fn events_that_are_no_digits_are_not_told() {
        assert_eq!(receive(&[(100, true, 36, true, 800)]), []);
    }

    #[test]
    fn a_digit_is_told_across_the_wrap_of_the_timestamp() {
        let reports = [
            (u32::MAX - 10, true, 4, true, 800),
            (700, true, 4, true, 800),
        ];
        assert_eq!(receive(&reports), [('4', 100), ('4', 100)]);
    }
}
