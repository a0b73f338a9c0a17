//! Reading tone scripts as forgivingly as FreeSWITCH's users are used to.

use super::characters::Characters;
use super::dtmf::key_frequencies;
use super::script::{HIGHEST_LEVEL, LOWEST_LEVEL, Tone, ToneError, ToneScript};

const MOST_FREQUENCIES: usize = 18;
/// One tone or pause may last a day; longer ones come from a slip of the finger.
const LONGEST_MS: f64 = 86_400_000.0;
/// So many places that were passed over are told.
const MOST_TOLD: usize = 8;
const SETTINGS: &str = "vdw><+lLrc";

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

pub(super) struct Parser<'a> {
    text: Characters,
    settings: Settings,
    tones: Vec<Tone>,
    passed_over: &'a mut Vec<ToneError>,
}

impl Parser<'_> {
    pub(super) fn new<'a>(text: &str, passed_over: &'a mut Vec<ToneError>) -> Parser<'a> {
        Parser {
            text: Characters::new(text),
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
            passed_over,
        }
    }

    pub(super) fn script(mut self) -> Result<ToneScript, ToneError> {
        // Those in braces win.
        let loops = self.prefix()?;
        let loops = loops.or(self.take_loops());
        let end = self.text.all.len();
        while self.text.position < end {
            let rest = &self.text.all[self.text.position..];
            let length = rest.iter().position(|&it| it == ';');
            self.text.end = length.map_or(end, |length| self.text.position + length);
            let goes_on = self.segment()?;
            self.text.position = if goes_on { self.text.end + 1 } else { end };
        }
        let sound = |tone: &Tone| tone.on_ms + tone.off_ms > 0.0;
        if !self.tones.iter().any(sound) {
            let reason = self.passed_over.first().cloned();
            return Err(
                reason.unwrap_or_else(|| ToneError::at(0, "the script has no tone that lasts"))
            );
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
        self.text.blanks();
        while self.text.peek(0) == Some('{') {
            let open = self.text.position;
            self.text.position += 1;
            while self.text.peek(0) != Some('}') {
                if self.text.peek(0).is_none() {
                    return Err(ToneError::at(open, "this brace is never closed"));
                }
                if self.text.is_loops(self.text.position)
                    && matches!(self.text.all[self.text.position - 1], '{' | ',' | ' ')
                {
                    self.text.position += "loops=".len();
                    loops = self.loops().or(loops);
                } else {
                    self.text.position += 1;
                }
            }
            self.text.position += 1;
            self.text.blanks();
        }
        Ok(loops)
    }

    /// Cut `;loops=` and all behind it off the script.
    fn take_loops(&mut self) -> Option<i32> {
        let start = self.text.position;
        let begins = |at: &usize| {
            let before = self.text.all[start..*at].iter().rev();
            let before = before.copied().find(|it| !it.is_ascii_whitespace());
            before.is_none_or(|it| it == ';')
        };
        let at = (start..self.text.all.len())
            .filter(|&at| self.text.is_loops(at))
            .find(begins)?;
        self.text.position = at + "loops=".len();
        let loops = self.loops();
        self.text.blanks();
        if !matches!(self.text.peek(0), None | Some(';')) {
            self.pass_over(
                self.text.position,
                "nothing is read behind the number of loops",
            );
        }
        let behind = self.text.all.split_off(at);
        // At the beginning of a script it is no end.
        if self.text.all[start..].iter().all(char::is_ascii_whitespace) {
            let rest = behind.iter().position(|&it| it == ';');
            self.text
                .all
                .extend_from_slice(&behind[rest.unwrap_or(behind.len())..]);
        }
        self.text.position = start;
        self.text.end = self.text.all.len();
        loops
    }

    fn loops(&mut self) -> Option<i32> {
        let start = self.text.position;
        let loops = self.text.whole_number();
        if loops.is_none() {
            self.pass_over(start, "the number of loops is missing");
        }
        loops.map(|loops| loops as i32)
    }

    /// A setting, or tones; false if nothing behind it is read.
    fn segment(&mut self) -> Result<bool, ToneError> {
        loop {
            self.text.blanks();
            let Some(key) = self.text.peek(0) else {
                return Ok(true);
            };
            if self.text.peek(1) == Some('=') {
                self.control(key)?;
            } else if !self.tone(key)? {
                return Ok(false);
            }
        }
    }

    fn control(&mut self, name: char) -> Result<(), ToneError> {
        let start = self.text.position;
        self.text.position += 2;
        let from = self.text.position;
        let value = if matches!(name, 'v' | '+') {
            self.text.number()
        } else {
            self.text.whole_number()
        };
        if !SETTINGS.contains(name) {
            self.pass_over(start, &format!("there is no setting '{name}='"));
            self.text.position = self.text.end;
            return Ok(());
        }
        match value {
            None => self.pass_over(from, "a number is missing"),
            Some(value) => self.set(name, value, from)?,
        }
        self.text.blanks();
        if self.text.peek(0).is_some() {
            self.pass_over(self.text.position, "a setting ends with ';'");
            // What follows in the last segment is played in spite of it.
            if self.text.end < self.text.all.len() {
                self.text.position = self.text.end;
            }
        }
        Ok(())
    }

    fn set(&mut self, name: char, value: f64, from: usize) -> Result<(), ToneError> {
        let settings = &mut self.settings;
        let problem = match name {
            'v' if (LOWEST_LEVEL..=HIGHEST_LEVEL).contains(&value) => {
                settings.level = value;
                return Ok(());
            }
            'v' => "a level lies between -63 and 0 dB",
            'd' | 'w' | '>' | '<' if value < 0.0 => "a time is not negative",
            'd' => {
                settings.on_ms = duration(value, from)?;
                return Ok(());
            }
            'w' => {
                settings.off_ms = duration(value, from)?;
                return Ok(());
            }
            '>' | '<' => {
                settings.fade_ms = duration(value, from)?;
                settings.fade_sign = if name == '>' { -1.0 } else { 1.0 };
                return Ok(());
            }
            '+' => {
                settings.fade_db = value;
                return Ok(());
            }
            'l' | 'L' if value < 1.0 => "this count is at least 1",
            'l' => {
                settings.repeats = value as u32;
                return Ok(());
            }
            // The first one counts.
            'L' => {
                settings.passes.get_or_insert(value as u32);
                return Ok(());
            }
            // Rate and channels are those of the call that hears the tone.
            _ => return Ok(()),
        };
        self.pass_over(from, problem);
        Ok(())
    }

    /// A key or `%(on,off,frequency...)`; false if it is so wrong that nothing behind it is read.
    fn tone(&mut self, key: char) -> Result<bool, ToneError> {
        let start = self.text.position;
        self.text.position += 1;
        let mut times = (self.settings.on_ms, self.settings.off_ms);
        let mut frequencies = key_frequencies(key).map_or(Vec::new(), |pair| pair.to_vec());
        // Small letters are no keys in the language.
        if key.is_ascii_lowercase() {
            frequencies.clear();
        }
        if key == '%' {
            self.text.blanks();
        }
        if self.text.peek(0) == Some('(') {
            let numbers = self.numbers();
            match (key, &numbers[..]) {
                ('%', [on, off, sounds @ ..]) if !sounds.is_empty() => {
                    times = (self.time(*on, times.0), self.time(*off, times.1));
                    frequencies = self.frequencies(start, sounds);
                }
                ('%', _) => return Ok(self.give_up(start, "a tone is %(on,off,frequency...)")),
                (_, [on, off]) => {
                    times = (self.time(*on, times.0), self.time(*off, times.1));
                }
                _ => return Ok(self.give_up(start, "a key's own times are (on,off)")),
            }
        }
        let Some(&first) = frequencies.first() else {
            let problem = match key {
                '%' => "a tone has a frequency".to_owned(),
                key => format!("'{key}' is neither a tone nor a key"),
            };
            self.pass_over(start, &problem);
            return Ok(true);
        };
        let (on_ms, off_ms) = (duration(times.0, start)?, duration(times.1, start)?);
        // A negative one in the first place makes a pause.
        let silent = first < 0.0;
        let settings = &mut self.settings;
        self.tones.push(Tone {
            frequencies: if silent { Vec::new() } else { frequencies },
            on_ms: if silent { 0.0 } else { on_ms },
            off_ms,
            level: settings.level,
            fade_ms: settings.fade_ms,
            fade_db: settings.fade_sign * settings.fade_db,
            repeats: std::mem::replace(&mut settings.repeats, 1),
        });
        Ok(true)
    }

    /// A time of a tone itself: a negative one stands for what is set.
    fn time(&self, own: Option<f64>, set: f64) -> f64 {
        match own.unwrap_or_default().trunc() {
            own if own < 0.0 => set,
            own => own,
        }
    }

    /// A frequency of nothing ends the list.
    fn frequencies(&mut self, start: usize, numbers: &[Option<f64>]) -> Vec<f64> {
        if numbers.len() > MOST_FREQUENCIES {
            self.pass_over(start, "a tone has at most 18 frequencies");
        }
        let numbers = numbers.iter().take(MOST_FREQUENCIES);
        let numbers = numbers.map(|number| number.unwrap_or_default());
        numbers.take_while(|&number| number != 0.0).collect()
    }

    /// Numbers in parentheses, separated by commas; None where there is none.
    fn numbers(&mut self) -> Vec<Option<f64>> {
        let open = self.text.position;
        let mut numbers = Vec::new();
        loop {
            self.text.position += 1;
            let start = self.text.position;
            let number = self.text.number();
            self.text.blanks();
            if number.is_none() || !matches!(self.text.peek(0), None | Some(',' | ')')) {
                self.pass_over(start, "a number is missing or wrong");
            }
            numbers.push(number);
            while !matches!(self.text.peek(0), None | Some(',' | ')')) {
                self.text.position += 1;
            }
            match self.text.peek(0) {
                Some(',') => {}
                Some(_) => {
                    self.text.position += 1;
                    return numbers;
                }
                None => {
                    self.pass_over(open, "this parenthesis is never closed");
                    return numbers;
                }
            }
        }
    }

    fn give_up(&mut self, position: usize, message: &str) -> bool {
        self.pass_over(position, &format!("{message}; nothing behind it is played"));
        false
    }

    fn pass_over(&mut self, position: usize, message: &str) {
        if self.passed_over.len() < MOST_TOLD {
            self.passed_over.push(ToneError::at(position, message));
        }
    }
}

fn duration(value: f64, position: usize) -> Result<f64, ToneError> {
    if (0.0..=LONGEST_MS).contains(&value) {
        Ok(value)
    } else {
        Err(ToneError::at(
            position,
            "a time lies between 0 and 86400000 ms",
        ))
    }
}
