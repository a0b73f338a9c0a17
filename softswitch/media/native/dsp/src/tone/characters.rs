//! The characters of a tone script, and where the parser is in them.

/// A script that is read from the left.
pub(super) struct Characters {
    pub all: Vec<char>,
    pub position: usize,
    /// Where the segment that is being read ends.
    pub end: usize,
}

impl Characters {
    pub fn new(text: &str) -> Characters {
        let all: Vec<char> = text.chars().collect();
        Characters {
            end: all.len(),
            all,
            position: 0,
        }
    }

    /// The number that the text begins with, whatever follows it.
    pub fn number(&mut self) -> Option<f64> {
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
        let digits: String = self.all[start..self.position].iter().collect();
        let number = digits.parse().ok();
        if number.is_none() {
            self.position = start;
        }
        number
    }

    pub fn whole_number(&mut self) -> Option<f64> {
        self.number().map(f64::trunc)
    }

    pub fn blanks(&mut self) {
        while let Some(' ' | '\t' | '\r' | '\n') = self.peek(0) {
            self.position += 1;
        }
    }

    pub fn peek(&self, ahead: usize) -> Option<char> {
        let at = self.position + ahead;
        (at < self.end).then(|| self.all[at])
    }

    pub fn is_loops(&self, at: usize) -> bool {
        let word = self.all[at..].iter().take("loops=".len());
        word.collect::<String>().eq_ignore_ascii_case("loops=")
    }
}
