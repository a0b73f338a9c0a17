//! Soft noise where a far end would hear nothing at all: while nothing is played to it, and while
//! the party it hears is silent (RFC 3389).

use dsp::level::ComfortNoise;

use super::Stream;
use super::sending::Placing;
use crate::output::Output;
use crate::time::{MILLISECOND, Microseconds};

/// A filler this far behind skips ahead.
const TOO_LATE: Microseconds = 100 * MILLISECOND;
/// Runs of filling are numbered apart from other audio.
const RUN: u64 = 7 << 61;

/// When a stream says noise. A divisor of 1400 is barely heard, bigger is quieter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// While nothing else is to be heard; Some(0) is true silence.
    pub idle: Option<u32>,
    /// While the party we hear says by comfort noise packets that it is silent.
    pub pauses: Option<u32>,
}

pub struct Filler {
    fill: Fill,
    noise: ComfortNoise,
    next: Microseconds,
    /// The party we hear said that it is silent.
    quiet: bool,
    frame: Vec<i16>,
}

impl Stream {
    /// Say from now on when noise is heard.
    pub fn fill(&mut self, now: Microseconds, fill: Fill) {
        if fill == Fill::default() {
            self.filler = None;
            return;
        }
        let divisor = fill.idle.or(fill.pauses).unwrap_or(0);
        self.filler = Some(Box::new(Filler {
            fill,
            noise: ComfortNoise::new(divisor, self.id),
            next: now,
            quiet: false,
            frame: Vec::new(),
        }));
    }

    /// The party we hear falls silent, or speaks again.
    pub(super) fn note_pause(&mut self, now: Microseconds, quiet: bool) -> bool {
        let Some(filler) = &mut self.filler else {
            return false;
        };
        let begins = quiet && !filler.quiet && filler.fill.pauses.is_some();
        filler.quiet = quiet;
        if begins {
            filler.next = now;
        }
        begins
    }

    pub(super) fn next_filling(&self) -> Option<Microseconds> {
        self.fills()
            .then(|| self.filler.as_ref().map(|filler| filler.next))?
    }

    fn fills(&self) -> bool {
        let Some(filler) = &self.filler else {
            return false;
        };
        let alone = self.hearing.is_none() && self.room.is_none();
        let wanted = if alone {
            filler.fill.idle.is_some()
        } else {
            filler.fill.pauses.is_some() && filler.quiet
        };
        wanted && !self.is_playing() && !self.sends_digits() && !self.mixes()
    }

    pub(super) fn continue_filling(&mut self, now: Microseconds, output: &mut Output) {
        while self.fills()
            && let Some(filler) = &mut self.filler
            && filler.next <= now
        {
            if now - filler.next > TOO_LATE {
                filler.next = now;
            }
            let Some(codec) = self
                .parameters
                .as_ref()
                .and_then(|known| known.codecs.first())
            else {
                filler.next = now + 20 * MILLISECOND; // nothing is agreed yet
                return;
            };
            let (format, ptime) = (codec.format(), codec.ptime);
            filler.next += Microseconds::from(ptime) * MILLISECOND;
            let mut frame = std::mem::take(&mut filler.frame);
            let rate = self.rate();
            frame.resize((ptime * rate / 1000) as usize, 0);
            if let Some(filler) = &mut self.filler {
                filler.noise.read(&mut frame);
            }
            self.record_sent(now, &frame, rate, 0);
            self.send_samples(now, Placing::next(RUN, format), &frame, output);
            if let Some(filler) = &mut self.filler {
                filler.frame = frame;
            }
        }
    }
}
