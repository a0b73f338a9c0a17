//! Tones: FreeSWITCH's tone language (TGML) and the digits of a keypad.

use std::f64::consts::PI;
use std::fmt;

use crate::goertzel::{COLUMNS, KEYS, ROWS};

const LOWEST_LEVEL: f64 = -63.0;
const HIGHEST_LEVEL: f64 = 0.0;
const MOST_FREQUENCIES: usize = 18;
/// One tone or pause may last a day; longer ones come from a slip of the finger.
const LONGEST_MS: f64 = 86_400_000.0;
/// Level of a full-scale sine in dBm0 (ITU-T G.711, mu-law).
const FULL_SCALE: f64 = 3.17;

/// What is wrong with a tone script, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToneError {
    /// Characters before the wrong place.
    pub position: usize,
    pub message: String,
}

impl fmt::Display for ToneError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} at character {}",
            self.message,
            self.position + 1
        )
    }
}

impl std::error::Error for ToneError {}

/// One tone and the pause behind it, with all that was set when it was written.
#[derive(Clone, Debug, PartialEq)]
struct Tone {
    frequencies: Vec<f64>,
    on_ms: f64,
    off_ms: f64,
    level: f64,
    /// Every so many ms (0 = never) the level changes by `fade_db`.
    fade_ms: f64,
    fade_db: f64,
    repeats: u32,
}

/// A parsed tone script: what to play, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct ToneScript {
    tones: Vec<Tone>,
    /// None = endless.
    passes: Option<u32>,
}

impl ToneScript {
    /// Read a script, e.g. `%(400,200,400,450);%(400,2000,400,450);loops=3` or `{loops=-1}123`.
    pub fn parse(text: &str) -> Result<ToneScript, ToneError> {
        Parser::new(text).script()
    }

    /// How long it plays; None if endless.
    pub fn milliseconds(&self) -> Option<u64> {
        let pass: f64 = self
            .tones
            .iter()
            .map(|tone| (tone.on_ms + tone.off_ms) * f64::from(tone.repeats))
            .sum();
        Some((pass * f64::from(self.passes?)) as u64)
    }
}

/// What later tones take over from the control segments before them.
struct Settings {
    level: f64,
    on_ms: f64,
    off_ms: f64,
    fade_ms: f64,
    fade_db: f64,
    fade_sign: f64,
    repeats: u32,
    passes: Option<u32>,
}

struct Parser {
    text: Vec<char>,
    position: usize,
    settings: Settings,
    tones: Vec<Tone>,
}

impl Parser {
    fn new(text: &str) -> Parser {
        Parser {
            text: text.chars().collect(),
            position: 0,
            settings: Settings {
                level: -7.0,
                // The language gives its defaults as 2000 and 500 samples of 8 kHz.
                on_ms: 250.0,
                off_ms: 62.5,
                fade_ms: 0.0,
                fade_db: 1.0,
                fade_sign: -1.0,
                repeats: 1,
                passes: None,
            },
            tones: Vec::new(),
        }
    }

    fn script(mut self) -> Result<ToneScript, ToneError> {
        let mut loops = self.prefix()?;
        loop {
            self.blanks();
            match self.peek(0) {
                None => break,
                Some(';') => self.position += 1,
                Some(_) if self.starts_with("loops=") => {
                    self.position += "loops=".len();
                    loops = Some(self.loops()?);
                }
                Some(name) if self.peek(1) == Some('=') => self.control(name)?,
                Some(key) => self.tone(key)?,
            }
        }
        let sound = |tone: &Tone| tone.on_ms + tone.off_ms > 0.0;
        if !self.tones.iter().any(sound) {
            return Err(self.wrong(0, "the script has no tone that lasts"));
        }
        let own = self.settings.passes.unwrap_or(1);
        let passes = match loops {
            Some(loops) if loops < 0 => None,
            Some(loops) => Some(own.saturating_mul(loops.max(1) as u32)),
            None => Some(own),
        };
        Ok(ToneScript {
            tones: self.tones,
            passes,
        })
    }

    /// Parameters in braces before the script; only `loops` means anything to a tone.
    fn prefix(&mut self) -> Result<Option<i32>, ToneError> {
        let mut loops = None;
        self.blanks();
        while self.peek(0) == Some('{') {
            let open = self.position;
            self.position += 1;
            while self.peek(0) != Some('}') {
                if self.peek(0).is_none() {
                    return Err(self.wrong(open, "this brace is never closed"));
                }
                if self.starts_with("loops=")
                    && matches!(self.text[self.position - 1], '{' | ',' | ' ')
                {
                    self.position += "loops=".len();
                    loops = Some(self.loops()?);
                } else {
                    self.position += 1;
                }
            }
            self.position += 1;
            self.blanks();
        }
        Ok(loops)
    }

    fn loops(&mut self) -> Result<i32, ToneError> {
        let start = self.position;
        let value = self.number()?;
        if value.fract() != 0.0 || value.abs() > f64::from(i32::MAX) {
            return Err(self.wrong(start, "the number of loops is a whole number"));
        }
        Ok(value as i32)
    }

    fn control(&mut self, name: char) -> Result<(), ToneError> {
        let start = self.position;
        self.position += 2;
        let from = self.position;
        let value = self.number()?;
        let settings = &mut self.settings;
        match name {
            // Levels out of range leave the level as it was.
            'v' if (LOWEST_LEVEL..=HIGHEST_LEVEL).contains(&value) => settings.level = value,
            'v' => {}
            'd' => settings.on_ms = duration(value).ok_or_else(|| bad_duration(from))?,
            'w' => settings.off_ms = duration(value).ok_or_else(|| bad_duration(from))?,
            '>' | '<' => {
                settings.fade_ms = duration(value).ok_or_else(|| bad_duration(from))?;
                settings.fade_sign = if name == '>' { -1.0 } else { 1.0 };
            }
            '+' => settings.fade_db = value,
            'l' => settings.repeats = count(value, from)?,
            'L' if settings.passes.is_none() => settings.passes = Some(count(value, from)?),
            'L' => {}
            // Rate and channels are those of the call that hears the tone.
            'r' | 'c' if value >= 1.0 => {}
            'r' | 'c' => return Err(self.wrong(from, "this must be at least 1")),
            _ => return Err(self.wrong(start, &format!("there is no setting '{name}='"))),
        }
        self.blanks();
        match self.peek(0) {
            None | Some(';') => Ok(()),
            Some(_) => Err(self.wrong(self.position, "a setting ends with ';'")),
        }
    }

    fn tone(&mut self, key: char) -> Result<(), ToneError> {
        let start = self.position;
        self.position += 1;
        let (mut on_ms, mut off_ms) = (self.settings.on_ms, self.settings.off_ms);
        let frequencies = if key == '%' {
            let numbers = self.numbers(start)?;
            if numbers.len() < 3 {
                return Err(self.wrong(start, "a tone is %(on,off,frequency...)"));
            }
            if numbers.len() - 2 > MOST_FREQUENCIES {
                return Err(self.wrong(start, "a tone has at most 18 frequencies"));
            }
            on_ms = numbers[0];
            off_ms = numbers[1];
            numbers[2..].to_vec()
        } else {
            let Some(pair) = key_frequencies(key) else {
                return Err(self.wrong(start, &format!("'{key}' is neither a tone nor a key")));
            };
            if self.peek(0) == Some('(') {
                let numbers = self.numbers(start)?;
                let [on, off] = numbers[..] else {
                    return Err(self.wrong(start, "a key's own times are (on,off)"));
                };
                (on_ms, off_ms) = (on, off);
            }
            pair.to_vec()
        };
        if !(0.0..=LONGEST_MS).contains(&on_ms) || !(0.0..=LONGEST_MS).contains(&off_ms) {
            return Err(bad_duration(start));
        }
        if frequencies
            .iter()
            .any(|frequency| !(0.0..=96_000.0).contains(frequency))
        {
            return Err(self.wrong(start, "a frequency lies between 0 and 96000 Hz"));
        }
        let settings = &mut self.settings;
        self.tones.push(Tone {
            frequencies,
            on_ms,
            off_ms,
            level: settings.level,
            fade_ms: settings.fade_ms,
            fade_db: settings.fade_sign * settings.fade_db,
            repeats: std::mem::replace(&mut settings.repeats, 1),
        });
        Ok(())
    }

    /// Numbers in parentheses, separated by commas.
    fn numbers(&mut self, tone: usize) -> Result<Vec<f64>, ToneError> {
        self.blanks();
        if self.peek(0) != Some('(') {
            return Err(self.wrong(tone, "a tone is %(on,off,frequency...)"));
        }
        let mut numbers = Vec::new();
        loop {
            self.position += 1;
            numbers.push(self.number()?);
            self.blanks();
            match self.peek(0) {
                Some(',') => {}
                Some(')') => break,
                None => return Err(self.wrong(tone, "this tone is never closed with ')'")),
                Some(_) => return Err(self.wrong(self.position, "expected ',' or ')'")),
            }
        }
        self.position += 1;
        Ok(numbers)
    }

    fn number(&mut self) -> Result<f64, ToneError> {
        self.blanks();
        let start = self.position;
        while let Some('0'..='9' | '.' | '-' | '+') = self.peek(0) {
            self.position += 1;
        }
        let digits: String = self.text[start..self.position].iter().collect();
        digits
            .parse()
            .map_err(|_| self.wrong(start, "a number is missing or wrong"))
    }

    fn blanks(&mut self) {
        while let Some(' ' | '\t' | '\r' | '\n') = self.peek(0) {
            self.position += 1;
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.text.get(self.position + ahead).copied()
    }

    fn starts_with(&self, word: &str) -> bool {
        word.chars()
            .enumerate()
            .all(|(index, letter)| self.peek(index) == Some(letter))
    }

    fn wrong(&self, position: usize, message: &str) -> ToneError {
        ToneError {
            position,
            message: message.to_owned(),
        }
    }
}

fn duration(value: f64) -> Option<f64> {
    (0.0..=LONGEST_MS).contains(&value).then_some(value)
}

fn bad_duration(position: usize) -> ToneError {
    ToneError {
        position,
        message: "a time lies between 0 and 86400000 ms".to_owned(),
    }
}

fn count(value: f64, position: usize) -> Result<u32, ToneError> {
    if !(1.0..=1e6).contains(&value) || value.fract() != 0.0 {
        return Err(ToneError {
            position,
            message: "this count is a whole number from 1 to 1000000".to_owned(),
        });
    }
    Ok(value as u32)
}

/// The two frequencies of a key, low one first.
fn key_frequencies(key: char) -> Option<[f64; 2]> {
    let key = key.to_ascii_uppercase();
    for (row, keys) in KEYS.iter().enumerate() {
        if let Some(column) = keys.iter().position(|&name| name == key) {
            return Some([ROWS[row], COLUMNS[column]]);
        }
    }
    None
}

/// A sine as a rotating vector: two multiplications a sample instead of a sine.
struct Oscillator {
    cosine: f64,
    sine: f64,
    step_cosine: f64,
    step_sine: f64,
}

impl Oscillator {
    fn new(frequency: f64, rate: u32) -> Oscillator {
        let (step_sine, step_cosine) = (2.0 * PI * frequency / f64::from(rate)).sin_cos();
        Oscillator {
            cosine: 1.0,
            sine: 0.0,
            step_cosine,
            step_sine,
        }
    }

    fn next(&mut self) -> f64 {
        let value = self.sine;
        self.sine = value * self.step_cosine + self.cosine * self.step_sine;
        self.cosine = self.cosine * self.step_cosine - value * self.step_sine;
        value
    }
}

/// Peak amplitude of a sine at so many dBm0.
fn amplitude(level: f64) -> f64 {
    f64::from(i16::MAX) * 10f64.powf((level - FULL_SCALE) / 20.0)
}

fn samples_of(ms: f64, rate: u32) -> u64 {
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
        let mut generator = ToneGenerator {
            // A script that rounds to nothing at this rate would never come to an end.
            finished: !script.tones.iter().any(lasts),
            script: script.clone(),
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
            *sample = (sum * gain).round() as i16;
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
        let tone = &self.script.tones[self.tone];
        self.position = 0;
        self.level = tone.level;
        self.oscillators = tone
            .frequencies
            .iter()
            .map(|&frequency| Oscillator::new(frequency, self.rate))
            .collect();
    }
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
