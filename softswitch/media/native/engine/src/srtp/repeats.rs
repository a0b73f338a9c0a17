//! Packets that are sent again because they were lost: the very same may be, under the same number.

use std::hash::{BuildHasher, RandomState};

/// So many packets are remembered, about those that a far end may still take.
const REMEMBERED: usize = 1024;

/// What was sent last under each number, told by a digest that nobody outside can make.
pub(super) struct Repeats {
    digests: Box<[u64]>,
    hasher: RandomState,
}

impl Default for Repeats {
    fn default() -> Repeats {
        Repeats {
            digests: vec![0; REMEMBERED].into(),
            hasher: RandomState::new(),
        }
    }
}

impl Repeats {
    pub fn note(&mut self, ssrc: u32, index: u64, packet: &[u8]) {
        self.digests[place(ssrc, index)] = self.hasher.hash_one((index, packet));
    }

    /// Whether this was sent under that number: to encrypt it again gives nothing away. What was
    /// forgotten was not.
    pub fn knows(&self, ssrc: u32, index: u64, packet: &[u8]) -> bool {
        self.digests[place(ssrc, index)] == self.hasher.hash_one((index, packet))
    }
}

fn place(ssrc: u32, index: u64) -> usize {
    (index ^ u64::from(ssrc)) as usize % REMEMBERED
}
