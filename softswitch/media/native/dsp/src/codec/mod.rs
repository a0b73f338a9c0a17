//! The codecs the engine decodes and encodes, by the names SDP gives them.

use std::fmt;

mod g722;
mod g726;
mod gsm;
mod opus;
#[cfg(test)]
mod tests;
mod waveform;

use g726::{G726, Packing};
use waveform::{Law, Waveform};

/// A payload that is not what its codec calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(pub String);

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Turns RTP payloads into mono samples and back; keeps whatever state that takes.
pub trait Codec: Send {
    /// Rate of the decoded samples in Hz.
    fn sample_rate(&self) -> u32;

    /// Work at the lowest rate that loses nothing of audio of `rate`, where there is a choice.
    fn run_at(&mut self, _rate: u32) {}

    /// The far end tells that so many of a hundred packets were lost: encode for that.
    fn note_loss(&mut self, _percent: u8) {}

    /// Append the samples of one payload. A payload that is wrong appends nothing.
    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError>;

    /// Append the payload of these samples. One that need not be sent appends nothing.
    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>);

    /// Whether [`Codec::encode_stereo`] keeps left and right apart.
    fn is_stereo(&self) -> bool {
        false
    }

    /// Append the payload of samples of two channels that alternate; without two channels of its
    /// own the codec gets them mixed.
    fn encode_stereo(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        self.encode(&mixed_down(samples), out);
    }

    /// Append about `count` samples in place of lost ones; `next` is the payload behind the gap,
    /// where it is known already. False if the codec has no way of its own.
    fn conceal(&mut self, _count: usize, _next: Option<&[u8]>, _out: &mut Vec<i16>) -> bool {
        false
    }
}

/// Alternating samples of two channels as samples of one.
fn mixed_down(samples: &[i16]) -> Vec<i16> {
    samples
        .chunks_exact(2)
        .map(|pair| ((i32::from(pair[0]) + i32::from(pair[1])) >> 1) as i16)
        .collect()
}

/// The codec of that name, or None if it can only be passed through.
///
/// Names are compared without case; `clock_rate` is the RTP clock, `fmtp` what the far end asks
/// for, behind what is asked of our own encoder and a `|`. Payloads of two channels are mixed down to mono when decoded; encoded they carry the same
/// samples on both channels.
pub fn create(name: &str, clock_rate: u32, channels: u16, fmtp: &str) -> Option<Box<dyn Codec>> {
    let name = name.to_ascii_uppercase();
    let law = match name.as_str() {
        "PCMU" => Law::Mu,
        "PCMA" => Law::A,
        "L16" => Law::Linear,
        "OPUS" if clock_rate == 48_000 && (1..=2).contains(&channels) => {
            return Some(Box::new(opus::Opus::new(fmtp)));
        }
        _ if (clock_rate, channels) == (8000, 1) => return create_narrow(&name),
        _ => return None,
    };
    if !(8_000..=192_000).contains(&clock_rate) || !(1..=2).contains(&channels) {
        return None;
    }
    Some(Box::new(Waveform {
        law,
        rate: clock_rate,
        stereo: channels == 2,
    }))
}

/// Codecs that exist with a clock of 8000 Hz and one channel alone.
fn create_narrow(name: &str) -> Option<Box<dyn Codec>> {
    match name {
        "G722" => return Some(Box::<g722::G722>::default()),
        "GSM" => return Some(Box::<gsm::Gsm>::default()),
        _ => {}
    }
    let (packing, name) = match name.strip_prefix("AAL2-") {
        Some(rest) => (Packing::Aal2, rest),
        None => (Packing::Rtp, name),
    };
    let kilobits: u32 = name.strip_prefix("G726-")?.parse().ok()?;
    Some(Box::new(G726::new(kilobits.checked_mul(1000)?, packing)?))
}

/// Names [`create`] knows.
pub fn names() -> &'static [&'static str] {
    &[
        "PCMU",
        "PCMA",
        "L16",
        "G722",
        "OPUS",
        "GSM",
        "G726-16",
        "G726-24",
        "G726-32",
        "G726-40",
        "AAL2-G726-16",
        "AAL2-G726-24",
        "AAL2-G726-32",
        "AAL2-G726-40",
    ]
}
