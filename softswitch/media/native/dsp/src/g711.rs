//! G.711 mu-law and A-law, bit-exact with ITU-T G.711; the tables are computed at build time.

static ULAW_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = ulaw_expand(code as u8);
        code += 1;
    }
    table
};

static ALAW_TO_LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = alaw_expand(code as u8);
        code += 1;
    }
    table
};

// Each law ignores the lowest bits of a sample, so a table is indexed by the bits that are left.
static LINEAR_TO_ULAW: [u8; 1 << 14] = {
    let mut table = [0; 1 << 14];
    let mut index = 0;
    while index < table.len() {
        table[index] = ulaw_compress(((index as u16) << 2) as i16);
        index += 1;
    }
    table
};

static LINEAR_TO_ALAW: [u8; 1 << 12] = {
    let mut table = [0; 1 << 12];
    let mut index = 0;
    while index < table.len() {
        table[index] = alaw_compress(((index as u16) << 4) as i16);
        index += 1;
    }
    table
};

/// Compress samples to mu-law. Handles as many as the shorter slice holds.
pub fn encode_ulaw(samples: &[i16], out: &mut [u8]) {
    for (code, &sample) in out.iter_mut().zip(samples) {
        *code = LINEAR_TO_ULAW[(sample as u16 >> 2) as usize];
    }
}

/// Expand mu-law to samples. Handles as many as the shorter slice holds.
pub fn decode_ulaw(codes: &[u8], out: &mut [i16]) {
    for (sample, &code) in out.iter_mut().zip(codes) {
        *sample = ULAW_TO_LINEAR[code as usize];
    }
}

/// Compress samples to A-law. Handles as many as the shorter slice holds.
pub fn encode_alaw(samples: &[i16], out: &mut [u8]) {
    for (code, &sample) in out.iter_mut().zip(samples) {
        *code = LINEAR_TO_ALAW[(sample as u16 >> 4) as usize];
    }
}

/// Expand A-law to samples. Handles as many as the shorter slice holds.
pub fn decode_alaw(codes: &[u8], out: &mut [i16]) {
    for (sample, &code) in out.iter_mut().zip(codes) {
        *sample = ALAW_TO_LINEAR[code as usize];
    }
}

const fn ulaw_expand(code: u8) -> i16 {
    let inverted = !code;
    let exponent = (inverted >> 4) & 7;
    let mantissa = (inverted & 15) as i16;
    // 14-bit values in the top bits of 16; 33 (here 132) is the bias of the law.
    let magnitude = (((mantissa << 1) + 33) << exponent) * 4 - 132;
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn ulaw_compress(sample: i16) -> u8 {
    // Negative values are taken as one's complement, as the recommendation's tables imply.
    let magnitude = if sample < 0 { !sample } else { sample } as u16 >> 2;
    let biased = if magnitude + 33 > 0x1fff {
        0x1fff
    } else {
        magnitude + 33
    };
    let exponent = 10 - biased.leading_zeros() as u16;
    let mantissa = (biased >> (exponent + 1)) & 15;
    let sign = if sample < 0 { 0 } else { 0x80 };
    sign | (!(exponent << 4 | mantissa) as u8 & 0x7f)
}

const fn alaw_expand(code: u8) -> i16 {
    let plain = code ^ 0x55;
    let exponent = (plain >> 4) & 7;
    let mantissa = (plain & 15) as i16;
    let magnitude = if exponent == 0 {
        (mantissa << 4) + 8
    } else {
        ((mantissa << 4) + 0x108) << (exponent - 1)
    };
    if plain & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

const fn alaw_compress(sample: i16) -> u8 {
    let magnitude = if sample < 0 { !sample } else { sample } as u16 >> 4;
    let code = if magnitude < 32 {
        magnitude
    } else {
        let exponent = 11 - magnitude.leading_zeros() as u16;
        (exponent + 1) << 4 | ((magnitude >> exponent) & 15)
    };
    let sign = if sample < 0 { 0 } else { 0x80 };
    (sign | code as u8) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ulaw(sample: i16) -> u8 {
        let mut code = [0];
        encode_ulaw(&[sample], &mut code);
        code[0]
    }

    fn alaw(sample: i16) -> u8 {
        let mut code = [0];
        encode_alaw(&[sample], &mut code);
        code[0]
    }

    fn from_ulaw(code: u8) -> i16 {
        let mut sample = [0];
        decode_ulaw(&[code], &mut sample);
        sample[0]
    }

    fn from_alaw(code: u8) -> i16 {
        let mut sample = [0];
        decode_alaw(&[code], &mut sample);
        sample[0]
    }

    #[test]
    fn known_codes_of_the_recommendation() {
        // (linear, mu-law, A-law) at zero, full scale and both signs.
        assert_eq!((ulaw(0), alaw(0)), (0xff, 0xd5));
        assert_eq!((ulaw(-1), alaw(-1)), (0x7f, 0x55));
        assert_eq!((ulaw(i16::MAX), alaw(i16::MAX)), (0x80, 0xaa));
        assert_eq!((ulaw(i16::MIN), alaw(i16::MIN)), (0x00, 0x2a));
        assert_eq!((ulaw(1000), alaw(1000)), (0xce, 0xfa));
        assert_eq!((from_ulaw(0x80), from_ulaw(0x00)), (32124, -32124));
        assert_eq!((from_alaw(0xaa), from_alaw(0x2a)), (32256, -32256));
        assert_eq!((from_ulaw(0xff), from_ulaw(0x7f)), (0, 0));
        assert_eq!((from_alaw(0xd5), from_alaw(0x55)), (8, -8));
    }

    #[test]
    fn a_code_survives_decoding_and_encoding() {
        for code in 0..=255u8 {
            assert_eq!(alaw(from_alaw(code)), code);
            // Mu-law has two zeros; both decode to 0, which encodes as the positive one.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(ulaw(from_ulaw(code)), expected);
        }
    }

    #[test]
    fn every_sample_goes_to_the_nearest_step_of_its_law() {
        for sample in i16::MIN..=i16::MAX {
            let magnitude = i32::from(sample).abs();
            // A step is at most 1/16 of the value (plus the smallest step), the error half of it.
            let allowed = magnitude / 32 + 16;
            let (u, a) = (from_ulaw(ulaw(sample)), from_alaw(alaw(sample)));
            let clipped = if magnitude > 32124 { 644 } else { 0 };
            assert!((i32::from(u) - i32::from(sample)).abs() <= allowed + clipped);
            assert!((i32::from(a) - i32::from(sample)).abs() <= allowed + clipped);
        }
    }

    #[test]
    fn both_laws_rise_with_the_sample() {
        let mut last = (i16::MIN, i16::MIN);
        for sample in i16::MIN..=i16::MAX {
            let now = (from_ulaw(ulaw(sample)), from_alaw(alaw(sample)));
            assert!(now.0 >= last.0 && now.1 >= last.1, "falls at {sample}");
            last = now;
        }
    }

    #[test]
    fn the_shorter_slice_decides_how_much_is_done() {
        let mut out = [1i16; 4];
        decode_ulaw(&[0xff, 0xff], &mut out);
        assert_eq!(out, [0, 0, 1, 1]);
    }
}
