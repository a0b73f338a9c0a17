//! What callers hold of a stream.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use super::{Closed, Engine};
use crate::counters::StreamStatistics;
use crate::graph::Command;
use crate::inbox::Request;
use crate::parameters::Parameters;
use crate::source::Source;
use crate::srtp::Keys;
use crate::stream::{Buffer, DEFAULT_RATE, DigitMethod, Fill, Steering, Tracing};

/// One leg's RTP session, run by a worker.
pub struct StreamHandle {
    pub(super) engine: Engine,
    /// Its worker's number; held while a request is posted.
    pub(super) worker: Mutex<usize>,
    pub(super) id: u64,
    pub(super) address: SocketAddr,
    pub(super) ssrc: u32,
    /// Of the audio sent, as last configured.
    pub(super) rate: AtomicU32,
    pub(super) statistics: Arc<StreamStatistics>,
    pub(super) closed: Arc<AtomicBool>,
}

impl StreamHandle {
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn local_address(&self) -> SocketAddr {
        self.address
    }

    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.engine.is_closed()
    }

    pub fn statistics(&self) -> Result<&StreamStatistics, Closed> {
        self.check().map(|()| &*self.statistics)
    }

    pub fn configure(&self, parameters: Parameters) -> Result<(), Closed> {
        let codec = parameters.codecs.first().and_then(|codec| codec.create());
        let rate = codec.map_or(DEFAULT_RATE, |codec| codec.sample_rate());
        self.rate.store(rate, Ordering::Relaxed);
        self.command(Command::Configure(Box::new(parameters)))
    }

    /// Let both hear each other. Streams of different engines cannot.
    pub fn connect(&self, other: &StreamHandle) -> Result<(), Closed> {
        other.check()?;
        self.check()?;
        // One move at a time, and no other between it and the connection.
        let _moving = self.engine.0.moving.lock().expect("no mover panics");
        let here = *self.worker.lock().expect("no poster panics");
        self.engine.bring_to(here, other);
        self.command(Command::Connect(other.id))
    }

    /// Whether both streams belong to one engine.
    pub fn is_beside(&self, other: &StreamHandle) -> bool {
        Arc::ptr_eq(&self.engine.0, &other.engine.0)
    }

    pub fn disconnect(&self) -> Result<(), Closed> {
        self.command(Command::Disconnect)
    }

    /// Play a source; returns the number of the playback.
    pub fn play(&self, source: &Source, loops: Option<u32>, offset_ms: u64) -> Result<u64, Closed> {
        self.check()?;
        let number = self.engine.next_number();
        let reader = Box::new(self.engine.read(source, loops, offset_ms));
        self.command(Command::Play { number, reader })?;
        Ok(number)
    }

    /// Pause a playback, or play it louder or faster; unknown numbers are ignored.
    pub fn steer(&self, number: u64, steering: Steering) -> Result<(), Closed> {
        self.command(Command::Steer { number, steering })
    }

    pub fn stop(&self, number: u64) -> Result<(), Closed> {
        self.command(Command::Stop { number })
    }

    pub fn send_digits(
        &self,
        digits: &str,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    ) -> Result<(), Closed> {
        let digits = digits.to_owned();
        self.command(Command::SendDigits {
            digits,
            milliseconds,
            gap,
            method,
        })
    }

    pub fn pass_events(&self, passed: bool) -> Result<(), Closed> {
        self.command(Command::PassEvents { passed })
    }

    /// Tell of packets, or no more.
    pub fn trace(&self, tracing: Tracing) -> Result<(), Closed> {
        self.command(Command::Trace(tracing))
    }

    /// Tell of reports, or no more.
    pub fn tell_reports(&self, told: Tracing) -> Result<(), Closed> {
        self.command(Command::TellReports(told))
    }

    pub fn detect(&self, dtmf: bool) -> Result<(), Closed> {
        self.command(Command::Detect { dtmf })
    }

    /// Begin, change or end holding packets back.
    pub fn buffer(&self, wish: Buffer) -> Result<(), Closed> {
        self.command(Command::Buffer(wish))
    }

    /// Say when noise is heard.
    pub fn fill(&self, fill: Fill) -> Result<(), Closed> {
        self.command(Command::Fill(fill))
    }

    /// Have the far end of a video send a whole picture.
    pub fn request_picture(&self) -> Result<(), Closed> {
        self.command(Command::RequestPicture)
    }

    /// Protect packets with these keys: of what is sent and of what is received.
    pub fn set_keys(&self, keys: Option<(Keys, Keys)>) -> Result<(), Closed> {
        self.command(Command::SetKeys(keys.map(Box::new)))
    }

    /// Gains in decibels of what the party hears and says.
    pub fn set_gain(&self, hear_db: f32, speak_db: f32) -> Result<(), Closed> {
        let (hear, speak) = (
            dsp::level::db_to_gain(hear_db),
            dsp::level::db_to_gain(speak_db),
        );
        self.command(Command::SetGain { hear, speak })
    }

    /// Free the ports. Idempotent.
    pub fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.engine.0.counters.streams.subtract(1);
        if !self.engine.is_closed() {
            self.engine.0.ports.expect_release();
            self.post(Request::Close(self.id));
        }
    }

    /// An error once it is closed.
    pub fn check(&self) -> Result<(), Closed> {
        if self.is_closed() {
            Err(Closed)
        } else {
            Ok(())
        }
    }

    pub(super) fn command(&self, command: Command) -> Result<(), Closed> {
        self.check()?;
        self.post(Request::Stream(self.id, command));
        Ok(())
    }

    pub(super) fn post(&self, request: Request) {
        let worker = self.worker.lock().expect("no poster panics");
        self.engine.0.workers[*worker].inbox.post(request);
    }
}

impl Drop for StreamHandle {
    fn drop(&mut self) {
        self.close();
    }
}
