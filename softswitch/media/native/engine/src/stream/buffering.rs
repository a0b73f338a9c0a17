//! Playing what arrives on an even beat: the jitter buffer, and making up for what is lost.

use dsp::conceal::Concealer;

use super::{Audio, Content, Incoming, Stream};
use crate::output::Output;
use crate::rtp::header::Header;
use crate::rtp::jitter::{Delays, Held, Insertion, JitterBuffer, Turn};
use crate::time::{Microseconds, Rate};

/// A made-up packet is told from one with a payload by being shorter than any.
const NO_PAYLOAD: std::ops::Range<usize> = 0..0;

/// The jitter buffer of a stream.
pub struct Buffering {
    buffer: JitterBuffer,
    /// It also works while the stream is connected with another one.
    in_bridge: bool,
    paused: bool,
    concealer: Option<(Rate, Concealer)>,
    /// The last packet played: what is lost is continued in its codec.
    last: Option<(usize, Header, Rate)>,
    too_late: u32,
}

/// What can be asked of a jitter buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffer {
    /// Hold packets back.
    Hold {
        delays: Delays,
        in_bridge: bool,
    },
    /// Let packets pass for a while.
    Pause(bool),
    Off,
}

impl Stream {
    /// Begin, change or end holding packets back.
    pub fn buffer(&mut self, wish: Buffer) {
        match (wish, &mut self.buffering) {
            (Buffer::Off, _) => self.buffering = None,
            (Buffer::Pause(paused), Some(buffering)) => {
                buffering.paused = paused;
                buffering.buffer.reset();
            }
            (Buffer::Pause(_), None) => {}
            (Buffer::Hold { delays, in_bridge }, _) => {
                self.buffering = Some(Box::new(Buffering {
                    buffer: JitterBuffer::new(delays),
                    in_bridge,
                    paused: false,
                    concealer: None,
                    last: None,
                    too_late: 0,
                }));
            }
        }
    }

    /// Whether it has a jitter buffer.
    pub fn is_buffering(&self) -> bool {
        self.buffering.is_some()
    }

    /// Whether packets are held back now.
    pub(super) fn holds_back(&self) -> bool {
        let Some(buffering) = &self.buffering else {
            return false;
        };
        let hearing = self.hearing.as_ref().map(|hearing| hearing.from);
        !buffering.paused && (buffering.in_bridge || hearing.is_none_or(|from| from == self.place))
    }

    /// When `play_out` has something.
    pub(super) fn next_turn(&self) -> Option<Microseconds> {
        self.buffering.as_ref()?.buffer.next_timeout()
    }

    /// Packets that came too late to be played.
    pub(super) fn too_late(&self) -> u32 {
        self.buffering.as_ref().map_or(0, |known| known.too_late)
    }

    /// Forget what is held, as when the far end begins anew.
    pub(super) fn empty_buffer(&mut self) {
        if let Some(buffering) = &mut self.buffering {
            buffering.buffer.reset();
            buffering.last = None;
        }
    }

    /// Hold a packet back.
    pub(super) fn hold_back(
        &mut self,
        now: Microseconds,
        header: Header,
        content: Content,
        clock: Rate,
        payload: &[u8],
    ) {
        let frame = self.parameters.as_ref().map_or(160, |parameters| {
            let index = match content {
                Content::Audio(index) => index,
                _ => 0,
            };
            let codec = parameters.codecs.get(index);
            codec.map_or(160, |codec| codec.format().frame)
        });
        let Some(buffering) = &mut self.buffering else {
            return;
        };
        let packet = Held {
            header,
            payload: payload.to_vec(),
            content,
        };
        let counters = &self.statistics.counters;
        counters.jitter_packets.add_alone(1);
        match buffering.buffer.insert(now, packet, clock, frame) {
            Insertion::Kept => {}
            Insertion::TooLate => {
                buffering.too_late += 1;
                counters.too_late.add_alone(1);
            }
            Insertion::Flushed(count) => counters.flushed.add_alone(u64::from(count)),
        }
        counters
            .largest_buffer_ms
            .set(u64::from(buffering.buffer.largest_ms));
    }

    /// The next packet that is to be heard by now, its payload put into `payload`; audio is
    /// decoded, or made up, into `pcm`.
    pub fn play_out(
        &mut self,
        now: Microseconds,
        payload: &mut Vec<u8>,
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Incoming> {
        loop {
            match self.buffering.as_mut()?.buffer.pop(now)? {
                Turn::Packet(held) => {
                    payload.clear();
                    payload.extend_from_slice(&held.payload);
                    return Some(self.play_held(now, held, pcm, output));
                }
                Turn::Lost(missing) => {
                    if let Some(made) = self.make_up(now, missing, pcm, output) {
                        payload.clear();
                        return Some(made);
                    }
                }
            }
        }
    }

    fn play_held(
        &mut self,
        now: Microseconds,
        held: Held,
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Incoming {
        let header = held.header;
        let mut clock = self.event_clock();
        let mut audio = None;
        if let Content::Audio(index) = held.content {
            let codec = self
                .parameters
                .as_ref()
                .and_then(|known| known.codecs.get(index));
            clock = codec.map_or(clock, |codec| codec.clock_rate);
            if self.wants_decoded(index) {
                audio = self.decode(now, index, &header, &held.payload, pcm, output);
            } else {
                self.next_timestamp = None;
            }
            if let Some(buffering) = &mut self.buffering {
                buffering.last = Some((index, header, clock));
            }
        } else if held.content == Content::Noise
            && let Some(buffering) = &mut self.buffering
        {
            // Silence follows: nothing of it is missing.
            buffering.last = None;
        }
        Incoming {
            header,
            payload: 0..held.payload.len(),
            content: held.content,
            run: self.run,
            clock,
            late: false,
            withheld: self.withholds_events,
            audio,
        }
    }

    /// Audio in place of a packet that did not come; None where nobody wants any.
    fn make_up(
        &mut self,
        now: Microseconds,
        missing: u32,
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Incoming> {
        let buffering = self.buffering.as_mut()?;
        let (index, header, clock) = buffering.last?;
        let (_, decoder) = self.decoder.as_mut().filter(|known| known.0 == index)?;
        let next = self.next_timestamp?;
        let rate = decoder.sample_rate();
        let codec = self.parameters.as_ref()?.codecs.get(index)?;
        let units = match missing {
            0 => codec.format().frame,
            missing => missing,
        };
        let count = (u64::from(units) * u64::from(rate) / u64::from(clock)) as usize;
        pcm.clear();
        if !decoder.conceal(count, buffering.buffer.peek_next(), pcm) {
            match &mut buffering.concealer {
                Some((known, concealer)) if *known == rate => concealer.conceal(count, pcm),
                _ => return None,
            }
        }
        self.statistics.counters.concealed.add_alone(1);
        self.next_timestamp = Some(next.wrapping_add(missing));
        self.hand_on(now, rate, 0, pcm, output);
        let timestamp = next;
        Some(Incoming {
            header: Header {
                timestamp,
                ..header
            },
            payload: NO_PAYLOAD,
            content: Content::Concealed(index),
            run: self.run,
            clock,
            late: false,
            withheld: self.withholds_events,
            audio: Some(Audio { rate, gap: 0 }),
        })
    }

    /// Remember what was heard, so that what is lost behind it can be made up.
    pub(super) fn remember_for_loss(&mut self, pcm: &mut [i16], rate: Rate) {
        let Some(buffering) = &mut self.buffering else {
            return;
        };
        if buffering
            .concealer
            .as_ref()
            .is_none_or(|known| known.0 != rate)
        {
            buffering.concealer = Some((rate, Concealer::new(rate)));
        }
        if let Some((_, concealer)) = &mut buffering.concealer {
            concealer.hear(pcm);
        }
    }
}
