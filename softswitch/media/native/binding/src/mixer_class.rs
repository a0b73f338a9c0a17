//! `Mixer`: a room whose members hear each other.

use std::path::PathBuf;

use engine::MixerHandle;
use engine::mixer::play::PlayOptions;
use engine::mixer::settings::{AutoGain, Ceiling, MemberSettings, MixerSettings};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::source_class::Source;
use crate::stream_class::Stream;
use crate::tap_class::Tap;
use crate::{unless_closed, words};

/// Read an object that is shaped like `MixerParameters`.
pub fn extract_settings(object: &Bound<'_, PyAny>) -> PyResult<MixerSettings> {
    let settings = MixerSettings {
        rate: object.getattr("rate")?.extract()?,
        interval_ms: object.getattr("interval_ms")?.extract()?,
        stereo: object.getattr("stereo")?.extract()?,
        comfort_noise: object.getattr("comfort_noise")?.extract()?,
        ungated: object.getattr("ungated")?.extract()?,
        open: object.getattr("open")?.extract()?,
    };
    settings.check().map_err(PyValueError::new_err)?;
    Ok(settings)
}

fn extract_member(object: &Bound<'_, PyAny>) -> PyResult<MemberSettings> {
    let auto_gain: Option<(u32, u32, u32, u32, u32)> = object.getattr("auto_gain")?.extract()?;
    let ceiling: Option<(u32, u32, u32)> = object.getattr("ceiling")?.extract()?;
    let number = |name: &str| -> PyResult<f32> {
        let value: f32 = object.getattr(name)?.extract()?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(PyValueError::new_err(format!("{name} is a finite number")))
        }
    };
    Ok(MemberSettings {
        gain_in: dsp_gain(number("in_db")?),
        gain_out: dsp_gain(number("out_db")?),
        mute: object.getattr("mute")?.extract()?,
        deaf: object.getattr("deaf")?.extract()?,
        energy_level: object.getattr("energy_level")?.extract()?,
        mute_detect: object.getattr("mute_detect")?.extract()?,
        auto_gain: auto_gain.map(|(target, low, margin, step, period)| AutoGain {
            target,
            low,
            margin,
            step,
            period,
        }),
        ceiling: ceiling.map(|(level, hits, mute_ms)| Ceiling {
            level,
            hits,
            mute_ms,
        }),
        pan: number("pan")?,
    })
}

fn dsp_gain(db: f32) -> f32 {
    if db == 0.0 {
        1.0
    } else {
        engine::db_to_gain(db)
    }
}

/// A room whose members hear each other.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Mixer(MixerHandle);

impl Mixer {
    pub fn new(handle: MixerHandle) -> Mixer {
        Mixer(handle)
    }

    fn check(&self) -> PyResult<()> {
        unless_closed(self.0.check())
    }
}

#[pymethods]
impl Mixer {
    #[getter]
    fn id(&self) -> u64 {
        self.0.id()
    }

    /// Change how it mixes; rate and interval stay.
    fn configure(&self, settings: &Bound<'_, PyAny>) -> PyResult<()> {
        let settings = extract_settings(settings)?;
        unless_closed(self.0.configure(settings))
    }

    /// Take in a stream, which leaves whatever it heard before.
    fn add(&self, stream: &Stream, settings: &Bound<'_, PyAny>) -> PyResult<()> {
        if !self.0.is_beside(&stream.0) {
            return Err(PyValueError::new_err(
                "the stream belongs to a different engine",
            ));
        }
        let settings = extract_member(settings)?;
        unless_closed(self.0.add(&stream.0, settings))
    }

    fn remove(&self, stream: &Stream) -> PyResult<()> {
        unless_closed(self.0.remove(&stream.0))
    }

    fn configure_member(&self, stream: u64, settings: &Bound<'_, PyAny>) -> PyResult<()> {
        let settings = extract_member(settings)?;
        let changed = self.0.configure_member(stream, settings);
        unless_closed(changed)
    }

    #[pyo3(signature = (listener, speaker, *, hears))]
    fn relate(&self, listener: u64, speaker: u64, hears: bool) -> PyResult<()> {
        let related = self.0.relate(listener, speaker, hears);
        unless_closed(related)
    }

    fn give_floor(&self, stream: Option<u64>) -> PyResult<()> {
        unless_closed(self.0.give_floor(stream))
    }

    #[pyo3(signature = (source, *, to = None, loops = 1, offset_ms = 0, gain_db = 0.0, exclusive = false))]
    fn play(
        &self,
        source: &Source,
        to: Option<u64>,
        loops: i64,
        offset_ms: u64,
        gain_db: f32,
        exclusive: bool,
    ) -> PyResult<u64> {
        self.check()?;
        let options = PlayOptions {
            to,
            gain: dsp_gain(gain_db),
            exclusive,
        };
        let number = self
            .0
            .play(&source.open()?, words::loops(loops), offset_ms, options);
        unless_closed(number)
    }

    #[pyo3(signature = (number, *, gain_db))]
    fn set_gain(&self, number: u64, gain_db: f32) -> PyResult<()> {
        let set = self.0.set_gain(number, dsp_gain(gain_db));
        unless_closed(set)
    }

    /// Write a WAV file of what the room hears. Returns the recording's number.
    #[pyo3(signature = (path, *, append = false, rate = 0, limit_ms = 0))]
    fn record(
        &self,
        python: Python<'_>,
        path: PathBuf,
        append: bool,
        rate: u32,
        limit_ms: u64,
    ) -> PyResult<u64> {
        self.check()?;
        let rate = words::rate(rate)?;
        let begun = python.detach(|| self.0.record(&path, append, rate, limit_ms));
        begun.map_err(|error| words::file_error(error, &path))
    }

    /// Record into memory for a reader in Python.
    #[pyo3(signature = (*, rate = 0, limit_ms = 0))]
    fn tap(&self, rate: u32, limit_ms: u64) -> PyResult<Tap> {
        self.check()?;
        Ok(Tap::new(self.0.tap(words::rate(rate)?, limit_ms)?))
    }

    #[pyo3(signature = (number, *, paused))]
    fn pause(&self, number: u64, paused: bool) -> PyResult<()> {
        unless_closed(self.0.pause(number, paused))
    }

    fn stop(&self, number: u64) -> PyResult<()> {
        unless_closed(self.0.stop(number))
    }

    /// A member's loudness: of its last frame, and smoothed.
    fn level(&self, stream: u64) -> (u64, u64) {
        self.0.level(stream)
    }

    /// End the room. Idempotent.
    fn close(&self) {
        self.0.close();
    }

    fn __repr__(&self) -> String {
        let closed = if self.0.is_closed() { " closed" } else { "" };
        format!("<Mixer {}{closed}>", self.0.id())
    }
}
