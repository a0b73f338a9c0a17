//! Scripts in FreeSWITCH's tone language (TGML).

use std::fmt;

use super::dtmf::key_frequencies;

pub(super) const LOWEST_LEVEL: f64 = -63.0;
pub(super) const HIGHEST_LEVEL: f64 = 0.0;
const MOST_FREQUENCIES: usize = 18;
/// One tone or pause may last a day; longer ones come from a slip of the finger.
const LONGEST_MS: f64 = 86_400_000.0;

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
pub(super) struct Tone {
    pub(super) frequencies: Vec<f64>,
    pub(super) on_ms: f64,
    pub(super) off_ms: f64,
    pub(super) level: f64,
    /// Every so many ms (0 = never) the level changes by `fade_db`.
    pub(super) fade_ms: f64,
    pub(super) fade_db: f64,
    pub(super) repeats: u32,
}

/// A parsed tone script: what to play, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct ToneScript {
    pub(super) tones: Vec<Tone>,
    /// None = endless.
    pub(super) passes: Option<u32>,
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
            // As in FreeSWITCH, a frequency of nothing ends the list.
            let sounds = numbers[2..]
                .iter()
                .take_while(|frequency| **frequency != 0.0);
            sounds.copied().collect()
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
        if frequencies.is_empty() {
            return Ok(());
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
