//! Sending what a room mixed.

use dsp::codec::Codec;

use super::{Placing, Stream};
use crate::output::Output;
use crate::time::{Microseconds, Rate};

impl Stream {
    /// Whether mixed audio would reach the far end: it is not on hold, hears no playback of its own
    /// and is sent no digits.
    pub fn can_be_sent(&self) -> bool {
        let playing = self
            .playback
            .as_ref()
            .is_some_and(|playback| playback.is_audible());
        !playing && self.digits.is_none() && self.encoder.is_some() && self.destination().is_some()
    }

    /// What follows begins anew.
    pub fn pause_sending(&mut self) {
        if self.playback.is_none() && self.digits.is_none() {
            self.sender.pause();
        }
    }

    /// Whether left and right reach the far end apart.
    pub fn encodes_stereo(&self) -> bool {
        // Effects are made for one channel.
        !self.has_effects().0
            && self
                .encoder
                .as_ref()
                .is_some_and(|encoder| encoder.is_stereo())
    }

    /// Make ready for audio of `rate`: the rate at which it must be given to `send_mixed`.
    pub fn encode_from(&mut self, rate: Rate) -> Rate {
        if let Some(encoder) = &mut self.encoder {
            encoder.run_at(rate);
        }
        self.rate()
    }

    /// Send a packet that was encoded for many; an empty one is a gap in time.
    pub fn send_mixed_payload(
        &mut self,
        now: Microseconds,
        run: u64,
        payload: &[u8],
        output: &mut Output,
    ) {
        if let Some(codec) = self.sent_codec() {
            let place = Placing::next(run, codec.format());
            self.send_encoded(now, place, payload, output);
        }
    }

    /// Encode and send as many packets as the samples fill, and take them out; the samples of two
    /// channels alternate.
    pub fn send_mixed(
        &mut self,
        now: Microseconds,
        run: u64,
        channels: usize,
        samples: &mut Vec<i16>,
        output: &mut Output,
    ) {
        let Some(codec) = self.sent_codec() else {
            return;
        };
        let place = Placing::next(run, codec.format());
        let length = (codec.ptime * self.rate() / 1000).max(1) as usize * channels;
        let mut encoded = std::mem::take(&mut self.encoded);
        let mut sent = 0;
        for frame in samples.chunks_exact(length) {
            encoded.clear();
            if let Some(encoder) = &mut self.encoder {
                encode(&mut **encoder, frame, channels, &mut encoded);
            }
            self.send_encoded(now, place, &encoded, output);
            sent += length;
        }
        self.encoded = encoded;
        samples.drain(..sent);
    }
}

/// Encode samples of one channel or two.
pub fn encode(encoder: &mut dyn Codec, samples: &[i16], channels: usize, out: &mut Vec<u8>) {
    if channels == 1 {
        encoder.encode(samples, out);
    } else {
        encoder.encode_stereo(samples, out);
    }
}
