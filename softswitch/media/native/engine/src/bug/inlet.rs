//! Other sound that is added to what a party hears, or to what it says.

use super::pipe::{Flow, PipeReader};
use super::taps::Side;
use crate::event::{Event, PlaybackEnd};
use crate::source::{Read, Reader};
use crate::time::Rate;

/// What becomes of the sound an inlet adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Mix,
    /// Only the inlet is heard, for as long as it has anything.
    Replace,
}

/// Where an inlet's sound comes from.
pub enum Sound {
    Pipe(PipeReader),
    Source(Box<Reader>),
}

/// One source of added sound.
pub struct Inlet {
    pub number: u64,
    pub side: Side,
    manner: Manner,
    gain: f32,
    sound: Sound,
    played: u64,
    end: Option<PlaybackEnd>,
}

impl Inlet {
    pub fn new(number: u64, side: Side, manner: Manner, gain: f32, sound: Sound) -> Inlet {
        Inlet {
            number,
            side,
            manner,
            gain,
            sound,
            played: 0,
            end: None,
        }
    }

    /// Whether it has nothing more to add.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Add to samples at that rate.
    pub fn add_to(&mut self, pcm: &mut [i16], rate: Rate, scratch: &mut Vec<i16>) {
        scratch.clear();
        match &mut self.sound {
            Sound::Pipe(reader) => {
                if reader.read(rate, pcm.len(), scratch) == Flow::Ended {
                    self.end = Some(PlaybackEnd::Done);
                }
            }
            Sound::Source(reader) => {
                let outcome = reader.read(rate, pcm.len(), scratch);
                if matches!(outcome, Read::Finished | Read::Failed) {
                    let failed = reader.has_failed();
                    self.end = Some(if failed {
                        PlaybackEnd::Failed
                    } else {
                        PlaybackEnd::Done
                    });
                }
            }
        }
        if scratch.is_empty() {
            return;
        }
        self.played += scratch.len() as u64;
        if self.manner == Manner::Replace {
            pcm.fill(0);
        }
        dsp::level::apply_gain(scratch, self.gain);
        for (sample, &added) in pcm.iter_mut().zip(scratch.iter()) {
            *sample = sample.saturating_add(added);
        }
    }

    /// What is told at its end; nobody waits for the end of a pipe.
    pub fn farewell(&self, stream: u64) -> Option<Event> {
        matches!(self.sound, Sound::Source(_)).then(|| Event::PlaybackFinished {
            stream,
            playback: self.number,
            samples: self.played,
            end: self.end.unwrap_or(PlaybackEnd::Stopped),
        })
    }
}
