//! Bugs as callers ask for them: they work between streams of different workers.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use dsp::effect::EffectWishes;

use crate::bug::{Finder, Inlet, Manner, Side, Sound, pipe_delayed};
use crate::graph::Command;
use crate::handle::{Closed, RecordingRequest, StreamHandle};
use crate::recorder::{Control, RecordingOptions, Sink};
use crate::source::{Reader, Source};
use crate::stream::{Steering, Tracing};
use crate::tap::Tap;

/// Where added sound goes and how.
#[derive(Clone, Copy, Debug)]
pub struct FeedRequest {
    pub into: Side,
    pub manner: Manner,
    /// A factor.
    pub gain: f32,
}

impl StreamHandle {
    /// Let directions of this stream flow into another one; returns the number that stops it, on
    /// this stream or the other. What flows is late by the delay. A direction whose stream closes ends by itself.
    pub fn feed(
        &self,
        from: &[Side],
        target: &StreamHandle,
        request: FeedRequest,
        delay_ms: u64,
    ) -> Result<u64, Closed> {
        target.check()?;
        self.check()?;
        let number = self.next_number();
        for &side in from {
            let (writer, reader) = pipe_delayed(delay_ms);
            let pipe = writer;
            self.command(Command::AddOutlet { number, side, pipe })?;
            let FeedRequest { into, manner, gain } = request;
            let inlet = Inlet::new(number, into, manner, gain, Sound::Pipe(reader));
            target.command(Command::AddInlet(Box::new(inlet)))?;
        }
        Ok(number)
    }

    /// Begin, change or end the effects on what the party hears or says.
    pub fn set_effects(&self, side: Side, wishes: EffectWishes) -> Result<(), Closed> {
        self.command(Command::SetEffects { side, wishes })
    }

    /// Tell of packets, or no more.
    pub fn trace(&self, tracing: Tracing) -> Result<(), Closed> {
        self.command(Command::Trace(tracing))
    }

    /// Add a source to what the party hears or says; returns the number of the playback.
    pub fn inject(
        &self,
        source: &Source,
        loops: Option<u32>,
        offset_ms: u64,
        request: FeedRequest,
    ) -> Result<u64, Closed> {
        self.check()?;
        let number = self.next_number();
        let feed = source
            .path()
            .map(|path| self.engine.0.files.feed(path, loops, offset_ms));
        let reader = Reader::new(source, loops, offset_ms, feed);
        let FeedRequest { into, manner, gain } = request;
        let inlet = Inlet::new(number, into, manner, gain, Sound::Source(Box::new(reader)));
        self.command(Command::AddInlet(Box::new(inlet)))?;
        Ok(number)
    }

    /// Record into memory for a reader outside, in pieces of `period_ms`. `complete` ends it
    /// rather than losing anything to a slow reader.
    pub fn tap(
        &self,
        request: RecordingRequest,
        period_ms: u64,
        complete: bool,
    ) -> io::Result<Arc<Tap>> {
        let channels = if request.stereo { 2 } else { 1 };
        let rate = match request.rate {
            0 => self.rate.load(Ordering::Relaxed),
            rate => rate,
        };
        let tap = Arc::new(Tap::new(
            self.id,
            self.next_number(),
            rate,
            channels,
            complete,
        )?);
        let options = RecordingOptions {
            hear: request.hear,
            stereo: request.stereo,
            swap: request.swap,
            rate,
            limit_ms: request.limit_ms,
            silence_threshold: request.silence_threshold,
            silence_ms: request.silence_ms,
            initial_silence_ms: request.initial_silence_ms,
            period_ms,
            fill: request.fill,
        };
        let sink = Sink::Tap(Arc::clone(&tap));
        self.command(Command::Record { sink, options })
            .map_err(|_| io::Error::other("the stream is closed"))?;
        Ok(tap)
    }

    /// Listen to one direction for something; returns the number that stops it.
    pub fn listen(&self, side: Side, finder: Finder) -> Result<u64, Closed> {
        let number = self.next_number();
        let finder = Box::new(finder);
        self.command(Command::Listen {
            number,
            side,
            finder,
        })?;
        Ok(number)
    }

    /// Pause a playback, or play it louder or faster; unknown numbers are ignored.
    pub fn steer(&self, number: u64, steering: Steering) -> Result<(), Closed> {
        self.command(Command::Steer { number, steering })
    }

    /// Mask, pause or resume a recording; unknown numbers are ignored.
    pub fn control_recording(&self, number: u64, control: Control) -> Result<(), Closed> {
        self.command(Command::ControlRecording { number, control })
    }

    fn next_number(&self) -> u64 {
        self.engine.0.next_number.fetch_add(1, Ordering::Relaxed)
    }
}
