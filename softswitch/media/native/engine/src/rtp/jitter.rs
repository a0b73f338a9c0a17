//! Holds packets back so that each can be played on an even beat: those that come late or in
//! another order find their place, and the delay grows and shrinks with the network.

use std::collections::VecDeque;

use super::header::Header;
use crate::stream::Content;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND, units};

/// A gap in the far end's clock up to this is a pause; a longer one a jump.
const LONGEST_GAP: Microseconds = 5 * SECOND;
/// Without any packet for so long the far end has stopped; it begins with the full delay again.
const LONGEST_DROUGHT: Microseconds = 100 * MILLISECOND;
/// So many packets in a row that come too late mean that the delay itself is wrong.
const MOST_LATE: u32 = 5;
/// Packets after which it is judged whether a shorter delay would do.
const WINDOW: u32 = 100;
/// Packets at most: those of a second at the shortest packet time.
const MOST_HELD: usize = 400;

/// How long packets are held back, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delays {
    pub initial_ms: u32,
    /// Up to this it grows where packets come late; the same as `initial_ms` is a fixed delay.
    pub max_ms: u32,
}

/// A packet that waits for its turn.
#[derive(Debug)]
pub struct Held {
    pub header: Header,
    pub payload: Vec<u8>,
    pub content: Content,
}

#[derive(Debug)]
struct Waiting {
    arrived: Microseconds,
    held: Held,
}

/// What happens at a beat.
#[derive(Debug)]
pub enum Turn {
    Packet(Held),
    /// So many clock units are missing.
    Lost(u32),
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insertion {
    Kept,
    /// Its turn has been.
    TooLate,
    /// It made others give way, as there are too many.
    Flushed(u32),
}

#[derive(Clone, Copy, Debug)]
struct Beat {
    /// The timestamp that is played next, and when.
    timestamp: u32,
    due: Microseconds,
    /// The number of the packet with that timestamp.
    sequence: u16,
    /// Nothing was played yet.
    fresh: bool,
}

/// The packets of one source on their way to be played.
#[derive(Debug)]
pub struct JitterBuffer {
    delays: Delays,
    held: VecDeque<Waiting>,
    beat: Option<Beat>,
    clock: Rate,
    /// Clock units of a packet.
    frame: u32,
    /// What the delay grew by.
    grown: Microseconds,
    /// The next beat is made up, as the delay grew.
    stretch: bool,
    drought: Microseconds,
    late_in_a_row: u32,
    /// How long packets of this window wait: the least, and the sum.
    least_margin: Microseconds,
    margins: Microseconds,
    judged: u32,
    /// The most milliseconds of audio it held.
    pub largest_ms: u32,
}

impl JitterBuffer {
    pub fn new(delays: Delays) -> JitterBuffer {
        JitterBuffer {
            delays,
            held: VecDeque::new(),
            beat: None,
            clock: 8000,
            frame: 160,
            grown: 0,
            stretch: false,
            drought: 0,
            late_in_a_row: 0,
            least_margin: Microseconds::MAX,
            margins: 0,
            judged: 0,
            largest_ms: 0,
        }
    }

    /// Forget what is held, as when the far end begins anew.
    pub fn reset(&mut self) {
        self.held.clear();
        self.beat = None;
        self.stretch = false;
        self.drought = 0;
        self.late_in_a_row = 0;
        self.begin_window();
    }

    /// When `pop` has something.
    pub fn next_timeout(&self) -> Option<Microseconds> {
        Some(self.beat?.due)
    }

    /// Take a packet of a codec with that clock, `frame` units of it in a packet.
    pub fn insert(
        &mut self,
        now: Microseconds,
        packet: Held,
        clock: Rate,
        frame: u32,
    ) -> Insertion {
        if clock != self.clock {
            self.reset();
            self.clock = clock;
            self.frame = frame.max(1);
        }
        let header = packet.header;
        if let Some(beat) = self.beat {
            let ahead = header.timestamp.wrapping_sub(beat.timestamp) as i32;
            let jump = units(LONGEST_GAP, clock) as i32;
            let is_audio = matches!(packet.content, Content::Audio(_));
            if ahead.unsigned_abs() as i64 > i64::from(jump) {
                self.reset();
            } else if ahead < 0 && is_audio {
                if !beat.fresh {
                    return self.miss();
                }
                self.beat = Some(Beat {
                    timestamp: header.timestamp,
                    sequence: header.sequence,
                    ..beat
                });
            } else if is_audio {
                self.late_in_a_row = 0;
                self.judge(beat.due + self.time(ahead as u32) - now.min(beat.due));
            }
        }
        if self.beat.is_none() {
            self.beat = Some(Beat {
                timestamp: header.timestamp,
                due: now + self.delay(),
                sequence: header.sequence,
                fresh: true,
            });
        }
        self.place(now, packet);
        self.limit()
    }

    /// What is to be played by now; to be asked until there is nothing.
    pub fn pop(&mut self, now: Microseconds) -> Option<Turn> {
        loop {
            let mut beat = self.beat.filter(|beat| beat.due <= now)?;
            beat.fresh = false;
            self.beat = Some(beat);
            let Some(Waiting {
                arrived,
                held: head,
            }) = self.held.front()
            else {
                self.drought += self.time(self.frame);
                if self.drought > LONGEST_DROUGHT {
                    self.reset();
                    return None;
                }
                return Some(self.lose(beat));
            };
            let header = head.header;
            let ahead = header.timestamp.wrapping_sub(beat.timestamp) as i32;
            let due = beat.due + self.time(ahead.max(0) as u32);
            // Else the far end's clock jumped: no packet comes so long before its time.
            let in_time = due <= arrived + self.longest() + LONGEST_DROUGHT;
            let jumped = Beat {
                timestamp: header.timestamp,
                sequence: header.sequence,
                ..beat
            };
            if !matches!(head.content, Content::Audio(_)) {
                if ahead <= 0 {
                    // Events and comfort noise take no time.
                    beat.sequence = header.sequence.wrapping_add(1);
                    self.beat = Some(beat);
                    return self.take().map(Turn::Packet);
                }
                if in_time {
                    return Some(self.lose(beat));
                }
                self.beat = Some(jumped);
                continue;
            }
            if self.stretch {
                self.stretch = false;
                beat.due += self.time(self.frame);
                self.beat = Some(beat);
                return Some(Turn::Lost(0));
            }
            if ahead < self.frame as i32 {
                self.drought = 0;
                self.beat = Some(Beat {
                    timestamp: header.timestamp.wrapping_add(self.frame),
                    due: beat.due + self.time(self.frame),
                    sequence: header.sequence.wrapping_add(1),
                    fresh: false,
                });
                return self.take().map(Turn::Packet);
            }
            self.beat = match (in_time, header.sequence == beat.sequence) {
                (true, false) => return Some(self.lose(beat)),
                // Nothing is missing: the far end was silent in between.
                (true, true) => Some(Beat { due, ..jumped }),
                (false, _) => Some(jumped),
            };
        }
    }

    fn take(&mut self) -> Option<Held> {
        self.held.pop_front().map(|waiting| waiting.held)
    }

    /// The payload right behind what was lost last, if it has come.
    pub fn peek_next(&self) -> Option<&[u8]> {
        let (head, beat) = (&self.held.front()?.held, self.beat?);
        let next = head.header.timestamp == beat.timestamp;
        let is_audio = matches!(head.content, Content::Audio(_));
        (next && is_audio).then_some(head.payload.as_slice())
    }

    fn delay(&self) -> Microseconds {
        Microseconds::from(self.delays.initial_ms) * MILLISECOND + self.grown
    }

    /// The longest that a packet may wait.
    fn longest(&self) -> Microseconds {
        let most = Microseconds::from(self.delays.max_ms) * MILLISECOND;
        most.max(self.delay())
    }

    fn time(&self, units: u32) -> Microseconds {
        u64::from(units) * SECOND / u64::from(self.clock)
    }

    fn lose(&mut self, beat: Beat) -> Turn {
        self.beat = Some(Beat {
            timestamp: beat.timestamp.wrapping_add(self.frame),
            due: beat.due + self.time(self.frame),
            sequence: beat.sequence.wrapping_add(1),
            fresh: false,
        });
        Turn::Lost(self.frame)
    }

    /// A packet came too late: hold the others back longer, up to the limit.
    fn miss(&mut self) -> Insertion {
        self.late_in_a_row += 1;
        let frame = self.time(self.frame);
        let most = Microseconds::from(self.delays.max_ms) * MILLISECOND;
        if self.delay() + frame <= most {
            self.grown += frame;
            self.stretch = true;
            self.late_in_a_row = 0;
            self.begin_window();
        } else if self.late_in_a_row >= MOST_LATE {
            self.reset();
        }
        Insertion::TooLate
    }

    /// Note how long a packet will wait; where all wait long the delay shrinks by a packet.
    fn judge(&mut self, margin: Microseconds) {
        self.least_margin = self.least_margin.min(margin);
        self.margins += margin;
        self.judged += 1;
        if self.judged < WINDOW {
            return;
        }
        let frame = self.time(self.frame);
        let average = self.margins / Microseconds::from(WINDOW);
        // The clocks of both sides drift apart: the delay is led back to what it is meant to be.
        let too_long = average > self.delay() + frame;
        self.stretch |= average + frame < self.delay();
        let could_shrink = self.grown >= frame && self.least_margin > 2 * frame;
        if (too_long || could_shrink)
            && let Some(beat) = &mut self.beat
            && self.held.len() > 1
        {
            // One packet is left out: that is heard less than a jump later on.
            self.held.pop_front();
            beat.timestamp = beat.timestamp.wrapping_add(self.frame);
            beat.sequence = beat.sequence.wrapping_add(1);
            self.grown = self.grown.saturating_sub(frame);
        }
        self.begin_window();
    }

    fn begin_window(&mut self) {
        self.least_margin = Microseconds::MAX;
        self.margins = 0;
        self.judged = 0;
    }

    fn place(&mut self, now: Microseconds, packet: Held) {
        let number = packet.header.sequence;
        let position = self
            .held
            .iter()
            .rposition(|it| (number.wrapping_sub(it.held.header.sequence) as i16) > 0)
            .map_or(0, |before| before + 1);
        if let Some(before) = position
            .checked_sub(1)
            .and_then(|index| self.held.get(index))
            .map(|waiting| &waiting.held)
        {
            let step = packet
                .header
                .timestamp
                .wrapping_sub(before.header.timestamp);
            let follows = number == before.header.sequence.wrapping_add(1);
            let alike = matches!(packet.content, Content::Audio(_))
                && matches!(before.content, Content::Audio(_));
            if follows && alike && step > 0 && self.time(step) <= 120 * MILLISECOND {
                self.frame = step;
            }
        }
        let waiting = Waiting {
            arrived: now,
            held: packet,
        };
        self.held.insert(position, waiting);
    }

    /// Keep to the longest delay: older packets give way.
    fn limit(&mut self) -> Insertion {
        let mut flushed = 0;
        let frame = self.time(self.frame);
        let longest = self.longest() + 2 * frame;
        loop {
            let length = self.held.len() as u64 * frame;
            let shown = length.min(longest) / MILLISECOND;
            self.largest_ms = self.largest_ms.max(shown as u32);
            if self.held.len() <= MOST_HELD && length <= longest {
                break;
            }
            self.held.pop_front();
            flushed += 1;
            if let (Some(beat), Some(first)) = (&mut self.beat, self.held.front()) {
                beat.timestamp = first.held.header.timestamp;
                beat.sequence = first.held.header.sequence;
            }
        }
        match flushed {
            0 => Insertion::Kept,
            _ => Insertion::Flushed(flushed),
        }
    }
}

#[cfg(test)]
mod tests;
