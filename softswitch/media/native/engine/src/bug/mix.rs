//! A stream that hears more than its partner: all of it is mixed and sent on a beat of its own.

use super::inlet::Inlet;
use super::pipe::{PipeReader, PipeWriter, pipe};
use super::taps::Side;
use crate::output::Output;
use crate::stream::{Incoming, Placing, Stream};
use crate::time::{MILLISECOND, Microseconds, Rate};

/// A mix this far behind skips ahead instead of catching up in a burst.
const TOO_LATE: Microseconds = 100 * MILLISECOND;
/// Names mixed audio among the runs of generated packets.
const RUN: u64 = 5 << 61;

/// What a stream hears while anything is added to it.
pub struct Mix {
    inlets: Vec<Inlet>,
    /// What the partner says, waiting for the beat.
    partner: (PipeWriter, PipeReader),
    next: Microseconds,
    frame: Vec<i16>,
    scratch: Vec<i16>,
}

impl Mix {
    pub fn next_timeout(&self) -> Microseconds {
        self.next
    }
}

impl Stream {
    /// Add sound to what the party hears or says.
    pub fn add_inlet(&mut self, now: Microseconds, inlet: Inlet) {
        if inlet.side == Side::Speak {
            self.add_speech_inlet(inlet);
            return;
        }
        let mix = self.mix.get_or_insert_with(|| {
            Box::new(Mix {
                inlets: Vec::new(),
                partner: pipe(),
                next: now,
                frame: Vec::new(),
                scratch: Vec::new(),
            })
        });
        mix.inlets.push(inlet);
    }

    /// Whether anything is added to what the party hears.
    pub fn mixes(&self) -> bool {
        self.mix.is_some()
    }

    /// Keep what the partner says for the beat of the mix.
    pub(crate) fn mix_in_partner(&mut self, incoming: &Incoming, pcm: &[i16]) {
        if let (Some(mix), Some(audio)) = (&mut self.mix, incoming.audio) {
            mix.partner.0.write(pcm, audio.rate);
        }
    }

    /// Keep what the room says for the beat of the mix.
    pub(crate) fn mix_in_room(&mut self, pcm: &[i16], rate: Rate) {
        if let Some(mix) = &mut self.mix {
            mix.partner.0.write(pcm, rate);
        }
    }

    /// Add to a frame that is about to be sent.
    pub(crate) fn add_to_frame(&mut self, frame: &mut [i16], output: &mut Output) {
        let rate = self.rate();
        let Some(mix) = &mut self.mix else { return };
        for inlet in &mut mix.inlets {
            inlet.add_to(frame, rate, &mut mix.scratch);
        }
        self.drop_ended(output);
    }

    /// Send what is due; true if the last inlet ended.
    pub(crate) fn continue_mix(&mut self, now: Microseconds, output: &mut Output) -> bool {
        while let Some(mix) = &mut self.mix
            && mix.next <= now
        {
            if now - mix.next > TOO_LATE {
                mix.next = now;
            }
            self.mix_packet(now, output);
            if self.mix.is_none() {
                return true;
            }
        }
        false
    }

    fn mix_packet(&mut self, now: Microseconds, output: &mut Output) {
        let rate = self.rate();
        let codec = self.sent_codec().cloned();
        let busy = self.is_playing() || self.sends_digits();
        let Some(mix) = &mut self.mix else { return };
        let Some(codec) = codec else {
            mix.next += 20 * MILLISECOND; // nothing is agreed yet
            return;
        };
        mix.next += Microseconds::from(codec.ptime) * MILLISECOND;
        if busy {
            // Those have a beat of their own, and take the inlets along.
            mix.partner.1.clear();
            return;
        }
        let mut frame = std::mem::take(&mut mix.frame);
        frame.clear();
        let length = (codec.ptime * rate / 1000).max(1) as usize;
        mix.partner.1.read(rate, length, &mut frame);
        frame.resize(length, 0);
        self.treat_heard(&mut frame, rate);
        self.tap_sent(&frame, rate);
        self.add_to_frame(&mut frame, output);
        self.record_mixed(now, &frame, rate, 0);
        if self.destination().is_some() {
            self.send_samples(now, Placing::next(RUN, codec.format()), &frame, output);
        }
        if let Some(mix) = &mut self.mix {
            mix.frame = frame;
        }
    }

    fn drop_ended(&mut self, output: &mut Output) {
        let Some(mix) = &mut self.mix else { return };
        if !mix.inlets.iter().any(Inlet::has_ended) {
            return;
        }
        for inlet in mix.inlets.extract_if(.., |inlet| inlet.has_ended()) {
            output.events.extend(inlet.farewell(self.id));
        }
        self.end_empty_mix();
    }

    fn end_empty_mix(&mut self) {
        if self.mix.as_ref().is_some_and(|mix| mix.inlets.is_empty()) {
            self.mix = None;
            if !self.is_playing() {
                self.sender.pause();
            }
        }
    }

    /// Take off whatever has that number.
    pub(crate) fn remove_bug(&mut self, number: u64, output: &mut Output) {
        self.remove_taps(number, output);
        if let Some(mix) = &mut self.mix {
            for inlet in mix.inlets.extract_if(.., |inlet| inlet.number == number) {
                output.events.extend(inlet.farewell(self.id));
            }
            self.end_empty_mix();
        }
    }

    pub(crate) fn close_bugs(&mut self, output: &mut Output) {
        self.close_taps(output);
        if let Some(mix) = self.mix.take() {
            let farewells = mix
                .inlets
                .iter()
                .filter_map(|inlet| inlet.farewell(self.id));
            output.events.extend(farewells);
        }
    }
}
