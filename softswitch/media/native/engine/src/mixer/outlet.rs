//! What many members hear alike, encoded once for all who speak the same codec.

use dsp::codec::Codec;
use dsp::resample::Resampler;

use crate::parameters::CodecParameters;
use crate::stream::encode;
use crate::time::Rate;

/// Codecs whose packets do not depend on those before them: members may change between an encoder
/// of their own and a shared one at any packet.
const MEMORYLESS: [&str; 3] = ["PCMU", "PCMA", "L16"];

/// Whether packets of the codec do not depend on one another.
pub fn is_memoryless(codec: &CodecParameters) -> bool {
    MEMORYLESS.contains(&codec.name.as_str())
}

/// Changes the rate of a mix, mono or stereo.
pub struct Converter {
    sides: [Resampler; 2],
    scratch: [Vec<i16>; 2],
}

impl Converter {
    pub fn new(from: Rate, to: Rate) -> Converter {
        Converter {
            sides: [0, 1].map(|_| Resampler::new(from, to)),
            scratch: [Vec::new(), Vec::new()],
        }
    }

    /// Append `mix` at the new rate; the samples of two channels alternate.
    pub fn process(&mut self, mix: &[i16], channels: usize, out: &mut Vec<i16>) {
        if channels == 1 {
            self.sides[0].process(mix, out);
            return;
        }
        for (index, scratch) in self.scratch.iter_mut().enumerate() {
            let side: Vec<i16> = mix.iter().skip(index).step_by(2).copied().collect();
            scratch.clear();
            self.sides[index].process(&side, scratch);
        }
        let [left, right] = &self.scratch;
        let both = left.iter().zip(right);
        out.extend(both.flat_map(|(&left, &right)| [left, right]));
    }
}

/// One encoder that many members are sent packets of.
pub struct Outlet {
    codec: CodecParameters,
    channels: usize,
    encoder: Box<dyn Codec>,
    converter: Converter,
    samples: Vec<i16>,
    payload: Vec<u8>,
    /// The interval the payload is of.
    interval: u64,
}

impl Outlet {
    /// None for a codec that cannot be encoded.
    pub fn new(codec: &CodecParameters, room_rate: Rate, channels: usize) -> Option<Outlet> {
        let mut encoder = codec.create()?;
        encoder.run_at(room_rate);
        Some(Outlet {
            converter: Converter::new(room_rate, encoder.sample_rate()),
            codec: codec.clone(),
            channels,
            encoder,
            samples: Vec::new(),
            payload: Vec::new(),
            interval: 0,
        })
    }

    /// Whether members of that codec can be served.
    pub fn serves(&self, codec: &CodecParameters, channels: usize) -> bool {
        self.channels == channels
            && self.codec.is_same_format(codec)
            && self.codec.ptime == codec.ptime
            && self.codec.fmtp == codec.fmtp
    }

    /// The packet of an interval; encoded when it is first asked for.
    pub fn payload(&mut self, interval: u64, mix: &[i16]) -> &[u8] {
        if self.interval != interval {
            self.interval = interval;
            self.samples.clear();
            self.converter
                .process(mix, self.channels, &mut self.samples);
            self.payload.clear();
            encode(
                &mut *self.encoder,
                &self.samples,
                self.channels,
                &mut self.payload,
            );
        }
        &self.payload
    }

    /// Whether nobody has asked it for a packet since that interval.
    pub fn is_idle(&self, since: u64) -> bool {
        self.interval < since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codec(name: &str, clock_rate: Rate, channels: u16) -> CodecParameters {
        CodecParameters {
            payload_type: 96,
            name: name.to_owned(),
            clock_rate,
            channels,
            ptime: 20,
            fmtp: String::new(),
        }
    }

    #[test]
    fn a_packet_is_encoded_once_an_interval() {
        let l16 = codec("L16", 8000, 1);
        let mut outlet = Outlet::new(&l16, 8000, 1).expect("it is known");
        assert_eq!(outlet.payload(1, &[1, 2]), [0, 1, 0, 2]);
        assert_eq!(outlet.payload(1, &[9, 9]), [0, 1, 0, 2]);
        assert_eq!(outlet.payload(2, &[3, 4]), [0, 3, 0, 4]);
        assert!(outlet.is_idle(3) && !outlet.is_idle(2));
    }

    #[test]
    fn it_serves_whoever_has_the_same_codec_by_any_number() {
        let outlet = Outlet::new(&codec("L16", 8000, 1), 8000, 1).expect("it is known");
        let other_number = CodecParameters {
            payload_type: 11,
            ..codec("L16", 8000, 1)
        };
        assert!(outlet.serves(&other_number, 1));
        assert!(!outlet.serves(&codec("PCMU", 8000, 1), 1));
        assert!(!outlet.serves(
            &CodecParameters {
                ptime: 40,
                ..other_number
            },
            1
        ));
        assert!(Outlet::new(&codec("G729", 8000, 1), 8000, 1).is_none());
    }

    #[test]
    fn two_channels_keep_their_places_at_another_rate() {
        let mut converter = Converter::new(8000, 16_000);
        let (mut out, left_only): (Vec<i16>, Vec<i16>) = (Vec::new(), [1000, 0].repeat(160));
        converter.process(&left_only, 2, &mut out);
        assert_eq!(out.len(), 640);
        assert!(out.iter().skip(1).step_by(2).all(|&right| right == 0));
        assert!(out[600] > 900);
    }
}
