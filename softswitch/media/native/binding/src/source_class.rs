//! `Source`: something that can be played.

use std::sync::Mutex;

use engine::counters::EngineCounters;
use pyo3::prelude::*;

use crate::StreamClosed;

/// Something that can be played, by one or many.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Source {
    source: Mutex<Option<engine::source::Source>>,
    milliseconds: Option<u64>,
    rate: Option<u32>,
    engine: engine::Engine,
}

impl Source {
    pub fn new(source: engine::source::Source, engine: engine::Engine) -> Source {
        engine.counters().sources.add(1);
        Source {
            milliseconds: source.milliseconds(),
            rate: source.rate(),
            source: Mutex::new(Some(source)),
            engine,
        }
    }

    /// What to play, unless it is closed.
    pub fn open(&self) -> PyResult<engine::source::Source> {
        let source = self
            .source
            .lock()
            .expect("no holder of the source panics")
            .clone();
        source.ok_or_else(|| StreamClosed::new_err("the source is closed"))
    }
}

#[pymethods]
impl Source {
    /// Its length, None if endless or unknown.
    #[getter]
    fn milliseconds(&self) -> Option<u64> {
        self.milliseconds
    }

    /// Its samples a second, None if it plays at any rate.
    #[getter]
    fn rate(&self) -> Option<u32> {
        self.rate
    }

    fn close(&self) {
        let source = self
            .source
            .lock()
            .expect("no holder of the source panics")
            .take();
        if source.is_some() {
            let counters: &EngineCounters = self.engine.counters();
            counters.sources.subtract(1);
        }
    }

    fn __repr__(&self) -> String {
        let length = match self.milliseconds {
            Some(milliseconds) => format!("{milliseconds} ms"),
            None => "endless".to_owned(),
        };
        format!("<Source {length}>")
    }
}

impl Drop for Source {
    fn drop(&mut self) {
        self.close();
    }
}
