//! Writing WAV files that can be read at every moment.

use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

use super::layout::{Encoding, check_regular, invalid, scan};

/// Bytes of a tag that are written.
const LONGEST_TAG: usize = 1000;
/// The most audio a file can tell the size of, with room for its header and tags.
const MOST_BYTES: u64 = u32::MAX as u64 - 16 * 1024;

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
        WavWriter::create_tagged(path, rate, channels, &[])
    }

    /// The same with tags, by the four letters of their `INFO` chunks (`INAM` is the title).
    pub fn create_tagged(
        path: &Path,
        rate: u32,
        channels: u16,
        tags: &[(String, String)],
    ) -> io::Result<WavWriter> {
        if rate == 0 || channels == 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a recording needs a sample rate and a channel",
            ));
        }
        if path.exists() {
            check_regular(path)?;
        }
        let mut file = File::create(path)?;
        let block = channels.saturating_mul(2);
        let mut header = Vec::new();
        header.extend(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0");
        header.extend(channels.to_le_bytes());
        header.extend(rate.to_le_bytes());
        header.extend(rate.saturating_mul(u32::from(block)).to_le_bytes());
        header.extend(block.to_le_bytes());
        header.extend(b"\x10\0");
        header.extend(info(tags));
        header.extend(b"data\0\0\0\0");
        let start = header.len() as u64;
        header[4..8].copy_from_slice(&(start as u32 - 8).to_le_bytes());
        file.write_all(&header)?;
        Ok(WavWriter {
            file,
            rate,
            channels,
            start,
            written: 0,
            waiting: Vec::new(),
        })
    }

    /// Go on behind the audio of a 16-bit PCM file, in its rate and channels.
    pub fn append(path: &Path) -> io::Result<WavWriter> {
        check_regular(path)?;
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let length = file.metadata()?.len();
        let layout = scan(&mut BufReader::new(&file), length)?;
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

/// A `LIST` chunk of tags; nothing where there are none.
fn info(tags: &[(String, String)]) -> Vec<u8> {
    let mut list = b"INFO".to_vec();
    for (name, value) in tags {
        let Ok(name) = <[u8; 4]>::try_from(name.as_bytes()) else {
            continue;
        };
        let mut text: Vec<u8> = value.bytes().take(LONGEST_TAG).chain([0]).collect();
        list.extend(name);
        list.extend((text.len() as u32).to_le_bytes());
        if text.len() % 2 == 1 {
            text.push(0);
        }
        list.extend(text);
    }
    if list.len() == 4 {
        return Vec::new();
    }
    let mut chunk = b"LIST".to_vec();
    chunk.extend((list.len() as u32).to_le_bytes());
    chunk.extend(list);
    chunk
}

impl Drop for WavWriter {
    fn drop(&mut self) {
        // Nobody is left to hear of an error.
        let _ = self.flush();
    }
}
