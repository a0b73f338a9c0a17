//! Reading tone scripts as forgivingly as FreeSWITCH's users are used to.

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
    text: Vec<char>,
    position: usize,
    /// Where the segment that is being read ends.
    end: usize,
    settings: Settings,
    tones: Vec<Tone>,
    passed_over: &'a mut Vec<ToneError>,
}

impl Parser<'_> {
    pub(super) fn new<'a>(text: &str, passed_over: &'a mut Vec<ToneError>) -> Parser<'a> {
        let text: Vec<char> = text.chars().collect();
        Parser {
            end: text.len(),
            text,
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
            passed_over,
        }
    }

    pub(super) fn script(mut self) -> Result<ToneScript, ToneError> {
        // Those in braces win.
        let loops = self.prefix()?;
        let loops = loops.or(self.take_loops());
        let end = self.text.len();
        while self.position < end {
            let rest = &self.text[self.position..];
            let length = rest.iter().position(|&it| it == ';');
            self.end = length.map_or(end, |length| self.position + length);
            let goes_on = self.segment()?;
            self.position = if goes_on { self.end + 1 } else { end };
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
        self.blanks();
        while self.peek(0) == Some('{') {
            let open = self.position;
            self.position += 1;
            while self.peek(0) != Some('}') {
                if self.peek(0).is_none() {
                    return Err(ToneError::at(open, "this brace is never closed"));
                }
                if self.is_loops(self.position)
                    && matches!(self.text[self.position - 1], '{' | ',' | ' ')
                {
                    self.position += "loops=".len();
                    loops = self.loops().or(loops);
                } else {
                    self.position += 1;
                }
            }
            self.position += 1;
            self.blanks();
        }
        Ok(loops)
    }

    /// Cut `;loops=` and all behind it off the script.
    fn take_loops(&mut self) -> Option<i32> {
        let start = self.position;
        let begins = |at: &usize| {
            let before = self.text[start..*at].iter().rev();
            let before = before.copied().find(|it| !it.is_ascii_whitespace());
            before.is_none_or(|it| it == ';')
        };
        let at = (start..self.text.len())
            .filter(|&at| self.is_loops(at))
            .find(begins)?;
        self.position = at + "loops=".len();
        let loops = self.loops();
        self.blanks();
        if !matches!(self.peek(0), None | Some(';')) {
            self.pass_over(self.position, "nothing is read behind the number of loops");
        }
        let behind = self.text.split_off(at);
        // At the beginning of a script it is no end.
        if self.text[start..].iter().all(char::is_ascii_whitespace) {
            let rest = behind.iter().position(|&it| it == ';');
            self.text
                .extend_from_slice(&behind[rest.unwrap_or(behind.len())..]);
        }
        self.position = start;
        self.end = self.text.len();
        loops
    }

    fn loops(&mut self) -> Option<i32> {
        let start = self.position;
        let loops = self.whole_number();
        if loops.is_none() {
            self.pass_over(start, "the number of loops is missing");
        }
        loops.map(|loops| loops as i32)
    }

    /// A setting, or tones; false if nothing behind it is read.
    fn segment(&mut self) -> Result<bool, ToneError> {
        loop {
            self.blanks();
            let Some(key) = self.peek(0) else {
                return Ok(true);
            };
            if self.peek(1) == Some('=') {
                self.control(key)?;
            } else if !self.tone(key)? {
                return Ok(false);
            }
        }
    }

    fn control(&mut self, name: char) -> Result<(), ToneError> {
        let start = self.position;
        self.position += 2;
        let from = self.position;
        let value = if matches!(name, 'v' | '+') {
            self.number()
        } else {
            self.whole_number()
        };
        if !SETTINGS.contains(name) {
            self.pass_over(start, &format!("there is no setting '{name}='"));
            self.position = self.end;
            return Ok(());
        }
        match value {
            None => self.pass_over(from, "a number is missing"),
            Some(value) => self.set(name, value, from)?,
        }
        self.blanks();
        if self.peek(0).is_some() {
            self.pass_over(self.position, "a setting ends with ';'");
            // What follows in the last segment is played in spite of it.
            if self.end < self.text.len() {
                self.position = self.end;
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
        let start = self.position;
        self.position += 1;
        let mut times = (self.settings.on_ms, self.settings.off_ms);
        let mut frequencies = key_frequencies(key).map_or(Vec::new(), |pair| pair.to_vec());
        // Small letters are no keys in the language.
        if key.is_ascii_lowercase() {
            frequencies.clear();
        }
        if key == '%' {
            self.blanks();
        }
        if self.peek(0) == Some('(') {
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
        let open = self.position;
        let mut numbers = Vec::new();
        loop {
            self.position += 1;
            let start = self.position;
            let number = self.number();
            self.blanks();
            if number.is_none() || !matches!(self.peek(0), None | Some(',' | ')')) {
                self.pass_over(start, "a number is missing or wrong");
            }
            numbers.push(number);
            while !matches!(self.peek(0), None | Some(',' | ')')) {
                self.position += 1;
            }
            match self.peek(0) {
                Some(',') => {}
                Some(_) => {
                    self.position += 1;
                    return numbers;
                }
                None => {
                    self.pass_over(open, "this parenthesis is never closed");
                    return numbers;
                }
            }
        }
    }

    /// The number that the text begins with, whatever follows it.
    fn number(&mut self) -> Option<f64> {
        self.blanks();
        let start = self.position;
        if let Some('-' | '+') = self.peek(0) {
            self.position += 1;
        }
        while let Some('0'..='9') = self.peek(0) {
            self.position += 1;
        }
        if self.peek(0) == Some('.') {
            self.position += 1;
            while let Some('0'..='9') = self.peek(0) {
                self.position += 1;
            }
        }
        let digits: String = self.text[start..self.position].iter().collect();
        let number = digits.parse().ok();
        if number.is_none() {
            self.position = start;
        }
        number
    }

    fn whole_number(&mut self) -> Option<f64> {
        self.number().map(f64::trunc)
    }

    fn blanks(&mut self) {
        while let Some(' ' | '\t' | '\r' | '\n') = self.peek(0) {
            self.position += 1;
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        let at = self.position + ahead;
        (at < self.end).then(|| self.text[at])
    }

    fn is_loops(&self, at: usize) -> bool {
        let word = self.text[at..].iter().take("loops=".len());
        word.collect::<String>().eq_ignore_ascii_case("loops=")
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
