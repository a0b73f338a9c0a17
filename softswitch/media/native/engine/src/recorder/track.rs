//! One direction of a recording on its time line.

use dsp::level::ComfortNoise;
use dsp::resample::Resampler;

use super::TOLERANCE_MS;
use crate::time::{Rate, samples};

/// One direction: its samples that are not handed on yet.
pub struct Track {
    pub pending: Vec<i16>,
    resampler: Option<(Rate, Resampler)>,
    /// Samples put in for what had not come by then: part of the next gap.
    filled: u64,
    /// What is put in.
    noise: ComfortNoise,
}

impl Track {
    pub fn new(noise: ComfortNoise) -> Track {
        Track {
            pending: Vec::new(),
            resampler: None,
            filled: 0,
            noise,
        }
    }

    pub fn clear(&mut self) {
        self.pending.clear();
        self.resampler = None;
        self.filled = 0;
    }

    /// Lengthen what is pending to `length` by what stands for nothing.
    pub fn lengthen(&mut self, length: usize) {
        let before = self.pending.len();
        self.pending.resize(length, 0);
        self.noise.read(&mut self.pending[before..]);
    }

    pub fn place(
        &mut self,
        elapsed: u64,
        handed_on: u64,
        own_rate: Rate,
        pcm: &[i16],
        rate: Rate,
        gap: u32,
    ) {
        let tolerance = samples(TOLERANCE_MS, own_rate);
        let gap = u64::from(gap) * u64::from(own_rate) / u64::from(rate);
        let missing = gap.saturating_sub(std::mem::take(&mut self.filled));
        // A gap in the timestamps is real only as far as the wall clock has run.
        let room = (elapsed + tolerance).saturating_sub(handed_on + self.pending.len() as u64);
        let start = self.pending.len() + missing.min(room) as usize;
        self.lengthen(start);
        if self
            .resampler
            .as_ref()
            .is_none_or(|(from, _)| *from != rate)
        {
            self.resampler = Some((rate, Resampler::new(rate, own_rate)));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.process(pcm, &mut self.pending);
        }
        let end = handed_on + self.pending.len() as u64;
        if end + tolerance < elapsed {
            let mut missing = vec![0; (elapsed - end) as usize];
            self.noise.read(&mut missing);
            self.pending.splice(start..start, missing);
        } else if end > elapsed + 3 * tolerance {
            // The far end sends faster than time passes.
            self.pending.truncate(start);
        }
    }

    /// Make what was placed behind the first `before` samples silent.
    pub fn silence(&mut self, before: usize, masked: bool) {
        if masked && before < self.pending.len() {
            self.pending[before..].fill(0);
        }
    }

    pub fn take(&mut self, count: usize, masked: bool) -> Vec<i16> {
        let before = self.pending.len();
        if before < count {
            self.filled += (count - before) as u64;
            self.lengthen(count);
            self.silence(before, masked);
        }
        let rest = self.pending.split_off(count);
        std::mem::replace(&mut self.pending, rest)
    }
}
