//! What a WAV file says of its audio: encoding, rate, channels, and where it lies.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::g711;

const FORMAT_PCM: u16 = 1;
const FORMAT_FLOAT: u16 = 3;
const FORMAT_ALAW: u16 = 6;
const FORMAT_ULAW: u16 = 7;
pub(super) const FORMAT_EXTENSIBLE: u16 = 0xfffe;
/// What follows the format number in the GUID of an extensible header.
pub(super) const GUID_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/// Chunks looked at before giving up on a file.
const MOST_CHUNKS: usize = 10_000;
/// A size that says nothing: it is in the `ds64` chunk, or the writer never knew it.
const UNKNOWN_SIZE: u32 = u32::MAX;

/// How a sample lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
    Ulaw,
    Alaw,
}

impl Encoding {
    fn of(format: u16, bytes: usize) -> Option<Encoding> {
        Some(match (format, bytes) {
            (FORMAT_PCM, 1) => Encoding::Unsigned8,
            (FORMAT_PCM, 2) => Encoding::Signed16,
            (FORMAT_PCM, 3) => Encoding::Signed24,
            (FORMAT_PCM, 4) => Encoding::Signed32,
            (FORMAT_FLOAT, 4) => Encoding::Float32,
            (FORMAT_FLOAT, 8) => Encoding::Float64,
            (FORMAT_ULAW, 1) => Encoding::Ulaw,
            (FORMAT_ALAW, 1) => Encoding::Alaw,
            _ => return None,
        })
    }

    pub(super) fn bytes(self) -> usize {
        match self {
            Encoding::Unsigned8 | Encoding::Ulaw | Encoding::Alaw => 1,
            Encoding::Signed16 => 2,
            Encoding::Signed24 => 3,
            Encoding::Signed32 | Encoding::Float32 => 4,
            Encoding::Float64 => 8,
        }
    }

    /// One sample of exactly `bytes()` bytes as 16 bits.
    pub(super) fn sample(self, bytes: &[u8]) -> i16 {
        match (self, bytes) {
            (Encoding::Unsigned8, &[byte]) => (i16::from(byte) - 128) << 8,
            (Encoding::Signed16, &[low, high]) => i16::from_le_bytes([low, high]),
            (Encoding::Signed24, &[_, low, high]) => i16::from_le_bytes([low, high]),
            (Encoding::Signed32, &[_, _, low, high]) => i16::from_le_bytes([low, high]),
            (Encoding::Float32, &[a, b, c, d]) => {
                from_float(f64::from(f32::from_le_bytes([a, b, c, d])))
            }
            (Encoding::Float64, &[a, b, c, d, e, f, g, h]) => {
                from_float(f64::from_le_bytes([a, b, c, d, e, f, g, h]))
            }
            (Encoding::Ulaw, code @ &[_]) => expand(g711::decode_ulaw, code),
            (Encoding::Alaw, code @ &[_]) => expand(g711::decode_alaw, code),
            _ => 0,
        }
    }
}

fn expand(law: fn(&[u8], &mut [i16]), code: &[u8]) -> i16 {
    let mut sample = [0];
    law(code, &mut sample);
    sample[0]
}

fn from_float(value: f64) -> i16 {
    // The cast saturates and takes NaN for zero.
    (value * 32768.0).round() as i16
}

/// Where the audio of a file lies and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) encoding: Encoding,
    pub(super) rate: u32,
    pub(super) channels: u16,
    /// Place of the first sample, and whole frames from there.
    pub(super) start: u64,
    pub(super) frames: u64,
}

impl Layout {
    pub(super) fn frame(&self) -> usize {
        self.encoding.bytes() * usize::from(self.channels)
    }
}

/// Read until the buffer is full or the file ends.
pub(super) fn read_fully(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match file.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Refuse pipes and devices before they are opened: that could wait for ever.
pub(super) fn check_regular(path: &Path) -> io::Result<()> {
    if path.metadata()?.is_file() {
        Ok(())
    } else {
        Err(invalid("it is not a regular file"))
    }
}

pub(super) fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Walk through the chunks up to the audio.
pub(super) fn scan(file: &mut (impl Read + Seek), length: u64) -> io::Result<Layout> {
    let mut head = [0; 12];
    if read_fully(file, &mut head)? < 12 {
        return Err(invalid("it is too short for a WAV file"));
    }
    if !matches!(&head[..4], b"RIFF" | b"RF64" | b"BW64") || &head[8..] != b"WAVE" {
        return Err(invalid("it does not begin like a WAV file"));
    }
    let mut format = None;
    let mut long_size = None;
    let mut place = 12u64;
    for _ in 0..MOST_CHUNKS {
        let mut header = [0; 8];
        file.seek(SeekFrom::Start(place))?;
        if read_fully(file, &mut header)? < 8 {
            return Err(invalid(if format.is_none() {
                "it ends before its format is told"
            } else {
                "it ends before its audio begins"
            }));
        }
        let size = u32_at(&header, 4);
        place += 8;
        match &header[..4] {
            b"fmt " => format = Some(read_format(file, size)?),
            b"ds64" => {
                let mut sizes = [0; 16];
                if read_fully(file, &mut sizes)? == 16 {
                    let (low, high) = (u32_at(&sizes, 8), u32_at(&sizes, 12));
                    long_size = Some(u64::from(high) << 32 | u64::from(low));
                }
            }
            b"data" => {
                let Some((encoding, rate, channels)) = format else {
                    return Err(invalid("its audio comes before its format"));
                };
                let available = length.saturating_sub(place);
                // A writer that was cut off leaves the sizes at nothing or at the most.
                let unfinished = size == UNKNOWN_SIZE
                    || (size == 0 && (u32_at(&head, 4) <= 36 || !chunk_follows(file, available)?));
                let told = match (unfinished, long_size) {
                    (true, Some(long)) if size != 0 => long,
                    (true, _) => available,
                    (false, _) => u64::from(size),
                };
                let frame = encoding.bytes() as u64 * u64::from(channels);
                return Ok(Layout {
                    encoding,
                    rate,
                    channels,
                    start: place,
                    frames: told.min(available) / frame,
                });
            }
            _ => {}
        }
        // Chunks begin at even places.
        place += u64::from(size) + u64::from(size & 1);
    }
    Err(invalid("it has too many chunks before its audio"))
}

/// Whether the next bytes are the header of a chunk that fits into the rest of the file.
fn chunk_follows(file: &mut impl Read, rest: u64) -> io::Result<bool> {
    let mut header = [0; 8];
    let whole = read_fully(file, &mut header)? == 8;
    let named = header[..4].iter().all(|byte| matches!(byte, b' '..=b'~'));
    Ok(whole && named && u64::from(u32_at(&header, 4)) + 8 <= rest)
}

fn read_format(file: &mut impl Read, size: u32) -> io::Result<(Encoding, u32, u16)> {
    let mut bytes = [0; 40];
    let wanted = bytes.len().min(size as usize);
    let got = read_fully(file, &mut bytes[..wanted])?;
    if got < 16 {
        return Err(invalid("its format is cut off"));
    }
    let mut format = u16_at(&bytes, 0);
    let (channels, rate) = (u16_at(&bytes, 2), u32_at(&bytes, 4));
    let (block, bits) = (u16_at(&bytes, 12), u16_at(&bytes, 14));
    if format == FORMAT_EXTENSIBLE {
        if got < 40 || bytes[26..40] != GUID_TAIL {
            return Err(invalid("its extensible format is one we do not know"));
        }
        format = u16_at(&bytes, 24);
    }
    if !(1..=256).contains(&channels) {
        return Err(invalid(format!("it has {channels} channels")));
    }
    if !(1_000..=768_000).contains(&rate) {
        return Err(invalid(format!("its sample rate is {rate} Hz")));
    }
    // Samples of odd sizes (12 or 20 bits) fill the top of whole bytes.
    let container = usize::from(bits).div_ceil(8);
    let encoding = Encoding::of(format, container)
        .filter(|encoding| {
            block == 0 || usize::from(block) == encoding.bytes() * usize::from(channels)
        })
        .ok_or_else(|| {
            invalid(format!(
                "its encoding is not supported (format {format}, {bits} bits, \
                 {block} bytes for {channels} channels)"
            ))
        })?;
    Ok((encoding, rate, channels))
}
