//! Finding tones in audio: the Goertzel filter and a detector of in-band digits.

use std::f64::consts::PI;

#[cfg(test)]
mod tests;

/// Rows and columns of the keypad in Hz (ITU-T Q.23).
pub(crate) const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
pub(crate) const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
pub(crate) const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];

/// Power of one frequency in `samples`: amplitude squared over two, as the mean square of a sine.
pub fn power(samples: &[i16], rate: u32, frequency: f64) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let mut filter = Filter::new(rate, frequency);
    for &sample in samples {
        filter.push(f64::from(sample));
    }
    2.0 * filter.energy() / (samples.len() as f64).powi(2)
}

/// One second-order Goertzel section.
#[derive(Clone, Copy)]
struct Filter {
    coefficient: f64,
    last: f64,
    before: f64,
}

impl Filter {
    fn new(rate: u32, frequency: f64) -> Filter {
        Filter {
            coefficient: 2.0 * (2.0 * PI * frequency / f64::from(rate.max(1))).cos(),
            last: 0.0,
            before: 0.0,
        }
    }

    fn push(&mut self, sample: f64) {
        let now = sample + self.coefficient * self.last - self.before;
        self.before = self.last;
        self.last = now;
    }

    /// Squared magnitude of the correlation with the frequency.
    fn energy(&self) -> f64 {
        self.last * self.last + self.before * self.before
            - self.coefficient * self.last * self.before
    }

    fn over(mut self, samples: &[f64]) -> f64 {
        for &sample in samples {
            self.push(sample);
        }
        self.energy()
    }
}

/// A block is this long, 102 samples at 8 kHz: long enough to tell the rows apart, short enough
/// for two in the shortest digit.
const BLOCK: f64 = 0.012_75;
/// Blocks overlap by half, so each step is half a block.
const STEPS_PER_BLOCK: usize = 2;
/// Equal steps that make a digit: 32 ms, which every tone of 40 ms spans and none of 25 ms.
const STEPS_ON: u32 = 4;
/// Steps without it that end a digit, so that a drop-out of 10 ms does not make two of one.
const STEPS_OFF: u32 = 4;
/// The weaker tone must have this mean square: an amplitude of 200, about -44 dB of full scale.
const WEAKEST: f64 = 200.0 * 200.0 / 2.0;
/// How much one tone may be stronger than the other: 11 dB, 8 with room for noise and leakage.
const TWIST: f64 = 12.6;
/// How far a tone stands out of its group: 6 dB.
const DISTINCT: f64 = 4.0;
/// The part of a block's energy the two tones must seem to hold between them: a column 1.5 % off seems
/// to hold less than it does. Speech spreads wider.
const PURITY: f64 = 0.7;
/// The most the second harmonic of the column may hold of it; voices are rich in harmonics. (The
/// rows' second harmonics lie among the columns and would tell nothing.)
const HARMONIC: f64 = 0.16;

/// Hears digits sent as tones (ITU-T Q.24): 40 ms and longer, each told once, at its end.
pub struct DtmfDetector {
    rate: u32,
    block: usize,
    step: usize,
    rows: [Filter; 4],
    columns: [Filter; 4],
    harmonics: [Filter; 4],
    waiting: Vec<f64>,
    /// What the latest steps showed, and for how many steps in a row.
    candidate: Option<char>,
    repeats: u32,
    /// The digit that is on, how many steps it has lasted and how many it has been missing.
    digit: Option<char>,
    lasted: u32,
    missing: u32,
}

impl DtmfDetector {
    /// A detector for audio of this rate in Hz, at least 4000.
    pub fn new(rate: u32) -> DtmfDetector {
        let rate = rate.max(4000);
        let step = (f64::from(rate) * BLOCK) as usize / STEPS_PER_BLOCK;
        let filter = |frequency| Filter::new(rate, frequency);
        DtmfDetector {
            rate,
            block: step * STEPS_PER_BLOCK,
            step,
            rows: ROWS.map(filter),
            columns: COLUMNS.map(filter),
            harmonics: COLUMNS.map(|frequency| filter(2.0 * frequency)),
            waiting: Vec::new(),
            candidate: None,
            repeats: 0,
            digit: None,
            lasted: 0,
            missing: 0,
        }
    }

    /// Listen to more audio; digits that ended in it are appended with their length in ms.
    pub fn process(&mut self, samples: &[i16], found: &mut Vec<(char, u32)>) {
        self.waiting
            .extend(samples.iter().map(|&sample| f64::from(sample)));
        let mut start = 0;
        while start + self.block <= self.waiting.len() {
            let seen = self.classify(&self.waiting[start..start + self.block]);
            self.advance(seen, found);
            start += self.step;
        }
        self.waiting.drain(..start);
    }

    /// The digit one block holds, if it holds one and little else.
    fn classify(&self, block: &[f64]) -> Option<char> {
        let total: f64 = block.iter().map(|sample| sample * sample).sum();
        let length = block.len() as f64;
        if total < 2.0 * WEAKEST * length {
            return None;
        }
        // As mean squares, so that they compare with the block's own.
        let scale = 2.0 / (length * length);
        let measure = |filters: &[Filter; 4]| filters.map(|filter| filter.over(block) * scale);
        let (rows, columns) = (measure(&self.rows), measure(&self.columns));
        let (row, column) = (strongest(&rows)?, strongest(&columns)?);
        let (low, high) = (rows[row], columns[column]);
        let clear = low.min(high) >= WEAKEST
            && low <= high * TWIST
            && high <= low * TWIST
            && low + high >= PURITY * total / length
            && self.harmonics[column].over(block) * scale <= HARMONIC * high;
        clear.then_some(KEYS[row][column])
    }

    fn advance(&mut self, seen: Option<char>, found: &mut Vec<(char, u32)>) {
        self.repeats = if seen == self.candidate {
            self.repeats + 1
        } else {
            1
        };
        self.candidate = seen;
        if self.digit.is_some() {
            if seen == self.digit {
                self.lasted += self.missing + 1;
                self.missing = 0;
                return;
            }
            self.missing += 1;
            if self.missing < STEPS_OFF {
                return;
            }
            found.extend(self.digit.take().map(|digit| (digit, self.duration())));
        }
        if self.repeats >= STEPS_ON && seen.is_some() {
            self.digit = seen;
            self.lasted = self.repeats;
            self.missing = 0;
        }
    }

    fn duration(&self) -> u32 {
        let samples = (self.lasted as usize - 1) * self.step + self.block;
        (samples as u64 * 1000 / u64::from(self.rate)) as u32
    }
}

/// The strongest of a group, if it stands out of the others.
fn strongest(group: &[f64; 4]) -> Option<usize> {
    let best = (0..4).max_by(|&a, &b| group[a].total_cmp(&group[b]))?;
    let alone = (0..4).all(|other| other == best || group[other] * DISTINCT <= group[best]);
    alone.then_some(best)
}
