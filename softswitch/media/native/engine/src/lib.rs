//! The media engine of the softswitch: RTP streams, who hears whom, playing, recording, digits.
//!
//! Callers hold an [`Engine`] and [`StreamHandle`]s; worker threads own the sockets and the clock
//! and run [`graph::Graph`], in which everything happens without either.

#![forbid(unsafe_code)]

pub mod bug;
mod clock;
pub mod counters;
pub mod event;
pub mod files;
pub mod graph;
mod handle;
mod inbox;
pub mod live;
pub mod mixer;
mod network;
pub mod output;
mod pace;
pub mod parameters;
mod ports;
mod prompts;
pub mod recorder;
pub mod rtp;
pub mod source;
pub mod srtp;
pub mod stream;
mod sys;
pub mod tap;
pub mod time;
pub mod timers;
mod worker;

pub use handle::{Closed, Engine, FeedRequest, MixerHandle, Settings, StreamHandle};
pub use network::Method;
pub use sys::Priority;

pub use dsp::detect;
pub use dsp::effect::EffectWishes;
pub use dsp::level::db_to_gain;
pub use dsp::music::piece as music;

/// Names of the codecs that are decoded and encoded; others are only relayed.
pub fn codecs() -> &'static [&'static str] {
    dsp::codec::names()
}

/// Decode a payload in one piece; an error says why it cannot be.
pub fn decode(name: &str, clock_rate: u32, payload: &[u8]) -> Result<(Vec<i16>, u32), String> {
    let codec = dsp::codec::create(name, clock_rate, 1, "");
    let mut codec = codec.ok_or_else(|| format!("{name} is not decoded"))?;
    let mut samples = Vec::new();
    codec
        .decode(payload, &mut samples)
        .map_err(|error| error.to_string())?;
    Ok((samples, codec.sample_rate()))
}

/// The encoder of a codec by itself, for files that hold its payloads and nothing else.
pub struct PayloadEncoder(Box<dyn dsp::codec::Codec>);

impl PayloadEncoder {
    /// An error says why there is none.
    pub fn new(name: &str, clock_rate: u32) -> Result<PayloadEncoder, String> {
        let codec = dsp::codec::create(name, clock_rate, 1, "");
        codec
            .map(PayloadEncoder)
            .ok_or_else(|| format!("{name} is not encoded"))
    }

    /// Samples a second of what it takes.
    pub fn sample_rate(&self) -> u32 {
        self.0.sample_rate()
    }

    /// The payload of samples that go on where the last ones ended.
    pub fn encode(&mut self, samples: &[i16]) -> Vec<u8> {
        let mut payload = Vec::new();
        self.0.encode(samples, &mut payload);
        payload
    }
}
