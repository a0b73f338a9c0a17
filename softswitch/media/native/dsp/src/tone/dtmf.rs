//! The digits of a keypad as two tones each (ITU-T Q.23).

use super::generator::{Oscillator, amplitude, samples_of};
use crate::goertzel::{COLUMNS, KEYS, ROWS};

/// The two frequencies of a key, low one first.
pub(super) fn key_frequencies(key: char) -> Option<[f64; 2]> {
    let key = key.to_ascii_uppercase();
    for (row, keys) in KEYS.iter().enumerate() {
        if let Some(column) = keys.iter().position(|&name| name == key) {
            return Some([ROWS[row], COLUMNS[column]]);
        }
    }
    None
}

/// Levels of the two tones of a digit in dBm0; lines weaken the higher one more.
const LOW_LEVEL: f64 = -9.0;
const HIGH_LEVEL: f64 = -7.0;

/// Plays one digit as its two tones, to be heard in-band.
pub struct DtmfGenerator {
    low: Oscillator,
    high: Oscillator,
    remaining: u64,
}

impl DtmfGenerator {
    /// A digit of `0-9*#A-D`; None for any other character.
    pub fn new(digit: char, rate: u32, duration_ms: u32) -> Option<DtmfGenerator> {
        let [low, high] = key_frequencies(digit)?;
        let rate = rate.max(1);
        Some(DtmfGenerator {
            low: Oscillator::new(low, rate),
            high: Oscillator::new(high, rate),
            remaining: samples_of(f64::from(duration_ms), rate),
        })
    }

    /// Fill `out` from its beginning; returns how many samples there were, 0 at the end.
    pub fn read(&mut self, out: &mut [i16]) -> usize {
        let count = self.remaining.min(out.len() as u64) as usize;
        let (low, high) = (amplitude(LOW_LEVEL), amplitude(HIGH_LEVEL));
        for sample in &mut out[..count] {
            *sample = (self.low.next() * low + self.high.next() * high).round() as i16;
        }
        self.remaining -= count as u64;
        count
    }
}

/// All samples of one digit; None if it is no digit.
pub fn dtmf_samples(digit: char, rate: u32, duration_ms: u32) -> Option<Vec<i16>> {
    let mut generator = DtmfGenerator::new(digit, rate, duration_ms)?;
    let mut samples = vec![0; generator.remaining as usize];
    generator.read(&mut samples);
    Some(samples)
}
