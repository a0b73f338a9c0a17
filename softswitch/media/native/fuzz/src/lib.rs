//! What is done with the bytes of each fuzz target, and what must hold whatever they are.
//!
//! `fuzz_targets` hands these functions to libFuzzer; the engine's own tests run them over the
//! corpus (`engine/tests/fuzz_corpus.rs`), so that they always compile and no finding comes back.

mod codecs;
mod input;
mod rtp;
mod srtp;
mod stream;
mod wav;

pub use codecs::{g711, g722, g726, gsm, l16, opus, tone_script};
pub use rtp::{jitter_buffer, rtcp, rtp, telephone_event};
pub use srtp::srtp;
pub use stream::stream;
pub use wav::wav;

/// What does something with any bytes and panics where something is wrong.
pub type Target = fn(&[u8]);

/// All targets, by the names of their binaries and of their folders in `corpus`.
pub const TARGETS: [(&str, Target); 14] = [
    ("g711", g711),
    ("g722", g722),
    ("g726", g726),
    ("gsm", gsm),
    ("jitter_buffer", jitter_buffer),
    ("l16", l16),
    ("opus", opus),
    ("rtcp", rtcp),
    ("rtp", rtp),
    ("srtp", srtp),
    ("stream", stream),
    ("telephone_event", telephone_event),
    ("tone_script", tone_script),
    ("wav", wav),
];
