//! Words and numbers of Python as the engine's values.

use std::io;
use std::path::Path;

use engine::bug::{Manner, Side};
use engine::recorder::{Control, Hear};
use engine::rtp::jitter::Delays;
use engine::stream::{Buffer, DigitMethod};
use engine::{EffectWishes, FeedRequest};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;

pub fn hear(text: &str) -> PyResult<Hear> {
    match text {
        "read" => Ok(Hear::Read),
        "write" => Ok(Hear::Write),
        "both" => Ok(Hear::Both),
        _ => Err(wrong("hear", "read, write or both", text)),
    }
}

/// The directions of a stream that `hear` names.
pub fn sides(text: &str) -> PyResult<&'static [Side]> {
    Ok(match hear(text)? {
        Hear::Read => &[Side::Speak],
        Hear::Write => &[Side::Hear],
        Hear::Both => &[Side::Speak, Side::Hear],
    })
}

/// The one direction that `hear` names.
pub fn side(text: &str) -> PyResult<Side> {
    match sides(text)? {
        [side] => Ok(*side),
        _ => Err(PyValueError::new_err("hear is read or write here")),
    }
}

/// A rate to record at; 0 is the codec's.
pub fn rate(rate: u32) -> PyResult<u32> {
    if rate != 0 && !(8000..=192_000).contains(&rate) {
        let text = format!("a rate of {rate} Hz cannot be recorded");
        return Err(PyValueError::new_err(text));
    }
    Ok(rate)
}

/// Length of the pieces of a tap.
pub fn period(period_ms: u64) -> PyResult<u64> {
    if !(10..=10_000).contains(&period_ms) {
        return Err(PyValueError::new_err("pieces are 10 to 10000 ms long"));
    }
    Ok(period_ms)
}

/// Passes of a source: below 0 is endless, 0 is 1.
pub fn loops(loops: i64) -> Option<u32> {
    match loops {
        ..0 => None,
        _ => Some(u32::try_from(loops.max(1)).unwrap_or(u32::MAX)),
    }
}

pub fn control(text: &str) -> PyResult<Control> {
    match text {
        "mask" => Ok(Control::Mask),
        "unmask" => Ok(Control::Unmask),
        "pause" => Ok(Control::Pause),
        "resume" => Ok(Control::Resume),
        _ => Err(wrong("an action", "mask, unmask, pause or resume", text)),
    }
}

pub fn feed_request(into: &str, replace: bool, gain_db: f32) -> PyResult<FeedRequest> {
    let into = match into {
        "hear" => Side::Hear,
        "speak" => Side::Speak,
        _ => return Err(wrong("into", "hear or speak", into)),
    };
    if !gain_db.is_finite() {
        let text = "a gain is a finite number of decibels";
        return Err(PyValueError::new_err(text));
    }
    let manner = if replace {
        Manner::Replace
    } else {
        Manner::Mix
    };
    let gain = engine::db_to_gain(gain_db);
    Ok(FeedRequest { into, manner, gain })
}

pub fn digit_method(text: &str) -> PyResult<DigitMethod> {
    match text {
        "rfc4733" => Ok(DigitMethod::TelephoneEvent),
        "inband" => Ok(DigitMethod::Inband),
        _ => {
            let text = format!("digits are sent by rfc4733 or inband, not {text:?}");
            Err(PyValueError::new_err(text))
        }
    }
}

/// Refuse what cannot be sent as a digit.
pub fn check_digits(digits: &str) -> PyResult<()> {
    let known = |symbol: char| "0123456789*#ABCDabcdFfwW".contains(symbol);
    match digits.chars().find(|&symbol| !known(symbol)) {
        Some(unknown) => Err(PyValueError::new_err(format!("{unknown:?} is not a digit"))),
        None => Ok(()),
    }
}

/// How packets of the far end are held back; `initial_ms` of 0 ends that.
pub fn buffer(initial_ms: u32, max_ms: u32, in_bridge: bool) -> PyResult<Buffer> {
    if initial_ms > 10_000 || max_ms > 10_000 {
        let text = "packets are held back 10000 ms at most";
        return Err(PyValueError::new_err(text));
    }
    if initial_ms == 0 {
        return Ok(Buffer::Off);
    }
    let max_ms = max_ms.max(initial_ms);
    Ok(Buffer::Hold {
        delays: Delays { initial_ms, max_ms },
        in_bridge,
    })
}

pub fn effects(level: Option<u16>, suppression_db: Option<u8>) -> PyResult<EffectWishes> {
    if level.is_some_and(|level| !(100..=30_000).contains(&level)) {
        return Err(PyValueError::new_err("a level is 100 to 30000"));
    }
    if suppression_db.is_some_and(|decibels| !(1..=60).contains(&decibels)) {
        return Err(PyValueError::new_err("noise is suppressed by 1 to 60 dB"));
    }
    Ok(EffectWishes {
        level,
        suppression_db,
    })
}

/// A file that cannot be used: what the system says of it, or what it lacks with its path.
pub fn file_error(error: io::Error, path: &Path) -> PyErr {
    match error.raw_os_error() {
        Some(_) => error.into(),
        None => PyOSError::new_err(format!("{}: {error}", path.display())),
    }
}

fn wrong(what: &str, wanted: &str, found: &str) -> PyErr {
    PyValueError::new_err(format!("{what} is {wanted}, not {found:?}"))
}
