//! WAV files: reading whatever is called one, and writing ones that are right at every moment.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::g711;

const FORMAT_PCM: u16 = 1;
const FORMAT_FLOAT: u16 = 3;
const FORMAT_ALAW: u16 = 6;
const FORMAT_ULAW: u16 = 7;
const FORMAT_EXTENSIBLE: u16 = 0xfffe;
/// What follows the format number in the GUID of an extensible header.
const GUID_TAIL: [u8; 14] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
/// Chunks looked at before giving up on a file.
const MOST_CHUNKS: usize = 10_000;
/// A size that says nothing: it is in the `ds64` chunk, or the writer never knew it.
const UNKNOWN_SIZE: u32 = u32::MAX;

/// How a sample lies in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
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

    fn bytes(self) -> usize {
        match self {
            Encoding::Unsigned8 | Encoding::Ulaw | Encoding::Alaw => 1,
            Encoding::Signed16 => 2,
            Encoding::Signed24 => 3,
            Encoding::Signed32 | Encoding::Float32 => 4,
            Encoding::Float64 => 8,
        }
    }

    /// One sample of exactly `bytes()` bytes as 16 bits.
    fn sample(self, bytes: &[u8]) -> i16 {
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
struct Layout {
    encoding: Encoding,
    rate: u32,
    channels: u16,
    /// Place of the first sample and number of whole frames behind it.
    start: u64,
    frames: u64,
}

impl Layout {
    fn frame(&self) -> usize {
        self.encoding.bytes() * usize::from(self.channels)
    }
}

/// Reads a WAV file as mono samples at the file's own rate.
pub struct WavReader {
    file: BufReader<File>,
    layout: Layout,
    /// Frames already read.
    position: u64,
    bytes: Vec<u8>,
}

impl WavReader {
    /// Open a file. What cannot be played is an error that says why.
    pub fn open(path: &Path) -> io::Result<WavReader> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(invalid("it is not a regular file"));
        }
        let mut file = BufReader::new(file);
        let layout = scan(&mut file, metadata.len())?;
        file.seek(SeekFrom::Start(layout.start))?;
        Ok(WavReader {
            file,
            layout,
            position: 0,
            bytes: Vec::new(),
        })
    }

    /// Sample rate in Hz.
    pub fn rate(&self) -> u32 {
        self.layout.rate
    }

    /// Channels in the file; [`read`](Self::read) mixes them down.
    pub fn channels(&self) -> u16 {
        self.layout.channels
    }

    /// Length of the audio that is really there.
    pub fn length_ms(&self) -> Option<u64> {
        Some(self.layout.frames.saturating_mul(1000) / u64::from(self.layout.rate))
    }

    /// Go to a place counted from the beginning; behind the end is the end.
    pub fn seek_ms(&mut self, milliseconds: u64) -> io::Result<()> {
        let frame = milliseconds.saturating_mul(u64::from(self.layout.rate)) / 1000;
        self.position = frame.min(self.layout.frames);
        let offset = self.position * self.layout.frame() as u64;
        self.file
            .seek(SeekFrom::Start(self.layout.start + offset))?;
        Ok(())
    }

    /// Append up to `frames` mono samples; returns how many there were, 0 at the end.
    pub fn read(&mut self, out: &mut Vec<i16>, frames: usize) -> io::Result<usize> {
        let frame = self.layout.frame();
        let left = self.layout.frames - self.position;
        let wanted = frames.min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut done = 0;
        while done < wanted {
            // In pieces, so that a hostile length never becomes memory.
            let piece = (wanted - done).min(4096);
            self.bytes.resize(piece * frame, 0);
            let got = read_fully(&mut self.file, &mut self.bytes)? / frame;
            self.mix_down(got, out);
            done += got;
            if got < piece {
                // Shortened while we read it: this is the end now.
                self.layout.frames = self.position + done as u64;
                break;
            }
        }
        self.position += done as u64;
        Ok(done)
    }

    fn mix_down(&self, frames: usize, out: &mut Vec<i16>) {
        let (encoding, channels) = (self.layout.encoding, i32::from(self.layout.channels));
        let frames = self.bytes.chunks_exact(self.layout.frame()).take(frames);
        out.extend(frames.map(|frame| {
            let samples = frame.chunks_exact(encoding.bytes());
            let sum: i32 = samples.map(|bytes| i32::from(encoding.sample(bytes))).sum();
            (sum / channels) as i16
        }));
    }
}

/// Read until the buffer is full or the file ends.
fn read_fully(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
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

fn invalid(message: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.into())
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Walk through the chunks up to the audio.
fn scan(file: &mut (impl Read + Seek), length: u64) -> io::Result<Layout> {
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
                let unfinished = size == UNKNOWN_SIZE || (size == 0 && u32_at(&head, 4) <= 36);
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

/// Bytes of the header [`WavWriter::create`] writes.
const HEADER: u64 = 44;
/// The most audio a file can tell the size of.
const MOST_BYTES: u64 = u32::MAX as u64 - HEADER - 1;

/// Writes 16-bit PCM; the file can be read at any time and is at most one second behind.
pub struct WavWriter {
    file: File,
    rate: u32,
    channels: u16,
    /// Place of the first sample, bytes of audio in the file, and those not yet written to it.
    start: u64,
    written: u64,
    waiting: Vec<u8>,
}

impl WavWriter {
    /// Begin a file, replacing one that is there.
    pub fn create(path: &Path, rate: u32, channels: u16) -> io::Result<WavWriter> {
        if rate == 0 || channels == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a recording needs a sample rate and a channel",
            ));
        }
        let mut file = File::create(path)?;
        let block = channels.saturating_mul(2);
        let mut header = Vec::with_capacity(HEADER as usize);
        header.extend(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0");
        header.extend(channels.to_le_bytes());
        header.extend(rate.to_le_bytes());
        header.extend(rate.saturating_mul(u32::from(block)).to_le_bytes());
        header.extend(block.to_le_bytes());
        header.extend(b"\x10\0data\0\0\0\0");
        file.write_all(&header)?;
        Ok(WavWriter {
            file,
            rate,
            channels,
            start: HEADER,
            written: 0,
            waiting: Vec::new(),
        })
    }

    /// Go on behind the audio of a 16-bit PCM file, in its rate and channels.
    pub fn append(path: &Path) -> io::Result<WavWriter> {
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(invalid("it is not a regular file"));
        }
        let layout = scan(&mut BufReader::new(&file), metadata.len())?;
        if layout.encoding != Encoding::Signed16 {
            return Err(invalid("only 16-bit PCM can be appended to"));
        }
        let written = layout.frames * layout.frame() as u64;
        // What stands behind the audio (tags, half a frame) would be overwritten piecemeal.
        file.set_len(layout.start + written)?;
        file.seek(SeekFrom::End(0))?;
        Ok(WavWriter {
            file,
            rate: layout.rate,
            channels: layout.channels,
            start: layout.start,
            written,
            waiting: Vec::new(),
        })
    }

    /// Sample rate in Hz.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Channels of a frame.
    pub fn channels(&self) -> u16 {
        self.channels
    }

    /// Add samples; those of several channels alternate. An error (disk full, 4 GiB reached)
    /// leaves the file readable up to it.
    pub fn write(&mut self, samples: &[i16]) -> io::Result<()> {
        self.waiting
            .extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        let second = u64::from(self.rate) * u64::from(self.channels) * 2;
        if self.waiting.len() as u64 >= second {
            self.flush()?;
        }
        Ok(())
    }

    /// Bring the file up to date: the audio first, then the sizes that tell of it.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        if self.written + waiting.len() as u64 > MOST_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "a WAV file cannot be longer than 4 GiB",
            ));
        }
        self.file.seek(SeekFrom::Start(self.start + self.written))?;
        self.file.write_all(&waiting)?;
        self.written += waiting.len() as u64;
        self.write_sizes()?;
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Flush and close; a file that is dropped instead is flushed too, without word of errors.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()
    }

    fn write_sizes(&mut self) -> io::Result<()> {
        let riff = (self.start + self.written - 8) as u32;
        self.file.seek(SeekFrom::Start(4))?;
        self.file.write_all(&riff.to_le_bytes())?;
        self.file.seek(SeekFrom::Start(self.start - 4))?;
        self.file.write_all(&(self.written as u32).to_le_bytes())
    }
}

impl Drop for WavWriter {
    fn drop(&mut self) {
        // Nobody is left to hear of an error.
        let _ = self.flush();
    }
}
