//! A recording that nobody writes to a disk: its samples wait, bounded, for a reader outside.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Mutex;

use crate::sys::Wake;
use crate::time::{Rate, samples};

/// What a tap holds for a slow reader.
const LONGEST_MS: u64 = 30_000;

#[derive(Default)]
struct Held {
    samples: VecDeque<i16>,
    lost: u64,
    ended: bool,
}

/// Samples on their way out of the engine; channels alternate.
pub struct Tap {
    pub stream: u64,
    pub number: u64,
    pub rate: Rate,
    pub channels: u16,
    /// A reader too slow ends the recording instead of losing the oldest samples.
    complete: bool,
    held: Mutex<Held>,
    wake: Wake,
}

impl Tap {
    pub fn new(
        stream: u64,
        number: u64,
        rate: Rate,
        channels: u16,
        complete: bool,
    ) -> io::Result<Tap> {
        Ok(Tap {
            stream,
            number,
            rate,
            channels,
            complete,
            held: Mutex::default(),
            wake: Wake::new()?,
        })
    }

    /// Hand over samples; an error says why the recording cannot go on.
    pub fn write(&self, pcm: &[i16]) -> Result<(), &'static str> {
        let mut held = self.held.lock().expect("no holder of a tap panics");
        if held.samples.is_empty() {
            self.wake.raise();
        }
        held.samples.extend(pcm);
        let most = samples(LONGEST_MS, self.rate) as usize * usize::from(self.channels);
        if held.samples.len() > most {
            if self.complete {
                return Err("the disk is too slow");
            }
            let surplus = held.samples.len() - most;
            held.samples.drain(..surplus);
            held.lost += surplus as u64 / u64::from(self.channels);
        }
        Ok(())
    }

    /// Nothing more comes.
    pub fn finish(&self) {
        let mut held = self.held.lock().expect("no holder of a tap panics");
        held.ended = true;
        self.wake.raise();
    }

    /// All that waits, and whether more can come.
    pub fn read(&self) -> (Vec<i16>, bool) {
        let mut held = self.held.lock().expect("no holder of a tap panics");
        self.wake.clear();
        if held.ended {
            self.wake.raise(); // who asks again must not wait for what never comes
        }
        (std::mem::take(&mut held.samples).into(), !held.ended)
    }

    /// Samples of each channel that no reader took in time.
    pub fn lost(&self) -> u64 {
        self.held.lock().expect("no holder of a tap panics").lost
    }

    /// Readable while samples wait, and at the end.
    pub fn descriptor(&self) -> RawFd {
        self.wake.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_reader_loses_the_oldest_and_is_told_how_much() {
        let tap = Tap::new(1, 2, 8000, 1, false).expect("there are descriptors");
        for second in 0..31 {
            tap.write(&[second; 8000])
                .expect("a tap never ends by itself");
        }
        assert_eq!(tap.lost(), 8000);
        let (samples, more) = tap.read();
        assert_eq!((samples.len(), samples[0], more), (240_000, 1, true));
    }

    #[test]
    fn a_recording_that_must_be_complete_ends_instead() {
        let tap = Tap::new(1, 2, 8000, 2, true).expect("there are descriptors");
        assert!(tap.write(&[0; 480_000]).is_ok());
        assert!(tap.write(&[0; 2]).is_err());
    }

    #[test]
    fn the_end_comes_behind_the_last_samples() {
        let tap = Tap::new(1, 2, 8000, 1, false).expect("there are descriptors");
        tap.write(&[7; 3]).expect("there is room");
        tap.finish();
        assert_eq!(tap.read(), (vec![7; 3], false));
        assert_eq!(tap.read(), (vec![], false));
    }
}
