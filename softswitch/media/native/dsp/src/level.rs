//! Loudness: how loud samples are, making them louder or quieter, and comfort noise.

/// Mean of the samples' absolute values, the measure thresholds of silence are given in.
pub fn mean_absolute(samples: &[i16]) -> u32 {
    if samples.is_empty() {
        return 0;
    }
    let sum: u64 = samples
        .iter()
        .map(|sample| u64::from(sample.unsigned_abs()))
        .sum();
    (sum / samples.len() as u64) as u32
}

/// The factor of so many decibels: 6.02 dB is 2.0.
pub fn db_to_gain(db: f32) -> f32 {
    10.0f32.powf(db / 20.0)
}

/// Decibels of a factor; a factor of zero or less is minus infinity.
pub fn gain_to_db(gain: f32) -> f32 {
    if gain <= 0.0 {
        f32::NEG_INFINITY
    } else {
        20.0 * gain.log10()
    }
}

/// Multiply the samples by `gain`; what would overflow stays at full scale.
pub fn apply_gain(samples: &mut [i16], gain: f32) {
    if gain == 1.0 {
        return;
    }
    for sample in samples {
        // The cast saturates, and takes NaN for zero.
        *sample = (f32::from(*sample) * gain).round() as i16;
    }
}

/// Soft random noise in place of silence.
pub struct ComfortNoise {
    divisor: i32,
    state: u64,
}

impl ComfortNoise {
    /// Noise divided by `divisor`: 1400 is barely heard, bigger is quieter, 0 is silence.
    /// The same seed gives the same noise.
    pub fn new(divisor: u32, seed: u64) -> ComfortNoise {
        ComfortNoise {
            divisor: i32::try_from(divisor).unwrap_or(i32::MAX),
            // The generator needs a state other than zero.
            state: seed ^ 0x9e37_79b9_7f4a_7c15 | 1,
        }
    }

    /// Fill `out` with noise.
    pub fn read(&mut self, out: &mut [i16]) {
        if self.divisor == 0 {
            out.fill(0);
            return;
        }
        for sample in out {
            // A sum of six is close enough to a bell curve to sound like hiss.
            let sum: i32 = (0..6).map(|_| i32::from(self.random())).sum();
            *sample = (sum / self.divisor).clamp(-32768, 32767) as i16;
        }
    }

    /// xorshift64* (Vigna), top bits.
    fn random(&mut self) -> i16 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 48) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_counts_both_signs_and_the_extreme() {
        assert_eq!(mean_absolute(&[]), 0);
        assert_eq!(mean_absolute(&[100, -100, 200, -200]), 150);
        assert_eq!(mean_absolute(&[i16::MIN; 3]), 32768);
    }

    #[test]
    fn decibels_and_factors_are_inverse() {
        assert!((db_to_gain(6.0206) - 2.0).abs() < 1e-4);
        assert!((gain_to_db(0.1) + 20.0).abs() < 1e-4);
        for db in [-40.0, -3.0, 0.0, 12.0] {
            assert!((gain_to_db(db_to_gain(db)) - db).abs() < 1e-3);
        }
        assert_eq!(gain_to_db(0.0), f32::NEG_INFINITY);
    }

    #[test]
    fn gain_saturates() {
        let mut samples = [20_000, -20_000, 3, 0];
        apply_gain(&mut samples, 2.0);
        assert_eq!(samples, [i16::MAX, i16::MIN, 6, 0]);
        apply_gain(&mut samples, f32::NAN);
        assert_eq!(samples, [0; 4]);
    }

    #[test]
    fn comfort_noise_is_quieter_with_a_bigger_divisor() {
        let loudness = |divisor| {
            let mut samples = [0; 8000];
            ComfortNoise::new(divisor, 7).read(&mut samples);
            mean_absolute(&samples)
        };
        assert_eq!(loudness(0), 0);
        assert!((20..40).contains(&loudness(1400)), "{}", loudness(1400));
        assert!(loudness(400) > 2 * loudness(1400));
        assert_eq!(loudness(u32::MAX), 0);
    }

    #[test]
    fn comfort_noise_repeats_with_its_seed_only() {
        let noise = |seed| {
            let mut samples = [0; 50];
            ComfortNoise::new(100, seed).read(&mut samples);
            samples
        };
        assert_eq!(noise(1), noise(1));
        assert_ne!(noise(1), noise(12));
    }
}
