//! What hangs on a stream besides its call (FreeSWITCH calls them media bugs): taps hand on what
//! its party says and hears, inlets add other sound to either.
//!
//! A tap of speech hears what the far end said, before any inlet added to it; files and detectors
//! hear in the other direction what the far end really hears. A [`pipe`] leads from a tap to an
//! inlet of any other stream, whichever worker runs it.

mod detector;
mod inlet;
mod mix;
mod pipe;
mod taps;

pub use detector::{Detector, Detectors, Finder};
pub use inlet::{Inlet, Manner, Sound};
pub use mix::Mix;
pub use pipe::{PipeReader, PipeWriter, pipe, pipe_delayed};
pub use taps::{Side, Taps};
