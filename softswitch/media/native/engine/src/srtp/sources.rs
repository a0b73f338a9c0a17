//! What must be remembered of each synchronisation source: the whole index of its packets, of
//! which they carry the lower half alone, and which were seen (RFC 3711 §3.2.3, §3.3.1).

use super::Refusal;
use super::replay::Window;

/// So many sources are followed; the one heard longest ago gives way.
const MOST: usize = 16;
/// So many sources are sent with one key. None is forgotten: its numbers must not be used again.
const MOST_SENT: usize = 64;

#[derive(Debug)]
struct Source {
    ssrc: u32,
    /// Rollover counter and the highest sequence number, None before the first packet.
    newest: Option<(u32, u16)>,
    seen: Window,
    reports_seen: Window,
    reports_sent: u32,
}

/// The index of a packet that was not checked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub index: u64,
}

/// The index of an RTCP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Report(pub u32);

#[derive(Debug, Default)]
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// The index of the next packet we send, unless that was used already.
    pub fn sent(&mut self, ssrc: u32, sequence: u16) -> Result<u64, Refusal> {
        let source = self.ours(ssrc).ok_or(Refusal::Replayed)?;
        let index = guess(source.newest, sequence);
        source.seen.check(index)?;
        source.seen.accept(index);
        source.note(index);
        Ok(index)
    }

    /// The index of a packet we sent not long ago, by its number.
    pub fn sent_before(&self, ssrc: u32, sequence: u16) -> Option<u64> {
        let source = self.known(ssrc)?;
        let index = guess(source.newest, sequence);
        source.seen.has_seen(index).then_some(index)
    }

    /// The index of the next RTCP packet we send; None where the key must not protect another.
    pub fn next_report(&mut self, ssrc: u32) -> Option<u32> {
        let source = self.ours(ssrc)?;
        if source.reports_sent == 0x7fff_ffff {
            return None;
        }
        source.reports_sent += 1;
        Some(source.reports_sent)
    }

    /// Whether the numbers of a source began anew since its first packet.
    pub fn has_rolled_over(&self, ssrc: u32) -> bool {
        let newest = self.known(ssrc).and_then(|source| source.newest);
        newest.is_some_and(|(rollover, _)| rollover > 0)
    }

    /// Another key protects from now on: numbers go on, sources of long ago are forgotten.
    pub fn renew(&mut self) {
        self.0.truncate(MOST);
    }

    /// Where the packets of each source had come to.
    pub fn newest(&self) -> Vec<(u32, (u32, u16))> {
        let newest = |source: &Source| Some((source.ssrc, source.newest?));
        self.0.iter().filter_map(newest).collect()
    }

    /// Where a packet of a source not heard with this key belongs if its numbers went on.
    pub fn carried(&self, before: &[(u32, (u32, u16))], ssrc: u32, sequence: u16) -> Option<Place> {
        if self.known(ssrc).is_some() {
            return None;
        }
        let (_, newest) = before.iter().find(|(known, _)| *known == ssrc)?;
        let index = guess(Some(*newest), sequence);
        Some(Place { index })
    }

    /// Where a received packet belongs. Nothing is remembered before its tag was found right.
    pub fn place(&self, ssrc: u32, sequence: u16) -> Result<Place, Refusal> {
        let source = self.known(ssrc);
        let index = guess(source.and_then(|source| source.newest), sequence);
        source.map_or(Ok(()), |source| source.seen.check(index))?;
        Ok(Place { index })
    }

    pub fn accept(&mut self, ssrc: u32, place: Place) {
        let source = self.of(ssrc, MOST);
        source.seen.accept(place.index);
        source.note(place.index);
    }

    pub fn place_report(&self, ssrc: u32, report: Report) -> Result<(), Refusal> {
        self.known(ssrc).map_or(Ok(()), |source| {
            source.reports_seen.check(u64::from(report.0))
        })
    }

    pub fn accept_report(&mut self, ssrc: u32, report: Report) {
        self.of(ssrc, MOST).reports_seen.accept(u64::from(report.0));
    }

    fn known(&self, ssrc: u32) -> Option<&Source> {
        self.0.iter().find(|source| source.ssrc == ssrc)
    }

    /// What was sent by a source; None for one more than a key may serve.
    fn ours(&mut self, ssrc: u32) -> Option<&mut Source> {
        let full = self.0.len() >= MOST_SENT && self.known(ssrc).is_none();
        (!full).then(|| self.of(ssrc, MOST_SENT))
    }

    /// What is known of a source, moved to the front.
    fn of(&mut self, ssrc: u32, most: usize) -> &mut Source {
        let position = self.0.iter().position(|source| source.ssrc == ssrc);
        match position {
            Some(0) => {}
            Some(position) => self.0[..=position].rotate_right(1),
            None => {
                self.0.truncate(most - 1);
                let source = Source {
                    ssrc,
                    newest: None,
                    seen: Window::default(),
                    reports_seen: Window::default(),
                    reports_sent: 0,
                };
                self.0.insert(0, source);
            }
        }
        &mut self.0[0]
    }
}

impl Source {
    fn note(&mut self, index: u64) {
        let newest = ((index >> 16) as u32, index as u16);
        if self.newest.is_none_or(|known| newest > known) {
            self.newest = Some(newest);
        }
    }
}

/// The whole index of a packet with that number: the one nearest to the newest (appendix A).
fn guess(newest: Option<(u32, u16)>, sequence: u16) -> u64 {
    let Some((rollover, highest)) = newest else {
        return u64::from(sequence);
    };
    let ahead = i32::from(sequence) - i32::from(highest);
    let rollover = if ahead < -0x8000 {
        rollover.wrapping_add(1)
    } else if ahead > 0x8000 {
        // A packet from before the first round cannot be; it is then one of this round.
        rollover.saturating_sub(1)
    } else {
        rollover
    };
    u64::from(rollover) << 16 | u64::from(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rollover_counter_follows_the_numbers() {
        let mut sources = Sources::default();
        let mut send = |number| sources.sent(1, number).expect("it is new");
        let indices = [65_534, 65_535, 0, 65_533, 1].map(&mut send);
        assert_eq!(indices, [65_534, 65_535, 0x1_0000, 65_533, 0x1_0001]);
        assert_eq!(sources.sent(1, 0), Err(Refusal::Replayed));
        let before = [65_533, 0, 2].map(|number| sources.sent_before(1, number));
        assert_eq!(before, [Some(65_533), Some(0x1_0000), None]);
    }

    #[test]
    fn many_sources_cost_no_more_than_a_few() {
        let mut sources = Sources::default();
        for ssrc in 0..1000 {
            let place = sources.place(ssrc, 1).expect("it is new");
            sources.accept(ssrc, place);
        }
        assert_eq!(sources.0.len(), MOST);
        assert!(sources.known(999).is_some() && sources.known(0).is_none());
    }

    #[test]
    fn no_source_we_sent_is_forgotten() {
        let mut sources = Sources::default();
        for ssrc in 0..MOST_SENT as u32 {
            assert_eq!(sources.sent(ssrc, 1), Ok(1));
        }
        assert_eq!(sources.sent(1000, 1), Err(Refusal::Replayed));
        assert_eq!(sources.next_report(1000), None);
        assert_eq!(sources.sent(0, 1), Err(Refusal::Replayed), "remembered");
        assert_eq!(sources.sent(0, 2), Ok(2));
        assert_eq!(sources.next_report(0), Some(1));
    }
}
