//! `Stream`: one leg's RTP session.

use std::path::PathBuf;

use engine::bug::Finder;
use engine::detect::{BeepFinder, LevelFinder, ToneFinder};
use engine::rtp::jitter::Delays;
use engine::srtp::{Keys, Suite};
use engine::stream::{Buffer, DigitMethod, Fill, Steering, Tracing};
use engine::{EffectWishes, RecordingRequest, StreamHandle};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::source_class::Source;
use crate::tap_class::Tap;
use crate::{ClosedError, StreamClosed, bugs, parameters};

/// One leg's RTP session.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Stream(pub StreamHandle);

impl Stream {
    pub fn new(handle: StreamHandle) -> Stream {
        Stream(handle)
    }

    fn listen(&self, hear: &str, finder: Finder) -> PyResult<u64> {
        let side = match bugs::sides(hear)? {
            [side] => *side,
            _ => return Err(PyValueError::new_err("hear is read or write here")),
        };
        Ok(self.0.listen(side, finder).map_err(ClosedError::from)?)
    }

    fn check(&self) -> PyResult<()> {
        if self.0.is_closed() {
            return Err(StreamClosed::new_err("the handle is closed"));
        }
        Ok(())
    }
}

#[pymethods]
impl Stream {
    #[getter]
    fn id(&self) -> u64 {
        self.0.id()
    }

    #[getter]
    fn local_address(&self) -> (String, u16) {
        let address = self.0.local_address();
        (address.ip().to_string(), address.port())
    }

    #[getter]
    fn ssrc(&self) -> u32 {
        self.0.ssrc()
    }

    /// Apply what was negotiated; idempotent, may be called at every offer/answer.
    fn configure(&self, parameters: &Bound<'_, PyAny>) -> PyResult<()> {
        let parameters = parameters::extract(parameters)?;
        Ok(self.0.configure(parameters).map_err(ClosedError::from)?)
    }

    /// Let both hear each other, until `disconnect`, a new `connect`, or a close of either.
    fn connect(&self, other: &Stream) -> PyResult<()> {
        if !self.0.is_beside(&other.0) {
            return Err(PyValueError::new_err(
                "the streams belong to different engines",
            ));
        }
        Ok(self.0.connect(&other.0).map_err(ClosedError::from)?)
    }

    /// End `connect`; the other side hears nothing either.
    fn disconnect(&self) -> PyResult<()> {
        Ok(self.0.disconnect().map_err(ClosedError::from)?)
    }

    /// Play instead of what is connected; loops < 0 is endless. Returns the playback's number.
    #[pyo3(signature = (source, *, loops = 1, offset_ms = 0))]
    fn play(&self, source: &Source, loops: i64, offset_ms: u64) -> PyResult<u64> {
        self.check()?;
        let number = self.0.play(&source.open()?, bugs::loops(loops), offset_ms);
        Ok(number.map_err(ClosedError::from)?)
    }

    /// Write a WAV file whose header is right at every moment. Returns the recording's number.
    #[pyo3(signature = (
        path, *, hear = "read", stereo = false, append = false, rate = 0, limit_ms = 0,
        silence_threshold = 0, silence_ms = 0, initial_silence_ms = None, swap = false,
        tags = None, fill = 0
    ))]
    #[expect(clippy::too_many_arguments, reason = "the Python signature names each")]
    fn record(
        &self,
        python: Python<'_>,
        path: PathBuf,
        hear: &str,
        stereo: bool,
        append: bool,
        rate: u32,
        limit_ms: u64,
        silence_threshold: u32,
        silence_ms: u64,
        initial_silence_ms: Option<u64>,
        swap: bool,
        tags: Option<Vec<(String, String)>>,
        fill: u32,
    ) -> PyResult<u64> {
        self.check()?;
        let request = RecordingRequest {
            hear: bugs::hear(hear)?,
            stereo,
            append,
            swap,
            rate: bugs::rate(rate)?,
            limit_ms,
            silence_threshold,
            silence_ms,
            initial_silence_ms: initial_silence_ms.unwrap_or(silence_ms),
            fill,
        };
        let begun = python.detach(|| self.0.record(&path, request, &tags.unwrap_or_default()));
        begun.map_err(|error| match error.raw_os_error() {
            Some(_) => error.into(),
            None => PyOSError::new_err(format!("{}: {error}", path.display())),
        })
    }

    /// Record into memory for a reader in Python, in pieces of `period_ms`.
    #[pyo3(signature = (
        *, hear = "read", stereo = false, swap = false, rate = 0, limit_ms = 0,
        silence_threshold = 0, silence_ms = 0, initial_silence_ms = None, period_ms = 100,
        complete = false, fill = 0
    ))]
    #[expect(clippy::too_many_arguments, reason = "the Python signature names each")]
    fn tap(
        &self,
        hear: &str,
        stereo: bool,
        swap: bool,
        rate: u32,
        limit_ms: u64,
        silence_threshold: u32,
        silence_ms: u64,
        initial_silence_ms: Option<u64>,
        period_ms: u64,
        complete: bool,
        fill: u32,
    ) -> PyResult<Tap> {
        self.check()?;
        if !(10..=10_000).contains(&period_ms) {
            return Err(PyValueError::new_err("pieces are 10 to 10000 ms long"));
        }
        let request = RecordingRequest {
            hear: bugs::hear(hear)?,
            stereo,
            append: false,
            swap,
            rate: bugs::rate(rate)?,
            limit_ms,
            silence_threshold,
            silence_ms,
            initial_silence_ms: initial_silence_ms.unwrap_or(silence_ms),
            fill,
        };
        Ok(Tap::new(self.0.tap(request, period_ms, complete)?))
    }

    /// Listen for the sum of given frequencies in what the party says (`read`) or hears.
    #[pyo3(signature = (frequencies, *, hear = "read"))]
    fn find_tone(&self, frequencies: Vec<f64>, hear: &str) -> PyResult<u64> {
        let audible = |frequency: &f64| (50.0..=20_000.0).contains(frequency);
        if frequencies.is_empty() || frequencies.len() > 18 || !frequencies.iter().all(audible) {
            let text = "a tone has 1 to 18 frequencies of 50 to 20000 Hz";
            return Err(PyValueError::new_err(text));
        }
        self.listen(hear, Finder::Tone(ToneFinder::new(&frequencies)))
    }

    /// Listen for a beep: one steady frequency and nothing else.
    #[pyo3(signature = (*, hear = "read"))]
    fn find_beep(&self, hear: &str) -> PyResult<u64> {
        self.listen(hear, Finder::Beep(BeepFinder::default()))
    }

    /// Wait for sound, or for silence, of `hits` pieces of 20 ms.
    #[pyo3(signature = (threshold, hits, *, silence = false, listen = 0, hear = "read"))]
    fn find_level(
        &self,
        threshold: u32,
        hits: u32,
        silence: bool,
        listen: u32,
        hear: &str,
    ) -> PyResult<u64> {
        let finder = LevelFinder::new(threshold, listen, hits, silence);
        self.listen(hear, Finder::Level(finder))
    }

    /// Pause a playback, or play it louder or faster; unknown numbers are ignored.
    #[pyo3(signature = (number, *, paused = false, gain_db = 0.0, speed = 1.0))]
    fn steer(&self, number: u64, paused: bool, gain_db: f32, speed: f32) -> PyResult<()> {
        if !gain_db.is_finite() || !(0.25..=4.0).contains(&speed) {
            let text = "a gain is a finite number of decibels, a speed 0.25 to 4";
            return Err(PyValueError::new_err(text));
        }
        let gain = engine::db_to_gain(gain_db);
        let steering = Steering {
            paused,
            gain,
            speed,
        };
        Ok(self.0.steer(number, steering).map_err(ClosedError::from)?)
    }

    /// `mask`, `unmask`, `pause` or `resume` a recording; unknown numbers are ignored.
    fn control(&self, number: u64, action: &str) -> PyResult<()> {
        let controlled = self.0.control_recording(number, bugs::control(action)?);
        Ok(controlled.map_err(ClosedError::from)?)
    }

    /// Let what this party says, hears or both flow into another stream, until either closes or
    /// `stop` on both ends it. Returns its number.
    #[pyo3(signature = (
        target, *, hear = "both", into = "hear", replace = false, gain_db = 0.0, delay_ms = 0
    ))]
    fn feed(
        &self,
        target: &Stream,
        hear: &str,
        into: &str,
        replace: bool,
        gain_db: f32,
        delay_ms: u64,
    ) -> PyResult<u64> {
        if delay_ms > 60_000 {
            return Err(PyValueError::new_err("a delay is at most 60000 ms"));
        }
        let request = bugs::feed_request(into, replace, gain_db)?;
        let fed = self
            .0
            .feed(bugs::sides(hear)?, &target.0, request, delay_ms);
        Ok(fed.map_err(ClosedError::from)?)
    }

    /// Add a source to what this party hears or says. Returns the playback's number.
    #[pyo3(signature = (
        source, *, into = "hear", replace = false, loops = 1, offset_ms = 0, gain_db = 0.0
    ))]
    fn inject(
        &self,
        source: &Source,
        into: &str,
        replace: bool,
        loops: i64,
        offset_ms: u64,
        gain_db: f32,
    ) -> PyResult<u64> {
        self.check()?;
        let request = bugs::feed_request(into, replace, gain_db)?;
        let source = source.open()?;
        let number = self
            .0
            .inject(&source, bugs::loops(loops), offset_ms, request);
        Ok(number.map_err(ClosedError::from)?)
    }

    /// End one playback, recording or bug; unknown numbers are ignored.
    fn stop(&self, number: u64) -> PyResult<()> {
        Ok(self.0.stop(number).map_err(ClosedError::from)?)
    }

    /// Queue digits (`0-9*#A-D`; `w` and `W` pause 0.5 and 1 s).
    #[pyo3(signature = (digits, *, duration_ms = 100, gap_ms = 50, method = "rfc4733"))]
    fn send_digits(
        &self,
        digits: &str,
        duration_ms: u32,
        gap_ms: u32,
        method: &str,
    ) -> PyResult<()> {
        let method = match method {
            "rfc4733" => DigitMethod::TelephoneEvent,
            "inband" => DigitMethod::Inband,
            _ => {
                let text = format!("digits are sent by rfc4733 or inband, not {method:?}");
                return Err(PyValueError::new_err(text));
            }
        };
        let known = |symbol: char| "0123456789*#ABCDabcdFfwW".contains(symbol);
        if let Some(unknown) = digits.chars().find(|&symbol| !known(symbol)) {
            return Err(PyValueError::new_err(format!("{unknown:?} is not a digit")));
        }
        if duration_ms > 60_000 || gap_ms > 60_000 {
            return Err(PyValueError::new_err(
                "digits and gaps last at most 60000 ms",
            ));
        }
        let queued = self.0.send_digits(digits, duration_ms, gap_ms, method);
        Ok(queued.map_err(ClosedError::from)?)
    }

    /// Pass telephone events on to whoever hears this party (so at first), or keep them.
    #[pyo3(signature = (*, passed))]
    fn pass_events(&self, passed: bool) -> PyResult<()> {
        Ok(self.0.pass_events(passed).map_err(ClosedError::from)?)
    }

    /// Switch in-band DTMF detection on or off (off at first).
    #[pyo3(signature = (*, dtmf))]
    fn detect(&self, dtmf: bool) -> PyResult<()> {
        Ok(self.0.detect(dtmf).map_err(ClosedError::from)?)
    }

    #[pyo3(signature = (*, hear_db = 0.0, speak_db = 0.0))]
    fn set_gain(&self, hear_db: f32, speak_db: f32) -> PyResult<()> {
        if !hear_db.is_finite() || !speak_db.is_finite() {
            return Err(PyValueError::new_err(
                "a gain is a finite number of decibels",
            ));
        }
        Ok(self
            .0
            .set_gain(hear_db, speak_db)
            .map_err(ClosedError::from)?)
    }

    /// Raise soft voices to the loudness of a sine of amplitude `level`, and make steady noise
    /// softer by up to `suppression_db`, in what the party says (`read`) or hears.
    #[pyo3(signature = (hear, *, level = None, suppression_db = None))]
    fn set_effects(
        &self,
        hear: &str,
        level: Option<u16>,
        suppression_db: Option<u8>,
    ) -> PyResult<()> {
        if level.is_some_and(|level| !(100..=30_000).contains(&level)) {
            return Err(PyValueError::new_err("a level is 100 to 30000"));
        }
        if suppression_db.is_some_and(|decibels| !(1..=60).contains(&decibels)) {
            return Err(PyValueError::new_err("noise is suppressed by 1 to 60 dB"));
        }
        let wishes = EffectWishes {
            level,
            suppression_db,
        };
        for &side in bugs::sides(hear)? {
            self.0
                .set_effects(side, wishes)
                .map_err(ClosedError::from)?;
        }
        Ok(())
    }

    /// Tell of packets as they come and as they are sent, or no more.
    #[pyo3(signature = (*, received = false, sent = false))]
    fn trace(&self, received: bool, sent: bool) -> PyResult<()> {
        let traced = self.0.trace(Tracing { received, sent });
        Ok(traced.map_err(ClosedError::from)?)
    }

    /// Hold packets of the far end back; `initial_ms` of 0 ends that.
    #[pyo3(signature = (initial_ms, max_ms = 0, *, in_bridge = false))]
    fn set_jitter_buffer(&self, initial_ms: u32, max_ms: u32, in_bridge: bool) -> PyResult<()> {
        if initial_ms > 10_000 || max_ms > 10_000 {
            return Err(PyValueError::new_err(
                "packets are held back 10000 ms at most",
            ));
        }
        let wish = match initial_ms {
            0 => Buffer::Off,
            _ => Buffer::Hold {
                delays: Delays {
                    initial_ms,
                    max_ms: max_ms.max(initial_ms),
                },
                in_bridge,
            },
        };
        Ok(self.0.buffer(wish).map_err(ClosedError::from)?)
    }

    /// Let packets pass the jitter buffer, or hold them back again.
    fn pause_jitter_buffer(&self, paused: bool) -> PyResult<()> {
        Ok(self
            .0
            .buffer(Buffer::Pause(paused))
            .map_err(ClosedError::from)?)
    }

    /// Protect packets by SRTP with keys and salts of that suite; None for plain ones.
    #[pyo3(signature = (suite, send = None, receive = None, *, send_mki = None, receive_mki = None, lifetime = 0))]
    fn set_srtp(
        &self,
        suite: Option<&str>,
        send: Option<&[u8]>,
        receive: Option<&[u8]>,
        send_mki: Option<&[u8]>,
        receive_mki: Option<&[u8]>,
        lifetime: u64,
    ) -> PyResult<()> {
        let keys = match suite {
            None => None,
            Some(name) => {
                let suite = Suite::parse(name).ok_or_else(|| {
                    PyValueError::new_err(format!("{name:?} is no suite of SRTP"))
                })?;
                let make = |key: Option<&[u8]>, mki: Option<&[u8]>| {
                    Keys::new(suite, key.unwrap_or_default())
                        .and_then(|keys| keys.named(mki.unwrap_or_default()))
                        .map_err(PyValueError::new_err)
                };
                let send = make(send, send_mki)?.for_packets(lifetime);
                Some((send, make(receive, receive_mki)?))
            }
        };
        Ok(self.0.set_keys(keys).map_err(ClosedError::from)?)
    }

    /// Have the far end of a video send a whole picture.
    fn request_picture(&self) -> PyResult<()> {
        Ok(self.0.request_picture().map_err(ClosedError::from)?)
    }

    /// Say noise while nothing is heard, or while the party heard is silent; None is nothing.
    #[pyo3(signature = (*, idle = None, pauses = None))]
    fn fill(&self, idle: Option<u32>, pauses: Option<u32>) -> PyResult<()> {
        Ok(self
            .0
            .fill(Fill { idle, pauses })
            .map_err(ClosedError::from)?)
    }

    /// Counters of this stream.
    fn stats<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let statistics = self.0.statistics().map_err(ClosedError::from)?;
        let stats = PyDict::new(python);
        for (name, value) in statistics.counters.values() {
            stats.set_item(name, value)?;
        }
        for (name, counter) in [
            ("jitter_ms", &statistics.jitter_microseconds),
            ("remote_jitter_ms", &statistics.remote_jitter_microseconds),
            ("rtt_ms", &statistics.round_trip_microseconds),
        ] {
            stats.set_item(name, counter.value() as f64 / 1000.0)?;
        }
        let figures = statistics.figures().unwrap_or_default();
        for (name, value) in [
            ("mean_interval_ms", figures.mean_interval),
            ("jitter_min_variance", figures.least_variance),
            ("jitter_max_variance", figures.greatest_variance),
            ("loss_rate", figures.loss_rate),
            ("burst_rate", figures.burst_rate),
            ("quality", figures.quality),
            ("mos", figures.mos),
        ] {
            stats.set_item(name, value)?;
        }
        stats.set_item("flaws", figures.flaws)?;
        let stranger = statistics.stranger();
        stats.set_item(
            "stranger",
            stranger.map(|stranger| (stranger.ip().to_string(), stranger.port())),
        )?;
        let remote = statistics.remote();
        stats.set_item(
            "remote",
            remote.map(|remote| (remote.ip().to_string(), remote.port())),
        )?;
        Ok(stats)
    }

    /// Free its ports at once. Idempotent.
    fn close(&self) {
        self.0.close();
    }

    fn __repr__(&self) -> String {
        let closed = if self.0.is_closed() { " closed" } else { "" };
        format!(
            "<Stream {} {}{closed}>",
            self.0.id(),
            self.0.local_address()
        )
    }
}
