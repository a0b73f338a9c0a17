//! Tests of the jitter buffer.

use super::*;

const FRAME: Microseconds = 20 * MILLISECOND;

struct Line {
    buffer: JitterBuffer,
    /// Number of each packet played, None for one that was made up, by its time.
    played: Vec<(Microseconds, Option<u16>)>,
}

impl Line {
    fn new(initial_ms: u32, max_ms: u32) -> Line {
        Line {
            buffer: JitterBuffer::new(Delays { initial_ms, max_ms }),
            played: Vec::new(),
        }
    }

    fn play(&mut self, until: Microseconds) {
        while let Some(due) = self.buffer.next_timeout().filter(|due| *due <= until) {
            while let Some(turn) = self.buffer.pop(due) {
                let number = match turn {
                    Turn::Packet(held) => Some(held.header.sequence),
                    Turn::Lost(_) => None,
                };
                self.played.push((due / MILLISECOND, number));
            }
        }
    }

    fn take(&mut self, now: Microseconds, number: u16, timestamp: u32) -> Insertion {
        self.play(now.saturating_sub(1));
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: number,
            timestamp,
            ssrc: 1,
        };
        let packet = Held {
            header,
            payload: vec![number as u8],
            content: Content::Audio(0),
        };
        self.buffer.insert(now, packet, 8000, 160)
    }

    /// Packets with these numbers, each delayed so many milliseconds on its way.
    fn feed(&mut self, packets: &[(u16, u64)]) {
        let mut arrivals: Vec<_> = packets
            .iter()
            .map(|&(number, delay)| (u64::from(number) * FRAME + delay * MILLISECOND, number))
            .collect();
        arrivals.sort_unstable();
        for (now, number) in arrivals {
            self.take(now, number, u32::from(number) * 160);
        }
    }

    fn numbers(&self) -> Vec<Option<u16>> {
        self.played.iter().map(|played| played.1).collect()
    }
}

#[test]
fn packets_are_played_on_an_even_beat_after_the_delay() {
    let mut line = Line::new(60, 60);
    line.feed(&[(0, 0), (1, 15), (2, 0), (3, 40), (4, 3)]);
    line.play(140 * MILLISECOND);
    let expected: Vec<_> = (0..5).map(|n| (60 + u64::from(n) * 20, Some(n))).collect();
    assert_eq!(line.played, expected);
}

#[test]
fn overtaken_packets_find_their_place() {
    let mut line = Line::new(60, 60);
    line.feed(&[(0, 0), (1, 30), (2, 0), (3, 55), (4, 0), (5, 0)]);
    line.play(160 * MILLISECOND);
    assert_eq!(line.numbers(), (0..6).map(Some).collect::<Vec<_>>());
}

#[test]
fn packets_that_come_in_another_order_at_first_are_played_in_theirs() {
    let mut line = Line::new(60, 60);
    line.feed(&[(1, 0), (0, 25), (2, 0)]);
    line.play(120 * MILLISECOND);
    assert_eq!(line.numbers(), [Some(0), Some(1), Some(2)]);
}

#[test]
fn a_lost_packet_is_told_at_its_time_and_the_next_is_at_hand() {
    let mut line = Line::new(40, 40);
    line.feed(&[(0, 0), (1, 0), (3, 0), (4, 0)]);
    line.play(79 * MILLISECOND);
    assert!(line.buffer.peek_next().is_none());
    let turn = line.buffer.pop(80 * MILLISECOND);
    assert!(matches!(turn, Some(Turn::Lost(160))));
    assert_eq!(line.buffer.peek_next(), Some([3].as_slice()));
}

#[test]
fn a_packet_whose_turn_has_been_is_refused() {
    let mut line = Line::new(40, 40);
    for number in [0, 1, 3] {
        line.take(u64::from(number) * FRAME, number, u32::from(number) * 160);
    }
    assert_eq!(line.take(81 * MILLISECOND, 2, 320), Insertion::TooLate);
}

#[test]
fn an_adaptive_delay_grows_where_packets_come_late() {
    let late: Vec<_> = (0..200)
        .map(|number| (number, if number % 10 == 5 { 90 } else { 0 }))
        .collect();
    let count = |max_ms| {
        let mut line = Line::new(40, max_ms);
        line.feed(&late);
        line.numbers()
            .iter()
            .filter(|number| number.is_none())
            .count()
    };
    assert!(count(40) >= 18, "{}", count(40));
    assert!(count(200) <= 8, "{}", count(200));
}

#[test]
fn a_grown_delay_shrinks_when_the_network_is_even_again() {
    let mut line = Line::new(40, 200);
    let packets: Vec<_> = (0..900)
        .map(|number| {
            (
                number,
                if number < 50 && number % 10 == 5 {
                    90
                } else {
                    0
                },
            )
        })
        .collect();
    line.feed(&packets);
    let (time, number) = line.played[line.played.len() - 1];
    let delay = time - u64::from(number.unwrap_or(0)) * 20;
    assert!((40..=60).contains(&delay), "{delay} ms");
}

#[test]
fn a_clock_that_runs_fast_or_slow_is_followed() {
    for step in [19_900, 20_100] {
        let mut line = Line::new(60, 60);
        for number in 0..6000u32 {
            let now = u64::from(number) * step;
            line.take(now, number as u16, number * 160);
        }
        let made = line
            .numbers()
            .iter()
            .filter(|number| number.is_none())
            .count();
        assert!(made < 60, "{made} of 6000 at {step}");
        let (time, number) = line.played[line.played.len() - 1];
        let sent = u64::from(number.unwrap_or(0)) * step / 1000;
        let delay = time - sent;
        assert!((20..=140).contains(&delay), "{delay} ms at {step}");
    }
}

#[test]
fn a_pause_of_the_far_end_is_no_loss() {
    let mut line = Line::new(40, 40);
    line.take(0, 0, 0);
    line.take(FRAME, 1, 160);
    // Ten packets of silence were not sent; the number does not show them.
    line.take(60 * MILLISECOND, 2, 12 * 160);
    line.play(400 * MILLISECOND);
    let made = line
        .numbers()
        .iter()
        .filter(|number| number.is_none())
        .count();
    assert!(made <= 5, "{:?}", line.played);
    assert_eq!(line.numbers()[2], Some(2));
}

#[test]
fn a_jump_of_the_far_ends_clock_begins_anew() {
    let mut line = Line::new(40, 40);
    line.take(0, 0, 0);
    line.take(FRAME, 1, 160);
    line.take(2 * FRAME, 2, 900_000_000);
    line.take(3 * FRAME, 3, 900_000_160);
    line.play(110 * MILLISECOND);
    assert_eq!(line.numbers(), [Some(2), Some(3)]);
}

#[test]
fn a_clock_that_leaps_to_and_fro_holds_no_packet_beyond_the_longest_delay() {
    let mut line = Line::new(40, 200);
    for (number, timestamp) in [(0, 0), (1, 16_000), (2, 160), (3, 32_000), (4, 320)] {
        line.take(0, number, timestamp);
    }
    line.play(10 * SECOND);
    let packets = line.played.iter().filter(|played| played.1.is_some());
    assert_eq!(packets.clone().count(), 5);
    let last = packets.map(|played| played.0).max();
    assert!(last <= Some(200 + 100 + 5 * 20), "{:?}", line.played);
}

#[test]
fn a_far_end_that_stops_is_waited_for_no_longer_than_a_moment() {
    let mut line = Line::new(40, 40);
    line.feed(&[(0, 0), (1, 0)]);
    line.play(10 * SECOND);
    assert_eq!(line.numbers().len(), 2 + 5);
    assert_eq!(line.buffer.next_timeout(), None);
}

#[test]
fn a_burst_beyond_the_longest_delay_is_cut() {
    let mut line = Line::new(40, 60);
    let mut flushed = 0;
    for number in 0..50u16 {
        if let Insertion::Flushed(count) = line.take(1000, number, u32::from(number) * 160) {
            flushed += count;
        }
    }
    assert_eq!(flushed, 45);
    assert_eq!(line.buffer.largest_ms, 100);
}

#[test]
fn random_packets_neither_panic_nor_pile_up() {
    let mut seed = 1u64;
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as u32
    };
    let mut line = Line::new(20, 100);
    let mut now = 0;
    for _ in 0..20_000 {
        now += u64::from(random() % 30_000);
        let number = if random() % 3 == 0 {
            random() as u16
        } else {
            (now / FRAME) as u16
        };
        let timestamp = if random() % 3 == 0 {
            random()
        } else {
            u32::from(number) * 160
        };
        line.take(now, number, timestamp);
        assert!(line.buffer.held.len() <= MOST_HELD);
        line.played.clear();
    }
}
