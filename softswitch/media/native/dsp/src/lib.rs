//! Pure arithmetic of the media engine: no sockets, no threads, no clock.
//!
//! Samples are 16-bit signed linear mono unless a function says otherwise. The only input and
//! output is `std::fs` in [`wav`].

#![forbid(unsafe_code)]

pub mod codec;
pub mod conceal;
pub mod detect;
pub mod effect;
pub mod g711;
pub mod goertzel;
pub mod level;
pub mod music;
pub mod resample;
pub mod tone;
pub mod wav;
