//! When a worker looks for packets again, and how busy it is.

use std::time::Duration;

use crate::network::Wait;
use crate::time::{MILLISECOND, Microseconds};

/// Under load a worker looks once in this time for all that came meanwhile.
const ROUND: Microseconds = 2 * MILLISECOND;
/// And once in this time where so much comes that waking up costs little beside it.
const SHORT_ROUND: Microseconds = MILLISECOND;
const MUCH_A_MILLISECOND: u64 = 32;
/// And once in this time while nobody waits for what comes.
const LONG_ROUND: Microseconds = 5 * MILLISECOND;
/// So long after a packet was passed on, another may come that somebody waits for.
const MEMORY: Microseconds = 200 * MILLISECOND;
/// How long a worker's load is averaged.
const WINDOW: Microseconds = 250 * MILLISECOND;

/// The rhythm of a worker's rounds.
#[derive(Debug, Default)]
pub struct Pace {
    /// When the present round began.
    begun: Microseconds,
    /// It followed the one before so closely that packets are gathered.
    dense: bool,
    /// How long after the one before it began.
    span: Microseconds,
    /// So much comes that rounds are short.
    much: bool,
    /// When a packet was last passed on to somebody.
    passed_on: Option<Microseconds>,
    window_begun: Microseconds,
    /// Time spent on rounds since then.
    worked: Microseconds,
}

impl Pace {
    /// A round begins. If it follows the one before closely, packets are worth gathering; those of
    /// a few calls are not delayed.
    pub fn begin(&mut self, now: Microseconds) {
        self.span = now.saturating_sub(self.begun);
        self.dense = self.span < self.round(now) + SHORT_ROUND / 2;
        self.begun = now;
    }

    /// In this round so many packets came, of which something was passed on.
    pub fn pass_on(&mut self, packets: u64) {
        self.much = packets * MILLISECOND >= MUCH_A_MILLISECOND * self.span;
        self.passed_on = Some(self.begun);
    }

    fn round(&self, now: Microseconds) -> Microseconds {
        let waited_for = |at| now.saturating_sub(at) < MEMORY;
        match self.passed_on {
            Some(at) if waited_for(at) && self.much => SHORT_ROUND,
            Some(at) if waited_for(at) => ROUND,
            _ => LONG_ROUND,
        }
    }

    /// A round ends: how long to wait for the next, if the first timeout is then.
    pub fn end(&mut self, now: Microseconds, timeout: Option<Microseconds>) -> Wait {
        self.worked += now.saturating_sub(self.begun);
        if self.dense {
            let soonest = self.begun + SHORT_ROUND;
            let round = self.begun + self.round(now);
            let next = timeout.map_or(round, |timeout| timeout.clamp(soonest, round));
            return Wait::Gather(Duration::from_micros(next.saturating_sub(now)));
        }
        let left = timeout.map(|timeout| timeout.saturating_sub(now));
        Wait::Arrival(left.map(Duration::from_micros))
    }

    /// Thousandths of the time that were spent on rounds, when a window is full.
    pub fn take_load(&mut self, now: Microseconds) -> Option<u64> {
        let span = now.saturating_sub(self.window_begun);
        if span < WINDOW {
            return None;
        }
        self.window_begun = now;
        Some(std::mem::take(&mut self.worked) * 1000 / span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_packet_is_not_delayed() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        assert_eq!(pace.end(50_010, None), Wait::Arrival(None));
        pace.begin(60_000);
        let left = Some(Duration::from_micros(4_990));
        assert_eq!(pace.end(60_010, Some(65_000)), Wait::Arrival(left));
    }

    #[test]
    fn a_timeout_that_has_passed_is_not_waited_for() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        let wait = pace.end(50_010, Some(40_000));
        assert_eq!(wait, Wait::Arrival(Some(Duration::ZERO)));
    }

    #[test]
    fn rounds_that_follow_closely_are_gathered_for_a_whole_one() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        pace.pass_on(1);
        pace.begin(52_100);
        let left = Duration::from_micros(1_700);
        assert_eq!(pace.end(52_400, None), Wait::Gather(left));
        let left = Duration::from_micros(700);
        assert_eq!(pace.end(52_400, Some(52_500)), Wait::Gather(left));
        pace.begin(54_100);
        assert_eq!(pace.end(57_000, None), Wait::Gather(Duration::ZERO));
    }

    #[test]
    fn what_nobody_waits_for_is_gathered_until_something_is_to_be_done() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        pace.begin(54_000);
        for (timeout, left) in [
            (None, 4_900),
            (Some(70_000), 4_900),
            (Some(56_000), 1_900),
            (Some(54_100), 900),
        ] {
            let left = Duration::from_micros(left);
            assert_eq!(pace.end(54_100, timeout), Wait::Gather(left));
        }
    }

    #[test]
    fn rounds_are_short_for_a_while_after_a_packet_was_passed_on() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        pace.pass_on(1);
        pace.begin(51_000);
        let left = Duration::from_micros(1_900);
        assert_eq!(pace.end(51_100, None), Wait::Gather(left));
        pace.begin(250_000);
        pace.begin(251_000);
        let left = Duration::from_micros(4_900);
        assert_eq!(pace.end(251_100, None), Wait::Gather(left));
    }

    #[test]
    fn rounds_are_shorter_where_many_packets_come() {
        let mut pace = Pace::default();
        pace.begin(50_000);
        for (span, packets, left) in [(2_000, 63, 1_900), (2_000, 64, 900), (1_000, 31, 1_900)] {
            pace.begin(pace.begun + span);
            pace.pass_on(packets);
            let left = Duration::from_micros(left);
            assert_eq!(pace.end(pace.begun + 100, None), Wait::Gather(left));
        }
    }

    #[test]
    fn load_is_the_share_of_time_at_work() {
        let mut pace = Pace::default();
        for round in 1..=20 {
            pace.begin(round * 20_000);
            pace.end(round * 20_000 + 5_000, None);
        }
        assert_eq!(pace.take_load(400_000), Some(250));
        assert_eq!(pace.take_load(500_000), None, "the window is not full");
        assert_eq!(pace.take_load(700_000), Some(0));
    }
}
