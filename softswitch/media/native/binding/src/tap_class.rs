//! `Tap`: samples of a stream for a reader in Python.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Samples of a stream on their way to Python: bounded, so that a slow reader costs nothing.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Tap(Arc<engine::tap::Tap>);

impl Tap {
    pub fn new(tap: Arc<engine::tap::Tap>) -> Tap {
        Tap(tap)
    }
}

#[pymethods]
impl Tap {
    /// The recording's number, for `Stream.stop` and `Stream.control`.
    #[getter]
    fn number(&self) -> u64 {
        self.0.number
    }

    #[getter]
    fn rate(&self) -> u32 {
        self.0.rate
    }

    #[getter]
    fn channels(&self) -> u16 {
        self.0.channels
    }

    /// Samples of each channel that were not read in time.
    #[getter]
    fn lost(&self) -> u64 {
        self.0.lost()
    }

    /// Readable while samples wait, and once nothing more comes.
    fn fileno(&self) -> i32 {
        self.0.descriptor()
    }

    /// All that waits, as 16-bit samples in native byte order, and whether more can come.
    fn read<'py>(&self, python: Python<'py>) -> (Bound<'py, PyBytes>, bool) {
        let (samples, more) = self.0.read();
        let bytes: Vec<u8> = samples
            .into_iter()
            .flat_map(|sample| sample.to_ne_bytes())
            .collect();
        (PyBytes::new(python, &bytes), more)
    }

    fn __repr__(&self) -> String {
        let Tap(tap) = self;
        format!("<Tap {} of stream {}>", tap.number, tap.stream)
    }
}
