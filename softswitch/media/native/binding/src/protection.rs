//! Keys of SRTP from Python.

use engine::srtp::{Keys, Suite};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pub fn suite(name: &str) -> PyResult<Suite> {
    let unknown = || PyValueError::new_err(format!("{name:?} is no suite of SRTP"));
    Suite::parse(name).ok_or_else(unknown)
}

/// A master key with its salt, and the identifier that packets name it by, if any.
pub fn keys(suite: Suite, key: Option<&[u8]>, mki: Option<&[u8]>) -> PyResult<Keys> {
    Keys::new(suite, key.unwrap_or_default())
        .and_then(|keys| keys.named(mki.unwrap_or_default()))
        .map_err(PyValueError::new_err)
}
