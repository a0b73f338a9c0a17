//! The engine as the Python module `softswitch.media._engine`: conversion and nothing else.

mod bugs;
mod engine_class;
mod events;
mod live_class;
mod mixer_class;
mod parameters;
mod source_class;
mod stream_class;
mod tap_class;

use pyo3::prelude::*;

pyo3::create_exception!(
    softswitch.media._engine,
    StreamClosed,
    pyo3::exceptions::PyException,
    "The handle was closed before this call."
);

impl From<engine::Closed> for ClosedError {
    fn from(_: engine::Closed) -> ClosedError {
        ClosedError
    }
}

/// Carries [`engine::Closed`] across `?` to the Python exception.
struct ClosedError;

impl From<ClosedError> for PyErr {
    fn from(_: ClosedError) -> PyErr {
        StreamClosed::new_err("the handle is closed")
    }
}

#[pymodule]
mod _engine {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::StreamClosed;
    #[pymodule_export]
    use super::engine_class::Engine;
    #[pymodule_export]
    use super::live_class::Live;
    #[pymodule_export]
    use super::mixer_class::Mixer;
    #[pymodule_export]
    use super::source_class::Source;
    #[pymodule_export]
    use super::stream_class::Stream;
    #[pymodule_export]
    use super::tap_class::Tap;

    /// Names of the codecs the engine decodes and encodes.
    #[pyfunction]
    fn codecs() -> Vec<&'static str> {
        engine::codecs().to_vec()
    }
}
