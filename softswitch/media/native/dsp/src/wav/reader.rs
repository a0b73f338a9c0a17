//! Reading WAV files, whole or broken, as mono samples.

use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};
use std::path::Path;

use super::layout::{Layout, check_regular, read_fully, scan};

/// Bytes read at once: a few seconds of a prompt.
const PIECE: usize = 64 * 1024;

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
        check_regular(path)?;
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut file = BufReader::new(file);
        let layout = scan(&mut file, length)?;
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
            let piece = (wanted - done).min((PIECE / frame).max(1));
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
