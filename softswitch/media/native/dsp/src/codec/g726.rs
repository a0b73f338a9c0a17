//! G.726, adaptive differential PCM at 16, 24, 32 and 40 kbit/s (ITU-T G.726).
//!
//! Two packings of the code words exist: RFC 3551 §4.5.4 begins with the low bits of a byte,
//! ITU-T I.366.2 (`AAL2-G726-…`) with the high ones.

use super::{Codec, DecodeError};

/// What differs between the four rates: widths and tables of §2.4 to §2.6.
struct Rate {
    bits: u32,
    /// Decision levels of the quantiser.
    levels: &'static [i32],
    /// Reconstruction levels, scale factor multipliers and speed control of the magnitudes of
    /// positive codes; negative ones mirror them.
    logarithms: &'static [i32],
    multipliers: &'static [i32],
    speeds: &'static [i32],
}

static RATES: [Rate; 4] = [
    Rate {
        bits: 2,
        levels: &[261],
        logarithms: &[116, 365],
        multipliers: &[-704, 14048],
        speeds: &[0, 0xe00],
    },
    Rate {
        bits: 3,
        levels: &[8, 218, 331],
        logarithms: &[-2048, 135, 273, 373],
        multipliers: &[-128, 960, 4384, 18624],
        speeds: &[0, 0x200, 0x400, 0xe00],
    },
    Rate {
        bits: 4,
        levels: &[-124, 80, 178, 246, 300, 349, 400],
        logarithms: &[-2048, 4, 135, 213, 273, 323, 373, 425],
        multipliers: &[-384, 576, 1312, 2048, 3584, 6336, 11360, 35904],
        speeds: &[0, 0, 0, 0x200, 0x200, 0x200, 0x600, 0xe00],
    },
    Rate {
        bits: 5,
        levels: &[
            -122, -16, 68, 139, 198, 250, 298, 339, 378, 413, 445, 475, 502, 528, 553,
        ],
        logarithms: &[
            -2048, -66, 28, 104, 169, 224, 274, 318, 358, 395, 429, 459, 488, 514, 539, 566,
        ],
        multipliers: &[
            448, 448, 768, 1248, 1280, 1312, 1856, 3200, 4512, 5728, 7008, 8960, 11456, 14080,
            16928, 22272,
        ],
        speeds: &[
            0, 0, 0, 0, 0, 0x200, 0x200, 0x200, 0x200, 0x200, 0x400, 0x600, 0x800, 0xa00, 0xc00,
            0xc00,
        ],
    },
];

/// Which bits of a byte the first code word takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// The low ones (RFC 3551 §4.5.4).
    Rtp,
    /// The high ones (ITU-T I.366.2).
    Aal2,
}

/// Encoder and decoder of one direction each.
pub(super) struct G726 {
    rate: &'static Rate,
    packing: Packing,
    encoder: Predictor,
    decoder: Predictor,
}

impl G726 {
    /// A codec of so many bits a second (16000, 24000, 32000 or 40000).
    pub(super) fn new(bit_rate: u32, packing: Packing) -> Option<G726> {
        let rate = RATES.iter().find(|rate| rate.bits * 8000 == bit_rate)?;
        Some(G726 {
            rate,
            packing,
            encoder: Predictor::default(),
            decoder: Predictor::default(),
        })
    }
}

impl Codec for G726 {
    fn sample_rate(&self) -> u32 {
        8000
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError> {
        let bits = self.rate.bits;
        let mask = (1 << bits) - 1;
        let (mut held, mut count) = (0u32, 0);
        for &byte in payload {
            match self.packing {
                Packing::Rtp => held |= u32::from(byte) << count,
                Packing::Aal2 => held = held << 8 | u32::from(byte),
            }
            count += 8;
            while count >= bits {
                count -= bits;
                let code = match self.packing {
                    Packing::Rtp => {
                        let code = held & mask;
                        held >>= bits;
                        code
                    }
                    Packing::Aal2 => (held >> count) & mask,
                };
                out.push(self.decoder.decode(self.rate, code));
            }
        }
        Ok(())
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        let bits = self.rate.bits;
        let (mut held, mut count) = (0u32, 0);
        for &sample in samples {
            let code = self.encoder.encode(self.rate, sample);
            match self.packing {
                Packing::Rtp => held |= code << count,
                Packing::Aal2 => held = held << bits | code,
            }
            count += bits;
            if count >= 8 {
                count -= 8;
                match self.packing {
                    Packing::Rtp => {
                        out.push(held as u8);
                        held >>= 8;
                    }
                    Packing::Aal2 => out.push((held >> count) as u8),
                }
            }
        }
        if count > 0 {
            // Packets hold whole bytes (RFC 3551 §4.5.4); an odd length is filled up with zeros.
            out.push(match self.packing {
                Packing::Rtp => held as u8,
                Packing::Aal2 => (held << (8 - count)) as u8,
            });
        }
    }
}

/// The state that encoder and decoder share, by the names of the recommendation.
struct Predictor {
    /// Slow and fast scale factor.
    yl: i32,
    yu: i32,
    dms: i32,
    dml: i32,
    /// Speed control.
    ap: i32,
    a: [i32; 2],
    b: [i32; 6],
    /// Signs of the last partial signals.
    pk: [bool; 2],
    /// Last differences and reconstructed signals, as 4 bits of exponent and 6 of mantissa.
    dq: [i32; 6],
    sr: [i32; 2],
    /// A tone was detected.
    td: bool,
}

impl Default for Predictor {
    fn default() -> Predictor {
        Predictor {
            yl: 34816,
            yu: 544,
            dms: 0,
            dml: 0,
            ap: 0,
            a: [0; 2],
            b: [0; 6],
            pk: [false; 2],
            dq: [32; 6],
            sr: [32; 2],
            td: false,
        }
    }
}

impl Predictor {
    fn encode(&mut self, rate: &Rate, sample: i16) -> u32 {
        let (sez, se) = self.estimate();
        let y = self.scale_factor();
        let code = quantise((i32::from(sample) >> 2) - se, y, rate);
        self.take(rate, code, y, sez, se);
        code
    }

    fn decode(&mut self, rate: &Rate, code: u32) -> i16 {
        let (sez, se) = self.estimate();
        let y = self.scale_factor();
        let sr = self.take(rate, code, y, sez, se);
        (sr << 2).clamp(-32768, 32767) as i16
    }

    /// The signal estimate: of the zeros alone, and whole.
    fn estimate(&self) -> (i32, i32) {
        let zeros: i32 = (0..6)
            .map(|index| multiply(self.b[index] >> 2, self.dq[index]))
            .sum();
        let poles: i32 = (0..2)
            .map(|index| multiply(self.a[index] >> 2, self.sr[index]))
            .sum();
        (zeros >> 1, (zeros + poles) >> 1)
    }

    fn scale_factor(&self) -> i32 {
        if self.ap >= 256 {
            return self.yu;
        }
        let y = self.yl >> 6;
        let difference = self.yu - y;
        let al = self.ap >> 2;
        let rounding = if difference < 0 { 0x3f } else { 0 };
        y + ((difference * al + rounding) >> 6)
    }

    /// Take a code word; the reconstructed signal.
    fn take(&mut self, rate: &Rate, code: u32, y: i32, sez: i32, se: i32) -> i32 {
        let negative = code >> (rate.bits - 1) != 0;
        let last = (1usize << rate.bits) - 1;
        let magnitude = if negative {
            last - code as usize
        } else {
            code as usize
        };
        let dq = reconstruct(rate.logarithms[magnitude], y);
        let sr = if negative { se - dq } else { se + dq };
        self.adapt(rate, y, magnitude, (negative, dq), sr, sr - se + sez);
        sr
    }

    fn adapt(
        &mut self,
        rate: &Rate,
        y: i32,
        magnitude: usize,
        (negative, dq): (bool, i32),
        sr: i32,
        partial: i32,
    ) {
        let pk0 = partial < 0;
        let transition = self.is_transition(dq);
        self.yu = (y + ((rate.multipliers[magnitude] - y) >> 5)).clamp(544, 5120);
        self.yl += self.yu + ((-self.yl) >> 6);
        if transition {
            self.a = [0; 2];
            self.b = [0; 6];
        } else {
            self.adapt_poles(pk0, partial);
            let leak = if rate.bits == 5 { 9 } else { 8 };
            for index in 0..6 {
                self.b[index] -= self.b[index] >> leak;
                if dq != 0 {
                    let alike = negative == (self.dq[index] < 0);
                    self.b[index] += if alike { 128 } else { -128 };
                }
            }
        }
        self.dq.copy_within(0..5, 1);
        self.dq[0] = float(dq, negative);
        self.sr[1] = self.sr[0];
        self.sr[0] = match sr {
            -32768 => -992,
            _ => float(sr.abs(), sr < 0),
        };
        self.pk = [pk0, self.pk[0]];
        self.td = !transition && self.a[1] < -11776;

        let speed = rate.speeds[magnitude];
        self.dms += (speed - self.dms) >> 5;
        self.dml += ((speed << 2) - self.dml) >> 7;
        let quick = y < 1536 || self.td || ((self.dms << 2) - self.dml).abs() >= (self.dml >> 3);
        if transition {
            self.ap = 256;
        } else if quick {
            self.ap += (0x200 - self.ap) >> 4;
        } else {
            self.ap += (-self.ap) >> 4;
        }
    }

    /// Whether a modem changed its tone (§2.7): then the predictor begins anew.
    fn is_transition(&self, dq: i32) -> bool {
        let (whole, part) = (self.yl >> 15, (self.yl >> 10) & 0x1f);
        let threshold = if whole > 9 {
            31 << 10
        } else {
            (32 + part) << whole
        };
        self.td && dq > (threshold + (threshold >> 1)) >> 1
    }

    fn adapt_poles(&mut self, pk0: bool, partial: i32) {
        let changed = pk0 != self.pk[0];
        let mut a2 = self.a[1] - (self.a[1] >> 7);
        if partial != 0 {
            let fa1 = if changed { self.a[0] } else { -self.a[0] };
            a2 += match fa1 {
                ..-8191 => -0x100,
                8192.. => 0xff,
                _ => fa1 >> 5,
            };
            a2 += if pk0 != self.pk[1] { -128 } else { 128 };
            a2 = a2.clamp(-12288, 12288);
        }
        self.a[1] = a2;
        self.a[0] -= self.a[0] >> 8;
        if partial != 0 {
            self.a[0] += if changed { -192 } else { 192 };
        }
        let limit = 15360 - a2;
        self.a[0] = self.a[0].clamp(-limit, limit);
    }
}

/// How many bits a number below 32768 needs.
fn width(value: i32) -> i32 {
    (32 - value.leading_zeros() as i32).min(15)
}

/// A magnitude and its sign as 4 bits of exponent and 6 of mantissa.
fn float(magnitude: i32, negative: bool) -> i32 {
    let value = if magnitude == 0 {
        0x20
    } else {
        let exponent = width(magnitude);
        (exponent << 6) + ((magnitude << 6) >> exponent)
    };
    if negative { value - 0x400 } else { value }
}

/// The product of a coefficient and a number in `float` form (FMULT).
fn multiply(an: i32, srn: i32) -> i32 {
    let magnitude = if an > 0 { an } else { -an & 0x1fff };
    let exponent = width(magnitude) - 6;
    let mantissa = match magnitude {
        0 => 32,
        _ if exponent >= 0 => magnitude >> exponent,
        _ => magnitude << -exponent,
    };
    let shift = exponent + ((srn >> 6) & 0xf) - 13;
    let product = (mantissa * (srn & 0x3f) + 0x30) >> 4;
    let product = if shift >= 0 {
        (product << shift) & 0x7fff
    } else {
        product >> -shift
    };
    if (an ^ srn) < 0 { -product } else { product }
}

fn quantise(difference: i32, y: i32, rate: &Rate) -> u32 {
    let magnitude = difference.abs();
    let exponent = width(magnitude >> 1);
    let mantissa = ((magnitude << 7) >> exponent) & 0x7f;
    let logarithm = (exponent << 7) + mantissa - (y >> 2);
    let size = rate.levels.len();
    let level = rate
        .levels
        .iter()
        .position(|&level| logarithm < level)
        .unwrap_or(size);
    let last = (1 << rate.bits) - 1;
    if difference < 0 {
        (last - level) as u32
    } else if level == 0 && rate.bits > 2 {
        last as u32
    } else {
        level as u32
    }
}

/// The magnitude of a quantised difference.
fn reconstruct(logarithm: i32, y: i32) -> i32 {
    let logarithm = logarithm + (y >> 2);
    if logarithm < 0 {
        return 0;
    }
    let exponent = (logarithm >> 7) & 15;
    ((128 + (logarithm & 127)) << 7) >> (14 - exponent)
}
