//! From the parameters of a frame to samples (§4.3).

use super::arithmetic::{add, multiply_rounded};
use super::frame::{Frame, Subframe};
use super::short_term::{Ratios, synthesise};
use super::{GAINS, SAMPLES, dequantise, exponent_and_mantissa};

/// Samples before a subframe that the long-term predictor may reach back to.
const REACH: usize = 120;

pub(super) struct Decoder {
    ratios: Ratios,
    lattice: [i16; 9],
    /// The excitation: what was, and the subframe being made.
    excitation: [i16; REACH + 40],
    lag: usize,
    deemphasis: i16,
}

impl Default for Decoder {
    fn default() -> Decoder {
        Decoder {
            ratios: Ratios::default(),
            lattice: [0; 9],
            excitation: [0; REACH + 40],
            lag: 40,
            deemphasis: 0,
        }
    }
}

impl Decoder {
    /// Append the 160 samples of a frame.
    pub fn decode(&mut self, frame: &Frame, out: &mut Vec<i16>) {
        let mut samples = [0; SAMPLES];
        for (subframe, part) in frame.subframes.iter().zip(samples.chunks_exact_mut(40)) {
            self.excite(subframe);
            part.copy_from_slice(&self.excitation[REACH..]);
            self.excitation.copy_within(40.., 0);
        }
        let parts = self.ratios.coefficients(&frame.larc);
        synthesise(&mut self.lattice, &parts, &mut samples);
        out.extend(samples.map(|sample| {
            self.deemphasis = add(sample, multiply_rounded(self.deemphasis, 28180));
            add(self.deemphasis, self.deemphasis) & !7
        }));
    }

    fn excite(&mut self, subframe: &Subframe) {
        let (exponent, mantissa) = exponent_and_mantissa(i16::from(subframe.maximum));
        let pulses = dequantise(&subframe.pulses, exponent, mantissa);
        if (40..=120).contains(&subframe.lag) {
            self.lag = usize::from(subframe.lag);
        }
        let gain = GAINS[usize::from(subframe.gain)];
        let mut excitation = [0; 40];
        for (index, pulse) in pulses.into_iter().enumerate() {
            excitation[usize::from(subframe.grid) + 3 * index] = pulse;
        }
        for (index, pulse) in excitation.into_iter().enumerate() {
            let past = self.excitation[REACH + index - self.lag];
            self.excitation[REACH + index] = add(pulse, multiply_rounded(gain, past));
        }
    }
}
