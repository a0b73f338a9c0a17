//! `Stream`: one leg's RTP session.

use std::path::PathBuf;

use engine::StreamHandle;
use engine::bug::Finder;
use engine::detect::{BeepFinder, LevelFinder, ToneFinder};
use engine::recorder::RecordingOptions;
use engine::stream::{Buffer, Fill, Steering, Tracing};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::source_class::Source;
use crate::tap_class::Tap;
use crate::{parameters, protection, recording, statistics, unless_closed, words};

/// One leg's RTP session.
#[pyclass(module = "softswitch.media._engine", frozen)]
pub struct Stream(pub StreamHandle);

impl Stream {
    pub fn new(handle: StreamHandle) -> Stream {
        Stream(handle)
    }

    fn listen(&self, hear: &str, finder: Finder) -> PyResult<u64> {
        unless_closed(self.0.listen(words::side(hear)?, finder))
    }

    fn check(&self) -> PyResult<()> {
        unless_closed(self.0.check())
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
        unless_closed(self.0.configure(parameters))
    }

    /// Let both hear each other, until `disconnect`, a new `connect`, or a close of either.
    fn connect(&self, other: &Stream) -> PyResult<()> {
        if !self.0.is_beside(&other.0) {
            return Err(PyValueError::new_err(
                "the streams belong to different engines",
            ));
        }
        unless_closed(self.0.connect(&other.0))
    }

    /// End `connect`; the other side hears nothing either.
    fn disconnect(&self) -> PyResult<()> {
        unless_closed(self.0.disconnect())
    }

    /// Play instead of what is connected; loops < 0 is endless. Returns the playback's number.
    #[pyo3(signature = (source, *, loops = 1, offset_ms = 0))]
    fn play(&self, source: &Source, loops: i64, offset_ms: u64) -> PyResult<u64> {
        self.check()?;
        let number = self.0.play(&source.open()?, words::loops(loops), offset_ms);
        unless_closed(number)
    }

    /// Write a WAV file whose header is right at every moment. Returns the recording's number.
    #[pyo3(signature = (path, *, append = false, tags = None, **wishes))]
    fn record(
        &self,
        python: Python<'_>,
        path: PathBuf,
        append: bool,
        tags: Option<Vec<(String, String)>>,
        wishes: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<u64> {
        self.check()?;
        let options = recording::options(wishes)?;
        let begun = python.detach(|| {
            self.0
                .record(&path, append, options, &tags.unwrap_or_default())
        });
        begun.map_err(|error| words::file_error(error, &path))
    }

    /// Record into memory for a reader in Python, in pieces of `period_ms`.
    #[pyo3(signature = (*, period_ms = 100, complete = false, **wishes))]
    fn tap(
        &self,
        period_ms: u64,
        complete: bool,
        wishes: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Tap> {
        self.check()?;
        let options = RecordingOptions {
            period_ms: words::period(period_ms)?,
            ..recording::options(wishes)?
        };
        Ok(Tap::new(self.0.tap(options, complete)?))
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
        unless_closed(self.0.steer(number, steering))
    }

    /// `mask`, `unmask`, `pause` or `resume` a recording; unknown numbers are ignored.
    fn control(&self, number: u64, action: &str) -> PyResult<()> {
        let controlled = self.0.control_recording(number, words::control(action)?);
        unless_closed(controlled)
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
        let request = words::feed_request(into, replace, gain_db)?;
        let fed = self
            .0
            .feed(words::sides(hear)?, &target.0, request, delay_ms);
        unless_closed(fed)
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
        let request = words::feed_request(into, replace, gain_db)?;
        let source = source.open()?;
        let number = self
            .0
            .inject(&source, words::loops(loops), offset_ms, request);
        unless_closed(number)
    }

    /// End one playback, recording or bug; unknown numbers are ignored.
    fn stop(&self, number: u64) -> PyResult<()> {
        unless_closed(self.0.stop(number))
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
        let method = words::digit_method(method)?;
        words::check_digits(digits)?;
        if duration_ms > 60_000 || gap_ms > 60_000 {
            return Err(PyValueError::new_err(
                "digits and gaps last at most 60000 ms",
            ));
        }
        let queued = self.0.send_digits(digits, duration_ms, gap_ms, method);
        unless_closed(queued)
    }

    /// Pass telephone events on to whoever hears this party (so at first), or keep them.
    #[pyo3(signature = (*, passed))]
    fn pass_events(&self, passed: bool) -> PyResult<()> {
        unless_closed(self.0.pass_events(passed))
    }

    /// Switch in-band DTMF detection on or off (off at first).
    #[pyo3(signature = (*, dtmf))]
    fn detect(&self, dtmf: bool) -> PyResult<()> {
        unless_closed(self.0.detect(dtmf))
    }

    #[pyo3(signature = (*, hear_db = 0.0, speak_db = 0.0))]
    fn set_gain(&self, hear_db: f32, speak_db: f32) -> PyResult<()> {
        if !hear_db.is_finite() || !speak_db.is_finite() {
            return Err(PyValueError::new_err(
                "a gain is a finite number of decibels",
            ));
        }
        unless_closed(self.0.set_gain(hear_db, speak_db))
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
        let wishes = words::effects(level, suppression_db)?;
        for &side in words::sides(hear)? {
            unless_closed(self.0.set_effects(side, wishes))?;
        }
        Ok(())
    }

    /// Tell of packets as they come and as they are sent, or no more.
    #[pyo3(signature = (*, received = false, sent = false))]
    fn trace(&self, received: bool, sent: bool) -> PyResult<()> {
        let traced = self.0.trace(Tracing { received, sent });
        unless_closed(traced)
    }

    /// Tell of RTCP reports as they come and as they are sent, or no more.
    #[pyo3(signature = (*, received = false, sent = false))]
    fn tell_reports(&self, received: bool, sent: bool) -> PyResult<()> {
        unless_closed(self.0.tell_reports(Tracing { received, sent }))
    }

    /// Hold packets of the far end back; `initial_ms` of 0 ends that.
    #[pyo3(signature = (initial_ms, max_ms = 0, *, in_bridge = false))]
    fn set_jitter_buffer(&self, initial_ms: u32, max_ms: u32, in_bridge: bool) -> PyResult<()> {
        let wish = words::buffer(initial_ms, max_ms, in_bridge)?;
        unless_closed(self.0.buffer(wish))
    }

    /// Let packets pass the jitter buffer, or hold them back again.
    fn pause_jitter_buffer(&self, paused: bool) -> PyResult<()> {
        unless_closed(self.0.buffer(Buffer::Pause(paused)))
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
        let keys = suite.map(|suite| {
            let suite = protection::suite(suite)?;
            let send = protection::keys(suite, send, send_mki)?;
            let receive = protection::keys(suite, receive, receive_mki)?;
            PyResult::Ok((send.for_packets(lifetime), receive))
        });
        let keys = keys.transpose()?;
        unless_closed(self.0.set_keys(keys))
    }

    /// Have the far end of a video send a whole picture.
    fn request_picture(&self) -> PyResult<()> {
        unless_closed(self.0.request_picture())
    }

    /// Say noise while nothing is heard, or while the party heard is silent; None is nothing.
    #[pyo3(signature = (*, idle = None, pauses = None))]
    fn fill(&self, idle: Option<u32>, pauses: Option<u32>) -> PyResult<()> {
        unless_closed(self.0.fill(Fill { idle, pauses }))
    }

    /// Counters of this stream.
    fn stats<'py>(&self, python: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        statistics::extract(python, unless_closed(self.0.statistics())?)
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
