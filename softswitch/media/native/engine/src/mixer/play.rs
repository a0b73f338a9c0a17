//! Sounds played into a room, or to one of its members.

use crate::event::PlaybackEnd;
use crate::source::{Read, Reader};
use crate::time::Rate;

/// How a sound is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayOptions {
    /// The stream of the member that alone hears it.
    pub to: Option<u64>,
    pub gain: f32,
    /// Voices are not heard meanwhile.
    pub exclusive: bool,
}

/// A sound being played.
pub struct Play {
    pub number: u64,
    pub options: PlayOptions,
    reader: Reader,
    pub paused: bool,
    /// Samples heard so far.
    pub played: u64,
    /// What sounds in this interval; empty while the source has nothing yet.
    pub frame: Vec<i16>,
}

impl Play {
    pub fn new(number: u64, reader: Reader, options: PlayOptions) -> Play {
        Play {
            number,
            options,
            reader,
            paused: false,
            played: 0,
            frame: Vec::new(),
        }
    }

    /// Read the next frame; why the sound is over, if it is.
    pub fn advance(&mut self, rate: Rate, length: usize) -> Option<PlaybackEnd> {
        self.frame.clear();
        if self.paused {
            return None;
        }
        let read = self.reader.read(rate, length, &mut self.frame);
        match read {
            Read::Samples => {}
            Read::Waiting => {
                self.frame.clear();
                return None;
            }
            Read::Finished | Read::Failed if self.frame.is_empty() => {
                return Some(if self.reader.has_failed() {
                    PlaybackEnd::Failed
                } else {
                    PlaybackEnd::Done
                });
            }
            Read::Finished | Read::Failed => {}
        }
        self.played += self.frame.len() as u64;
        self.frame.resize(length, 0);
        dsp::level::apply_gain(&mut self.frame, self.options.gain);
        None
    }

    /// Whether it is heard in this interval.
    pub fn sounds(&self) -> bool {
        !self.frame.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    const ALL: PlayOptions = PlayOptions {
        to: None,
        gain: 1.0,
        exclusive: false,
    };

    fn play(samples: &[i16], options: PlayOptions) -> Play {
        let source = Source::Buffer {
            samples: samples.into(),
            rate: 8000,
        };
        Play::new(1, Reader::new(&source, Some(1), 0, None), options)
    }

    #[test]
    fn the_last_frame_is_filled_up_and_the_next_is_the_end() {
        let mut play = play(&[5; 200], ALL);
        assert_eq!(play.advance(8000, 160), None);
        assert_eq!(play.frame, [5; 160]);
        assert_eq!(play.advance(8000, 160), None);
        assert_eq!(play.frame[39..41], [5, 0]);
        assert_eq!(play.advance(8000, 160), Some(PlaybackEnd::Done));
        assert_eq!(play.played, 200);
    }

    #[test]
    fn a_pause_is_silent_and_loses_nothing() {
        let mut play = play(&[5; 160], PlayOptions { gain: 2.0, ..ALL });
        play.paused = true;
        assert_eq!(play.advance(8000, 160), None);
        assert!(!play.sounds());
        play.paused = false;
        play.advance(8000, 160);
        assert_eq!(play.frame, [10; 160]);
    }
}
