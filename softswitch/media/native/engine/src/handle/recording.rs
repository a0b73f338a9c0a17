//! Recordings of a stream, as callers ask for them.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use dsp::wav::WavWriter;

use super::{Closed, StreamHandle};
use crate::graph::Command;
use crate::inbox::Request;
use crate::recorder::{Control, RecordingOptions, Sink};
use crate::tap::Tap;
use crate::time::Rate;

impl StreamHandle {
    /// Record to a file; returns the number of the recording. Creates the file, so it may wait
    /// for the disk. Rate and channels of a file that is appended to stay as they are.
    pub fn record(
        &self,
        path: &Path,
        append: bool,
        options: RecordingOptions,
        tags: &[(String, String)],
    ) -> io::Result<u64> {
        // An empty file is none that could go on.
        let writer = if append && path.metadata().is_ok_and(|file| file.len() > 0) {
            WavWriter::append(path)?
        } else {
            let rate = self.recorded_rate(options);
            WavWriter::create_tagged(path, rate, options.channels(), tags)?
        };
        let options = RecordingOptions {
            stereo: writer.channels() == 2,
            rate: writer.rate(),
            ..options
        };
        let shared = &self.engine.0;
        let number = self.engine.next_number();
        let file = shared.files.record(self.id, number, writer);
        shared.counters.recordings.add(1);
        let sink = Sink::File(file);
        self.post(Request::Stream(self.id, Command::Record { sink, options }));
        Ok(number)
    }

    /// Record into memory for a reader outside. `complete` ends it rather than losing anything to
    /// a slow reader.
    pub fn tap(&self, options: RecordingOptions, complete: bool) -> io::Result<Arc<Tap>> {
        let rate = self.recorded_rate(options);
        let options = RecordingOptions { rate, ..options };
        let number = self.engine.next_number();
        let tap = Tap::new(self.id, number, rate, options.channels(), complete)?;
        let tap = Arc::new(tap);
        let sink = Sink::Tap(Arc::clone(&tap));
        self.command(Command::Record { sink, options })
            .map_err(|_| io::Error::other("the stream is closed"))?;
        Ok(tap)
    }

    /// Mask, pause or resume a recording; unknown numbers are ignored.
    pub fn control_recording(&self, number: u64, control: Control) -> Result<(), Closed> {
        self.command(Command::ControlRecording { number, control })
    }

    fn recorded_rate(&self, options: RecordingOptions) -> Rate {
        match options.rate {
            0 => self.rate.load(Ordering::Relaxed),
            rate => rate,
        }
    }
}
