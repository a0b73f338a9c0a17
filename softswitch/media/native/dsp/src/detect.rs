//! Finding what a call has to be told about: given tones, any pure tone, loudness and silence.

use std::f64::consts::PI;

use crate::goertzel::power;
use crate::level::mean_absolute;

/// Length of the pieces in which tones are looked for.
const PIECE_MS: u32 = 40;
/// Pieces in a row that make a tone: 120 ms.
const PIECES: u32 = 3;
/// A tone is at least so much of all that is heard, and each of its frequencies so much of it.
const SHARE: f64 = 0.6;
const EACH: f64 = 0.1;
/// Mean square below which nothing is heard: -45 dB of full scale.
const FAINT: f64 = 185.0 * 185.0;
/// A tone that goes on is told again after so many pieces.
const AGAIN: u32 = 13;

/// Looks for the sum of given frequencies.
pub struct ToneFinder {
    frequencies: Vec<f64>,
    rate: u32,
    piece: Vec<i16>,
    run: u32,
}

impl ToneFinder {
    pub fn new(frequencies: &[f64]) -> ToneFinder {
        ToneFinder {
            frequencies: frequencies.to_vec(),
            rate: 0,
            piece: Vec::new(),
            run: 0,
        }
    }

    /// Listen on; how often the tone was found.
    pub fn process(&mut self, pcm: &[i16], rate: u32) -> u32 {
        if self.rate != rate {
            self.rate = rate;
            self.piece.clear();
        }
        let size = (rate * PIECE_MS / 1000).max(1) as usize;
        let mut found = 0;
        for &sample in pcm {
            self.piece.push(sample);
            if self.piece.len() < size {
                continue;
            }
            if self.is_heard() {
                self.run += 1;
                if self.run % AGAIN == PIECES {
                    found += 1;
                }
            } else {
                self.run = 0;
            }
            self.piece.clear();
        }
        found
    }

    fn is_heard(&self) -> bool {
        let total = mean_square(&self.piece);
        if total < FAINT {
            return false;
        }
        let each = self
            .frequencies
            .iter()
            .map(|&frequency| power(&self.piece, self.rate, frequency));
        let mut sum = 0.0;
        for power in each {
            if power < total * EACH {
                return false;
            }
            sum += power;
        }
        sum >= total * SHARE
    }
}

/// Beeps are of a frequency in Hz of this range ...
const BEEP_LOWEST: f64 = 350.0;
const BEEP_HIGHEST: f64 = 2500.0;
/// ... that changes by no more than this in 160 ms ...
const BEEP_DRIFT: f64 = 15.0;
const BEEP_PIECES: u32 = 8;
const BEEP_PIECE_MS: u32 = 20;
/// ... and of so little else: the part of the energy that no sine explains.
const BEEP_RESIDUE: f64 = 0.05;

/// Looks for the beep of an answering machine: one steady frequency and nothing else.
#[derive(Default)]
pub struct BeepFinder {
    rate: u32,
    piece: Vec<i16>,
    frequency: f64,
    run: u32,
}

impl BeepFinder {
    /// Listen on; the frequency of a beep that was just found.
    pub fn process(&mut self, pcm: &[i16], rate: u32) -> Option<f64> {
        if self.rate != rate {
            self.rate = rate;
            self.piece.clear();
        }
        let size = (rate * BEEP_PIECE_MS / 1000).max(3) as usize;
        let mut found = None;
        for &sample in pcm {
            self.piece.push(sample);
            if self.piece.len() < size {
                continue;
            }
            match pure_frequency(&self.piece, rate) {
                Some(frequency) if self.run > 0 => {
                    if (frequency - self.frequency).abs() <= BEEP_DRIFT {
                        self.run += 1;
                    } else {
                        self.frequency = frequency;
                        self.run = 1;
                    }
                }
                Some(frequency) => {
                    self.frequency = frequency;
                    self.run = 1;
                }
                None => self.run = 0,
            }
            if self.run == BEEP_PIECES {
                found = Some(self.frequency);
            }
            self.piece.clear();
        }
        found
    }
}

/// The frequency of a sine, if there is nothing else. Of a sine alone each sample is told by two
/// others: x[n+k] + x[n-k] = 2·cos kω·x[n], and what that leaves over tells of anything else.
fn pure_frequency(pcm: &[i16], rate: u32) -> Option<f64> {
    if mean_square(pcm) < FAINT {
        return None;
    }
    let (factor, residue) = recurrence(pcm, 1)?;
    // Tones far from each other show at neighbours, tones close to each other half a ms apart.
    let (_, distant) = recurrence(pcm, (rate / 2000).max(1) as usize)?;
    if residue > BEEP_RESIDUE || distant > BEEP_RESIDUE || factor.abs() >= 2.0 {
        return None;
    }
    let frequency = (factor / 2.0).acos() * f64::from(rate) / (2.0 * PI);
    (BEEP_LOWEST..=BEEP_HIGHEST)
        .contains(&frequency)
        .then_some(frequency)
}

/// The factor 2·cos kω that fits best, and the part of the energy that it does not explain.
fn recurrence(pcm: &[i16], lag: usize) -> Option<(f64, f64)> {
    let triples = || {
        pcm.windows(2 * lag + 1)
            .map(|window| [window[lag], window[0], window[2 * lag]].map(f64::from))
    };
    let (mut cross, mut square) = (0.0, 0.0);
    for [middle, before, after] in triples() {
        cross += middle * (after + before);
        square += middle * middle;
    }
    if square == 0.0 {
        return None;
    }
    let factor = cross / square;
    let residue: f64 = triples()
        .map(|[middle, before, after]| (after + before - factor * middle).powi(2))
        .sum();
    Some((factor, residue / square))
}

/// Length of the pieces whose loudness is measured.
const LEVEL_PIECE_MS: u32 = 20;

/// Waits for sound or for silence, counted in pieces of 20 ms.
pub struct LevelFinder {
    threshold: u32,
    /// Pieces above the threshold that must be heard first, in a row or not.
    listen: u32,
    /// Pieces in a row that end the wait.
    hits: u32,
    /// They are below the threshold.
    silence: bool,
    rate: u32,
    piece: Vec<i16>,
    heard: u32,
    run: u32,
}

impl LevelFinder {
    pub fn new(threshold: u32, listen: u32, hits: u32, silence: bool) -> LevelFinder {
        LevelFinder {
            threshold,
            listen,
            hits: hits.max(1),
            silence,
            rate: 0,
            piece: Vec::new(),
            heard: 0,
            run: 0,
        }
    }

    /// Listen on; true once it is there, and never again.
    pub fn process(&mut self, pcm: &[i16], rate: u32) -> bool {
        if self.rate != rate {
            self.rate = rate;
            self.piece.clear();
        }
        let size = (rate * LEVEL_PIECE_MS / 1000).max(1) as usize;
        let mut found = false;
        for &sample in pcm {
            self.piece.push(sample);
            if self.piece.len() < size {
                continue;
            }
            let loud = mean_absolute(&self.piece) >= self.threshold.max(1);
            self.piece.clear();
            if loud {
                self.heard = self.heard.saturating_add(1);
            }
            if loud == self.silence || self.heard < self.listen {
                self.run = 0;
                continue;
            }
            self.run = self.run.saturating_add(1);
            found |= self.run == self.hits;
        }
        found
    }
}

fn mean_square(pcm: &[i16]) -> f64 {
    let sum: f64 = pcm.iter().map(|&sample| f64::from(sample).powi(2)).sum();
    sum / pcm.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(frequencies: &[f64], milliseconds: u32, rate: u32, level: f64) -> Vec<i16> {
        (0..rate * milliseconds / 1000)
            .map(|index| {
                let time = f64::from(index) / f64::from(rate);
                let value: f64 = frequencies
                    .iter()
                    .map(|frequency| (2.0 * std::f64::consts::PI * frequency * time).sin())
                    .sum();
                (value * level).round() as i16
            })
            .collect()
    }

    fn noise(milliseconds: u32, rate: u32, level: f64) -> Vec<i16> {
        let mut state = 1u32;
        (0..rate * milliseconds / 1000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                ((f64::from(state) / f64::from(u32::MAX) - 0.5) * 2.0 * level) as i16
            })
            .collect()
    }

    fn found(frequencies: &[f64], pcm: &[i16], rate: u32) -> u32 {
        let mut finder = ToneFinder::new(frequencies);
        pcm.chunks(161)
            .map(|piece| finder.process(piece, rate))
            .sum()
    }

    #[test]
    fn a_tone_is_found_at_any_rate_and_level_and_in_noise() {
        for rate in [8000, 16_000, 48_000] {
            for level in [300.0, 3000.0, 15_000.0] {
                let tone = sum(&[480.0, 620.0], 300, rate, level);
                assert_eq!(found(&[480.0, 620.0], &tone, rate), 1, "{rate} Hz {level}");
            }
        }
        let mixed: Vec<i16> = sum(&[1100.0], 400, 8000, 4000.0)
            .iter()
            .zip(noise(400, 8000, 1500.0))
            .map(|(tone, noise)| tone + noise)
            .collect();
        assert_eq!(found(&[1100.0], &mixed, 8000), 1);
    }

    #[test]
    fn what_is_no_such_tone_is_not_found() {
        for other in [
            sum(&[480.0], 500, 8000, 5000.0),
            sum(&[480.0, 700.0], 500, 8000, 5000.0),
            sum(&[480.0, 620.0], 70, 8000, 5000.0),
            sum(&[480.0, 620.0], 500, 8000, 20.0),
            noise(2000, 8000, 8000.0),
            vec![0; 8000],
        ] {
            assert_eq!(found(&[480.0, 620.0], &other, 8000), 0);
        }
    }

    #[test]
    fn a_tone_with_breaks_is_found_each_time_and_a_long_one_now_and_then() {
        let cadence = [sum(&[440.0], 400, 8000, 4000.0), vec![0; 1600]]
            .concat()
            .repeat(3);
        assert_eq!(found(&[440.0], &cadence, 8000), 3);
        assert_eq!(found(&[440.0], &sum(&[440.0], 2000, 8000, 4000.0), 8000), 4);
    }

    #[test]
    fn beeps_are_told_with_their_frequency() {
        for frequency in [440.0, 850.0, 1000.0, 1400.0, 2000.0] {
            let mut finder = BeepFinder::default();
            let beep = [vec![0; 400], sum(&[frequency], 300, 8000, 6000.0)].concat();
            let heard = finder.process(&beep, 8000).expect("it is a beep");
            assert!((heard - frequency).abs() < 10.0, "{heard} for {frequency}");
        }
    }

    #[test]
    fn neither_noise_nor_chords_nor_sweeps_nor_clicks_are_beeps() {
        let sweep: Vec<i16> = (0..8000)
            .map(|index| {
                let time = f64::from(index) / 8000.0;
                let phase = 2.0 * std::f64::consts::PI * (500.0 * time + 500.0 * time * time);
                (phase.sin() * 5000.0) as i16
            })
            .collect();
        for other in [
            noise(1000, 8000, 8000.0),
            sum(&[697.0, 1209.0], 500, 8000, 5000.0),
            sum(&[480.0, 620.0], 500, 8000, 5000.0),
            sum(&[350.0, 440.0], 500, 8000, 5000.0),
            sum(&[350.0, 440.0], 500, 16_000, 5000.0),
            sum(&[1000.0], 120, 8000, 5000.0),
            sweep,
            vec![0; 8000],
        ] {
            assert_eq!(BeepFinder::default().process(&other, 8000), None);
        }
    }

    #[test]
    fn sound_and_silence_are_waited_for() {
        let loud = |milliseconds| sum(&[300.0], milliseconds, 8000, 3000.0);
        let quiet = |milliseconds: usize| vec![10; milliseconds * 8];
        let mut finder = LevelFinder::new(200, 0, 10, false);
        assert!(!finder.process(&[loud(180), quiet(40), loud(180)].concat(), 8000));
        assert!(finder.process(&loud(200), 8000));
        assert!(!finder.process(&loud(500), 8000), "told once");
        let mut finder = LevelFinder::new(200, 5, 10, true);
        assert!(!finder.process(&quiet(1000), 8000), "nobody spoke yet");
        assert!(!finder.process(&[loud(100), quiet(180), loud(20)].concat(), 8000));
        assert!(finder.process(&quiet(200), 8000));
    }
}
