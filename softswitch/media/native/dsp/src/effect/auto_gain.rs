//! Automatic gain: soft voices are raised, loud ones lowered, slowly enough not to be noticed.

/// Loudness is judged over so many pieces in a second.
const PIECES: u32 = 100;
/// Below this root mean square there is nothing to judge.
const SILENCE: f32 = 33.0;
const GREATEST_GAIN: f32 = 31.6;
const LEAST_GAIN: f32 = 0.1;
/// Of a piece: 12 dB a second up, 40 dB a second down.
const RISE: f32 = 1.013_91;
const FALL: f32 = 0.954_99;
/// How fast the level that was heard is forgotten: 6 dB a second where the voice goes on a little
/// softer, 2 dB a second where it may as well be a pause.
const FORGET: f32 = 0.993_12;
const FORGET_SLOWLY: f32 = 0.997_7;
/// Softer than the level by this factor may be a pause.
const PAUSE: f32 = 0.25;
/// A louder piece counts for so much at once.
const ATTACK: f32 = 0.5;
/// Nothing is raised above this amplitude.
const CEILING: f32 = 30_000.0;

/// Brings a voice to one loudness.
pub struct AutoGain {
    /// Root mean square aimed at.
    target: f32,
    piece: usize,
    level: f32,
    gain: f32,
}

impl AutoGain {
    /// `amplitude` is that of a sine as loud as voices shall be.
    pub fn new(amplitude: u16, rate: u32) -> AutoGain {
        AutoGain {
            target: f32::from(amplitude) * std::f32::consts::FRAC_1_SQRT_2,
            piece: (rate / PIECES).max(1) as usize,
            level: 0.0,
            gain: 1.0,
        }
    }

    /// Change samples in place.
    pub fn process(&mut self, samples: &mut [i16]) {
        for piece in samples.chunks_mut(self.piece) {
            self.change(piece);
        }
    }

    fn change(&mut self, piece: &mut [i16]) {
        let values = piece.iter().map(|&sample| f32::from(sample));
        let (power, peak) = values.fold((0.0f32, 1.0f32), |(power, peak), value| {
            (power + value * value, peak.max(value.abs()))
        });
        let loudness = (power / piece.len() as f32).sqrt();
        let before = self.gain;
        if loudness > SILENCE {
            self.level = if loudness > self.level {
                // The first sound is taken at its word.
                let attack = if self.level == 0.0 { 1.0 } else { ATTACK };
                self.level + (loudness - self.level) * attack
            } else if loudness > self.level * PAUSE {
                (self.level * FORGET).max(loudness)
            } else {
                (self.level * FORGET_SLOWLY).max(loudness)
            };
            let wanted = (self.target / self.level).clamp(LEAST_GAIN, GREATEST_GAIN);
            self.gain = wanted.clamp(before * FALL, before * RISE);
        }
        self.gain = self.gain.min((CEILING / peak).max(LEAST_GAIN));
        let start = before.min((CEILING / peak).max(LEAST_GAIN));
        let step = (self.gain - start) / piece.len() as f32;
        let mut gain = start;
        for sample in piece {
            gain += step;
            *sample = (f32::from(*sample) * gain).round() as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::tests::{level_db, tone};

    /// The level in dB of the last half second, after so many seconds of a tone.
    fn after(seconds: usize, amplitude: f32, rate: u32) -> f32 {
        let mut gain = AutoGain::new(8000, rate);
        let mut samples = tone(440.0, amplitude, rate, seconds * rate as usize);
        for frame in samples.chunks_mut(rate as usize / 50) {
            gain.process(frame);
        }
        level_db(&samples[samples.len() - rate as usize / 2..])
    }

    #[test]
    fn a_soft_tone_is_raised_and_a_loud_one_lowered_to_the_same_level() {
        for rate in [8000, 16_000, 48_000] {
            for decibels in [-40.0f32, -30.0, -20.0, -3.0] {
                let amplitude = 32_768.0 * 10f32.powf(decibels / 20.0);
                let reached = after(4, amplitude, rate);
                assert!(
                    (-13.3..-11.2).contains(&reached),
                    "{decibels} dB: {reached}"
                );
            }
        }
    }

    #[test]
    fn silence_and_the_softest_noise_are_left_alone() {
        let mut gain = AutoGain::new(8000, 8000);
        let mut samples: Vec<i16> = (0..16_000).map(|at| (at % 7) as i16 - 3).collect();
        let before = samples.clone();
        gain.process(&mut samples);
        assert_eq!(samples, before);
    }

    #[test]
    fn what_is_raised_is_never_cut_off() {
        let mut gain = AutoGain::new(24_000, 8000);
        let mut samples = tone(440.0, 300.0, 8000, 24_000);
        samples.extend(tone(440.0, 20_000.0, 8000, 800));
        gain.process(&mut samples);
        assert!(
            samples
                .iter()
                .all(|&sample| sample.unsigned_abs() <= 31_000)
        );
    }

    #[test]
    fn a_pause_does_not_raise_the_noise_in_it_at_once() {
        let mut gain = AutoGain::new(8000, 8000);
        gain.process(&mut tone(440.0, 8000.0, 8000, 8000));
        let mut pause = tone(1000.0, 100.0, 8000, 8000);
        let before = level_db(&pause);
        gain.process(&mut pause);
        assert!(level_db(&pause) < before + 3.0);
    }
}
