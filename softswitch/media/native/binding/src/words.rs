//! Words of Python for taps, inlets and recordings.

use engine::FeedRequest;
use engine::bug::{Manner, Side};
use engine::recorder::{Control, Hear};
use pyo3::exceptions::PyValueError;
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

/// A rate to record at; 0 is the codec's.
pub fn rate(rate: u32) -> PyResult<u32> {
    if rate != 0 && !(8000..=192_000).contains(&rate) {
        let text = format!("a rate of {rate} Hz cannot be recorded");
        return Err(PyValueError::new_err(text));
    }
    Ok(rate)
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

fn wrong(what: &str, wanted: &str, found: &str) -> PyErr {
    PyValueError::new_err(format!("{what} is {wanted}, not {found:?}"))
}
