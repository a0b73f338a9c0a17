//! Recording what a room hears.

use std::sync::Arc;

use dsp::resample::Resampler;

use crate::event::RecordingEnd;
use crate::files::RecordingFile;
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
    file: Arc<RecordingFile>,
    options: RoomRecordingOptions,
    resamplers: [Resampler; 2],
    pending: [Vec<i16>; 2],
    handed_on: u64,
}

impl RoomRecording {
    /// Record a room that mixes at `rate`.
    pub fn new(
        file: Arc<RecordingFile>,
        rate: Rate,
        options: RoomRecordingOptions,
    ) -> RoomRecording {
        RoomRecording {
            number: file.number,
            paused: false,
            file,
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
    pub fn finish(mut self, end: RecordingEnd) {
        let end = self.hand_on().unwrap_or(end);
        self.file.finish(end);
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
            self.file.write(samples)
        };
        written
            .err()
            .map(|reason| RecordingEnd::Failed(reason.to_owned()))
    }
}
