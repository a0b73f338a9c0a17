//! Recording a stream: both directions laid on one time line and handed on in pieces.
//!
//! Packets are placed by their timestamps; what a direction lacks against the wall clock is
//! silence, filled in once no packet can be expected to come for it.

use std::sync::Arc;

use dsp::resample::Resampler;

use crate::event::RecordingEnd;
use crate::files::RecordingFile;
use crate::stream::Stream;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND, samples};

/// How often a recording hands on what it has.
const PERIOD: Microseconds = 200 * MILLISECOND;
/// How late packets may come and still find their place.
const TOLERANCE_MS: u64 = 60;
/// Length of the pieces whose level is measured.
const LEVEL_MS: u64 = 20;

/// Which directions are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hear {
    /// What the far end says.
    Read,
    /// What it hears.
    Write,
    Both,
}

/// What to record and when to stop.
#[derive(Clone, Copy, Debug)]
pub struct RecordingOptions {
    pub hear: Hear,
    /// The far end on the left, what it hears on the right.
    pub stereo: bool,
    pub rate: Rate,
    /// 0 = none.
    pub limit_ms: u64,
    /// Mean absolute value below which it is silent.
    pub silence_threshold: u32,
    /// Silence this long ends it; 0 = never.
    pub silence_ms: u64,
}

/// One direction: its samples that are not handed on yet.
#[derive(Default)]
struct Track {
    pending: Vec<i16>,
    resampler: Option<(Rate, Resampler)>,
    /// Silence put in for what had not come by then: part of the next gap.
    filled: u64,
}

/// A recording in progress.
pub struct Recording {
    pub number: u64,
    file: Arc<RecordingFile>,
    options: RecordingOptions,
    began: Microseconds,
    next: Microseconds,
    /// Samples handed on, the same for both directions.
    handed_on: u64,
    read: Option<Track>,
    write: Option<Track>,
    silent: u64,
    level: Vec<i16>,
}

impl Recording {
    pub fn new(
        file: Arc<RecordingFile>,
        options: RecordingOptions,
        now: Microseconds,
    ) -> Recording {
        Recording {
            number: file.number,
            file,
            options,
            began: now,
            next: now + PERIOD,
            handed_on: 0,
            read: (options.hear != Hear::Write).then(Track::default),
            write: (options.hear != Hear::Read).then(Track::default),
            silent: 0,
            level: Vec::new(),
        }
    }

    pub fn next_timeout(&self) -> Microseconds {
        self.next
    }

    /// Whether it wants what the far end says.
    pub fn hears_far_end(&self) -> bool {
        self.read.is_some()
    }

    /// Whether it wants what the far end hears.
    pub fn hears_us(&self) -> bool {
        self.write.is_some()
    }

    pub fn hear_far_end(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        let elapsed = self.elapsed(now);
        if let Some(track) = &mut self.read {
            track.place(elapsed, self.handed_on, self.options.rate, pcm, rate, gap);
        }
    }

    pub fn hear_us(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        let elapsed = self.elapsed(now);
        if let Some(track) = &mut self.write {
            track.place(elapsed, self.handed_on, self.options.rate, pcm, rate, gap);
        }
    }

    /// Hand on what is complete; why the recording ends, if it does.
    fn tick(&mut self, now: Microseconds) -> Option<RecordingEnd> {
        self.next += PERIOD;
        let tolerance = samples(TOLERANCE_MS, self.options.rate);
        self.hand_on(self.elapsed(now).saturating_sub(tolerance))
    }

    /// Hand on everything up to now.
    fn finish(mut self, now: Microseconds, end: RecordingEnd) {
        let end = self.hand_on(self.elapsed(now)).unwrap_or(end);
        self.file.finish(end);
    }

    fn elapsed(&self, now: Microseconds) -> u64 {
        let span = now.saturating_sub(self.began);
        (u128::from(span) * u128::from(self.options.rate) / u128::from(SECOND)) as u64
    }

    fn hand_on(&mut self, until: u64) -> Option<RecordingEnd> {
        let limit = match self.options.limit_ms {
            0 => u64::MAX,
            limit_ms => samples(limit_ms, self.options.rate),
        };
        let count = until.min(limit).saturating_sub(self.handed_on) as usize;
        if count == 0 {
            return None;
        }
        let mut read = self.read.as_mut().map(|track| track.take(count));
        let mut write = self.write.as_mut().map(|track| track.take(count));
        let (kept, end) = self.measure(count, read.as_deref(), write.as_deref());
        for direction in [&mut read, &mut write].into_iter().flatten() {
            direction.truncate(kept);
        }
        self.handed_on += kept as u64;
        let mixed = match (read, write) {
            (Some(read), Some(write)) if self.options.stereo => interleave(&read, &write),
            (Some(read), Some(write)) => mix(read, &write),
            (Some(only), None) | (None, Some(only)) if self.options.stereo => {
                let silence = vec![0; only.len()];
                if self.options.hear == Hear::Read {
                    interleave(&only, &silence)
                } else {
                    interleave(&silence, &only)
                }
            }
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        if let Err(reason) = self.file.write(mixed) {
            return Some(RecordingEnd::Failed(reason.to_owned()));
        }
        end.or_else(|| (self.handed_on >= limit).then_some(RecordingEnd::Limit))
    }

    /// Follow the level; how many samples to keep, and the end if it was silent long enough.
    fn measure(
        &mut self,
        count: usize,
        read: Option<&[i16]>,
        write: Option<&[i16]>,
    ) -> (usize, Option<RecordingEnd>) {
        if self.options.silence_ms == 0 {
            return (count, None);
        }
        let piece = samples(LEVEL_MS, self.options.rate) as usize;
        let wanted = samples(self.options.silence_ms, self.options.rate);
        for index in 0..count {
            let sample = |direction: Option<&[i16]>| direction.map_or(0, |audio| audio[index]);
            self.level.push(sample(read).saturating_add(sample(write)));
            if self.level.len() < piece {
                continue;
            }
            let silent = dsp::level::mean_absolute(&self.level) < self.options.silence_threshold;
            self.silent = if silent {
                self.silent + piece as u64
            } else {
                0
            };
            self.level.clear();
            if self.silent >= wanted {
                return (index + 1, Some(RecordingEnd::Silence));
            }
        }
        (count, None)
    }
}

impl Track {
    fn place(
        &mut self,
        elapsed: u64,
        handed_on: u64,
        own_rate: Rate,
        pcm: &[i16],
        rate: Rate,
        gap: u32,
    ) {
        let tolerance = samples(TOLERANCE_MS, own_rate);
        let gap = u64::from(gap) * u64::from(own_rate) / u64::from(rate);
        let missing = gap.saturating_sub(std::mem::take(&mut self.filled));
        // A gap in the timestamps is real only as far as the wall clock has run.
        let room = (elapsed + tolerance).saturating_sub(handed_on + self.pending.len() as u64);
        let start = self.pending.len() + missing.min(room) as usize;
        self.pending.resize(start, 0);
        if self
            .resampler
            .as_ref()
            .is_none_or(|(from, _)| *from != rate)
        {
            self.resampler = Some((rate, Resampler::new(rate, own_rate)));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.process(pcm, &mut self.pending);
        }
        let end = handed_on + self.pending.len() as u64;
        if end + tolerance < elapsed {
            let missing = (elapsed - end) as usize;
            self.pending
                .splice(start..start, std::iter::repeat_n(0, missing));
        } else if end > elapsed + 3 * tolerance {
            // The far end sends faster than time passes.
            self.pending.truncate(start);
        }
    }

    fn take(&mut self, count: usize) -> Vec<i16> {
        if self.pending.len() < count {
            self.filled += (count - self.pending.len()) as u64;
            self.pending.resize(count, 0);
        }
        let rest = self.pending.split_off(count);
        std::mem::replace(&mut self.pending, rest)
    }
}

fn interleave(left: &[i16], right: &[i16]) -> Vec<i16> {
    left.iter()
        .zip(right)
        .flat_map(|(&left, &right)| [left, right])
        .collect()
}

fn mix(mut one: Vec<i16>, other: &[i16]) -> Vec<i16> {
    for (sample, &add) in one.iter_mut().zip(other) {
        *sample = sample.saturating_add(add);
    }
    one
}

impl Stream {
    pub fn record(&mut self, recording: Recording) {
        self.recordings.push(recording);
    }

    /// Whether what is sent must be decoded for a recording.
    pub fn records_us(&self) -> bool {
        self.recordings.iter().any(|recording| recording.hears_us())
    }

    pub(crate) fn record_sent(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        for recording in &mut self.recordings {
            recording.hear_us(now, pcm, rate, gap);
        }
    }

    pub(crate) fn continue_recordings(&mut self, now: Microseconds) {
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
                    recording.file.finish(end);
                }
                None => index += 1,
            }
        }
    }

    pub(crate) fn stop_recording(&mut self, now: Microseconds, number: u64) {
        if let Some(index) = self
            .recordings
            .iter()
            .position(|known| known.number == number)
        {
            self.recordings
                .swap_remove(index)
                .finish(now, RecordingEnd::Stopped);
        }
    }

    pub(crate) fn close_recordings(&mut self, now: Microseconds) {
        for recording in self.recordings.drain(..) {
            recording.finish(now, RecordingEnd::Closed);
        }
    }
}
