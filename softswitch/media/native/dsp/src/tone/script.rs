//! Scripts in FreeSWITCH's tone language (TGML).

use std::fmt;

use super::parser::Parser;

pub(super) const LOWEST_LEVEL: f64 = -63.0;
pub(super) const HIGHEST_LEVEL: f64 = 0.0;

/// What is wrong with a tone script, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToneError {
    /// Characters before the wrong place.
    pub position: usize,
    pub message: String,
}

impl ToneError {
    pub(super) fn at(position: usize, message: &str) -> ToneError {
        ToneError {
            position,
            message: message.to_owned(),
        }
    }
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

/// One tone and the pause behind it, with all that was set when it was written; without a frequency
/// only the pause.
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
    ///
    /// As in FreeSWITCH, what means nothing is passed over; an error says why nothing is left.
    pub fn parse(text: &str) -> Result<ToneScript, ToneError> {
        let mut passed_over = Vec::new();
        ToneScript::parse_telling(text, &mut passed_over)
    }

    /// The same, and tell the first few places that were passed over.
    pub fn parse_telling(
        text: &str,
        passed_over: &mut Vec<ToneError>,
    ) -> Result<ToneScript, ToneError> {
        Parser::new(text, passed_over).script()
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
