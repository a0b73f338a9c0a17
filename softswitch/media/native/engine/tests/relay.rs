//! Two legs that hear each other: relayed, translated, repacketised.

mod support;

use engine::event::Event;
use engine::graph::Command;
use support::{Sent, World, codec, parameters, pcma, pcmu};

const VOICE: [u8; 160] = [0x2a; 160];

#[test]
fn the_same_codec_is_relayed_unchanged_and_at_once() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[codec(100, "PCMU", 8000, 20)]);
    for number in 10..13 {
        world.speak(one, 0, number, &VOICE);
    }
    let heard = world.heard(other);
    let numbers: Vec<_> = heard
        .iter()
        .map(|sent| (sent.header.sequence, sent.header.timestamp))
        .collect();
    assert_eq!(numbers, [(1, 160), (2, 320), (3, 480)]);
    assert!(heard.iter().all(|sent| sent.payload == VOICE));
    assert!(heard.iter().all(|sent| sent.header.payload_type == 100));
    assert!(
        heard
            .iter()
            .all(|sent| sent.header.ssrc == 102 && sent.to == other.address)
    );
    assert!(heard[0].header.marker && !heard[1].header.marker);
}

#[test]
fn both_directions_are_heard() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.speak(other, 0, 1, &VOICE);
    assert_eq!(world.heard(one).len(), 1);
    assert_eq!(world.heard(other).len(), 0);
}

#[test]
fn another_codec_is_translated() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcma()]);
    world.speak(one, 0, 1, &VOICE);
    world.speak(one, 0, 2, &VOICE);
    let heard = world.heard(other);
    assert_eq!(heard.len(), 2);
    assert!(heard.iter().all(|sent| sent.header.payload_type == 8));
    let mut samples = Vec::new();
    let mut decoder = pcma().create().expect("it is known");
    decoder
        .decode(&heard[0].payload, &mut samples)
        .expect("it is A-law");
    let mut expected = Vec::new();
    let mut encoder = pcmu().create().expect("it is known");
    encoder.decode(&VOICE, &mut expected).expect("it is mu-law");
    let difference = i32::from(samples[80]) - i32::from(expected[80]);
    assert!(
        difference.abs() < 400,
        "{} for {}",
        samples[80],
        expected[80]
    );
}

#[test]
fn another_rate_is_resampled_without_losing_packets() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[codec(96, "L16", 16_000, 20)]);
    for number in 0..5 {
        world.speak(one, 0, number, &VOICE);
    }
    let heard = world.heard(other);
    assert_eq!(heard.len(), 5);
    assert!(heard.iter().all(|sent| sent.payload.len() == 640));
    assert_eq!(
        heard[4].header.timestamp - heard[0].header.timestamp,
        4 * 320
    );
}

#[test]
fn packets_are_joined_and_cut_to_the_other_packet_time() {
    let mut world = World::new();
    let (short, long) = world.pair(&[pcmu()], &[codec(0, "PCMU", 8000, 40)]);
    for number in 0..4 {
        world.speak(short, 0, number, &VOICE);
    }
    let joined = world.heard(long);
    assert_eq!(
        joined
            .iter()
            .map(|sent| sent.payload.len())
            .collect::<Vec<_>>(),
        [320, 320]
    );
    assert_eq!(joined[1].header.timestamp - joined[0].header.timestamp, 320);
    assert!(
        joined
            .iter()
            .all(|sent| sent.payload.iter().all(|byte| *byte == 0x2a))
    );
    world.speak(long, 0, 0, &[0x2a; 320]);
    let cut = world.heard(short);
    assert_eq!(
        cut.iter()
            .map(|sent| sent.payload.len())
            .collect::<Vec<_>>(),
        [160, 160]
    );
    assert_eq!(cut[1].header.timestamp - cut[0].header.timestamp, 160);
}

#[test]
fn a_lost_packet_is_a_gap_in_time_when_translated() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcma()]);
    world.speak(one, 0, 1, &VOICE);
    world.speak(one, 0, 4, &VOICE);
    let heard = world.heard(other);
    assert_eq!(
        heard[1].header.timestamp - heard[0].header.timestamp,
        3 * 160
    );
    assert_eq!(heard[1].header.sequence, heard[0].header.sequence + 1);
    assert_eq!(world.counter(one, "lost"), 2);
}

#[test]
fn an_unknown_codec_is_relayed_where_both_have_it() {
    let mut world = World::new();
    let (one, other) = world.pair(
        &[codec(18, "G729", 8000, 20)],
        &[codec(97, "G729", 8000, 30)],
    );
    world.speak(one, 18, 1, &[1; 20]);
    let heard = world.heard(other);
    assert_eq!(
        (heard[0].header.payload_type, heard[0].payload.len()),
        (97, 20)
    );
}

#[test]
fn an_unknown_codec_is_counted_where_the_other_lacks_it() {
    let mut world = World::new();
    let (one, other) = world.pair(&[codec(18, "G729", 8000, 20)], &[pcmu()]);
    world.speak(one, 18, 1, &[1; 20]);
    assert_eq!(world.heard(other).len(), 0);
    assert_eq!(world.counter(other, "untranslatable"), 1);
}

#[test]
fn a_stream_connected_with_itself_is_an_echo() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.command(leg, Command::Connect(leg.id));
    world.speak(leg, 0, 1, &VOICE);
    assert_eq!(world.heard(leg)[0].payload, VOICE);
}

#[test]
fn a_disconnected_pair_hears_nothing() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.command(other, Command::Disconnect);
    world.speak(one, 0, 1, &VOICE);
    world.speak(other, 0, 1, &VOICE);
    assert!(world.sent.is_empty());
}

#[test]
fn a_new_connection_replaces_the_old_one_of_both() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    let third = world.leg(&[pcmu()]);
    world.speak(one, 0, 1, &VOICE);
    let before = world.heard(other)[0].header;
    world.now += 1_000_000;
    world.command(third, Command::Connect(other.id));
    world.speak(one, 0, 2, &VOICE);
    assert_eq!(world.heard(other).len(), 0);
    world.speak(third, 0, 700, &VOICE);
    let after = world.heard(other)[0].header;
    assert_eq!(after.sequence, before.sequence + 1);
    assert_eq!(
        after.timestamp,
        before.timestamp + 8000,
        "the wall clock went on for a second"
    );
    assert!(after.marker);
}

#[test]
fn closing_one_leg_frees_the_other() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.close(one);
    world.speak(other, 0, 1, &VOICE);
    assert!(world.sent.is_empty());
    let third = world.leg(&[pcmu()]);
    assert_eq!(third.place, one.place, "its place is used again");
    world.speak(other, 0, 2, &VOICE);
    assert!(world.sent.is_empty(), "the newcomer is not connected");
}

#[test]
fn on_hold_nothing_is_sent_or_passed_on() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    let mut held = parameters(one, &[pcmu()]);
    held.send = false;
    held.receive = false;
    world.configure(one, held.clone());
    world.speak(one, 0, 1, &VOICE);
    world.speak(other, 0, 1, &VOICE);
    assert!(world.sent.is_empty());
    assert_eq!(world.counter(one, "on_hold"), 1);
    held.send = true;
    held.receive = true;
    world.configure(one, held);
    world.speak(one, 0, 2, &VOICE);
    world.speak(other, 0, 2, &VOICE);
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn reordered_packets_keep_their_order_numbers_and_duplicates_are_dropped() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    for number in [1, 2, 4, 3, 3, 5] {
        world.speak(one, 0, number, &VOICE);
    }
    let heard = world.heard(other);
    let sequences: Vec<_> = heard.iter().map(|sent| sent.header.sequence).collect();
    assert_eq!(sequences, [1, 2, 4, 3, 5]);
    assert_eq!(world.counter(one, "duplicate"), 1);
    assert_eq!(world.counter(one, "out_of_order"), 1);
}

#[test]
fn a_new_source_of_the_far_end_continues_what_the_other_hears() {
    let mut world = World::new();
    let (mut one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.speak(one, 0, 100, &VOICE);
    one.ssrc = 0xdead;
    world.now += 20_000;
    world.speak(one, 0, 30_000, &VOICE);
    let heard = world.heard(other);
    assert_eq!(heard[1].header.sequence, heard[0].header.sequence + 1);
    assert_eq!(heard[1].header.timestamp, heard[0].header.timestamp + 160);
    assert_eq!(heard[1].header.ssrc, heard[0].header.ssrc);
}

#[test]
fn gain_makes_even_the_same_codec_louder() {
    let mut world = World::new();
    let (one, other) = world.pair(&[codec(96, "L16", 8000, 20)], &[codec(96, "L16", 8000, 20)]);
    world.command(
        other,
        Command::SetGain {
            hear: 2.0,
            speak: 1.0,
        },
    );
    world.send(one, 96, 1, 160, &[0x01, 0x00].repeat(160));
    assert_eq!(world.heard(other)[0].payload, [0x02, 0x00].repeat(160));
    world.command(
        other,
        Command::SetGain {
            hear: 1.0,
            speak: 3.0,
        },
    );
    world.send(other, 96, 1, 160, &[0x01, 0x00].repeat(160));
    assert_eq!(world.heard(one)[0].payload, [0x03, 0x00].repeat(160));
}

#[test]
fn comfort_noise_is_counted_and_passed() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.speak(one, 13, 1, &[40]);
    assert_eq!(world.heard(other)[0].header.payload_type, 13);
    assert_eq!(world.counter(one, "cng_packets"), 1);
}

#[test]
fn media_is_announced_and_a_learned_address_is_used() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    let real = "198.51.100.7:9999".parse().expect("it is an address");
    let packet = [[0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9].as_slice(), &VOICE].concat();
    world.receive(one, real, &packet);
    let expected = [
        Event::MediaStarted {
            stream: one.id,
            address: real,
        },
        Event::RemoteLearned {
            stream: one.id,
            address: real,
        },
    ];
    assert_eq!(world.take_events(), expected);
    world.speak(other, 0, 1, &VOICE);
    assert_eq!(world.heard(one)[0].to, real);
    assert_eq!(world.statistics(one).remote(), Some(real));
}

#[test]
fn strangers_and_unknown_payloads_are_counted_and_dropped() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.speak(one, 0, 1, &VOICE);
    let stranger = "198.51.100.7:9999".parse().expect("it is an address");
    world.receive(
        one,
        stranger,
        &[[0x80, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 9].as_slice(), &VOICE].concat(),
    );
    world.speak(one, 77, 2, &VOICE);
    world.receive(one, one.address, b"not RTP");
    assert_eq!(world.heard(other).len(), 1);
    assert_eq!(world.counter(one, "foreign"), 1);
    assert_eq!(world.counter(one, "unknown_payload"), 1);
    assert_eq!(world.counter(one, "malformed"), 1);
}

#[test]
fn silence_on_the_wire_is_told_once_and_watched_again_after_it() {
    let mut world = World::new();
    let leg = world.open();
    let mut watched = parameters(leg, &[pcmu()]);
    watched.timeout_ms = 1000;
    world.configure(leg, watched);
    world.pass(600);
    world.speak(leg, 0, 1, &VOICE);
    world.pass(900);
    assert!(
        !world
            .take_events()
            .iter()
            .any(|event| matches!(event, Event::MediaTimeout { .. }))
    );
    world.pass(5000);
    assert_eq!(
        world.take_events(),
        [Event::MediaTimeout {
            stream: leg.id,
            milliseconds: 1000
        }]
    );
    world.speak(leg, 0, 2, &VOICE);
    let resumed = Event::MediaStarted {
        stream: leg.id,
        address: leg.address,
    };
    assert_eq!(world.take_events(), [resumed]);
    world.pass(1000);
    assert_eq!(world.take_events().len(), 1);
}

fn report(end: bool, duration: u16) -> [u8; 4] {
    let [high, low] = duration.to_be_bytes();
    [5, if end { 0x8a } else { 0x0a }, high, low]
}

/// Sequence, timestamp, and for events whether it is an end and how long it was.
type Seen = (u16, u32, Option<(bool, u16)>);

fn seen(sent: &[Sent]) -> Vec<Seen> {
    let event = |sent: &Sent| match (sent.header.payload_type, &sent.payload[..]) {
        (101, [_, flags, high, low]) => {
            Some((flags & 0x80 != 0, u16::from_be_bytes([*high, *low])))
        }
        _ => None,
    };
    sent.iter()
        .map(|sent| (sent.header.sequence, sent.header.timestamp, event(sent)))
        .collect()
}

#[test]
fn an_event_whose_end_is_lost_is_ended_for_the_far_end() {
    for codecs in [[pcmu()], [pcma()]] {
        let mut world = World::new();
        let (a, b) = world.pair(&[pcmu()], &codecs);
        world.speak(a, 0, 1, &[0xff; 160]);
        for number in 1..4 {
            world.send(a, 101, 1 + number, 320, &report(false, number * 160));
            world.pass(20);
        }
        let begun = seen(&world.heard(b));
        let (last, timestamp, _) = *begun.last().expect("it was passed on");
        world.pass(250);
        let ended = seen(&world.heard(b));
        let expected: Vec<_> = (1..4)
            .map(|number| (last + number, timestamp, Some((true, 480))))
            .collect();
        assert_eq!(ended, expected);
        // What follows finds its place behind them.
        world.send(a, 0, 20, 320 + 16 * 160, &[0xff; 160]);
        world.send(a, 0, 21, 320 + 17 * 160, &[0xff; 160]);
        let after: Vec<u16> = world.heard(b).iter().map(|it| it.header.sequence).collect();
        assert_eq!(after.len(), 2);
        assert_eq!(after[1], after[0].wrapping_add(1));
        assert!(
            after[0].wrapping_sub(last + 3) < 100,
            "{after:?} after {last}"
        );
    }
}

#[test]
fn an_event_that_was_ended_is_not_ended_again() {
    let mut world = World::new();
    let (a, b) = world.pair(&[pcmu()], &[pcmu()]);
    world.speak(a, 0, 1, &[0xff; 160]);
    world.send(a, 101, 2, 320, &report(false, 160));
    world.send(a, 101, 3, 320, &report(true, 320));
    world.heard(b);
    world.pass(500);
    assert_eq!(seen(&world.heard(b)), []);
}
