//! Sound in datagrams of nothing else, as programs beside the switch send and take it.
//!
//! What arrives is given the RTP header that it lacks, and what is sent loses its own: everything
//! between is a stream like any other. Samples of L16 are in the machine's byte order, not in that
//! of the network.

use super::Stream;
use crate::output::{Channel, Output};
use crate::parameters::CodecParameters;
use crate::rtp::header::Header;

/// Numbers what arrives without numbers.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    sequence: u16,
    timestamp: u32,
}

impl Stream {
    /// Whether datagrams hold sound and no header.
    pub fn is_bare(&self) -> bool {
        self.parameters.as_ref().is_some_and(|known| known.bare)
    }

    /// Make an RTP packet of sound that arrived; false where it is not to be taken.
    pub fn frame(&mut self, channel: Channel, sound: &[u8], framed: &mut Vec<u8>) -> bool {
        let codec = self.parameters.as_ref().and_then(|it| it.codecs.first());
        let Some(codec) = codec.filter(|_| channel == Channel::Rtp && !sound.is_empty()) else {
            return false;
        };
        let Numbering {
            sequence,
            timestamp,
        } = &mut self.numbering;
        let header = Header {
            marker: false,
            payload_type: codec.payload_type,
            sequence: *sequence,
            timestamp: *timestamp,
            ssrc: 0,
        };
        framed.clear();
        framed.extend_from_slice(&header.to_bytes());
        append_sound(codec, sound, framed);
        *sequence = sequence.wrapping_add(1);
        *timestamp = timestamp.wrapping_add(units(codec, sound.len()));
        true
    }

    /// Send the sound of a packet; returns its length.
    pub(super) fn send_bare(&self, payload: &[u8], output: &mut Output) -> usize {
        let codec = self.parameters.as_ref().and_then(|it| it.codecs.first());
        let (Some(codec), Some(destination)) = (codec, self.destination()) else {
            return 0;
        };
        output.send(self.place, Channel::Rtp, destination, |out| {
            append_sound(codec, payload, out);
        })
    }
}

/// Clock units of so many bytes.
fn units(codec: &CodecParameters, length: usize) -> u32 {
    match codec.name.as_str() {
        "L16" => (length / 2 / usize::from(codec.channels.max(1))) as u32,
        "PCMU" | "PCMA" | "G722" => length as u32,
        _ => codec.format().frame,
    }
}

/// Turn network into native byte order, or back: it is the same.
fn append_sound(codec: &CodecParameters, sound: &[u8], out: &mut Vec<u8>) {
    if codec.name == "L16" {
        for sample in sound.chunks_exact(2) {
            out.extend_from_slice(&u16::from_be_bytes([sample[0], sample[1]]).to_ne_bytes());
        }
    } else {
        out.extend_from_slice(sound);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(name: &str) -> CodecParameters {
        CodecParameters {
            payload_type: 10,
            name: name.to_owned(),
            clock_rate: 8000,
            channels: 1,
            ptime: 20,
            fmtp: String::new(),
        }
    }

    #[test]
    fn samples_of_l16_change_their_byte_order_and_half_ones_are_left_out() {
        let mut out = Vec::new();
        append_sound(&codec("L16"), &0x1234_u16.to_ne_bytes(), &mut out);
        append_sound(&codec("L16"), &[1], &mut out);
        assert_eq!(out, [0x12, 0x34]);
        append_sound(&codec("PCMU"), &[1], &mut out);
        assert_eq!(out, [0x12, 0x34, 1]);
    }

    #[test]
    fn time_goes_on_by_what_a_datagram_holds() {
        assert_eq!(units(&codec("L16"), 640), 320);
        assert_eq!(units(&codec("PCMA"), 80), 80);
        assert_eq!(units(&codec("OPUS"), 33), 160);
    }
}
