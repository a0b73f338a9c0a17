//! Log-area ratios and the lattice filters they make (§4.2.8 to §4.2.10, §4.3.4).

use super::SAMPLES;
use super::arithmetic::{add, magnitude, multiply_rounded, subtract};

/// Smallest codes, offsets and inverse scales of the ratios (table 4.1).
pub(super) const SMALLEST: [i16; 8] = [-32, -32, -16, -16, -8, -8, -4, -4];
pub(super) const OFFSETS: [i16; 8] = [0, 0, 2048, -2560, 94, -1792, -341, -1144];
const INVERSES: [i16; 8] = [13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708];

/// The ratios of the last frame, which those of this one are reached from smoothly.
#[derive(Default)]
pub(super) struct Ratios {
    last: [i16; 8],
}

impl Ratios {
    /// Reflection coefficients for each part of a frame, and where the part ends.
    pub fn coefficients(&mut self, larc: &[u8; 8]) -> [(usize, [i16; 8]); 4] {
        let ratios: [i16; 8] = std::array::from_fn(|index| {
            let code = (i16::from(larc[index]) + SMALLEST[index]) << 10;
            let value = subtract(code, OFFSETS[index] << 1);
            let value = multiply_rounded(INVERSES[index], value);
            add(value, value)
        });
        let last = std::mem::replace(&mut self.last, ratios);
        let quarter = |many: [i16; 8], few: [i16; 8]| -> [i16; 8] {
            std::array::from_fn(|index| {
                let sum = add(many[index] >> 2, few[index] >> 2);
                add(sum, many[index] >> 1)
            })
        };
        let half = std::array::from_fn(|index| add(last[index] >> 1, ratios[index] >> 1));
        [
            (13, quarter(last, ratios)),
            (27, half),
            (40, quarter(ratios, last)),
            (SAMPLES, ratios),
        ]
        .map(|(end, ratios)| (end, ratios.map(reflection)))
    }
}

/// The reflection coefficient of a log-area ratio (§4.2.9.2).
fn reflection(ratio: i16) -> i16 {
    let value = match magnitude(ratio) {
        small @ ..11059 => small << 1,
        middle @ 11059..20070 => middle + 11059,
        large => add(large >> 2, 26112),
    };
    if ratio < 0 { -value } else { value }
}

/// Filter a signal to its residual, in place (§4.2.10).
pub(super) fn analyse(
    state: &mut [i16; 8],
    parts: &[(usize, [i16; 8]); 4],
    samples: &mut [i16; SAMPLES],
) {
    let mut start = 0;
    for (end, coefficients) in parts {
        for sample in &mut samples[start..*end] {
            let (mut forward, mut saved) = (*sample, *sample);
            for (delayed, &coefficient) in state.iter_mut().zip(coefficients) {
                let before = std::mem::replace(delayed, saved);
                saved = add(before, multiply_rounded(coefficient, forward));
                forward = add(forward, multiply_rounded(coefficient, before));
            }
            *sample = forward;
        }
        start = *end;
    }
}

/// Filter a residual to its signal, in place (§4.3.4).
pub(super) fn synthesise(
    state: &mut [i16; 9],
    parts: &[(usize, [i16; 8]); 4],
    samples: &mut [i16; SAMPLES],
) {
    let mut start = 0;
    for (end, coefficients) in parts {
        for sample in &mut samples[start..*end] {
            let mut value = *sample;
            for index in (0..8).rev() {
                value = subtract(value, multiply_rounded(coefficients[index], state[index]));
                state[index + 1] = add(state[index], multiply_rounded(coefficients[index], value));
            }
            state[0] = value;
            *sample = value;
        }
        start = *end;
    }
}
