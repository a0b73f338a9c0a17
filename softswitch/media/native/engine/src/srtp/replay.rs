//! Which packets were seen already (RFC 3711 §3.3.2).

use super::Refusal;

/// Bits of the ring; a power of two words, of which one is being filled anew.
const WORDS: usize = 16;
/// How far back a packet may be: three seconds of video, whose lost packets are sent again. RFC 3711
/// asks for 64.
const WINDOW: u64 = (WORDS as u64 - 1) * 64;

/// The newest index and which of those before it were seen, each at its place in a ring (RFC 6479).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    newest: Option<u64>,
    seen: [u64; WORDS],
}

impl Window {
    /// Whether a packet may still come.
    pub fn check(&self, index: u64) -> Result<(), Refusal> {
        let newest = self.newest.unwrap_or(index);
        if newest.saturating_sub(index) >= WINDOW || self.has_seen(index) {
            return Err(Refusal::Replayed);
        }
        Ok(())
    }

    /// Whether a packet was seen, and not too long ago to tell.
    pub fn has_seen(&self, index: u64) -> bool {
        self.newest.is_some_and(|newest| {
            index <= newest && newest - index < WINDOW && self.seen[word(index)] & bit(index) != 0
        })
    }

    /// Note a packet that was found good.
    pub fn accept(&mut self, index: u64) {
        let newest = self.newest.unwrap_or(index);
        if index >= newest {
            let passed = (index / 64 - newest / 64).min(WORDS as u64);
            for step in 0..passed {
                self.seen[word(index - step * 64)] = 0;
            }
            self.newest = Some(index);
        }
        self.seen[word(index)] |= bit(index);
    }
}

fn word(index: u64) -> usize {
    (index / 64) as usize % WORDS
}

fn bit(index: u64) -> u64 {
    1 << (index % 64)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_packet_is_taken_once_and_not_when_it_is_old() {
        let mut window = Window::default();
        for index in [1000, 1002, 1001] {
            assert_eq!(window.check(index), Ok(()));
            window.accept(index);
            assert_eq!(window.check(index), Err(Refusal::Replayed));
        }
        window.accept(1001 + WINDOW);
        assert_eq!(window.check(1001), Err(Refusal::Replayed), "old");
        assert_eq!(window.check(1002), Err(Refusal::Replayed), "seen");
        assert_eq!(window.check(1003), Ok(()));
        window.accept(5000);
        assert_eq!(window.check(1002 + WINDOW), Err(Refusal::Replayed));
        assert_eq!(window.check(5000 - WINDOW + 1), Ok(()));
        assert!(window.has_seen(5000) && !window.has_seen(4999) && !window.has_seen(5001));
    }

    #[test]
    fn it_tells_the_same_as_a_list_of_all_that_came() {
        let (mut window, mut seen, mut newest) = (Window::default(), HashSet::new(), 0);
        let mut seed = 7u64;
        for _ in 0..50_000 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let reach = if seed >> 60 == 0 { 3000 } else { 80 };
            let index = (newest + 50 + (seed >> 33) % reach).saturating_sub(reach * 2 / 3);
            let fresh = newest < index + WINDOW && !seen.contains(&index);
            assert_eq!(window.check(index).is_ok(), fresh, "{index} of {newest}");
            if fresh {
                window.accept(index);
                seen.insert(index);
                newest = newest.max(index);
            }
        }
        assert!(seen.len() > 5_000);
    }
}
