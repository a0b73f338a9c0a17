//! Time as the engine counts it: microseconds since an arbitrary start, never read in a state
//! machine but handed to it.

/// A moment on the engine's monotonic clock, or a span of it.
pub type Microseconds = u64;
/// Cycles in a second: a sample rate or an RTP clock.
pub type Rate = u32;

pub const MILLISECOND: Microseconds = 1_000;
pub const SECOND: Microseconds = 1_000_000;

/// How many units of a clock pass in a span, modulo 2³² as RTP timestamps count.
pub fn units(span: Microseconds, clock: Rate) -> u32 {
    (span as u128 * u128::from(clock) / u128::from(SECOND)) as u32
}

/// How many samples of a rate make a number of milliseconds.
pub fn samples(milliseconds: u64, rate: Rate) -> u64 {
    milliseconds * u64::from(rate) / 1000
}
