//! `Engine`: opens streams and sources, hands out events.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use engine::{Method, Priority, Settings};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::events;
use crate::live_class::Live;
use crate::mixer_class::{self, Mixer};
use crate::parameters::parse_ip;
use crate::source_class::Source;
use crate::stream_class::Stream;

/// Owns the worker threads, the sockets and the clock of all media.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Engine(engine::Engine);

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (*, rtp_start_port = 16384, rtp_end_port = 32768, workers = 1, io_uring = true))]
    fn new(
        rtp_start_port: u16,
        rtp_end_port: u16,
        workers: usize,
        io_uring: bool,
    ) -> PyResult<Engine> {
        let method = if io_uring {
            Method::IoUring
        } else {
            Method::Epoll
        };
        let settings = Settings {
            rtp_start_port,
            rtp_end_port,
            workers,
            method,
        };
        let started = engine::Engine::start(settings);
        started.map(Engine).map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidInput => PyValueError::new_err(error.to_string()),
            _ => error.into(),
        })
    }

    /// How many threads carry streams.
    #[getter]
    fn workers(&self) -> usize {
        self.0.workers()
    }

    /// How they stand among the threads of the machine.
    #[getter]
    fn priority(&self) -> &'static str {
        match self.0.priority() {
            Priority::RealTime => "real-time",
            Priority::High => "high",
            Priority::Usual => "usual",
        }
    }

    /// How they wait for packets.
    #[getter]
    fn method(&self) -> &'static str {
        match self.0.method() {
            Method::IoUring => "io_uring",
            Method::Epoll => "epoll",
        }
    }

    /// Readable whenever events wait (an eventfd; drained by take_events).
    #[getter]
    fn event_fd(&self) -> i32 {
        self.0.event_descriptor()
    }

    /// All waiting events in order, see `softswitch.media.events` for their shapes.
    fn take_events(&self, python: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        let waiting = self.0.take_events();
        waiting
            .into_iter()
            .map(|event| events::to_python(python, event))
            .collect()
    }

    /// Bind an RTP/RTCP port pair on `local_ip`, or one port for `port`. Raises OSError if none is
    /// free.
    #[pyo3(signature = (local_ip, *, dscp = 0, port = None))]
    fn open_stream(
        &self,
        python: Python<'_>,
        local_ip: &str,
        dscp: u8,
        port: Option<u16>,
    ) -> PyResult<Stream> {
        self.check()?;
        if dscp > 63 {
            return Err(PyValueError::new_err(format!(
                "a DSCP is at most 63, not {dscp}"
            )));
        }
        let ip = parse_ip(local_ip)?;
        let opened = python.detach(|| match port {
            Some(port) => self.0.open_single(SocketAddr::new(ip, port), dscp),
            None => self.0.open_stream(ip, dscp),
        });
        Ok(Stream::new(opened?))
    }

    /// Open a room that mixes what its members say.
    fn open_mixer(&self, settings: &Bound<'_, PyAny>) -> PyResult<Mixer> {
        self.check()?;
        let settings = mixer_class::extract_settings(settings)?;
        Ok(Mixer::new(self.0.open_mixer(settings)))
    }

    /// Mono PCM held in memory and shared by any number of listeners.
    fn open_buffer(&self, samples: &[u8], rate: u32) -> PyResult<Source> {
        self.check()?;
        if !(1000..=192_000).contains(&rate) {
            return Err(PyValueError::new_err(format!(
                "a rate of {rate} Hz cannot be played"
            )));
        }
        let samples: Arc<[i16]> = crate::samples_of(samples)?;
        Ok(self.source(engine::source::Source::Buffer { samples, rate }))
    }

    /// A WAV file (PCM 8/16/24/32, float, mu-law, A-law; any rate and channel count, mixed down
    /// to mono): short ones in memory, long ones read ahead. Raises OSError or ValueError with a reason.
    fn open_wav(&self, python: Python<'_>, path: PathBuf) -> PyResult<Source> {
        self.check()?;
        let opened = python.detach(|| self.0.open_wav(&path));
        let source = opened.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData
            | std::io::ErrorKind::InvalidInput
            | std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::Unsupported => {
                PyValueError::new_err(format!("{}: {error}", path.display()))
            }
            _ => PyErr::from(error),
        })?;
        Ok(self.source(source))
    }

    /// Tones in FreeSWITCH's TGML. Raises ValueError naming what is wrong and where.
    fn open_tone(&self, script: &str) -> PyResult<Source> {
        self.check()?;
        let tone = engine::source::Source::tone(script).map_err(PyValueError::new_err)?;
        Ok(self.source(tone))
    }

    /// Silence, or comfort noise of that divisor; negative length is endless.
    #[pyo3(signature = (milliseconds, noise = 0))]
    fn open_silence(&self, milliseconds: i64, noise: i64) -> PyResult<Source> {
        self.check()?;
        Ok(self.source(engine::source::Source::Silence {
            milliseconds: u64::try_from(milliseconds).ok(),
            noise: u32::try_from(noise.max(0)).unwrap_or(u32::MAX),
        }))
    }

    /// Sound that is written as it goes on; all who play it hear the same moment.
    fn open_live(&self, rate: u32) -> PyResult<Live> {
        self.check()?;
        if !(8000..=192_000).contains(&rate) {
            let text = format!("a rate of {rate} Hz cannot be played");
            return Err(PyValueError::new_err(text));
        }
        let live = Arc::new(engine::live::Live::new(rate));
        Ok(Live::new(live, self.0.clone()))
    }

    /// Counters of the whole engine.
    fn stats<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let stats = PyDict::new(python);
        for (name, value) in self.0.counters().values() {
            stats.set_item(name, value)?;
        }
        Ok(stats)
    }

    /// Stop all workers and close all sockets. Idempotent.
    fn close(&self, python: Python<'_>) {
        python.detach(|| self.0.close());
    }

    fn __repr__(&self) -> String {
        if self.0.is_closed() {
            return "<Engine closed>".to_owned();
        }
        format!("<Engine {} streams>", self.0.counters().streams.value())
    }
}

impl Engine {
    fn check(&self) -> PyResult<()> {
        if self.0.is_closed() {
            return Err(PyOSError::new_err("the engine is closed"));
        }
        Ok(())
    }

    fn source(&self, source: engine::source::Source) -> Source {
        Source::new(source, self.0.clone())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.0.close();
    }
}
