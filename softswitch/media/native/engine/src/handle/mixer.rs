//! What callers hold of a room.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use dsp::wav::WavWriter;

use super::{Closed, Engine, StreamHandle};
use crate::inbox::Request;
use crate::mixer::play::{Play, PlayOptions};
use crate::mixer::recording::{RoomRecording, RoomRecordingOptions};
use crate::mixer::settings::{MemberSettings, MixerSettings};
use crate::mixer::{Levels, MixerCommand};
use crate::recorder::Sink;
use crate::source::Source;
use crate::tap::Tap;
use crate::time::Rate;

/// A room, run by a worker. Its members' streams come to that worker.
pub struct MixerHandle {
    engine: Engine,
    worker: usize,
    id: u64,
    rate: Rate,
    stereo: bool,
    levels: Mutex<HashMap<u64, Arc<Levels>>>,
    closed: AtomicBool,
}

impl Engine {
    /// Open a room.
    pub fn open_mixer(&self, settings: MixerSettings) -> MixerHandle {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let handle = MixerHandle {
            engine: self.clone(),
            worker: self.choose_worker(),
            id,
            rate: settings.rate,
            stereo: settings.stereo,
            levels: Mutex::default(),
            closed: AtomicBool::new(false),
        };
        self.0.counters.mixers.add(1);
        handle.post(MixerCommand::Open(settings));
        handle
    }
}

impl MixerHandle {
    pub fn id(&self) -> u64 {
        self.id
    }

    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire) || self.engine.is_closed()
    }

    /// Whether a stream belongs to the same engine.
    pub fn is_beside(&self, stream: &StreamHandle) -> bool {
        Arc::ptr_eq(&self.engine.0, &stream.engine.0)
    }

    pub fn configure(&self, settings: MixerSettings) -> Result<(), Closed> {
        self.command(MixerCommand::Configure(settings))
    }

    /// Take in a stream; it leaves whatever it heard before.
    pub fn add(&self, stream: &StreamHandle, settings: MemberSettings) -> Result<(), Closed> {
        stream.check()?;
        self.check()?;
        let levels = Arc::new(Levels::default());
        self.levels().insert(stream.id, Arc::clone(&levels));
        let _moving = self.engine.0.moving.lock().expect("no mover panics");
        self.engine.bring_to(self.worker, stream);
        let stream = stream.id;
        self.command(MixerCommand::Add {
            stream,
            settings,
            levels,
        })
    }

    pub fn remove(&self, stream: &StreamHandle) -> Result<(), Closed> {
        self.levels().remove(&stream.id);
        self.command(MixerCommand::Remove { stream: stream.id })
    }

    pub fn configure_member(&self, stream: u64, settings: MemberSettings) -> Result<(), Closed> {
        self.command(MixerCommand::ConfigureMember { stream, settings })
    }

    /// Whether one member hears another.
    pub fn relate(&self, listener: u64, speaker: u64, hears: bool) -> Result<(), Closed> {
        self.command(MixerCommand::Relate {
            listener,
            speaker,
            hears,
        })
    }

    pub fn give_floor(&self, stream: Option<u64>) -> Result<(), Closed> {
        self.command(MixerCommand::GiveFloor(stream))
    }

    /// Play a source; returns the number of the playback.
    pub fn play(
        &self,
        source: &Source,
        loops: Option<u32>,
        offset_ms: u64,
        options: PlayOptions,
    ) -> Result<u64, Closed> {
        self.check()?;
        let number = self.engine.next_number();
        let reader = self.engine.read(source, loops, offset_ms);
        self.command(MixerCommand::Play(Box::new(Play::new(
            number, reader, options,
        ))))?;
        Ok(number)
    }

    /// The gain of a playback from now on.
    pub fn set_gain(&self, number: u64, gain: f32) -> Result<(), Closed> {
        self.command(MixerCommand::SetGain { number, gain })
    }

    /// Record to a file; returns the number of the recording. Creates the file, so it may wait
    /// for the disk.
    pub fn record(&self, path: &Path, append: bool, rate: Rate, limit_ms: u64) -> io::Result<u64> {
        let channels = if self.stereo { 2 } else { 1 };
        let rate = if rate == 0 { self.rate } else { rate };
        // An empty file is none that could go on.
        let writer = if append && path.metadata().is_ok_and(|file| file.len() > 0) {
            WavWriter::append(path)?
        } else {
            WavWriter::create(path, rate, channels)?
        };
        let options = RoomRecordingOptions {
            rate: writer.rate(),
            stereo: writer.channels() == 2,
            limit_ms,
        };
        let shared = &self.engine.0;
        let number = self.engine.next_number();
        let file = shared.files.record(self.id, number, writer);
        shared.counters.recordings.add(1);
        let recording = RoomRecording::new(Sink::File(file), self.rate, options);
        self.post(MixerCommand::Record(Box::new(recording)));
        Ok(number)
    }

    /// Record into memory for a reader outside, who ends it if he is too slow.
    pub fn tap(&self, rate: Rate, limit_ms: u64) -> io::Result<Arc<Tap>> {
        let rate = if rate == 0 { self.rate } else { rate };
        let channels = if self.stereo { 2 } else { 1 };
        let number = self.engine.next_number();
        let tap = Arc::new(Tap::new(self.id, number, rate, channels, true)?);
        let options = RoomRecordingOptions {
            rate,
            stereo: self.stereo,
            limit_ms,
        };
        let sink = Sink::Tap(Arc::clone(&tap));
        let recording = RoomRecording::new(sink, self.rate, options);
        self.post(MixerCommand::Record(Box::new(recording)));
        Ok(tap)
    }

    /// Pause a playback or a recording, or go on with it.
    pub fn pause(&self, number: u64, paused: bool) -> Result<(), Closed> {
        self.command(MixerCommand::Pause { number, paused })
    }

    pub fn stop(&self, number: u64) -> Result<(), Closed> {
        self.command(MixerCommand::Stop { number })
    }

    /// A member's loudness: of the last frame, and smoothed.
    pub fn level(&self, stream: u64) -> (u64, u64) {
        let levels = self.levels();
        levels.get(&stream).map_or((0, 0), |levels| {
            (levels.score.value(), levels.smoothed.value())
        })
    }

    /// End the room. Idempotent.
    pub fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.engine.0.counters.mixers.subtract(1);
        if !self.engine.is_closed() {
            self.post(MixerCommand::Close);
        }
    }

    fn levels(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Arc<Levels>>> {
        self.levels.lock().expect("no holder of the levels panics")
    }

    /// An error once it is closed.
    pub fn check(&self) -> Result<(), Closed> {
        if self.is_closed() {
            Err(Closed)
        } else {
            Ok(())
        }
    }

    fn command(&self, command: MixerCommand) -> Result<(), Closed> {
        self.check()?;
        self.post(command);
        Ok(())
    }

    fn post(&self, command: MixerCommand) {
        let inbox = &self.engine.0.workers[self.worker].inbox;
        inbox.post(Request::Mixer(self.id, command));
    }
}

impl Drop for MixerHandle {
    fn drop(&mut self) {
        self.close();
    }
}
