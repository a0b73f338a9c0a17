//! Playing a tone script at the rate of its listener.

use std::f64::consts::PI;

use super::script::{HIGHEST_LEVEL, LOWEST_LEVEL, Tone, ToneScript};

/// Level of a full-scale sine in dBm0 (ITU-T G.711, mu-law).
pub(super) const FULL_SCALE: f64 = 3.17;

/// A sine as a rotating vector: two multiplications a sample instead of a sine.
pub(super) struct Oscillator {
    cosine: f64,
    sine: f64,
    step_cosine: f64,
    step_sine: f64,
}

impl Oscillator {
    pub(super) fn new(frequency: f64, rate: u32) -> Oscillator {
        let (step_sine, step_cosine) = (2.0 * PI * frequency / f64::from(rate)).sin_cos();
        Oscillator {
            cosine: 1.0,
            sine: 0.0,
            step_cosine,
            step_sine,
        }
    }

    pub(super) fn next(&mut self) -> f64 {
        let value = self.sine;
        self.sine = value * self.step_cosine + self.cosine * self.step_sine;
        self.cosine = self.cosine * self.step_cosine - value * self.step_sine;
        value
    }
}

/// Peak amplitude of a sine at so many dBm0.
pub(super) fn amplitude(level: f64) -> f64 {
    f64::from(i16::MAX) * 10f64.powf((level - FULL_SCALE) / 20.0)
}

pub(super) fn samples_of(ms: f64, rate: u32) -> u64 {
    (ms * f64::from(rate) / 1000.0) as u64
}

/// Plays a tone script at the rate of its listener.
pub struct ToneGenerator {
    script: ToneScript,
    rate: u32,
    tone: usize,
    /// How often the current tone was begun, and how often the script.
    repeat: u32,
    pass: u32,
    oscillators: Vec<Oscillator>,
    /// Samples of the current tone and pause already read.
    position: u64,
    level: f64,
    finished: bool,
}

impl ToneGenerator {
    /// A generator at the script's beginning; `rate` in Hz.
    pub fn new(script: &ToneScript, rate: u32) -> ToneGenerator {
        let rate = rate.max(1);
        let lasts = |tone: &Tone| samples_of(tone.on_ms, rate) + samples_of(tone.off_ms, rate) > 0;
        let mut script = script.clone();
        // What rounds to nothing at this rate would take for ever to be repeated.
        script.tones.retain(lasts);
        let mut generator = ToneGenerator {
            finished: script.tones.is_empty(),
            script,
            rate,
            tone: 0,
            repeat: 0,
            pass: 0,
            oscillators: Vec::new(),
            position: 0,
            level: 0.0,
        };
        generator.begin();
        generator
    }

    /// Fill `out` from its beginning; returns how many samples there were, 0 at the end.
    pub fn read(&mut self, out: &mut [i16]) -> usize {
        let mut filled = 0;
        while filled < out.len() && !self.finished {
            let tone = &self.script.tones[self.tone];
            let on = samples_of(tone.on_ms, self.rate);
            let total = on + samples_of(tone.off_ms, self.rate);
            let end = if self.position < on { on } else { total };
            let room = (out.len() - filled) as u64;
            let count = (end - self.position).min(room) as usize;
            let target = &mut out[filled..filled + count];
            if self.position < on {
                self.sound(target);
            } else {
                target.fill(0);
            }
            self.position += count as u64;
            filled += count;
            if self.position >= total {
                self.advance();
            }
        }
        filled
    }

    fn sound(&mut self, out: &mut [i16]) {
        let tone = &self.script.tones[self.tone];
        let fade = samples_of(tone.fade_ms, self.rate);
        // Several frequencies share the level rather than add up to an overload.
        let share = 1.0 / tone.frequencies.len() as f64;
        let mut gain = amplitude(self.level) * share;
        for (position, sample) in (self.position..).zip(out) {
            if fade > 0 && position > 0 && position % fade == 0 {
                self.level = (self.level + tone.fade_db).clamp(LOWEST_LEVEL, HIGHEST_LEVEL);
                gain = amplitude(self.level) * share;
            }
            let sum: f64 = self.oscillators.iter_mut().map(Oscillator::next).sum();
            let value = sum * gain;
            // Rounded without a call of the mathematical library.
            *sample = (value + 0.5f64.copysign(value)) as i16;
        }
    }

    /// Go to the next repeat, tone or pass.
    fn advance(&mut self) {
        self.repeat += 1;
        if self.repeat >= self.script.tones[self.tone].repeats {
            self.repeat = 0;
            self.tone += 1;
        }
        if self.tone == self.script.tones.len() {
            self.tone = 0;
            self.pass = self.pass.saturating_add(1);
            self.finished = self.script.passes.is_some_and(|passes| self.pass >= passes);
        }
        self.begin();
    }

    fn begin(&mut self) {
        let Some(tone) = self.script.tones.get(self.tone) else {
            return;
        };
        self.position = 0;
        self.level = tone.level;
        self.oscillators = tone
            .frequencies
            .iter()
            .map(|&frequency| Oscillator::new(frequency, self.rate))
            .collect();
    }
}
