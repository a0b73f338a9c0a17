//! Which packets were seen already (RFC 3711 §3.3.2).

use super::Refusal;

/// How far back a packet may be; twice of what is asked for.
const WINDOW: u64 = 128;

/// The newest index and which of those before it were seen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Window {
    newest: Option<u64>,
    /// Bit n: the packet n before the newest was seen.
    seen: u128,
}

impl Window {
    /// Whether a packet may still come.
    pub fn check(&self, index: u64) -> Result<(), Refusal> {
        let Some(newest) = self.newest else {
            return Ok(());
        };
        match newest.checked_sub(index) {
            None => Ok(()),
            Some(age) if age >= WINDOW || self.seen & (1 << age) != 0 => Err(Refusal::Replayed),
            Some(_) => Ok(()),
        }
    }

    /// Note a packet that was found good.
    pub fn accept(&mut self, index: u64) {
        let newest = self.newest.unwrap_or(index);
        if index >= newest {
            let ahead = index - newest;
            self.seen = match ahead {
                0..WINDOW => self.seen << ahead,
                _ => 0,
            } | 1;
            self.newest = Some(index);
        } else {
            self.seen |= 1 << (newest - index);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_is_taken_once_and_not_when_it_is_old() {
        let mut window = Window::default();
        for index in [1000, 1002, 1001] {
            assert_eq!(window.check(index), Ok(()));
            window.accept(index);
            assert_eq!(window.check(index), Err(Refusal::Replayed));
        }
        window.accept(1129);
        assert_eq!(window.check(1001), Err(Refusal::Replayed));
        assert_eq!(window.check(1002), Err(Refusal::Replayed), "seen");
        assert_eq!(window.check(1003), Ok(()));
        window.accept(5000);
        assert_eq!(window.check(1130), Err(Refusal::Replayed));
    }
}
