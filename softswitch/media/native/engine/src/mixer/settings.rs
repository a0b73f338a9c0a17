//! How a room and its members are set up.

use crate::time::Rate;

/// How a room mixes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MixerSettings {
    /// Rate it mixes at.
    pub rate: Rate,
    pub interval_ms: u32,
    /// Members have places between left and right; who has a stereo codec hears them.
    pub stereo: bool,
    /// Divisor of the noise that is heard while nobody speaks; 0 = silence.
    pub comfort_noise: u32,
    /// Voices are mixed whether they are loud enough or not.
    pub ungated: bool,
    /// Voices are mixed at all; plays and recordings go on without.
    pub open: bool,
}

impl MixerSettings {
    /// Samples of one channel in an interval.
    pub fn frame(&self) -> usize {
        (self.interval_ms * self.rate / 1000) as usize
    }

    /// What is wrong with them, if anything.
    pub fn check(&self) -> Result<(), String> {
        if !(8000..=48_000).contains(&self.rate) {
            return Err(format!("a room of {} Hz cannot be mixed", self.rate));
        }
        if !(10..=120).contains(&self.interval_ms) {
            return Err(format!("{} ms is no interval of a room", self.interval_ms));
        }
        Ok(())
    }
}

/// Keeps a voice near a loudness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AutoGain {
    /// Mean absolute value that is aimed at.
    pub target: u32,
    /// What is quieter is no voice and changes nothing.
    pub low: u32,
    /// Deviation that is left alone.
    pub margin: u32,
    /// How much the gain changes at a time, in half decibels.
    pub step: u32,
    /// Frames that are judged together.
    pub period: u32,
}

/// Silences who is far too loud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling {
    pub level: u32,
    /// Frames above it that are borne.
    pub hits: u32,
    pub mute_ms: u32,
}

/// How a member takes part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MemberSettings {
    /// Factors for what it says and what it hears.
    pub gain_in: f32,
    pub gain_out: f32,
    pub mute: bool,
    pub deaf: bool,
    /// Mean absolute value above which it is taken for a voice; 0 lets everything pass.
    pub energy_level: u32,
    /// Tell when it speaks though it is muted.
    pub mute_detect: bool,
    pub auto_gain: Option<AutoGain>,
    pub ceiling: Option<Ceiling>,
    /// Its place in a stereo room, from -1 (left) to 1 (right).
    pub pan: f32,
}

impl Default for MemberSettings {
    fn default() -> MemberSettings {
        MemberSettings {
            gain_in: 1.0,
            gain_out: 1.0,
            mute: false,
            deaf: false,
            energy_level: 0,
            mute_detect: false,
            auto_gain: None,
            ceiling: None,
            pan: 0.0,
        }
    }
}
