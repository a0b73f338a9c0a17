//! Recording a stream: both directions laid on one time line and handed on in pieces.
//!
//! Packets are placed by their timestamps; what a direction lacks against the wall clock is
//! silence or soft noise, filled in once no packet can be expected to come for it.

use std::sync::Arc;

use dsp::level::ComfortNoise;

mod of_stream;
mod track;

use track::Track;

use crate::event::{Event, RecordingEnd};
use crate::files::RecordingFile;
use crate::output::Output;
use crate::tap::Tap;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND, samples};

/// How often a recording to a file hands on what it has.
pub const PERIOD_MS: u64 = 200;
/// How late packets may come and still find their place.
const TOLERANCE_MS: u64 = 60;
/// Length of the pieces whose level is measured.
const LEVEL_MS: u64 = 20;

/// What can be asked of a recording while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Silence is recorded from now on, and time goes on.
    Mask,
    Unmask,
    /// Nothing is recorded, and no time passes in it.
    Pause,
    Resume,
}

/// Where a recording goes.
pub enum Sink {
    File(Arc<RecordingFile>),
    Tap(Arc<Tap>),
}

impl Sink {
    pub(crate) fn number(&self) -> u64 {
        match self {
            Sink::File(file) => file.number,
            Sink::Tap(tap) => tap.number,
        }
    }

    pub(crate) fn write(&self, samples: Vec<i16>) -> Result<(), &'static str> {
        match self {
            Sink::File(file) => file.write(samples),
            Sink::Tap(tap) => tap.write(&samples),
        }
    }

    /// End it; of a file the event follows when it is complete.
    pub(crate) fn finish(&self, samples: u64, end: RecordingEnd, output: &mut Output) {
        match self {
            Sink::File(file) => file.finish(end),
            Sink::Tap(tap) => {
                tap.finish();
                output.events.push(Event::RecordingFinished {
                    stream: tap.stream,
                    recording: tap.number,
                    samples,
                    end,
                });
            }
        }
    }
}

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
    /// In stereo, the other way round.
    pub swap: bool,
    /// 0 = the codec's; of a recording in progress it is known.
    pub rate: Rate,
    /// 0 = none.
    pub limit_ms: u64,
    /// Mean absolute value below which it is silent.
    pub silence_threshold: u32,
    /// Silence this long ends it; 0 = never.
    pub silence_ms: u64,
    /// The same until the first sound.
    pub initial_silence_ms: u64,
    /// How often it hands on what it has.
    pub period_ms: u64,
    /// Divisor of the noise in place of what does not come; 0 = silence.
    pub fill: u32,
}

impl RecordingOptions {
    pub fn channels(&self) -> u16 {
        if self.stereo { 2 } else { 1 }
    }
}

/// A recording in progress.
pub struct Recording {
    pub number: u64,
    sink: Sink,
    options: RecordingOptions,
    began: Microseconds,
    next: Microseconds,
    /// Samples handed on, the same for both directions.
    handed_on: u64,
    read: Option<Track>,
    write: Option<Track>,
    silent: u64,
    /// Sound was heard already.
    sounded: bool,
    masked: bool,
    paused_at: Option<Microseconds>,
    level: Vec<i16>,
}

impl Recording {
    pub fn new(sink: Sink, options: RecordingOptions, now: Microseconds) -> Recording {
        let number = sink.number();
        let track = |seed| Track::new(ComfortNoise::new(options.fill, seed));
        Recording {
            number,
            sink,
            options,
            began: now,
            next: now + options.period_ms * MILLISECOND,
            handed_on: 0,
            read: (options.hear != Hear::Write).then(|| track(number)),
            write: (options.hear != Hear::Read).then(|| track(!number)),
            silent: 0,
            sounded: false,
            masked: false,
            paused_at: None,
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
        if self.paused_at.is_none()
            && let Some(track) = &mut self.read
        {
            let (handed_on, masked) = (self.handed_on, self.masked);
            let before = track.pending.len();
            track.place(elapsed, handed_on, self.options.rate, pcm, rate, gap);
            track.silence(before, masked);
        }
    }

    pub fn hear_us(&mut self, now: Microseconds, pcm: &[i16], rate: Rate, gap: u32) {
        let elapsed = self.elapsed(now);
        if self.paused_at.is_none()
            && let Some(track) = &mut self.write
        {
            let (handed_on, masked) = (self.handed_on, self.masked);
            let before = track.pending.len();
            track.place(elapsed, handed_on, self.options.rate, pcm, rate, gap);
            track.silence(before, masked);
        }
    }

    /// Mask, pause or go on; why the recording ends, if it does.
    fn control(&mut self, now: Microseconds, control: Control) -> Option<RecordingEnd> {
        match control {
            Control::Mask => self.masked = true,
            Control::Unmask => self.masked = false,
            Control::Pause if self.paused_at.is_none() => {
                let end = self.hand_on(self.elapsed(now));
                self.paused_at = Some(now);
                for track in [&mut self.read, &mut self.write].into_iter().flatten() {
                    track.clear();
                }
                return end;
            }
            Control::Resume => {
                if let Some(paused_at) = self.paused_at.take() {
                    self.began += now - paused_at;
                }
            }
            Control::Pause => {}
        }
        None
    }

    /// Hand on what is complete; why the recording ends, if it does.
    fn tick(&mut self, now: Microseconds) -> Option<RecordingEnd> {
        self.next += self.options.period_ms * MILLISECOND;
        if self.paused_at.is_some() {
            return None;
        }
        let tolerance = samples(TOLERANCE_MS, self.options.rate);
        self.hand_on(self.elapsed(now).saturating_sub(tolerance))
    }

    /// Hand on everything up to now.
    fn finish(mut self, now: Microseconds, end: RecordingEnd, output: &mut Output) {
        let end = match self.paused_at {
            None => self.hand_on(self.elapsed(now)).unwrap_or(end),
            Some(_) => end,
        };
        self.sink.finish(self.handed_on, end, output);
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
        let masked = self.masked;
        let mut read = self.read.as_mut().map(|track| track.take(count, masked));
        let mut write = self.write.as_mut().map(|track| track.take(count, masked));
        let (kept, end) = self.measure(count, read.as_deref(), write.as_deref());
        for direction in [&mut read, &mut write].into_iter().flatten() {
            direction.truncate(kept);
        }
        self.handed_on += kept as u64;
        let mixed = match (read, write) {
            (Some(read), Some(write)) if self.options.stereo => self.interleave(&read, &write),
            (Some(read), Some(write)) => mix(read, &write),
            (Some(only), None) | (None, Some(only)) if self.options.stereo => {
                let silence = vec![0; only.len()];
                if self.options.hear == Hear::Read {
                    self.interleave(&only, &silence)
                } else {
                    self.interleave(&silence, &only)
                }
            }
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => return None,
        };
        if let Err(reason) = self.sink.write(mixed) {
            return Some(RecordingEnd::Failed(reason.to_owned()));
        }
        end.or_else(|| (self.handed_on >= limit).then_some(RecordingEnd::Limit))
    }

    fn interleave(&self, read: &[i16], write: &[i16]) -> Vec<i16> {
        match self.options.swap {
            false => interleave_pair(read, write),
            true => interleave_pair(write, read),
        }
    }

    /// Follow the level; how many samples to keep, and the end if it was silent long enough.
    fn measure(
        &mut self,
        count: usize,
        read: Option<&[i16]>,
        write: Option<&[i16]>,
    ) -> (usize, Option<RecordingEnd>) {
        if self.options.silence_ms == 0 && self.options.initial_silence_ms == 0 {
            return (count, None);
        }
        let piece = samples(LEVEL_MS, self.options.rate) as usize;
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
            self.sounded |= !silent;
            let wanted = match self.sounded {
                true => self.options.silence_ms,
                false => self.options.initial_silence_ms,
            };
            if wanted > 0 && self.silent >= samples(wanted, self.options.rate) {
                return (index + 1, Some(RecordingEnd::Silence));
            }
        }
        (count, None)
    }
}

fn interleave_pair(left: &[i16], right: &[i16]) -> Vec<i16> {
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
