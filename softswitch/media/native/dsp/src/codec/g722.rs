//! G.722, 7 kHz audio in 64 kbit/s: two sub-bands of adaptive differential PCM (ITU-T G.722).
//!
//! Names of variables and tables are those of the recommendation. The RTP clock is 8000 Hz though
//! the samples come at 16000 (RFC 3551 §4.5.2): a payload byte holds two samples.

use super::{Codec, DecodeError};

/// Half of the quadrature mirror filter, which is symmetric (table 11).
const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];
const Q6: [i32; 30] = [
    0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940,
    1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
const WL: [i32; 8] = [-60, -30, 58, 172, 334, 538, 1198, 3042];
const RL42: [usize; 16] = [0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0];
const ILB: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
    2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];
const QM4: [i32; 16] = [
    0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584,
    1200, 0,
];
const QM6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232,
    -9360, -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776,
    -2400, -2032, -1688, -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280,
    11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776,
    2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
];
const QM2: [i32; 4] = [-7408, -1616, 7408, 1616];
const WH: [i32; 2] = [-214, 798];
/// 0 for the codes of small differences, 1 for those of large ones.
const RH2: [usize; 4] = [1, 0, 1, 0];

/// Encoder and decoder of one direction each.
#[derive(Default)]
pub(super) struct G722 {
    encoder: Side,
    decoder: Side,
    /// A sample that waits for its partner.
    odd: Option<i16>,
}

#[derive(Default)]
struct Side {
    filter: [i32; 24],
    low: Band<32>,
    high: Band<8>,
}

impl Codec for G722 {
    fn sample_rate(&self) -> u32 {
        16_000
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError> {
        out.reserve(2 * payload.len());
        for &code in payload {
            out.extend(self.decoder.decode(code));
        }
        Ok(())
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        for &sample in samples {
            match self.odd.take() {
                None => self.odd = Some(sample),
                Some(first) => out.push(self.encoder.encode(first, sample)),
            }
        }
    }
}

impl Side {
    fn encode(&mut self, first: i16, second: i16) -> u8 {
        self.filter.copy_within(2.., 0);
        self.filter[22] = i32::from(first);
        self.filter[23] = i32::from(second);
        let (odd, even) = self.filtered();
        let (low, high) = ((even + odd) >> 14, (even - odd) >> 14);

        let difference = saturate(low - self.low.s);
        let magnitude = if difference >= 0 {
            difference
        } else {
            -(difference + 1)
        };
        let level = (1..30)
            .find(|&level| magnitude < (Q6[level] * self.low.det) >> 12)
            .unwrap_or(30) as u8;
        let ilow = match (difference < 0, level) {
            (true, 1 | 2) => 64 - level,
            (true, _) => 34 - level,
            (false, _) => 62 - level,
        };
        self.low.adapt_low(usize::from(ilow >> 2));

        let difference = saturate(high - self.high.s);
        let magnitude = if difference >= 0 {
            difference
        } else {
            -(difference + 1)
        };
        let large = magnitude >= (564 * self.high.det) >> 12;
        let ihigh = match (difference < 0, large) {
            (true, false) => 1,
            (true, true) => 0,
            (false, false) => 3,
            (false, true) => 2,
        };
        self.high.adapt_high(ihigh);
        (ihigh as u8) << 6 | ilow
    }

    fn decode(&mut self, code: u8) -> [i16; 2] {
        let (ilow, ihigh) = (usize::from(code & 0x3f), usize::from(code >> 6));
        let low = self.low.s + ((self.low.det * QM6[ilow]) >> 15);
        let low = low.clamp(-16384, 16383);
        self.low.adapt_low(ilow >> 2);
        let high = self.high.s + ((self.high.det * QM2[ihigh]) >> 15);
        let high = high.clamp(-16384, 16383);
        self.high.adapt_high(ihigh);

        self.filter.copy_within(2.., 0);
        self.filter[22] = low + high;
        self.filter[23] = low - high;
        let (odd, even) = self.filtered();
        [saturate(even >> 11) as i16, saturate(odd >> 11) as i16]
    }

    fn filtered(&self) -> (i32, i32) {
        let (mut odd, mut even) = (0, 0);
        for (index, pair) in self.filter.chunks_exact(2).enumerate() {
            odd += pair[0] * QMF[index];
            even += pair[1] * QMF[11 - index];
        }
        (odd, even)
    }
}

/// The adaptive predictor and quantiser of one band; `DET` is its first step size.
struct Band<const DET: i32> {
    /// Signal estimate, and the part of the zeros in it.
    s: i32,
    sz: i32,
    det: i32,
    nb: i32,
    r: [i32; 3],
    p: [i32; 3],
    a: [i32; 3],
    b: [i32; 7],
    d: [i32; 7],
}

impl<const DET: i32> Default for Band<DET> {
    fn default() -> Self {
        Band {
            s: 0,
            sz: 0,
            det: DET,
            nb: 0,
            r: [0; 3],
            p: [0; 3],
            a: [0; 3],
            b: [0; 7],
            d: [0; 7],
        }
    }
}

impl<const DET: i32> Band<DET> {
    fn adapt_low(&mut self, ril: usize) {
        let difference = (self.det * QM4[ril]) >> 15;
        self.nb = (((self.nb * 127) >> 7) + WL[RL42[ril]]).clamp(0, 18432);
        self.det = scale(self.nb, 8);
        self.predict(difference);
    }

    fn adapt_high(&mut self, ihigh: usize) {
        let difference = (self.det * QM2[ihigh]) >> 15;
        self.nb = (((self.nb * 127) >> 7) + WH[RH2[ihigh]]).clamp(0, 22528);
        self.det = scale(self.nb, 10);
        self.predict(difference);
    }

    /// Block 4: take a quantised difference into the predictor (§3.6.3 to §3.6.6).
    fn predict(&mut self, difference: i32) {
        self.d[0] = difference;
        self.r[0] = saturate(self.s + difference);
        self.p[0] = saturate(self.sz + difference);
        let negative = self.p.map(|value| value < 0);
        let [_, a1, a2] = self.a;

        let mut wd2 = saturate(a1 << 2);
        if negative[0] == negative[1] {
            wd2 = (-wd2).min(32767);
        }
        let sign = if negative[0] == negative[2] {
            128
        } else {
            -128
        };
        self.a[2] = (sign + (wd2 >> 7) + ((a2 * 32512) >> 15)).clamp(-12288, 12288);

        let sign = if negative[0] == negative[1] {
            192
        } else {
            -192
        };
        let limit = saturate(15360 - self.a[2]);
        self.a[1] = saturate(sign + ((a1 * 32640) >> 15)).clamp(-limit, limit);

        let step = if difference == 0 { 0 } else { 128 };
        for index in 1..7 {
            let alike = (self.d[index] < 0) == (difference < 0);
            let step = if alike { step } else { -step };
            self.b[index] = saturate(step + ((self.b[index] * 32640) >> 15));
        }

        self.d.copy_within(0..6, 1);
        self.r.copy_within(0..2, 1);
        self.p.copy_within(0..2, 1);
        let pole = |index: usize| (self.a[index] * saturate(2 * self.r[index])) >> 15;
        let poles = saturate(pole(1) + pole(2));
        let zeros = (1..7).map(|index| (self.b[index] * saturate(2 * self.d[index])) >> 15);
        self.sz = saturate(zeros.sum());
        self.s = saturate(poles + self.sz);
    }
}

/// The step size of a logarithmic scale factor.
fn scale(nb: i32, shift: i32) -> i32 {
    let mantissa = ILB[((nb >> 6) & 31) as usize];
    let shift = shift - (nb >> 11);
    let value = if shift < 0 {
        mantissa << -shift
    } else {
        mantissa >> shift
    };
    value << 2
}

fn saturate(value: i32) -> i32 {
    value.clamp(-32768, 32767)
}
