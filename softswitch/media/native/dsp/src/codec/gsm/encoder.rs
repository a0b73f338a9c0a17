//! From samples to the parameters of a frame (§4.2).

use super::arithmetic::{add, divide, magnitude, multiply, multiply_rounded, norm, subtract};
use super::frame::{Frame, Subframe};
use super::short_term::{OFFSETS, Ratios, SMALLEST, analyse};
use super::{GAINS, SAMPLES, dequantise, exponent_and_mantissa};

/// Samples before a subframe that the long-term predictor may reach back to.
const REACH: usize = 120;
/// Scales and greatest codes of the ratios (table 4.1).
const SCALES: [i16; 8] = [20480, 20480, 20480, 20480, 13964, 15360, 8534, 9036];
const GREATEST: [i16; 8] = [31, 31, 15, 15, 7, 7, 3, 3];
/// Decision levels of the long-term gain (table 4.3a).
const GAIN_LEVELS: [i16; 3] = [6554, 16384, 26214];
/// Impulse response of the weighting filter (table 4.4).
const WEIGHTS: [i32; 11] = [-134, -374, 0, 2054, 5741, 8192, 5741, 2054, 0, -374, -134];
/// Normalised inverse mantissas (table 4.5).
const INVERSE_MANTISSAS: [i16; 8] = [29128, 26215, 23832, 21846, 20165, 18725, 17476, 16384];

pub(super) struct Encoder {
    /// Offset compensation and pre-emphasis.
    last_input: i16,
    offset: i32,
    preemphasis: i16,
    ratios: Ratios,
    lattice: [i16; 8],
    /// The reconstructed residual before the subframe at work, and that subframe.
    residual: [i16; REACH + 40],
}

impl Default for Encoder {
    fn default() -> Encoder {
        Encoder {
            last_input: 0,
            offset: 0,
            preemphasis: 0,
            ratios: Ratios::default(),
            lattice: [0; 8],
            residual: [0; REACH + 40],
        }
    }
}

impl Encoder {
    /// The frame of 160 samples.
    pub fn encode(&mut self, samples: &[i16]) -> Frame {
        let mut signal = [0; SAMPLES];
        for (processed, &sample) in signal.iter_mut().zip(samples) {
            *processed = self.preprocess(sample);
        }
        let mut frame = Frame {
            larc: quantise_ratios(&reflections(&mut signal)),
            ..Frame::default()
        };
        let parts = self.ratios.coefficients(&frame.larc);
        analyse(&mut self.lattice, &parts, &mut signal);
        for (subframe, part) in frame.subframes.iter_mut().zip(signal.chunks_exact(40)) {
            let mut residual = [0; 40];
            residual.copy_from_slice(part);
            *subframe = self.encode_subframe(&residual);
        }
        frame
    }

    /// Scale down, take the direct current out, raise high frequencies (§4.2.1 to §4.2.3).
    fn preprocess(&mut self, sample: i16) -> i16 {
        let input = (sample >> 3) << 2;
        let step = subtract(input, self.last_input);
        self.last_input = input;
        let (high, low) = (self.offset >> 15, self.offset & 0x7fff);
        let step = (i32::from(step) << 15) + i32::from(multiply_rounded(low as i16, 32735));
        self.offset = (high * 32735).saturating_add(step);
        let value = self.offset.saturating_add(16384) >> 15;
        let raised = multiply_rounded(self.preemphasis, -28180);
        self.preemphasis = value as i16;
        add(value as i16, raised)
    }

    fn encode_subframe(&mut self, residual: &[i16; 40]) -> Subframe {
        let (lag, gain) = self.predictor(residual);
        let mut predicted = [0; 40];
        let mut rest = [0; 40];
        for index in 0..40 {
            let past = self.residual[REACH + index - lag];
            predicted[index] = multiply_rounded(GAINS[gain], past);
            rest[index] = subtract(residual[index], predicted[index]);
        }
        let (grid, pulses) = select_grid(&weigh(&rest));
        let (maximum, codes) = quantise_pulses(&pulses);
        let (exponent, mantissa) = exponent_and_mantissa(maximum);
        for (index, pulse) in dequantise(&codes, exponent, mantissa)
            .into_iter()
            .enumerate()
        {
            let position = grid + 3 * index;
            predicted[position] = add(predicted[position], pulse);
        }
        self.residual[REACH..].copy_from_slice(&predicted);
        self.residual.copy_within(40.., 0);
        Subframe {
            lag: lag as u8,
            gain: gain as u8,
            grid: grid as u8,
            maximum: maximum as u8,
            pulses: codes,
        }
    }

    /// Lag and coded gain of the best prediction from the past (§4.2.11).
    fn predictor(&self, residual: &[i16; 40]) -> (usize, usize) {
        let greatest = residual.iter().map(|&value| magnitude(value)).max();
        let greatest = greatest.unwrap_or(0);
        let room = match greatest {
            0 => 0,
            _ => norm(i32::from(greatest) << 16),
        };
        let scale = 6u32.saturating_sub(room);
        let scaled = residual.map(|value| i32::from(value >> scale));
        let (mut best, mut lag) = (0i32, 40);
        for candidate in 40..=REACH {
            let past = &self.residual[REACH - candidate..];
            let sum = scaled
                .iter()
                .zip(past)
                .map(|(&value, &past)| value * i32::from(past))
                .sum();
            if sum > best {
                (best, lag) = (sum, candidate);
            }
        }
        let best = (best << 1) >> (6 - scale);
        let past = &self.residual[REACH - lag..REACH - lag + 40];
        let power: i32 = past
            .iter()
            .map(|&value| i32::from(value >> 3) * i32::from(value >> 3))
            .sum();
        let power = power << 1;
        if best <= 0 {
            return (lag, 0);
        }
        if best >= power {
            return (lag, 3);
        }
        let shift = norm(power);
        let (best, power) = (
            ((best << shift) >> 16) as i16,
            ((power << shift) >> 16) as i16,
        );
        let gain = GAIN_LEVELS
            .iter()
            .position(|&level| best <= multiply(power, level));
        (lag, gain.unwrap_or(3))
    }
}

/// The reflection coefficients by Schur's recursion over the autocorrelation (§4.2.4, §4.2.5).
fn reflections(signal: &mut [i16; SAMPLES]) -> [i16; 8] {
    let correlation = autocorrelate(signal);
    let mut found = [0; 8];
    if correlation[0] == 0 {
        return found;
    }
    let shift = norm(correlation[0]);
    let normalised = correlation.map(|value| ((value << shift) >> 16) as i16);
    let mut p = normalised;
    let mut k = normalised;
    for n in 0..8 {
        let size = magnitude(p[1]);
        if p[0] < size {
            return found;
        }
        let quotient = divide(size, p[0]);
        let reflection = if p[1] > 0 { -quotient } else { quotient };
        found[n] = reflection;
        p[0] = add(p[0], multiply_rounded(p[1], reflection));
        for m in 1..8 - n {
            let next = p[m + 1];
            p[m] = add(next, multiply_rounded(k[m], reflection));
            k[m] = add(k[m], multiply_rounded(next, reflection));
        }
    }
    found
}

fn autocorrelate(signal: &mut [i16; SAMPLES]) -> [i32; 9] {
    let greatest = signal.iter().map(|&value| magnitude(value)).max();
    let greatest = greatest.unwrap_or(0);
    let scale = match greatest {
        0 => 0,
        _ => 4u32.saturating_sub(norm(i32::from(greatest) << 16)),
    };
    if scale > 0 {
        let factor = 16384 >> (scale - 1);
        for value in signal.iter_mut() {
            *value = multiply_rounded(*value, factor);
        }
    }
    let correlation = std::array::from_fn(|lag| {
        let sum: i32 = signal[lag..]
            .iter()
            .zip(signal.iter())
            .map(|(&one, &other)| i32::from(one) * i32::from(other))
            .sum();
        sum << 1
    });
    if scale > 0 {
        for value in signal.iter_mut() {
            *value <<= scale;
        }
    }
    correlation
}

/// Codes of the log-area ratios (§4.2.6, §4.2.7).
fn quantise_ratios(reflections: &[i16; 8]) -> [u8; 8] {
    std::array::from_fn(|index| {
        let reflection = reflections[index];
        let ratio = match magnitude(reflection) {
            small @ ..22118 => small >> 1,
            middle @ 22118..31130 => middle - 11059,
            large => (large - 26112) << 2,
        };
        let ratio = if reflection < 0 { -ratio } else { ratio };
        let value = add(multiply(SCALES[index], ratio), OFFSETS[index]);
        let code = (add(value, 256) >> 9).clamp(SMALLEST[index], GREATEST[index]);
        (code - SMALLEST[index]) as u8
    })
}

fn weigh(rest: &[i16; 40]) -> [i16; 40] {
    std::array::from_fn(|index| {
        let mut sum = 4096;
        for (tap, weight) in WEIGHTS.into_iter().enumerate() {
            if let Some(position) = (index + tap).checked_sub(5)
                && let Some(&value) = rest.get(position)
            {
                sum += i32::from(value) * weight;
            }
        }
        (sum >> 13).clamp(-32768, 32767) as i16
    })
}

/// The strongest of the four grids of every third sample (§4.2.14).
fn select_grid(weighed: &[i16; 40]) -> (usize, [i16; 13]) {
    let energy = |grid: usize| -> i32 {
        let values = (0..13).map(|index| i32::from(weighed[grid + 3 * index] >> 2));
        values.map(|value| value * value).sum()
    };
    let mut grid = 0;
    for candidate in 1..4 {
        if energy(candidate) > energy(grid) {
            grid = candidate;
        }
    }
    (grid, std::array::from_fn(|index| weighed[grid + 3 * index]))
}

/// The coded block maximum and the codes of the pulses (§4.2.15).
fn quantise_pulses(pulses: &[i16; 13]) -> (i16, [u8; 13]) {
    let greatest = pulses.iter().map(|&pulse| magnitude(pulse)).max();
    let greatest = greatest.unwrap_or(0);
    let exponent = (16 - (greatest >> 9).leading_zeros() as i16).min(6);
    let maximum = add(greatest >> (exponent + 5), exponent << 3);
    let (exponent, mantissa) = exponent_and_mantissa(maximum);
    let shift = 6 - exponent;
    let codes = pulses.map(|pulse| {
        let value = multiply(pulse << shift, INVERSE_MANTISSAS[mantissa]);
        ((value >> 12) + 4) as u8
    });
    (maximum, codes)
}
