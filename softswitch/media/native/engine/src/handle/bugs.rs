//! Bugs as callers ask for them: they work between streams of different workers.

use dsp::effect::EffectWishes;

use super::{Closed, StreamHandle};
use crate::bug::{Finder, Inlet, Manner, Side, Sound, pipe_delayed};
use crate::graph::Command;
use crate::source::Source;

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
        let number = self.engine.next_number();
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

    /// Add a source to what the party hears or says; returns the number of the playback.
    pub fn inject(
        &self,
        source: &Source,
        loops: Option<u32>,
        offset_ms: u64,
        request: FeedRequest,
    ) -> Result<u64, Closed> {
        self.check()?;
        let number = self.engine.next_number();
        let reader = self.engine.read(source, loops, offset_ms);
        let FeedRequest { into, manner, gain } = request;
        let inlet = Inlet::new(number, into, manner, gain, Sound::Source(Box::new(reader)));
        self.command(Command::AddInlet(Box::new(inlet)))?;
        Ok(number)
    }

    /// Listen to one direction for something; returns the number that stops it.
    pub fn listen(&self, side: Side, finder: Finder) -> Result<u64, Closed> {
        let number = self.engine.next_number();
        let finder = Box::new(finder);
        self.command(Command::Listen {
            number,
            side,
            finder,
        })?;
        Ok(number)
    }
}
