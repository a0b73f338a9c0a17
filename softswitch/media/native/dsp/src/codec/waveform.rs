//! Codecs that keep the waveform: G.711 and L16.

use super::{Codec, DecodeError, mixed_down};
use crate::g711;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Law {
    Mu,
    A,
    Linear,
}

impl Law {
    fn bytes(self) -> usize {
        match self {
            Law::Mu | Law::A => 1,
            Law::Linear => 2,
        }
    }
}

/// A codec that keeps the waveform sample by sample (RFC 3551 §4.5.11, §4.5.14).
pub(super) struct Waveform {
    pub law: Law,
    pub rate: u32,
    pub stereo: bool,
}

impl Codec for Waveform {
    fn sample_rate(&self) -> u32 {
        self.rate
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError> {
        let frame = self.law.bytes() * if self.stereo { 2 } else { 1 };
        if !payload.len().is_multiple_of(frame) {
            return Err(DecodeError(format!(
                "a payload of {} bytes does not hold whole samples of {frame} bytes",
                payload.len()
            )));
        }
        let start = out.len();
        let count = payload.len() / self.law.bytes();
        match self.law {
            Law::Mu => {
                out.resize(start + count, 0);
                g711::decode_ulaw(payload, &mut out[start..]);
            }
            Law::A => {
                out.resize(start + count, 0);
                g711::decode_alaw(payload, &mut out[start..]);
            }
            Law::Linear => out.extend(
                payload
                    .chunks_exact(2)
                    .map(|bytes| i16::from_be_bytes([bytes[0], bytes[1]])),
            ),
        }
        if self.stereo {
            for index in 0..count / 2 {
                let (left, right) = (out[start + 2 * index], out[start + 2 * index + 1]);
                out[start + index] = ((i32::from(left) + i32::from(right)) >> 1) as i16;
            }
            out.truncate(start + count / 2);
        }
        Ok(())
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        if self.stereo {
            let doubled: Vec<i16> = samples
                .iter()
                .flat_map(|&sample| [sample, sample])
                .collect();
            self.encode_waveform(&doubled, out);
        } else {
            self.encode_waveform(samples, out);
        }
    }

    fn is_stereo(&self) -> bool {
        self.stereo
    }

    fn encode_stereo(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        if self.stereo {
            self.encode_waveform(samples, out);
        } else {
            self.encode(&mixed_down(samples), out);
        }
    }
}

impl Waveform {
    fn encode_waveform(&self, samples: &[i16], out: &mut Vec<u8>) {
        let start = out.len();
        match self.law {
            Law::Mu => {
                out.resize(start + samples.len(), 0);
                g711::encode_ulaw(samples, &mut out[start..]);
            }
            Law::A => {
                out.resize(start + samples.len(), 0);
                g711::encode_alaw(samples, &mut out[start..]);
            }
            Law::Linear => out.extend(samples.iter().flat_map(|sample| sample.to_be_bytes())),
        }
    }
}
