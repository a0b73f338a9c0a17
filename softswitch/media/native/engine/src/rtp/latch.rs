//! From where packets are taken and where ours go: the negotiated address, or the one that packets
//! really come from when the far end sits behind a NAT (RFC 4961).

use std::net::SocketAddr;

use crate::time::{MILLISECOND, Microseconds, SECOND};

/// How long an established source must be silent before another may take its place.
pub const SILENCE: Microseconds = 500 * MILLISECOND;
/// How long after the first packet another source may still take over.
pub const SETTLING: Microseconds = SECOND;

/// What to make of a packet's source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The source we listen to.
    Accepted,
    /// A source we listen to from now on.
    Adopted,
    /// Somebody else.
    Foreign,
}

/// Decides whose packets a stream takes.
#[derive(Debug, Default)]
pub struct Latch {
    negotiated: Option<SocketAddr>,
    symmetric: bool,
    source: Option<SocketAddr>,
    first_heard: Microseconds,
    last_heard: Microseconds,
}

impl Latch {
    /// Apply an answer. An unchanged address keeps what was learned.
    pub fn configure(&mut self, negotiated: Option<SocketAddr>, symmetric: bool) {
        if self.negotiated == negotiated && self.symmetric == symmetric {
            return;
        }
        self.negotiated = negotiated;
        self.symmetric = symmetric;
        self.source = None;
    }

    /// Where our packets go.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.source.or(self.negotiated)
    }

    pub fn negotiated(&self) -> Option<SocketAddr> {
        self.negotiated
    }

    /// Whether packets come from another address than was negotiated.
    pub fn is_learned(&self) -> bool {
        self.source.is_some() && self.source != self.negotiated
    }

    /// Judge the source of a packet.
    pub fn judge(&mut self, now: Microseconds, source: SocketAddr) -> Verdict {
        if self.source == Some(source) {
            self.last_heard = now;
            return Verdict::Accepted;
        }
        if !self.may_adopt(now, source) {
            return Verdict::Foreign;
        }
        if self.source.is_none() {
            self.first_heard = now;
        }
        self.source = Some(source);
        self.last_heard = now;
        Verdict::Adopted
    }

    fn may_adopt(&self, now: Microseconds, source: SocketAddr) -> bool {
        if self.negotiated == Some(source) {
            return true;
        }
        // Without a negotiated address there is nothing to go by but what arrives.
        if !self.symmetric && self.negotiated.is_some() {
            return false;
        }
        let Some(current) = self.source else {
            return true;
        };
        let silent = now.saturating_sub(self.last_heard) > SILENCE;
        let settling = now.saturating_sub(self.first_heard) < SETTLING;
        silent || (settling && self.negotiated != Some(current))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 4000))
    }

    fn latch(symmetric: bool) -> Latch {
        let mut latch = Latch::default();
        latch.configure(Some(address(1)), symmetric);
        latch
    }

    #[test]
    fn without_symmetry_only_the_negotiated_address_is_heard() {
        let mut latch = latch(false);
        assert_eq!(latch.judge(0, address(2)), Verdict::Foreign);
        assert_eq!(latch.judge(0, address(1)), Verdict::Adopted);
        assert_eq!(latch.judge(0, address(1)), Verdict::Accepted);
        assert_eq!(latch.judge(60 * SECOND, address(2)), Verdict::Foreign);
    }

    #[test]
    fn the_first_source_is_learned() {
        let mut latch = latch(true);
        assert_eq!(latch.destination(), Some(address(1)));
        assert_eq!(latch.judge(0, address(2)), Verdict::Adopted);
        assert_eq!(latch.destination(), Some(address(2)));
        assert!(latch.is_learned());
    }

    #[test]
    fn the_negotiated_address_takes_over_and_is_not_displaced() {
        let mut latch = latch(true);
        latch.judge(0, address(2));
        assert_eq!(latch.judge(10, address(1)), Verdict::Adopted);
        assert_eq!(latch.judge(20, address(2)), Verdict::Foreign);
        assert!(!latch.is_learned());
    }

    #[test]
    fn a_learned_source_is_kept_while_it_speaks() {
        let mut latch = latch(true);
        for packet in 0..200 {
            latch.judge(packet * 20 * MILLISECOND, address(2));
        }
        assert_eq!(latch.judge(4 * SECOND, address(3)), Verdict::Foreign);
        assert_eq!(
            latch.judge(4 * SECOND + SILENCE, address(3)),
            Verdict::Adopted
        );
    }

    #[test]
    fn within_the_first_second_a_learned_source_may_change() {
        let mut latch = latch(true);
        latch.judge(0, address(2));
        assert_eq!(latch.judge(SETTLING - 1, address(3)), Verdict::Adopted);
        assert_eq!(latch.judge(SETTLING, address(2)), Verdict::Foreign);
    }

    #[test]
    fn a_new_negotiated_address_is_learned_anew() {
        let mut latch = latch(true);
        latch.judge(0, address(2));
        latch.configure(Some(address(1)), true);
        assert_eq!(latch.destination(), Some(address(2)), "nothing changed");
        latch.configure(Some(address(4)), true);
        assert_eq!(latch.destination(), Some(address(4)));
    }

    #[test]
    fn an_unknown_address_waits_for_the_first_packet() {
        let mut latch = Latch::default();
        assert_eq!(latch.destination(), None);
        assert_eq!(latch.judge(0, address(2)), Verdict::Adopted);
        assert_eq!(latch.destination(), Some(address(2)));
    }
}
