//! The recordings of a stream.

use super::{Control, Recording};
use crate::event::RecordingEnd;
use crate::output::Output;
use crate::stream::Stream;
use crate::time::{Microseconds, Rate};

impl Stream {
    pub fn record(&mut self, recording: Recording) {
        self.recordings.push(recording);
    }

    /// Whether what is sent must be decoded for a recording.
    pub fn records_us(&self) -> bool {
        self.recordings.iter().any(|recording| recording.hears_us())
    }

    /// Hand what the party hears to all who overhear it.
    pub(crate) fn record_sent(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        self.tap_sent(pcm, rate);
        self.record_mixed(now, pcm, rate, gap);
    }

    /// Hand what the party hears, with all that was added to it, to the recordings.
    pub(crate) fn record_mixed(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        for recording in &mut self.recordings {
            recording.hear_us(now, pcm, rate, gap);
        }
    }

    /// Go on with what is due; true if a recording ended.
    pub(crate) fn continue_recordings(&mut self, now: Microseconds, output: &mut Output) -> bool {
        let before = self.recordings.len();
        let mut index = 0;
        while let Some(recording) = self.recordings.get_mut(index) {
            let end = if recording.next <= now {
                recording.tick(now)
            } else {
                None
            };
            match end {
                Some(end) => {
                    let recording = self.recordings.swap_remove(index);
                    let samples = recording.handed_on;
                    recording.sink.finish(samples, end, output);
                }
                None => index += 1,
            }
        }
        self.recordings.len() < before
    }

    /// Mask, pause or resume a recording.
    pub fn control_recording(
        &mut self,
        now: Microseconds,
        number: u64,
        control: Control,
        output: &mut Output,
    ) {
        let found = self.recordings.iter().position(|one| one.number == number);
        if let Some(index) = found
            && let Some(end) = self.recordings[index].control(now, control)
        {
            let recording = self.recordings.swap_remove(index);
            let samples = recording.handed_on;
            recording.sink.finish(samples, end, output);
        }
    }

    pub(crate) fn stop_recording(&mut self, now: Microseconds, number: u64, output: &mut Output) {
        if let Some(index) = self
            .recordings
            .iter()
            .position(|known| known.number == number)
        {
            self.recordings
                .swap_remove(index)
                .finish(now, RecordingEnd::Stopped, output);
        }
    }

    pub(crate) fn close_recordings(&mut self, now: Microseconds, output: &mut Output) {
        for recording in self.recordings.drain(..) {
            recording.finish(now, RecordingEnd::Closed, output);
        }
    }
}
