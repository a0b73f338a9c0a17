//! Noise suppression: what is always there is taken out of the spectrum, what comes and goes stays.
//!
//! The noise of each line is the least power it had of late (minimum statistics, Martin 2001); the
//! gain is Wiener's of an estimate that leans on the frame before (Ephraim and Malah 1984), which
//! keeps what is left from sounding like music.

use std::collections::VecDeque;
use std::f32::consts::PI;

use super::fourier::{Complex, Fourier};

/// Frames of at least so many milliseconds.
const FRAME_MS: u32 = 16;
/// Of the power of a line, for the frame before.
const SMOOTHING: f32 = 0.85;
/// The least of so many smoothed frames is this much below their mean.
const BIAS: f32 = 2.2;
/// Milliseconds over which the least is sought, twice.
const MEMORY_MS: u32 = 800;
/// How much the estimate leans on the frame before.
const LEANING: f32 = 0.96;
/// Power that is never divided by.
const NOTHING: f32 = 1e-3;

/// What is known of one line of the spectrum.
#[derive(Clone, Copy)]
struct Line {
    smoothed: f32,
    least: f32,
    least_before: f32,
    /// Power without noise in the frame before.
    clean: f32,
}

/// Takes steady noise out of a voice; what goes in comes out a frame later.
pub struct NoiseSuppressor {
    /// The least gain of a line.
    floor: f32,
    hop: usize,
    fourier: Fourier,
    window: Vec<f32>,
    /// The last two hops, the second filled as far as samples came.
    input: Vec<f32>,
    filled: usize,
    /// The second half of the frame before.
    overlap: Vec<f32>,
    ready: VecDeque<f32>,
    spectrum: Vec<Complex>,
    lines: Vec<Line>,
    frames: u32,
    memory: u32,
}

impl NoiseSuppressor {
    /// Noise becomes `decibels` softer at most.
    pub fn new(decibels: u8, rate: u32) -> NoiseSuppressor {
        let size = (rate * FRAME_MS / 1000).max(2).next_power_of_two() as usize;
        let hop = size / 2;
        // Applied before and after, the squares of both halves add up to one.
        let window = |at: usize| (PI * (at as f32 + 0.5) / size as f32).sin();
        NoiseSuppressor {
            floor: 10f32.powf(-f32::from(decibels) / 20.0),
            hop,
            fourier: Fourier::new(size),
            window: (0..size).map(window).collect(),
            input: vec![0.0; size],
            filled: 0,
            overlap: vec![0.0; hop],
            ready: std::iter::repeat_n(0.0, hop).collect(),
            spectrum: vec![(0.0, 0.0); size],
            lines: vec![
                Line {
                    smoothed: 0.0,
                    least: f32::MAX,
                    least_before: f32::MAX,
                    clean: 0.0,
                };
                hop + 1
            ],
            frames: 0,
            memory: (rate * MEMORY_MS / 1000 / hop as u32).max(1),
        }
    }

    /// Change samples in place.
    pub fn process(&mut self, samples: &mut [i16]) {
        for sample in samples {
            self.input[self.hop + self.filled] = f32::from(*sample);
            self.filled += 1;
            if self.filled == self.hop {
                self.change_frame();
                self.filled = 0;
                self.input.copy_within(self.hop.., 0);
            }
            *sample = self.ready.pop_front().unwrap_or_default().round() as i16;
        }
    }

    fn change_frame(&mut self) {
        let windowed = self.input.iter().zip(&self.window);
        for (point, (sample, weight)) in self.spectrum.iter_mut().zip(windowed) {
            *point = (sample * weight, 0.0);
        }
        self.fourier.forward(&mut self.spectrum);
        let begins = self.frames.is_multiple_of(self.memory);
        let size = self.spectrum.len();
        for number in 0..=self.hop {
            let (real, imaginary) = self.spectrum[number];
            let power = real * real + imaginary * imaginary;
            let gain = self.lines[number].gain(power, begins, self.frames == 0, self.floor);
            self.spectrum[number] = (real * gain, imaginary * gain);
            if number > 0 && number < self.hop {
                self.spectrum[size - number] = (real * gain, -imaginary * gain);
            }
        }
        self.frames = self.frames.wrapping_add(1);
        self.fourier.backward(&mut self.spectrum);
        let weighted = self.spectrum.iter().zip(&self.window);
        let mut weighted = weighted.map(|(point, weight)| point.0 * weight);
        for earlier in &mut self.overlap {
            self.ready
                .push_back(*earlier + weighted.next().unwrap_or_default());
        }
        for (earlier, now) in self.overlap.iter_mut().zip(weighted) {
            *earlier = now;
        }
    }
}

impl Line {
    fn gain(&mut self, power: f32, begins: bool, first: bool, floor: f32) -> f32 {
        self.smoothed = if first {
            power
        } else {
            self.smoothed * SMOOTHING + power * (1.0 - SMOOTHING)
        };
        if begins {
            self.least_before = self.least;
            self.least = self.smoothed;
        } else {
            self.least = self.least.min(self.smoothed);
        }
        let noise = (self.least.min(self.least_before) * BIAS).max(NOTHING);
        let excess = (power / noise - 1.0).max(0.0);
        let ratio = LEANING * self.clean / noise + (1.0 - LEANING) * excess;
        let gain = ratio / (1.0 + ratio);
        self.clean = gain * gain * power;
        gain.max(floor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::tests::{level_db, tone};
    use crate::level::ComfortNoise;

    fn noise(length: usize) -> Vec<i16> {
        let mut samples = vec![0; length];
        ComfortNoise::new(60, 3).read(&mut samples);
        samples
    }

    fn suppressed(mut samples: Vec<i16>, rate: u32, decibels: u8) -> Vec<i16> {
        let mut suppressor = NoiseSuppressor::new(decibels, rate);
        for frame in samples.chunks_mut(rate as usize / 50) {
            suppressor.process(frame);
        }
        samples
    }

    #[test]
    fn steady_noise_becomes_softer_by_almost_as_much_as_is_asked() {
        for (rate, decibels, least) in [(8000, 15, 11.0), (16_000, 15, 11.0), (8000, 6, 4.5)] {
            let samples = noise(3 * rate as usize);
            let before = level_db(&samples);
            let after = level_db(&suppressed(samples, rate, decibels)[rate as usize..]);
            assert!(
                (least..f32::from(decibels) + 0.5).contains(&(before - after)),
                "{decibels} dB at {rate} Hz: from {before} to {after}"
            );
        }
    }

    #[test]
    fn a_sound_that_comes_and_goes_stays_as_loud() {
        let mut samples = noise(24_000);
        for (sample, sound) in samples[16_000..18_400]
            .iter_mut()
            .zip(tone(700.0, 6000.0, 8000, 2400))
        {
            *sample = sample.saturating_add(sound);
        }
        let before = level_db(&samples[16_400..18_000]);
        let after = level_db(&suppressed(samples, 8000, 15)[16_528..18_128]);
        assert!((before - after).abs() < 1.0, "from {before} to {after}");
    }

    #[test]
    fn without_noise_all_comes_out_as_it_went_in_a_frame_later() {
        let mut samples = vec![0; 8000];
        samples.extend(tone(700.0, 6000.0, 8000, 2000));
        let after = suppressed(samples.clone(), 8000, 15);
        for (now, then) in after[8300..10_000].iter().zip(&samples[8300 - 128..]) {
            assert!((now - then).abs() < 60, "{now} for {then}");
        }
    }
}
