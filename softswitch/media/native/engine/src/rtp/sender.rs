//! One unbroken RTP stream towards the far end, whatever its audio comes from (RFC 3550 §5.1).
//!
//! The sources of audio change during a call: another leg, a prompt, digits. The far end must see
//! one source with consecutive sequence numbers and a timestamp that never runs backwards.

use std::hash::{BuildHasher, RandomState};

use super::header::Header;
use crate::time::{MILLISECOND, Microseconds, Rate, units};

/// Relayed timestamps may run ahead of the wall clock by so much before they are a jump.
const MAX_LEAD: Microseconds = 2_000 * MILLISECOND;

/// How packets of audio are told apart and measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub payload_type: u8,
    pub clock: Rate,
    /// Clock units in a packet we send.
    pub frame: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feed {
    /// Nothing: the next packet begins a talkspurt.
    Silent,
    /// Packets of another stream, renumbered by constant offsets.
    Relayed {
        run: u64,
        sequence_offset: u16,
        timestamp_offset: u32,
    },
    /// Packets made here; the timestamp of the next.
    Generated { run: u64, timestamp: u32 },
}

/// Numbers what a stream sends.
#[derive(Debug)]
pub struct Sender {
    pub ssrc: u32,
    /// Packets and payload bytes sent, modulo 2³², as sender reports tell them.
    pub packets: u32,
    pub octets: u32,
    sequence: u16,
    /// The timestamp of the newest audio and when it was sent.
    timestamp: u32,
    sent_at: Option<Microseconds>,
    feed: Feed,
}

impl Sender {
    /// A sender whose first packet carries the numbers after these (random, RFC 3550 §5.1).
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Sender {
        Sender {
            ssrc,
            packets: 0,
            octets: 0,
            sequence,
            timestamp,
            sent_at: None,
            feed: Feed::Silent,
        }
    }

    /// Go on as another source, with a number from the lower half.
    pub fn start_anew(&mut self) {
        let random = RandomState::new().hash_one(self.ssrc);
        self.ssrc = random as u32;
        self.sequence = (random >> 32) as u16 & 0x7fff;
        (self.packets, self.octets) = (0, 0);
        self.feed = Feed::Silent;
    }

    /// The timestamp of audio sent now.
    pub fn timestamp_at(&self, now: Microseconds, clock: Rate) -> u32 {
        let elapsed = self
            .sent_at
            .map_or(0, |sent_at| now.saturating_sub(sent_at));
        self.timestamp.wrapping_add(units(elapsed, clock))
    }

    /// Number a packet of another stream, keeping its gaps and its order.
    ///
    /// `run` names the unbroken run the packet belongs to: when it differs from the last one's
    /// the numbering is joined on anew.
    pub fn relay(
        &mut self,
        now: Microseconds,
        run: u64,
        header: &Header,
        format: Format,
    ) -> Header {
        let Format {
            payload_type,
            clock,
            frame,
        } = format;
        if let Feed::Relayed {
            run: current,
            sequence_offset,
            timestamp_offset,
        } = self.feed
            && current == run
        {
            let sequence = header.sequence.wrapping_add(sequence_offset);
            let timestamp = header.timestamp.wrapping_add(timestamp_offset);
            let newer = (sequence.wrapping_sub(self.sequence) as i16) > 0;
            let advance = timestamp.wrapping_sub(self.timestamp) as i32;
            let elapsed = now.saturating_sub(self.sent_at.unwrap_or(now));
            let most = units(elapsed + MAX_LEAD, clock).min(i32::MAX as u32) as i32;
            if !newer || (0..=most).contains(&advance) {
                if newer {
                    self.advance(now, sequence, timestamp);
                }
                return self.header(header.marker, payload_type, sequence, timestamp);
            }
        }
        let timestamp = self.seam(now, clock, frame);
        let sequence = self.next_sequence();
        self.feed = Feed::Relayed {
            run,
            sequence_offset: sequence.wrapping_sub(header.sequence),
            timestamp_offset: timestamp.wrapping_sub(header.timestamp),
        };
        self.advance(now, sequence, timestamp);
        self.header(true, payload_type, sequence, timestamp)
    }

    /// Number an event packet of another stream whose audio is relayed in the same run: its
    /// timestamp may lie behind the newest audio. None if the run is not being relayed.
    pub fn relay_event(&mut self, run: u64, header: &Header, payload_type: u8) -> Option<Header> {
        let Feed::Relayed {
            run: current,
            sequence_offset,
            timestamp_offset,
        } = self.feed
        else {
            return None;
        };
        if current != run {
            return None;
        }
        let sequence = header.sequence.wrapping_add(sequence_offset);
        if (sequence.wrapping_sub(self.sequence) as i16) > 0 {
            self.sequence = sequence;
        }
        let timestamp = header.timestamp.wrapping_add(timestamp_offset);
        Some(self.header(header.marker, payload_type, sequence, timestamp))
    }

    /// Number an event packet that comes from nobody, beside whatever is sent.
    pub fn insert_event(&mut self, payload_type: u8, timestamp: u32) -> Header {
        if let Feed::Relayed {
            sequence_offset, ..
        } = &mut self.feed
        {
            *sequence_offset = sequence_offset.wrapping_add(1);
        }
        self.sequence = self.sequence.wrapping_add(1);
        self.header(false, payload_type, self.sequence, timestamp)
    }

    /// Leave out one packet of the run being relayed, so that the far end sees no loss.
    pub fn leave_out(&mut self, run: u64) {
        if let Feed::Relayed {
            run: current,
            sequence_offset,
            ..
        } = &mut self.feed
            && *current == run
        {
            *sequence_offset = sequence_offset.wrapping_sub(1);
        }
    }

    /// Number a packet of audio made here, after `gap` units of nothing; `begins` marks the
    /// beginning of a talkspurt.
    pub fn generate(
        &mut self,
        now: Microseconds,
        run: u64,
        format: Format,
        gap: u32,
        begins: bool,
    ) -> Header {
        let Format {
            payload_type,
            clock,
            frame,
        } = format;
        let (timestamp, begins) = match self.feed {
            Feed::Generated {
                run: current,
                timestamp,
            } if current == run => (timestamp.wrapping_add(gap), begins),
            _ => (self.seam(now, clock, frame), true),
        };
        self.feed = Feed::Generated {
            run,
            timestamp: timestamp.wrapping_add(frame),
        };
        let sequence = self.next_sequence();
        self.advance(now, sequence, timestamp);
        self.header(begins, payload_type, sequence, timestamp)
    }

    /// The timestamp of an event that begins now; what follows is counted from there.
    pub fn begin_event(&mut self, now: Microseconds, clock: Rate) -> u32 {
        self.timestamp = self.timestamp_at(now, clock);
        self.sent_at = Some(now);
        self.timestamp
    }

    /// Number a packet of an event that began at `timestamp`.
    pub fn event(&mut self, marker: bool, payload_type: u8, timestamp: u32) -> Header {
        if matches!(self.feed, Feed::Relayed { .. }) {
            self.feed = Feed::Silent; // this packet takes a number the offset would give away
        }
        self.sequence = self.next_sequence();
        self.header(marker, payload_type, self.sequence, timestamp)
    }

    /// The audio paused: the next packet begins a talkspurt.
    pub fn pause(&mut self) {
        self.feed = Feed::Silent;
    }

    fn seam(&self, now: Microseconds, clock: Rate, frame: u32) -> u32 {
        match self.sent_at {
            None => self.timestamp.wrapping_add(frame),
            Some(sent_at) => {
                let elapsed = units(now.saturating_sub(sent_at), clock);
                self.timestamp.wrapping_add(elapsed.max(frame))
            }
        }
    }

    fn next_sequence(&self) -> u16 {
        self.sequence.wrapping_add(1)
    }

    fn advance(&mut self, now: Microseconds, sequence: u16, timestamp: u32) {
        self.sequence = sequence;
        self.timestamp = timestamp;
        self.sent_at = Some(now);
    }

    fn header(&self, marker: bool, payload_type: u8, sequence: u16, timestamp: u32) -> Header {
        Header {
            marker,
            payload_type,
            sequence,
            timestamp,
            ssrc: self.ssrc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMAT: Format = Format {
        payload_type: 8,
        clock: 8000,
        frame: 160,
    };
    const FRAME: Microseconds = 20 * MILLISECOND;

    fn incoming(sequence: u16, timestamp: u32) -> Header {
        Header {
            marker: false,
            payload_type: 0,
            sequence,
            timestamp,
            ssrc: 9,
        }
    }

    fn numbers(header: Header) -> (bool, u16, u32) {
        (header.marker, header.sequence, header.timestamp)
    }

    #[test]
    fn relayed_packets_keep_their_gaps_and_order() {
        let mut sender = Sender::new(7, 999, 5000);
        let mut relay = |now, sequence, timestamp| {
            numbers(sender.relay(now, 1, &incoming(sequence, timestamp), FORMAT))
        };
        assert_eq!(relay(0, 10, 1600), (true, 1000, 5160));
        assert_eq!(relay(3 * FRAME, 13, 2080), (false, 1003, 5640));
        assert_eq!(relay(3 * FRAME, 12, 1920), (false, 1002, 5480));
        assert_eq!(relay(4 * FRAME, 14, 2240), (false, 1004, 5800));
    }

    #[test]
    fn a_change_of_source_continues_sequence_and_time() {
        let mut sender = Sender::new(7, 999, 5000);
        sender.relay(0, 1, &incoming(10, 1600), FORMAT);
        let prompt = sender.generate(FRAME, 2, FORMAT, 0, false);
        assert_eq!(numbers(prompt), (true, 1001, 5320));
        assert_eq!(
            numbers(sender.generate(2 * FRAME, 2, FORMAT, 0, false)),
            (false, 1002, 5480)
        );
        let back = sender.relay(102 * FRAME, 1, &incoming(112, 17920), FORMAT);
        assert_eq!(numbers(back), (true, 1003, 5480 + 16000));
    }

    #[test]
    fn a_jump_of_the_far_ends_clock_is_not_passed_on() {
        let mut sender = Sender::new(7, 0, 0);
        sender.relay(0, 1, &incoming(10, 1600), FORMAT);
        let jumped = sender.relay(FRAME, 1, &incoming(11, 900_000_000), FORMAT);
        assert_eq!(numbers(jumped), (true, 2, 320));
        let after = sender.relay(2 * FRAME, 1, &incoming(12, 900_000_160), FORMAT);
        assert_eq!(numbers(after), (false, 3, 480));
        let backwards = sender.relay(3 * FRAME, 1, &incoming(13, 5), FORMAT);
        assert_eq!(numbers(backwards), (true, 4, 640));
    }

    #[test]
    fn a_pause_in_the_relayed_audio_is_passed_on() {
        let mut sender = Sender::new(7, 0, 0);
        sender.relay(0, 1, &incoming(10, 0), FORMAT);
        let resumed = sender.relay(60_000_000, 1, &incoming(11, 480_000), FORMAT);
        assert_eq!(numbers(resumed), (false, 2, 480_160));
    }

    #[test]
    fn events_of_a_relayed_run_keep_their_timestamp() {
        let mut sender = Sender::new(7, 0, 0);
        sender.relay(0, 1, &incoming(10, 1600), FORMAT);
        let event = sender
            .relay_event(1, &incoming(11, 1760), 101)
            .expect("the run is relayed");
        assert_eq!(
            (event.sequence, event.timestamp, event.payload_type),
            (2, 320, 101)
        );
        let audio = sender.relay(FRAME, 1, &incoming(12, 1760), FORMAT);
        assert_eq!((audio.sequence, audio.timestamp), (3, 320));
        assert_eq!(sender.relay_event(2, &incoming(12, 1760), 101), None);
    }

    #[test]
    fn packets_left_out_are_no_loss() {
        let mut sender = Sender::new(7, 0, 0);
        sender.relay(0, 1, &incoming(10, 0), FORMAT);
        sender.leave_out(1);
        assert_eq!(
            sender.relay(FRAME, 1, &incoming(12, 320), FORMAT).sequence,
            2
        );
    }

    #[test]
    fn a_gap_in_generated_audio_is_a_gap_in_time_alone() {
        let mut sender = Sender::new(7, 0, 0);
        sender.generate(0, 1, FORMAT, 0, false);
        assert_eq!(
            numbers(sender.generate(FRAME, 1, FORMAT, 800, false)),
            (false, 2, 1120)
        );
    }

    #[test]
    fn audio_after_an_event_continues_by_the_wall_clock() {
        let mut sender = Sender::new(7, 0, 0);
        sender.generate(0, 1, FORMAT, 0, false);
        let begun = sender.begin_event(FRAME, 8000);
        assert_eq!(numbers(sender.event(true, 101, begun)), (true, 2, 320));
        assert_eq!(numbers(sender.event(false, 101, begun)), (false, 3, 320));
        sender.pause();
        assert_eq!(
            numbers(sender.generate(6 * FRAME, 1, FORMAT, 0, false)),
            (true, 4, 1120)
        );
    }
}
