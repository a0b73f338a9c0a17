//! GSM 06.10 full rate, 13 kbit/s: regular pulse excitation with long-term prediction
//! (ETSI EN 300 961). Sections cited below are those of that standard.

mod arithmetic;
mod decoder;
mod encoder;
mod frame;
mod short_term;

use super::{Codec, DecodeError};
use decoder::Decoder;
use encoder::Encoder;
use frame::Frame;

/// Samples and bytes of a frame (RFC 3551 §4.5.8).
const SAMPLES: usize = 160;
const BYTES: usize = 33;
/// Quantised long-term gains (table 4.3b).
const GAINS: [i16; 4] = [3277, 11469, 21299, 32767];
/// Quantised mantissas of the pulses (table 4.6).
const MANTISSAS: [i16; 8] = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];

/// Encoder and decoder of one direction each.
#[derive(Default)]
pub(super) struct Gsm {
    encoder: Encoder,
    decoder: Decoder,
    /// Samples that do not fill a frame yet.
    pending: Vec<i16>,
}

impl Codec for Gsm {
    fn sample_rate(&self) -> u32 {
        8000
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError> {
        let wrong = !payload.len().is_multiple_of(BYTES);
        if wrong || payload.chunks(BYTES).any(|frame| frame[0] >> 4 != 0xd) {
            return Err(DecodeError(format!(
                "a payload of {} bytes does not hold GSM frames of {BYTES} bytes",
                payload.len()
            )));
        }
        for bytes in payload.chunks_exact(BYTES) {
            self.decoder.decode(&Frame::unpack(bytes), out);
        }
        Ok(())
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        self.pending.extend_from_slice(samples);
        let mut frames = self.pending.chunks_exact(SAMPLES);
        for samples in &mut frames {
            self.encoder.encode(samples).pack(out);
        }
        let whole = self.pending.len() - frames.remainder().len();
        self.pending.drain(..whole);
    }
}

/// Exponent and mantissa of a coded block maximum (§4.2.15).
fn exponent_and_mantissa(xmaxc: i16) -> (i16, usize) {
    let mut exponent = if xmaxc > 15 { (xmaxc >> 3) - 1 } else { 0 };
    let mut mantissa = xmaxc - (exponent << 3);
    if mantissa == 0 {
        return (-4, 7);
    }
    while mantissa <= 7 {
        mantissa = mantissa << 1 | 1;
        exponent -= 1;
    }
    (exponent, (mantissa - 8) as usize)
}

/// The 13 pulses from their codes (§4.2.16).
fn dequantise(codes: &[u8; 13], exponent: i16, mantissa: usize) -> [i16; 13] {
    use arithmetic::{add, multiply_rounded};
    let shift = 6 - exponent;
    let rounding = if shift <= 0 { 0 } else { 1 << (shift - 1) };
    codes.map(|code| {
        let value = ((i16::from(code) << 1) - 7) << 12;
        add(multiply_rounded(MANTISSAS[mantissa], value), rounding) >> shift
    })
}
