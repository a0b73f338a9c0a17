//! What may be done to a voice on its way: automatic gain and noise suppression.

mod auto_gain;
mod fourier;
mod noise;

use auto_gain::AutoGain;
use noise::NoiseSuppressor;

/// What is wanted of a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EffectWishes {
    /// The amplitude of a sine as loud as voices shall be.
    pub level: Option<u16>,
    /// By how many decibels steady noise becomes softer at most.
    pub suppression_db: Option<u8>,
}

impl EffectWishes {
    pub fn is_nothing(&self) -> bool {
        *self == EffectWishes::default()
    }
}

/// The effects of one direction at one rate.
pub struct Effects {
    noise: Option<NoiseSuppressor>,
    gain: Option<AutoGain>,
}

impl Effects {
    pub fn new(wishes: EffectWishes, rate: u32) -> Effects {
        Effects {
            noise: wishes
                .suppression_db
                .map(|decibels| NoiseSuppressor::new(decibels, rate)),
            gain: wishes.level.map(|level| AutoGain::new(level, rate)),
        }
    }

    /// Change samples in place: noise goes before the rest is raised.
    pub fn process(&mut self, samples: &mut [i16]) {
        if let Some(noise) = &mut self.noise {
            noise.process(samples);
        }
        if let Some(gain) = &mut self.gain {
            gain.process(samples);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;
    use crate::level::ComfortNoise;

    pub(super) fn tone(frequency: f32, amplitude: f32, rate: u32, length: usize) -> Vec<i16> {
        let turn = 2.0 * PI * frequency / rate as f32;
        (0..length)
            .map(|at| (amplitude * (turn * at as f32).sin()) as i16)
            .collect()
    }

    /// Of a sine of full scale it is 0.
    pub(super) fn level_db(samples: &[i16]) -> f32 {
        let power: f64 = samples.iter().map(|&it| f64::from(it).powi(2)).sum();
        let mean = power / samples.len() as f64;
        (10.0 * (2.0 * mean / 32_768f64.powi(2)).log10()) as f32
    }

    #[test]
    fn a_soft_voice_in_noise_is_raised_far_above_it() {
        let wishes = EffectWishes {
            level: Some(8000),
            suppression_db: Some(20),
        };
        let mut samples = vec![0; 48_000];
        ComfortNoise::new(400, 5).read(&mut samples);
        // Syllables of 300 ms with pauses as long.
        for syllable in samples.chunks_mut(4800) {
            for (sample, sound) in syllable.iter_mut().zip(tone(700.0, 1500.0, 8000, 2400)) {
                *sample = sample.saturating_add(sound);
            }
        }
        let figures = |samples: &[i16]| {
            let last = &samples[43_200..];
            (level_db(&last[400..2200]), level_db(&last[2800..4600]))
        };
        let (_, noise) = figures(&samples);
        let before = figures(&samples).0 - noise;
        Effects::new(wishes, 8000).process(&mut samples);
        let (voice, noise) = figures(&samples);
        assert!((-15.0..-11.0).contains(&voice), "{voice} dB");
        assert!(
            voice - noise > before + 10.0,
            "{before} dB became {}",
            voice - noise
        );
    }

    #[test]
    fn no_wish_is_no_change() {
        assert!(EffectWishes::default().is_nothing());
        let mut samples = tone(440.0, 3000.0, 8000, 400);
        let before = samples.clone();
        Effects::new(EffectWishes::default(), 8000).process(&mut samples);
        assert_eq!(samples, before);
    }
}
