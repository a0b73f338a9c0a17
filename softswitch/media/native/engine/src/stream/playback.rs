//! Playing a source to the far end, a packet at a time on its own beat.

use super::sending::Placing;
use super::{Stream, Ticks};
use crate::event::{Event, PlaybackEnd};
use crate::output::Output;
use crate::source::{Read, Reader};
use crate::time::{MILLISECOND, Microseconds};

/// How often a source that has nothing yet (a file being opened) is asked again.
const RETRY: Microseconds = 2 * MILLISECOND;
/// How often it is asked whether there is a codec now, where none is agreed on yet.
const UNSETTLED: Microseconds = 10 * MILLISECOND;
/// A playback this far behind skips ahead instead of catching up in a burst.
const TOO_LATE: Microseconds = 100 * MILLISECOND;
/// A tick later than this is counted.
const LATE: Microseconds = 5 * MILLISECOND;
/// Runs of generated audio are numbered apart from runs of received packets.
const GENERATED: u64 = 1 << 63;

/// How a playback is played while it runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steering {
    /// Silence is sent, and the source waits.
    pub paused: bool,
    /// A factor.
    pub gain: f32,
    /// A factor; the pitch changes with it.
    pub speed: f32,
}

impl Default for Steering {
    fn default() -> Steering {
        Steering {
            paused: false,
            gain: 1.0,
            speed: 1.0,
        }
    }
}

/// A source being played.
pub struct Playback {
    number: u64,
    reader: Reader,
    next: Microseconds,
    played: u64,
    /// Audio has begun: until then whoever is connected is still heard.
    begun: bool,
    steering: Steering,
    samples: Vec<i16>,
}

impl Playback {
    pub fn new(number: u64, reader: Reader, now: Microseconds) -> Playback {
        Playback {
            number,
            reader,
            next: now,
            played: 0,
            begun: false,
            steering: Steering::default(),
            samples: Vec::new(),
        }
    }

    pub fn next_timeout(&self) -> Microseconds {
        self.next
    }

    pub fn is_audible(&self) -> bool {
        self.begun
    }
}

impl Stream {
    /// Play instead of what is heard; replaces what is being played. Where no codec is agreed on
    /// yet it begins then; what cannot be encoded fails.
    pub fn play(&mut self, playback: Playback, output: &mut Output) {
        self.stop_playback(output);
        self.playback = Some(Box::new(playback));
        if self.cannot_encode() {
            self.finish_playback(PlaybackEnd::Failed, output);
        }
    }

    /// Whether a codec is agreed on that only passes through.
    fn cannot_encode(&self) -> bool {
        self.sent_codec().is_some() && self.encoder.is_none()
    }

    /// End the playback, recording or bug of that number, if it runs.
    pub fn stop(&mut self, now: Microseconds, number: u64, output: &mut Output) {
        if self
            .playback
            .as_ref()
            .is_some_and(|playback| playback.number == number)
        {
            self.stop_playback(output);
        }
        self.stop_recording(now, number, output);
        self.remove_bug(number, output);
    }

    /// Whether a source is heard instead of the partner.
    pub(crate) fn is_playing(&self) -> bool {
        self.playback
            .as_ref()
            .is_some_and(|playback| playback.is_audible())
    }

    /// Pause a playback, or play it louder or faster; unknown numbers are ignored.
    pub fn steer(&mut self, number: u64, steering: Steering) {
        if let Some(playback) = &mut self.playback
            && playback.number == number
        {
            playback.steering = steering;
        }
    }

    pub(super) fn stop_playback(&mut self, output: &mut Output) {
        self.finish_playback(PlaybackEnd::Stopped, output);
    }

    fn finish_playback(&mut self, end: PlaybackEnd, output: &mut Output) {
        let Some(playback) = self.playback.take() else {
            return;
        };
        self.sender.pause();
        output.events.push(Event::PlaybackFinished {
            stream: self.id,
            playback: playback.number,
            samples: playback.played,
            end,
        });
    }

    pub(super) fn continue_playback(
        &mut self,
        now: Microseconds,
        ticks: &mut Ticks,
        output: &mut Output,
    ) {
        while let Some(playback) = &mut self.playback
            && playback.next <= now
        {
            let behind = now - playback.next;
            if playback.begun && behind > LATE {
                ticks.late += 1;
            }
            if behind > TOO_LATE {
                playback.next = now;
            }
            self.play_packet(now, output);
        }
    }

    fn play_packet(&mut self, now: Microseconds, output: &mut Output) {
        if self.cannot_encode() {
            self.finish_playback(PlaybackEnd::Failed, output);
        }
        let rate = self.rate();
        let Some(mut playback) = self.playback.take() else {
            return;
        };
        let Some(codec) = self.sent_codec().cloned() else {
            playback.next = now + UNSETTLED;
            self.playback = Some(playback);
            return;
        };
        let format = codec.format();
        let ptime = Microseconds::from(codec.ptime) * MILLISECOND;
        let length = (codec.ptime * rate / 1000) as usize;
        playback.samples.clear();
        let steering = playback.steering;
        let outcome = if steering.paused && playback.begun {
            playback.samples.resize(length, 0);
            Read::Samples
        } else {
            // Faster is read as if for a slower listener.
            let pace = (rate as f32 / steering.speed) as u32;
            playback.reader.read(pace, length, &mut playback.samples)
        };
        match outcome {
            Read::Samples => {}
            Read::Waiting => {
                playback.next += RETRY;
                self.playback = Some(playback);
                return;
            }
            Read::Finished | Read::Failed if playback.samples.is_empty() => {
                let failed = playback.reader.has_failed();
                self.playback = Some(playback);
                let end = if failed {
                    PlaybackEnd::Failed
                } else {
                    PlaybackEnd::Done
                };
                self.finish_playback(end, output);
                return;
            }
            Read::Finished | Read::Failed => {}
        }
        playback.begun = true;
        playback.next += ptime;
        if !steering.paused {
            let pace = f64::from(steering.speed);
            playback.played += (playback.samples.len() as f64 * pace) as u64;
        }
        playback.samples.resize(length, 0);
        dsp::level::apply_gain(&mut playback.samples, steering.gain);
        self.treat_heard(&mut playback.samples, rate);
        self.tap_sent(&playback.samples, rate);
        self.add_to_frame(&mut playback.samples, output);
        self.record_mixed(now, &playback.samples, rate, 0);
        if self.digits.is_none() && self.destination().is_some() {
            let run = GENERATED | playback.number;
            self.send_samples(now, Placing::next(run, format), &playback.samples, output);
        }
        self.playback = Some(playback);
    }
}
