//! The engine as the Python module `softswitch.media._engine`: conversion and nothing else.

mod encoder_class;
mod engine_class;
mod events;
mod live_class;
mod mixer_class;
mod parameters;
mod protection;
mod recording;
mod source_class;
mod statistics;
mod stream_class;
mod tap_class;
mod words;

use pyo3::prelude::*;

pyo3::create_exception!(
    softswitch.media._engine,
    StreamClosed,
    pyo3::exceptions::PyException,
    "The handle was closed before this call."
);

/// What the engine returned, or `StreamClosed`.
fn unless_closed<T>(outcome: Result<T, engine::Closed>) -> PyResult<T> {
    outcome.map_err(|_| StreamClosed::new_err("the handle is closed"))
}

/// 16-bit samples in the machine's byte order.
fn samples_of<Samples: FromIterator<i16>>(bytes: &[u8]) -> PyResult<Samples> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        let text = "16-bit samples take an even number of bytes";
        return Err(pyo3::exceptions::PyValueError::new_err(text));
    }
    Ok(pairs.iter().map(|pair| i16::from_ne_bytes(*pair)).collect())
}

/// The same back.
fn bytes_of(samples: Vec<i16>) -> Vec<u8> {
    samples.into_iter().flat_map(i16::to_ne_bytes).collect()
}

#[pymodule]
mod _engine {
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;

    #[pymodule_export]
    use super::StreamClosed;
    use super::bytes_of;
    #[pymodule_export]
    use super::encoder_class::Encoder;
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

    /// Decode payloads of a codec in one piece: 16-bit mono samples and their rate.
    #[pyfunction]
    fn decode<'py>(
        python: Python<'py>,
        name: &str,
        clock_rate: u32,
        payload: &[u8],
    ) -> PyResult<(Bound<'py, PyBytes>, u32)> {
        let decoded = python.detach(|| engine::decode(name, clock_rate, payload));
        let (samples, rate) = decoded.map_err(PyValueError::new_err)?;
        Ok((PyBytes::new(python, &bytes_of(samples)), rate))
    }

    /// Music of our own at `rate` Hz, about 19 seconds that may be played over and over: 16-bit
    /// mono samples.
    #[pyfunction]
    fn music<'py>(python: Python<'py>, rate: u32) -> Bound<'py, PyBytes> {
        let samples = python.detach(|| engine::music(rate));
        PyBytes::new(python, &bytes_of(samples))
    }

    /// What of a tone script is passed over, in words with its place. Raises ValueError naming
    /// what is wrong with one of which nothing is heard.
    #[pyfunction]
    fn check_tone(script: &str) -> PyResult<Vec<String>> {
        engine::source::check_tone(script).map_err(PyValueError::new_err)
    }

    /// Names of the codecs the engine decodes and encodes.
    #[pyfunction]
    fn codecs() -> Vec<&'static str> {
        engine::codecs().to_vec()
    }
}
