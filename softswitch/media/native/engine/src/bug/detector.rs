//! Listening to one direction of a stream for tones, beeps, sound or silence.

use dsp::detect::{BeepFinder, LevelFinder, ToneFinder};

use super::taps::Side;
use crate::event::Event;
use crate::output::Output;
use crate::stream::Stream;
use crate::time::{MILLISECOND, Microseconds, Rate, samples};

/// How often findings are told, and how long nothing may come before it counts as silence.
const PERIOD: Microseconds = 40 * MILLISECOND;
const PATIENCE: Microseconds = 100 * MILLISECOND;
/// Rate at which silence is counted.
const SILENCE_RATE: Rate = 8000;

/// What is listened for.
pub enum Finder {
    Tone(ToneFinder),
    Beep(BeepFinder),
    Level(LevelFinder),
}

/// One thing that is listened for in one direction.
pub struct Detector {
    pub number: u64,
    pub side: Side,
    finder: Finder,
    /// Findings that are not told yet: frequencies in Hz, or 0.
    found: Vec<u32>,
    heard_at: Microseconds,
    /// Something came since it was last asked.
    heard: bool,
}

impl Detector {
    pub fn new(number: u64, side: Side, finder: Finder, now: Microseconds) -> Detector {
        Detector {
            number,
            side,
            finder,
            found: Vec::new(),
            heard_at: now,
            heard: false,
        }
    }

    pub fn process(&mut self, pcm: &[i16], rate: Rate) {
        self.heard = true;
        self.listen(pcm, rate);
    }

    fn listen(&mut self, pcm: &[i16], rate: Rate) {
        match &mut self.finder {
            Finder::Tone(tone) => {
                let times = tone.process(pcm, rate);
                self.found.extend((0..times).map(|_| 0));
            }
            Finder::Beep(beep) => {
                let frequency = beep.process(pcm, rate);
                self.found
                    .extend(frequency.map(|hertz| hertz.round() as u32));
            }
            Finder::Level(level) => {
                if level.process(pcm, rate) {
                    self.found.push(0);
                }
            }
        }
    }

    /// Count silence where nothing comes.
    fn tick(&mut self, now: Microseconds) {
        if std::mem::take(&mut self.heard) {
            self.heard_at = now;
        } else if now - self.heard_at > PATIENCE {
            let length = samples((now - self.heard_at) / MILLISECOND, SILENCE_RATE);
            self.listen(&vec![0; length as usize], SILENCE_RATE);
            self.heard_at = now;
        }
    }
}

/// The detectors of a stream.
#[derive(Default)]
pub struct Detectors {
    list: Vec<Detector>,
    next: Microseconds,
}

impl Detectors {
    pub fn next_timeout(&self) -> Microseconds {
        self.next
    }
}

impl Stream {
    /// Begin to listen for something.
    pub fn add_detector(&mut self, now: Microseconds, detector: Detector) {
        let detectors = self.detectors.get_or_insert_with(|| {
            Box::new(Detectors {
                list: Vec::new(),
                next: now + PERIOD,
            })
        });
        detectors.list.push(detector);
    }

    /// Whether that direction is listened to.
    pub(super) fn listens(&self, side: Side) -> bool {
        self.detectors
            .as_ref()
            .is_some_and(|detectors| detectors.list.iter().any(|one| one.side == side))
    }

    pub(super) fn let_detectors_hear(&mut self, side: Side, pcm: &[i16], rate: Rate) {
        let Some(detectors) = &mut self.detectors else {
            return;
        };
        for detector in detectors.list.iter_mut().filter(|one| one.side == side) {
            detector.process(pcm, rate);
        }
    }

    pub(super) fn remove_detector(&mut self, number: u64) {
        if let Some(detectors) = &mut self.detectors {
            detectors.list.retain(|detector| detector.number != number);
            if detectors.list.is_empty() {
                self.detectors = None;
            }
        }
    }

    /// Tell what was found.
    pub(crate) fn continue_detectors(&mut self, now: Microseconds, output: &mut Output) {
        let id = self.id;
        let Some(detectors) = &mut self.detectors else {
            return;
        };
        if detectors.next > now {
            return;
        }
        detectors.next = now + PERIOD;
        for detector in &mut detectors.list {
            detector.tick(now);
            let number = detector.number;
            let told = detector.found.drain(..).map(|frequency| Event::Detected {
                stream: id,
                detector: number,
                frequency,
            });
            output.events.extend(told);
        }
    }
}
