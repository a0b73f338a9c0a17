//! Streaming sample-rate conversion by a polyphase windowed-sinc filter.

use std::collections::VecDeque;
use std::f64::consts::PI;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};

/// Attenuation of images and aliases in dB, the figure the Kaiser window is designed for.
const ATTENUATION: f64 = 68.0;
/// The filter passes up to this part of the lower sample rate (3.4 kHz of 8 kHz) ...
const PASS: f64 = 0.425;
/// ... and stops from here on, so that only the band between the two can alias into itself.
const STOP: f64 = 1.0 - PASS;
/// A ratio that would need a larger table gets fewer phases and interpolates between them.
const MOST_COEFFICIENTS: usize = 1 << 16;
/// Rates in Hz that are converted; others count as the nearest of these.
const RATES: RangeInclusive<u32> = 1_000..=768_000;
/// Filters kept for the next call of the same ratio.
const MOST_KNOWN: usize = 64;
/// Multiplications done side by side; the length of a filter is a multiple of it.
const LANES: usize = 4;

/// Converts mono samples from one rate to another, whatever the ratio.
///
/// The n-th input sample always brings the output up to `n * to / from` samples, so frames stay
/// frames: 160 samples at 8 kHz give 320 at 16 kHz. The signal is late by half the filter,
/// 14 samples of the lower rate, and by nothing else. Equal rates are copied.
pub struct Resampler {
    filter: Option<Arc<Filter>>,
    /// Latest input, oldest first; as many samples as the filter still needs.
    history: Vec<f32>,
    /// Index in `history` of the newest sample the next output needs.
    next: usize,
    /// How far the next output lies behind that sample, in parts of `filter.up`.
    phase: u32,
}

impl Resampler {
    /// A converter between two rates in Hz.
    pub fn new(from: u32, to: u32) -> Resampler {
        let [from, to] = [from, to].map(|rate| rate.clamp(*RATES.start(), *RATES.end()));
        let filter = (from != to).then(|| Filter::shared(from, to));
        let past = filter.as_ref().map_or(0, |filter| filter.taps - 1);
        Resampler {
            filter,
            history: vec![0.0; past],
            next: past,
            phase: 0,
        }
    }

    /// Append what `input` becomes at the new rate.
    pub fn process(&mut self, input: &[i16], out: &mut Vec<i16>) {
        let Some(filter) = &self.filter else {
            out.extend_from_slice(input);
            return;
        };
        self.history
            .extend(input.iter().map(|&sample| f32::from(sample)));
        while self.next < self.history.len() {
            let window = &self.history[self.next + 1 - filter.taps..=self.next];
            out.push(round(filter.apply(window, self.phase)));
            self.next += filter.whole_step;
            self.phase += filter.part_step;
            if self.phase >= filter.up {
                self.phase -= filter.up;
                self.next += 1;
            }
        }
        let unneeded = (self.next + 1 - filter.taps).min(self.history.len());
        self.history.drain(..unneeded);
        self.next -= unneeded;
    }
}

/// The coefficients of one ratio, shared by all who convert by it.
struct Filter {
    up: u32,
    down: u32,
    /// Input from one output to the next: whole samples, and parts of `up`.
    whole_step: usize,
    part_step: u32,
    taps: usize,
    phases: u32,
    /// `phases + 1` rows of `taps` coefficients, each in the order of the input.
    rows: Vec<f32>,
}

impl Filter {
    /// The filter of this ratio, designed once for the process (the oldest of many is dropped).
    fn shared(from: u32, to: u32) -> Arc<Filter> {
        static KNOWN: Mutex<VecDeque<Arc<Filter>>> = Mutex::new(VecDeque::new());
        let divisor = greatest_common_divisor(from, to);
        let (up, down) = (to / divisor, from / divisor);
        let mut known = KNOWN
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(filter) = known
            .iter()
            .find(|known| (known.up, known.down) == (up, down))
        {
            return filter.clone();
        }
        let filter = Arc::new(Filter::design(up, down));
        known.push_back(filter.clone());
        if known.len() > MOST_KNOWN {
            known.pop_front();
        }
        filter
    }

    fn design(up: u32, down: u32) -> Filter {
        // All frequencies are in parts of the input rate.
        let lower = (f64::from(up) / f64::from(down)).min(1.0);
        let cutoff = 0.5 * lower;
        let taps = (ATTENUATION - 7.95) / (14.36 * (STOP - PASS) * lower);
        let taps = (taps.ceil() as usize).next_multiple_of(LANES);
        let beta = 0.1102 * (ATTENUATION - 8.7);
        let middle = taps as f64 / 2.0;
        let phases = up.min((MOST_COEFFICIENTS / taps) as u32);
        let mut rows = Vec::with_capacity((phases as usize + 1) * taps);
        for phase in 0..=phases {
            let shift = f64::from(phase) / f64::from(phases);
            let row: Vec<f64> = (0..taps)
                .rev()
                .map(|age| age as f64 + shift - middle)
                .map(|time| sinc(2.0 * cutoff * time) * kaiser(time / middle, beta))
                .collect();
            // Each phase passes direct current alike, or the phases would hum at their rate.
            let gain: f64 = row.iter().sum();
            rows.extend(row.iter().map(|value| (value / gain) as f32));
        }
        Filter {
            up,
            down,
            whole_step: (down / up) as usize,
            part_step: down % up,
            taps,
            phases,
            rows,
        }
    }

    fn apply(&self, window: &[f32], phase: u32) -> f32 {
        let row = |index: usize| &self.rows[index * self.taps..(index + 1) * self.taps];
        if self.phases == self.up {
            return dot(window, row(phase as usize));
        }
        let position = f64::from(phase) * f64::from(self.phases) / f64::from(self.up);
        let (index, between) = (position as usize, position.fract() as f32);
        let (before, after) = (dot(window, row(index)), dot(window, row(index + 1)));
        before + (after - before) * between
    }
}

/// Sums in independent lanes, which the compiler turns into vector instructions.
fn dot(samples: &[f32], coefficients: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let pairs = samples
        .chunks_exact(LANES)
        .zip(coefficients.chunks_exact(LANES));
    for (samples, coefficients) in pairs {
        for lane in 0..LANES {
            lanes[lane] += samples[lane] * coefficients[lane];
        }
    }
    lanes.iter().sum()
}

/// The nearest sample, at most full scale: the cast saturates.
fn round(value: f32) -> i16 {
    (value + 0.5f32.copysign(value)) as i16
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else {
        (PI * x).sin() / (PI * x)
    }
}

/// The Kaiser window (not normalised) for `position` from -1 to 1.
fn kaiser(position: f64, beta: f64) -> f64 {
    let argument = beta * (1.0 - position * position).max(0.0).sqrt() / 2.0;
    // Modified Bessel function of the first kind, order zero, as its power series.
    let (mut term, mut sum, mut index) = (1.0, 1.0, 1.0);
    while term > sum * 1e-12 {
        term *= (argument / index) * (argument / index);
        sum += term;
        index += 1.0;
    }
    sum
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(rate: u32, frequency: f64, count: usize) -> Vec<i16> {
        (0..count)
            .map(|index| {
                let angle = 2.0 * PI * frequency * index as f64 / f64::from(rate);
                (20_000.0 * angle.sin()).round() as i16
            })
            .collect()
    }

    fn convert(from: u32, to: u32, input: &[i16], frame: usize) -> Vec<i16> {
        let mut resampler = Resampler::new(from, to);
        let mut out = Vec::new();
        for frame in input.chunks(frame) {
            resampler.process(frame, &mut out);
        }
        out
    }

    /// Amplitude of `frequency` and the signal-to-noise ratio in dB of all that is not it.
    fn measure(samples: &[i16], rate: u32, frequency: f64) -> (f64, f64) {
        let whole = samples.len() as f64;
        let (mut cosine, mut sine, mut total) = (0.0, 0.0, 0.0);
        for (index, &sample) in samples.iter().enumerate() {
            let angle = 2.0 * PI * frequency * index as f64 / f64::from(rate);
            cosine += f64::from(sample) * angle.cos();
            sine += f64::from(sample) * angle.sin();
            total += f64::from(sample).powi(2);
        }
        let (cosine, sine) = (2.0 * cosine / whole, 2.0 * sine / whole);
        let tone = (cosine * cosine + sine * sine) / 2.0;
        let noise = (total / whole - tone).max(1e-9);
        ((2.0 * tone).sqrt(), 10.0 * (tone / noise).log10())
    }

    const PAIRS: [(u32, u32); 6] = [
        (8000, 16000),
        (16000, 8000),
        (8000, 48000),
        (48000, 8000),
        (16000, 48000),
        (48000, 16000),
    ];

    #[test]
    fn tones_of_the_telephone_band_keep_their_level_and_stay_clean() {
        for (from, to) in PAIRS
            .into_iter()
            .chain([(44100, 8000), (8000, 11025), (24000, 32000)])
        {
            for frequency in [300.0, 1000.0, 2000.0, 3000.0, 3400.0] {
                let out = convert(from, to, &sine(from, frequency, from as usize / 2), 160);
                // As many samples as hold whole periods, well behind the filter's start.
                let count = if to == 11025 { 441 } else { to as usize / 5 };
                let (level, ratio) = measure(&out[to as usize / 10..][..count], to, frequency);
                let ripple = 20.0 * (level / 20_000.0).log10();
                assert!(
                    ripple.abs() < 0.1,
                    "{from}->{to} {frequency} Hz: {ripple} dB"
                );
                assert!(ratio > 60.0, "{from}->{to} {frequency} Hz: SNR {ratio} dB");
            }
        }
    }

    #[test]
    fn what_the_lower_rate_cannot_carry_is_removed() {
        for (from, to) in [(16000, 8000), (48000, 8000), (48000, 16000)] {
            let frequency = 0.6 * f64::from(to);
            let out = convert(from, to, &sine(from, frequency, from as usize / 2), 160);
            let loudest = out[to as usize / 10..]
                .iter()
                .map(|s| s.unsigned_abs())
                .max();
            assert!(loudest.unwrap() < 20, "{from}->{to}: {loudest:?}");
        }
    }

    #[test]
    fn frames_stay_frames() {
        for (from, to) in PAIRS
            .into_iter()
            .chain([(8000, 8000), (44100, 8000), (8000, 44100)])
        {
            let mut resampler = Resampler::new(from, to);
            for _ in 0..50 {
                let mut out = Vec::new();
                resampler.process(&vec![0; from as usize / 50], &mut out);
                assert_eq!(out.len(), to as usize / 50, "{from}->{to}");
            }
        }
    }

    #[test]
    fn the_way_the_input_is_cut_does_not_matter() {
        for (from, to) in [(8000, 48000), (44100, 8000), (48000, 44100), (8000, 44099)] {
            let input = sine(from, 700.0, 4000);
            let whole = convert(from, to, &input, 4000);
            assert_eq!(convert(from, to, &input, 1), whole);
            assert_eq!(convert(from, to, &input, 173), whole);
            let expected = 4000 * u64::from(to) / u64::from(from);
            assert!(whole.len().abs_diff(expected as usize) <= 1);
        }
    }

    #[test]
    fn a_pulse_is_late_by_less_than_two_milliseconds() {
        for (from, to) in PAIRS {
            let mut input = vec![0i16; from as usize / 10];
            input[0] = 20_000;
            let out = convert(from, to, &input, 160);
            let peak = (0..out.len()).max_by_key(|&index| out[index].unsigned_abs());
            let milliseconds = peak.unwrap() as f64 * 1000.0 / f64::from(to);
            assert!(milliseconds < 2.0, "{from}->{to}: {milliseconds} ms");
        }
    }

    #[test]
    fn odd_ratios_are_interpolated_cleanly() {
        // 44099 Hz is 11 * 4009 Hz: 4009 samples hold 100 periods of 1100 Hz.
        let out = convert(8000, 44_099, &sine(8000, 1100.0, 4000), 160);
        let (level, ratio) = measure(&out[4410..][..4009], 44_099, 1100.0);
        assert!(
            (level - 20_000.0).abs() < 200.0 && ratio > 60.0,
            "{level} {ratio}"
        );
    }

    #[test]
    fn full_scale_saturates_instead_of_wrapping() {
        let square: Vec<i16> = (0..800)
            .map(|index| {
                if index / 40 % 2 == 0 {
                    i16::MAX
                } else {
                    i16::MIN
                }
            })
            .collect();
        let out = convert(8000, 16000, &square, 160);
        for window in out[100..].windows(2) {
            let step = (i32::from(window[0]) - i32::from(window[1])).abs();
            assert!(step < 40_000, "wrapped: {window:?}");
        }
    }

    #[test]
    fn equal_rates_are_copied_and_no_rate_panics() {
        assert_eq!(convert(8000, 8000, &[1, 2, 3], 2), [1, 2, 3]);
        for (from, to) in [
            (0, 8000),
            (8000, 0),
            (1, u32::MAX),
            (u32::MAX, 1),
            (191_999, 8000),
        ] {
            convert(from, to, &[100; 50], 7);
        }
    }
}
