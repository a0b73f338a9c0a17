//! `Live`: sound that is written as it goes on, and heard by many at once.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::source_class::Source;

/// Sound that goes on whether anybody listens or not.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Live {
    live: Arc<engine::live::Live>,
    engine: engine::Engine,
}

impl Live {
    pub fn new(live: Arc<engine::live::Live>, engine: engine::Engine) -> Live {
        Live { live, engine }
    }
}

#[pymethods]
impl Live {
    /// Add 16-bit mono samples behind the newest; they are converted to the live rate.
    fn write(&self, python: Python<'_>, samples: &[u8], rate: u32) -> PyResult<()> {
        if !(1000..=192_000).contains(&rate) {
            let text = format!("{rate} Hz is not a rate of 1000 to 192000 Hz");
            return Err(PyValueError::new_err(text));
        }
        let samples: Vec<i16> = crate::samples_of(samples)?;
        python.detach(|| self.live.write(&samples, rate));
        Ok(())
    }

    /// What plays it, from the moment it begins to be played.
    fn source(&self) -> Source {
        let source = engine::source::Source::Live(Arc::clone(&self.live));
        Source::new(source, self.engine.clone())
    }

    /// How many streams play it now.
    #[getter]
    fn listeners(&self) -> usize {
        self.live.listeners()
    }

    /// Nothing more comes: whoever listens hears the end. Idempotent.
    fn close(&self) {
        self.live.close();
    }

    fn __repr__(&self) -> String {
        format!(
            "<Live {} Hz, {} listeners>",
            self.live.rate,
            self.live.listeners()
        )
    }
}
