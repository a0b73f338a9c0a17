//! Short sound files kept in memory: a prompt that a thousand callers hear is read once.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use dsp::wav::WavReader;

use crate::source::Source;
use crate::time::samples;

/// Longer files are read ahead for each who hears them: two minutes at 8 kHz.
const LONGEST: u64 = 1 << 20;
/// Samples kept of all files together, 32 MB.
const MOST_KEPT: usize = 1 << 24;

/// What a file was when it was read: another is another recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    changed: SystemTime,
    length: u64,
}

struct Kept {
    identity: Identity,
    samples: Arc<[i16]>,
    rate: u32,
    /// When it was last asked for, by the count of questions.
    asked: u64,
}

#[derive(Default)]
struct Shelf {
    files: HashMap<PathBuf, Kept>,
    /// Samples of all files.
    size: usize,
    questions: u64,
}

/// The files that are kept; those nobody asked for the longest go first.
pub struct Prompts {
    shelf: Mutex<Shelf>,
    longest: u64,
    most_kept: usize,
}

impl Default for Prompts {
    fn default() -> Prompts {
        Prompts::new(LONGEST, MOST_KEPT)
    }
}

impl Prompts {
    fn new(longest: u64, most_kept: usize) -> Prompts {
        Prompts {
            shelf: Mutex::default(),
            longest,
            most_kept,
        }
    }

    /// A file to play, in memory if it is short; an error says why it cannot be played.
    pub fn open(&self, path: &Path) -> io::Result<Source> {
        let metadata = path.metadata()?;
        let identity = Identity {
            changed: metadata.modified()?,
            length: metadata.len(),
        };
        if let Some(source) = self.known(path, identity) {
            return Ok(source);
        }
        let mut reader = WavReader::open(path)?;
        let rate = reader.rate();
        let length = reader.length_ms().map(|length| samples(length, rate));
        if length.is_none_or(|length| length >= self.longest) {
            return Source::wav(path);
        }
        let mut samples = Vec::new();
        while reader.read(&mut samples, self.longest as usize)? > 0 {}
        let samples = Arc::from(samples);
        self.keep(path, identity, &samples, rate);
        Ok(Source::Buffer { samples, rate })
    }

    fn known(&self, path: &Path, identity: Identity) -> Option<Source> {
        let mut shelf = self.shelf.lock().expect("no holder of the shelf panics");
        shelf.questions += 1;
        let asked = shelf.questions;
        let kept = shelf.files.get_mut(path)?;
        if kept.identity != identity {
            return None;
        }
        kept.asked = asked;
        Some(Source::Buffer {
            samples: Arc::clone(&kept.samples),
            rate: kept.rate,
        })
    }

    fn keep(&self, path: &Path, identity: Identity, samples: &Arc<[i16]>, rate: u32) {
        let mut shelf = self.shelf.lock().expect("no holder of the shelf panics");
        shelf.take(path);
        while shelf.size + samples.len() > self.most_kept {
            let oldest = shelf.files.iter().min_by_key(|(_, kept)| kept.asked);
            let Some(oldest) = oldest.map(|(path, _)| path.clone()) else {
                break;
            };
            shelf.take(&oldest);
        }
        let kept = Kept {
            identity,
            samples: Arc::clone(samples),
            rate,
            asked: shelf.questions,
        };
        shelf.size += samples.len();
        shelf.files.insert(path.to_owned(), kept);
    }
}

impl Shelf {
    fn take(&mut self, path: &Path) {
        if let Some(gone) = self.files.remove(path) {
            self.size -= gone.samples.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp::wav::WavWriter;

    fn write(path: &Path, samples: &[i16]) {
        let mut writer = WavWriter::create(path, 8000, 1).expect("the file is made");
        writer.write(samples).expect("it is written");
        writer.finish().expect("it is finished");
    }

    /// A folder that goes with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn folder(name: &str) -> Folder {
        let name = format!("prompts-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("there is room");
        Folder(folder)
    }

    fn buffer(source: Source) -> Option<Arc<[i16]>> {
        match source {
            Source::Buffer { samples, .. } => Some(samples),
            _ => None,
        }
    }

    #[test]
    fn all_who_hear_a_short_file_share_what_was_read_once() {
        let folder = folder("shared");
        let path = folder.path().join("prompt.wav");
        write(&path, &[5; 8000]);
        let prompts = Prompts::default();
        let one = buffer(prompts.open(&path).expect("it is good")).expect("it is short");
        let other = buffer(prompts.open(&path).expect("it is good")).expect("it is short");
        assert!(Arc::ptr_eq(&one, &other));
        assert_eq!(one[..], [5; 8000]);
    }

    #[test]
    fn a_file_that_changed_is_read_anew() {
        let folder = folder("changed");
        let path = folder.path().join("prompt.wav");
        let prompts = Prompts::default();
        write(&path, &[5; 8000]);
        prompts.open(&path).expect("it is good");
        write(&path, &[6; 9000]);
        let now = buffer(prompts.open(&path).expect("it is good")).expect("it is short");
        assert_eq!(now[..], [6; 9000]);
        assert_eq!(prompts.shelf.lock().expect("nobody panics").size, 9000);
    }

    #[test]
    fn a_long_file_is_read_ahead_instead() {
        let folder = folder("long");
        let path = folder.path().join("long.wav");
        write(&path, &vec![5; 1000]);
        let prompts = Prompts::new(1000, 16_000);
        assert!(buffer(prompts.open(&path).expect("it is good")).is_none());
        assert_eq!(prompts.shelf.lock().expect("nobody panics").size, 0);
    }

    #[test]
    fn what_nobody_asked_for_the_longest_goes_first() {
        let folder = folder("oldest");
        let prompts = Prompts::new(1000, 16_000);
        let path = |number: usize| folder.path().join(format!("{number}.wav"));
        let length = 999;
        for number in 0..17 {
            write(&path(number), &vec![1; length]);
            prompts.open(&path(number)).expect("it is good");
            prompts.open(&path(0)).expect("it is good");
        }
        let shelf = prompts.shelf.lock().expect("nobody panics");
        assert!(shelf.size <= 16_000);
        assert!(shelf.files.contains_key(&path(0)), "it was asked for often");
        assert!(!shelf.files.contains_key(&path(1)));
        assert!(shelf.files.contains_key(&path(16)));
    }

    #[test]
    fn what_is_no_sound_is_an_error_every_time() {
        let folder = folder("wrong");
        let path = folder.path().join("prompt.wav");
        std::fs::write(&path, b"no sound").expect("it is written");
        let prompts = Prompts::default();
        assert!(prompts.open(&path).is_err() && prompts.open(&path).is_err());
        assert!(prompts.open(folder.path()).is_err());
        assert!(prompts.open(&folder.path().join("none.wav")).is_err());
    }
}
