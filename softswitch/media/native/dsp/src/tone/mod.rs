//! Tones: FreeSWITCH's tone language (TGML) and the digits of a keypad.

mod characters;
mod dtmf;
mod generator;
mod parser;
mod script;
#[cfg(test)]
mod tests;

pub use dtmf::{DtmfGenerator, dtmf_samples};
pub use generator::ToneGenerator;
pub use script::{ToneError, ToneScript};
