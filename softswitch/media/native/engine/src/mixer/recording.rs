//! Recording what a room hears.

use dsp::resample::Resampler;

use crate::event::RecordingEnd;
use crate::output::Output;
use crate::recorder::Sink;
use crate::time::{Rate, samples};

/// Pieces that are handed on together.
const PIECE_MS: u64 = 200;

/// What to record of a room.
#[derive(Clone, Copy, Debug)]
pub struct RoomRecordingOptions {
    /// Of the file.
    pub rate: Rate,
    pub stereo: bool,
    /// 0 = none.
    pub limit_ms: u64,
}

/// A recording in progress.
pub struct RoomRecording {
    pub number: u64,
    pub paused: bool,
    sink: Sink,
    options: RoomRecordingOptions,
    resamplers: [Resampler; 2],
    pending: [Vec<i16>; 2],
    handed_on: u64,
}

impl RoomRecording {
    /// Record a room that mixes at `rate`.
    pub fn new(sink: Sink, rate: Rate, options: RoomRecordingOptions) -> RoomRecording {
        RoomRecording {
            number: sink.number(),
            paused: false,
            sink,
            options,
            resamplers: [0, 1].map(|_| Resampler::new(rate, options.rate)),
            pending: [Vec::new(), Vec::new()],
            handed_on: 0,
        }
    }

    pub fn is_stereo(&self) -> bool {
        self.options.stereo
    }

    /// Take what the room hears in an interval, on one channel or two; why it ends, if it does.
    pub fn hear(&mut self, sides: [&[i16]; 2]) -> Option<RecordingEnd> {
        if self.paused {
            return None;
        }
        let sides = if self.options.stereo {
            &sides[..]
        } else {
            &sides[..1]
        };
        for (index, side) in sides.iter().enumerate() {
            self.resamplers[index].process(side, &mut self.pending[index]);
        }
        let limit = match self.options.limit_ms {
            0 => u64::MAX,
            limit_ms => samples(limit_ms, self.options.rate),
        };
        let left = limit.saturating_sub(self.handed_on);
        let there = self.pending[0].len() as u64;
        if there >= left {
            for side in &mut self.pending {
                side.truncate(left as usize);
            }
            return self.hand_on().or(Some(RecordingEnd::Limit));
        }
        if there >= samples(PIECE_MS, self.options.rate) {
            return self.hand_on();
        }
        None
    }

    /// Hand on the rest and end.
    pub fn finish(mut self, end: RecordingEnd, output: &mut Output) {
        let end = self.hand_on().unwrap_or(end);
        self.sink.finish(self.handed_on, end, output);
    }

    fn hand_on(&mut self) -> Option<RecordingEnd> {
        let [left, right] = &mut self.pending;
        self.handed_on += left.len() as u64;
        let samples = if self.options.stereo {
            let both = left.iter().zip(right.iter());
            both.flat_map(|(&left, &right)| [left, right]).collect()
        } else {
            left.clone()
        };
        left.clear();
        right.clear();
        let written = if samples.is_empty() {
            Ok(())
        } else {
            self.sink.write(samples)
        };
        written
            .err()
            .map(|reason| RecordingEnd::Failed(reason.to_owned()))
    }
}
