//! The parameters of a frame and their order in its 260 bits (§1.7, RFC 3551 §4.5.8.1).

use super::BYTES;

/// Bits of the eight log-area ratios.
const LAR_BITS: [u32; 8] = [6, 6, 5, 5, 4, 4, 3, 3];
const SIGNATURE: u32 = 0xd;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub larc: [u8; 8],
    pub subframes: [Subframe; 4],
}

/// A quarter of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Subframe {
    /// Lag and gain of the long-term predictor.
    pub lag: u8,
    pub gain: u8,
    /// Position of the pulse grid.
    pub grid: u8,
    /// Block maximum and the pulses relative to it.
    pub maximum: u8,
    pub pulses: [u8; 13],
}

impl Frame {
    /// Read 33 bytes; whatever they hold is some frame.
    pub fn unpack(bytes: &[u8]) -> Frame {
        let mut bits = Bits { bytes, position: 4 };
        let larc = LAR_BITS.map(|width| bits.read(width));
        let subframes = [(); 4].map(|()| Subframe {
            lag: bits.read(7),
            gain: bits.read(2),
            grid: bits.read(2),
            maximum: bits.read(6),
            pulses: [(); 13].map(|()| bits.read(3)),
        });
        Frame { larc, subframes }
    }

    /// Append 33 bytes.
    pub fn pack(&self, out: &mut Vec<u8>) {
        let (mut held, mut count) = (0u32, 0);
        let start = out.len();
        let mut write = |value: u32, width: u32| {
            held = held << width | value;
            count += width;
            while count >= 8 {
                count -= 8;
                out.push((held >> count) as u8);
            }
        };
        write(SIGNATURE, 4);
        for (value, width) in self.larc.into_iter().zip(LAR_BITS) {
            write(u32::from(value), width);
        }
        for subframe in &self.subframes {
            write(u32::from(subframe.lag), 7);
            write(u32::from(subframe.gain), 2);
            write(u32::from(subframe.grid), 2);
            write(u32::from(subframe.maximum), 6);
            for pulse in subframe.pulses {
                write(u32::from(pulse), 3);
            }
        }
        debug_assert_eq!(out.len() - start, BYTES);
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    position: u32,
}

impl Bits<'_> {
    /// The next at most 8 bits; behind the end they are 0.
    fn read(&mut self, width: u32) -> u8 {
        let index = (self.position / 8) as usize;
        let byte = |index: usize| u32::from(self.bytes.get(index).copied().unwrap_or(0));
        let pair = byte(index) << 8 | byte(index + 1);
        let shift = 16 - self.position % 8 - width;
        self.position += width;
        (pair >> shift & ((1 << width) - 1)) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_survives_packing() {
        let mut seed = 7u32;
        let bytes: Vec<u8> = (0..BYTES)
            .map(|index| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let byte = (seed >> 24) as u8;
                if index == 0 { 0xd0 | byte >> 4 } else { byte }
            })
            .collect();
        let mut again = Vec::new();
        Frame::unpack(&bytes).pack(&mut again);
        assert_eq!(again, bytes);
    }
}
