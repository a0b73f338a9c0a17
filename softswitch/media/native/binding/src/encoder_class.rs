//! `Encoder`: samples in, payloads of a codec out, for files that hold nothing else.

use std::sync::Mutex;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// One direction of a codec, which remembers what went before.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Encoder {
    encoder: Mutex<engine::PayloadEncoder>,
    rate: u32,
}

#[pymethods]
impl Encoder {
    #[new]
    fn new(name: &str, clock_rate: u32) -> PyResult<Encoder> {
        let encoder =
            engine::PayloadEncoder::new(name, clock_rate).map_err(PyValueError::new_err)?;
        Ok(Encoder {
            rate: encoder.sample_rate(),
            encoder: Mutex::new(encoder),
        })
    }

    /// Samples a second of what it takes.
    #[getter]
    fn sample_rate(&self) -> u32 {
        self.rate
    }

    /// The payload of 16-bit mono samples, which go on where the last ones ended.
    fn encode<'py>(&self, python: Python<'py>, samples: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let samples: Vec<i16> = crate::samples_of(samples)?;
        let payload = python.detach(|| {
            let mut encoder = self.encoder.lock().expect("no holder of an encoder panics");
            encoder.encode(&samples)
        });
        Ok(PyBytes::new(python, &payload))
    }

    fn __repr__(&self) -> String {
        format!("<Encoder of {} Hz>", self.rate)
    }
}
