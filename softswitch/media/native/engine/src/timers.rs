//! When each stream next wants to be woken: a heap with at most one live entry for each.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::{MILLISECOND, Microseconds};

/// Wake-ups are gathered on this grid, so that many streams share one.
const GRID: Microseconds = MILLISECOND;

/// Wake-ups of streams by their places in the graph.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Microseconds, usize)>>,
    /// The moment each place is due; entries of the heap that say otherwise are stale.
    due: Vec<Option<Microseconds>>,
}

impl Timers {
    /// Set or withdraw the wake-up of a place.
    pub fn set(&mut self, place: usize, moment: Option<Microseconds>) {
        if self.due.len() <= place {
            self.due.resize(place + 1, None);
        }
        let moment = moment.map(|moment| moment.next_multiple_of(GRID));
        if self.due[place] == moment {
            return;
        }
        self.due[place] = moment;
        if let Some(moment) = moment {
            self.heap.push(Reverse((moment, place)));
        }
    }

    /// The earliest moment anybody is due.
    pub fn next_due(&mut self) -> Option<Microseconds> {
        while let Some(&Reverse((moment, place))) = self.heap.peek() {
            if self.due[place] == Some(moment) {
                return Some(moment);
            }
            self.heap.pop();
        }
        None
    }

    /// Take one place that is due.
    pub fn pop(&mut self, now: Microseconds) -> Option<usize> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse((_, place)) = self.heap.pop()?;
        self.due[place] = None;
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pop_all(timers: &mut Timers, now: Microseconds) -> Vec<usize> {
        std::iter::from_fn(|| timers.pop(now)).collect()
    }

    #[test]
    fn places_come_up_in_order_of_time() {
        let mut timers = Timers::default();
        timers.set(3, Some(9_000));
        timers.set(1, Some(5_000));
        timers.set(2, Some(7_000));
        assert_eq!(timers.next_due(), Some(5_000));
        assert_eq!(pop_all(&mut timers, 7_000), [1, 2]);
        assert_eq!(timers.next_due(), Some(9_000));
    }

    #[test]
    fn a_later_setting_replaces_an_earlier_one() {
        let mut timers = Timers::default();
        timers.set(1, Some(5_000));
        timers.set(1, Some(8_000));
        timers.set(2, Some(5_000));
        timers.set(2, None);
        assert_eq!(timers.next_due(), Some(8_000));
        assert_eq!(pop_all(&mut timers, 10_000), [1]);
        assert_eq!(timers.next_due(), None);
    }

    #[test]
    fn moments_are_gathered_on_a_grid_and_never_early() {
        let mut timers = Timers::default();
        timers.set(1, Some(5_001));
        timers.set(2, Some(5_999));
        assert_eq!(pop_all(&mut timers, 5_999), []);
        assert_eq!(pop_all(&mut timers, 6_000).len(), 2);
    }
}
