//! The codecs the engine decodes and encodes, by the names SDP gives them.

use std::fmt;

use crate::g711;

/// A payload that is not what its codec calls for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodeError(pub String);

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}

/// Turns RTP payloads into mono samples and back; keeps whatever state that takes.
pub trait Codec: Send {
    /// Rate of the decoded samples in Hz.
    fn sample_rate(&self) -> u32;

    /// Append the samples of one payload. A payload that is wrong appends nothing.
    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError>;

    /// Append the payload of these samples.
    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>);
}

/// The codec of that name, or None if it can only be passed through.
///
/// Names are compared without case. Payloads of two channels are mixed down to mono when decoded
/// and carry the same samples on both channels when encoded.
pub fn create(name: &str, clock_rate: u32, channels: u16, _fmtp: &str) -> Option<Box<dyn Codec>> {
    let law = match name.to_ascii_uppercase().as_str() {
        "PCMU" => Law::Mu,
        "PCMA" => Law::A,
        "L16" => Law::Linear,
        _ => return None,
    };
    if !(8_000..=192_000).contains(&clock_rate) || !(1..=2).contains(&channels) {
        return None;
    }
    Some(Box::new(Waveform {
        law,
        rate: clock_rate,
        stereo: channels == 2,
    }))
}

/// Names [`create`] knows.
pub fn names() -> &'static [&'static str] {
    &["PCMU", "PCMA", "L16"]
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Law {
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
struct Waveform {
    law: Law,
    rate: u32,
    stereo: bool,
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
        let doubled: Vec<i16>;
        let samples = if self.stereo {
            doubled = samples
                .iter()
                .flat_map(|&sample| [sample, sample])
                .collect();
            &doubled
        } else {
            samples
        };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(name: &str, rate: u32, channels: u16) -> Box<dyn Codec> {
        create(name, rate, channels, "").expect("a known codec")
    }

    #[test]
    fn each_named_codec_exists_whatever_the_case() {
        for name in names() {
            assert_eq!(codec(name, 8000, 1).sample_rate(), 8000);
            assert!(create(&name.to_lowercase(), 8000, 1, "").is_some());
        }
    }

    #[test]
    fn unknown_codecs_rates_and_channel_counts_are_refused() {
        assert!(create("G729", 8000, 1, "").is_none());
        assert!(create("PCMU", 0, 1, "").is_none());
        assert!(create("PCMU", 4_000_000, 1, "").is_none());
        assert!(create("L16", 8000, 0, "").is_none());
        assert!(create("L16", 8000, 3, "").is_none());
    }

    #[test]
    fn l16_is_big_endian_and_loses_nothing() {
        let mut l16 = codec("L16", 16000, 1);
        let (mut payload, mut samples) = (vec![9], vec![7i16]);
        l16.encode(&[1, -2, i16::MAX], &mut payload);
        assert_eq!(payload, [9, 0, 1, 0xff, 0xfe, 0x7f, 0xff]);
        l16.decode(&payload[1..], &mut samples).unwrap();
        assert_eq!(samples, [7, 1, -2, i16::MAX]);
    }

    #[test]
    fn half_a_sample_is_an_error_and_appends_nothing() {
        let mut samples = vec![5];
        let error = codec("L16", 8000, 1)
            .decode(&[1, 2, 3], &mut samples)
            .unwrap_err();
        assert!(error.to_string().contains("3 bytes"));
        assert!(codec("PCMA", 8000, 2).decode(&[1], &mut samples).is_err());
        assert_eq!(samples, [5]);
    }

    #[test]
    fn two_channels_are_mixed_down_and_sent_alike() {
        let mut l16 = codec("L16", 44100, 2);
        let (mut payload, mut samples) = (Vec::new(), vec![3i16]);
        l16.decode(&[0, 100, 0, 200, 0x7f, 0xff, 0x7f, 0xff], &mut samples)
            .unwrap();
        assert_eq!(samples, [3, 150, i16::MAX]);
        l16.encode(&[258], &mut payload);
        assert_eq!(payload, [1, 2, 1, 2]);
    }

    #[test]
    fn g711_payloads_keep_their_codes() {
        for (name, silence) in [("PCMU", 0xffu8), ("PCMA", 0xd5)] {
            let payload: Vec<u8> = [silence; 160].to_vec();
            let (mut samples, mut again) = (Vec::new(), Vec::new());
            let mut g711 = codec(name, 8000, 1);
            g711.decode(&payload, &mut samples).unwrap();
            assert_eq!(samples.len(), 160);
            g711.encode(&samples, &mut again);
            assert_eq!(again, payload);
        }
    }
}
