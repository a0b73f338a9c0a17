//! How a stream is recorded, read from keyword arguments.

use engine::recorder::{Hear, PERIOD_MS, RecordingOptions};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::words;

/// What files and readers in Python may both ask for; `_engine.pyi` says what each means.
pub fn options(wishes: Option<&Bound<'_, PyDict>>) -> PyResult<RecordingOptions> {
    let mut options = RecordingOptions {
        hear: Hear::Read,
        stereo: false,
        swap: false,
        rate: 0,
        limit_ms: 0,
        silence_threshold: 0,
        silence_ms: 0,
        initial_silence_ms: 0,
        period_ms: PERIOD_MS,
        fill: 0,
    };
    let mut initial_silence_ms = None;
    for (name, value) in wishes.into_iter().flatten() {
        match name.extract::<String>()?.as_str() {
            "hear" => options.hear = words::hear(&value.extract::<String>()?)?,
            "stereo" => options.stereo = value.extract()?,
            "swap" => options.swap = value.extract()?,
            "rate" => options.rate = words::rate(value.extract()?)?,
            "limit_ms" => options.limit_ms = value.extract()?,
            "silence_threshold" => options.silence_threshold = value.extract()?,
            "silence_ms" => options.silence_ms = value.extract()?,
            "initial_silence_ms" => initial_silence_ms = value.extract()?,
            "fill" => options.fill = value.extract()?,
            unknown => {
                let text = format!("a recording has no {unknown:?}");
                return Err(PyTypeError::new_err(text));
            }
        }
    }
    options.initial_silence_ms = initial_silence_ms.unwrap_or(options.silence_ms);
    Ok(options)
}
