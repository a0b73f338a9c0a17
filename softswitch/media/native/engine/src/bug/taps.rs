//! What hangs on a stream: taps that hand on its sound, and the inlets that add to what it says.

use super::inlet::Inlet;
use super::pipe::PipeWriter;
use crate::output::Output;
use crate::stream::Stream;
use crate::time::Rate;

/// One direction of a stream's sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What the far end hears.
    Hear,
    /// What it says.
    Speak,
}

/// A pipe that one direction flows into.
struct Outlet {
    number: u64,
    side: Side,
    pipe: PipeWriter,
}

/// The bugs of a stream but its recordings.
#[derive(Default)]
pub struct Taps {
    outlets: Vec<Outlet>,
    /// Those that add to what the party says.
    inlets: Vec<Inlet>,
    scratch: Vec<i16>,
}

impl Taps {
    fn is_empty(&self) -> bool {
        self.outlets.is_empty() && self.inlets.is_empty()
    }

    fn hand_on(&mut self, side: Side, pcm: &[i16], rate: Rate) {
        self.outlets
            .retain_mut(|outlet| outlet.side != side || outlet.pipe.write(pcm, rate));
    }
}

impl Stream {
    /// Let one direction flow into a pipe.
    pub fn add_outlet(&mut self, number: u64, side: Side, pipe: PipeWriter) {
        let taps = self.taps.get_or_insert_default();
        taps.outlets.push(Outlet { number, side, pipe });
    }

    /// Whether anything on the stream wants that direction decoded.
    pub fn taps(&self, side: Side) -> bool {
        self.listens(side)
            || self.taps.as_ref().is_some_and(|taps| {
                taps.outlets.iter().any(|outlet| outlet.side == side)
                    || (side == Side::Speak && !taps.inlets.is_empty())
            })
    }

    /// Whether what the party says is changed before others hear it.
    pub fn adds_to_speech(&self) -> bool {
        self.taps
            .as_ref()
            .is_some_and(|taps| !taps.inlets.is_empty())
    }

    /// Hand what the party said to the taps.
    pub(crate) fn tap_speech(&mut self, pcm: &[i16], rate: Rate) {
        self.let_detectors_hear(Side::Speak, pcm, rate);
        if let Some(taps) = &mut self.taps {
            taps.hand_on(Side::Speak, pcm, rate);
        }
    }

    /// Hand what the party hears, but for what inlets add to it, to the taps.
    pub(crate) fn tap_sent(&mut self, pcm: &[i16], rate: Rate) {
        self.let_detectors_hear(Side::Hear, pcm, rate);
        if let Some(taps) = &mut self.taps {
            taps.hand_on(Side::Hear, pcm, rate);
        }
    }

    /// Add to what the party says what shall be added.
    pub(crate) fn add_to_speech(&mut self, pcm: &mut [i16], rate: Rate, output: &mut Output) {
        let Some(taps) = &mut self.taps else { return };
        for inlet in &mut taps.inlets {
            inlet.add_to(pcm, rate, &mut taps.scratch);
        }
        let id = self.id;
        taps.inlets.retain(|inlet| {
            if inlet.has_ended() {
                output.events.extend(inlet.farewell(id));
            }
            !inlet.has_ended()
        });
    }

    pub(super) fn add_speech_inlet(&mut self, inlet: Inlet) {
        self.taps.get_or_insert_default().inlets.push(inlet);
    }

    /// Take off the taps and speech inlets of that number.
    pub(super) fn remove_taps(&mut self, number: u64, output: &mut Output) {
        self.remove_detector(number);
        let Some(taps) = &mut self.taps else { return };
        taps.outlets.retain(|outlet| outlet.number != number);
        let id = self.id;
        taps.inlets.retain(|inlet| {
            if inlet.number == number {
                output.events.extend(inlet.farewell(id));
            }
            inlet.number != number
        });
        if taps.is_empty() {
            self.taps = None;
        }
    }

    pub(super) fn close_taps(&mut self, output: &mut Output) {
        if let Some(taps) = self.taps.take() {
            let farewells = taps
                .inlets
                .iter()
                .filter_map(|inlet| inlet.farewell(self.id));
            output.events.extend(farewells);
        }
    }
}
