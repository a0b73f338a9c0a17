//! Playing sources and sending digits, in simulated time.

mod support;

use std::sync::Arc;

use dsp::tone::ToneScript;
use engine::event::{DigitSource, Event, PlaybackEnd};
use engine::graph::Command;
use engine::rtp::telephone_event::TelephoneEvent;
use engine::source::Source;
use engine::stream::DigitMethod;
use support::{World, codec, parameters, pcma, pcmu};

const VOICE: [u8; 160] = [0x2a; 160];

fn buffer(milliseconds: usize) -> Source {
    Source::Buffer {
        samples: vec![1000; milliseconds * 8].into(),
        rate: 8000,
    }
}

fn finished(stream: u64, playback: u64, samples: u64, end: PlaybackEnd) -> Event {
    Event::PlaybackFinished {
        stream,
        playback,
        samples,
        end,
    }
}

#[test]
fn a_playback_leaves_every_packet_time_and_ends_when_it_was_heard() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    let begun = world.now;
    world.play(leg, 1, &buffer(100));
    world.pass(99);
    assert_eq!(world.take_events(), []);
    world.pass(1);
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 1, 800, PlaybackEnd::Done)]
    );
    let heard = world.heard(leg);
    let times: Vec<_> = heard.iter().map(|sent| sent.at - begun).collect();
    assert_eq!(times, [0, 20_000, 40_000, 60_000, 80_000]);
    let stamps: Vec<_> = heard.iter().map(|sent| sent.header.timestamp).collect();
    assert_eq!(stamps, [160, 320, 480, 640, 800]);
    assert!(heard[0].header.marker && heard[1..].iter().all(|sent| !sent.header.marker));
}

#[test]
fn the_last_packet_is_filled_with_silence() {
    let mut world = World::new();
    let leg = world.leg(&[codec(96, "L16", 8000, 20)]);
    world.play(leg, 1, &buffer(30));
    world.pass(100);
    let heard = world.heard(leg);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].payload[160..], [0; 160]);
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 1, 240, PlaybackEnd::Done)]
    );
}

#[test]
fn a_second_playback_replaces_the_first() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.play(leg, 1, &buffer(1000));
    world.pass(30);
    world.play(leg, 2, &buffer(20));
    world.pass(100);
    let expected = [
        finished(leg.id, 1, 320, PlaybackEnd::Stopped),
        finished(leg.id, 2, 160, PlaybackEnd::Done),
    ];
    assert_eq!(world.take_events(), expected);
}

#[test]
fn a_stopped_playback_is_silent_at_once() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.play(leg, 7, &buffer(1000));
    world.pass(30);
    world.command(leg, Command::Stop { number: 6 });
    assert_eq!(world.take_events(), [], "that is another's number");
    world.command(leg, Command::Stop { number: 7 });
    world.heard(leg);
    world.pass(100);
    assert_eq!(world.heard(leg), []);
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 7, 320, PlaybackEnd::Stopped)]
    );
}

#[test]
fn a_playback_is_heard_instead_of_the_connected_party_and_seams_are_smooth() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    for number in 0..20 {
        if number == 5 {
            world.play(other, 1, &buffer(100));
        }
        world.speak(one, 0, number, &VOICE);
        world.pass(20);
    }
    let heard = world.heard(other);
    let prompts = heard.iter().filter(|sent| sent.payload != VOICE).count();
    assert_eq!(prompts, 5);
    assert_eq!(heard.len(), 20);
    for pair in heard.windows(2) {
        assert_eq!(pair[1].header.sequence, pair[0].header.sequence + 1);
        assert_eq!(pair[1].header.timestamp, pair[0].header.timestamp + 160);
    }
    assert_eq!(heard.iter().filter(|sent| sent.header.marker).count(), 3);
}

#[test]
fn a_playback_waits_for_what_the_far_end_agrees_to() {
    let mut world = World::new();
    let leg = world.open();
    world.play(leg, 1, &buffer(100));
    world.pass(500);
    assert_eq!(world.take_events(), []);
    world.configure(leg, parameters(leg, &[pcmu()]));
    world.pass(130);
    assert_eq!(world.heard(leg).len(), 5);
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 1, 800, PlaybackEnd::Done)]
    );
    let passed = world.open();
    world.play(passed, 2, &buffer(100));
    world.configure(passed, parameters(passed, &[codec(18, "G729", 8000, 20)]));
    world.pass(20);
    assert_eq!(
        world.take_events(),
        [finished(passed.id, 2, 0, PlaybackEnd::Failed)]
    );
}

#[test]
fn a_stream_that_cannot_encode_fails_the_playback() {
    let mut world = World::new();
    let leg = world.leg(&[codec(18, "G729", 8000, 20)]);
    world.play(leg, 1, &buffer(100));
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 1, 0, PlaybackEnd::Failed)]
    );
}

#[test]
fn a_playback_on_hold_keeps_its_time_unheard() {
    let mut world = World::new();
    let leg = world.open();
    let mut held = parameters(leg, &[pcmu()]);
    held.send = false;
    world.configure(leg, held);
    world.play(leg, 1, &buffer(100));
    world.pass(100);
    assert_eq!(world.heard(leg), []);
    assert_eq!(
        world.take_events(),
        [finished(leg.id, 1, 800, PlaybackEnd::Done)]
    );
}

#[test]
fn a_worker_that_was_late_catches_up_without_losing_its_beat() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    let begun = world.now;
    world.play(leg, 1, &buffer(1000));
    world.pass(20);
    world.now += 49_000; // nobody looked at the timers
    world.pass(111);
    let beats = world
        .heard(leg)
        .into_iter()
        .filter(|sent| (sent.at - begun).is_multiple_of(20_000));
    assert_eq!(beats.count(), 2 + 6);
}

#[test]
fn playbacks_of_a_crowd_do_not_march_in_step() {
    let mut world = World::new();
    let legs: Vec<_> = (0..240).map(|_| world.leg(&[pcmu()])).collect();
    for (number, leg) in legs.iter().enumerate() {
        world.play(*leg, number as u64, &buffer(1000));
    }
    world.pass(40);
    let begun = world.now - 20_000;
    for moment in (begun..world.now).step_by(5000) {
        let beat = moment..moment + 5000;
        let sent = world
            .sent
            .iter()
            .filter(|(_, sent)| beat.contains(&sent.at));
        assert_eq!(sent.count(), 60);
    }
}

#[test]
fn tones_are_played_at_the_rate_of_the_codec() {
    let mut world = World::new();
    let leg = world.leg(&[codec(96, "L16", 16_000, 20)]);
    let script = ToneScript::parse("%(200,0,440)").expect("the script is right");
    world.play(leg, 1, &Source::Tone(Arc::new(script)));
    world.pass(300);
    let bytes: Vec<u8> = world
        .heard(leg)
        .into_iter()
        .flat_map(|sent| sent.payload)
        .collect();
    let samples: Vec<i16> = bytes
        .chunks(2)
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    assert_eq!(samples.len(), 3200);
    let power = |frequency| dsp::goertzel::power(&samples, 16_000, frequency);
    assert!(power(440.0) > 100.0 * power(880.0));
}

fn send_digits(world: &mut World, leg: support::Leg, digits: &str, method: DigitMethod) {
    let digits = digits.to_owned();
    world.command(
        leg,
        Command::SendDigits {
            digits,
            milliseconds: 100,
            gap: 60,
            method,
        },
    );
}

#[test]
fn digits_are_sent_as_events_with_three_end_packets() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    send_digits(&mut world, leg, "5#", DigitMethod::TelephoneEvent);
    world.pass(1000);
    let heard = world.heard(leg);
    let of = |event| heard.iter().filter(move |sent| sent.payload[0] == event);
    assert_eq!((of(5).count(), of(11).count()), (7, 7));
    assert!(heard.iter().all(|sent| sent.header.payload_type == 101));
    assert_eq!(of(5).filter(|sent| sent.payload[1] & 0x80 != 0).count(), 3);
    let stamps: Vec<_> = heard.iter().map(|sent| sent.header.timestamp).collect();
    assert_eq!(
        stamps[7] - stamps[6],
        160 * 8,
        "100 ms of digit and 60 ms of gap"
    );
    assert!(
        heard
            .windows(2)
            .all(|pair| pair[1].header.sequence == pair[0].header.sequence + 1)
    );
    assert!(heard[0].header.marker && heard[7].header.marker);
    assert_eq!(world.take_events(), [Event::DigitsSent { stream: leg.id }]);
}

#[test]
fn sent_digits_are_received_by_another_stream() {
    let mut world = World::new();
    let (sender, receiver) = (world.leg(&[pcmu()]), world.leg(&[pcmu()]));
    send_digits(&mut world, sender, "19wA", DigitMethod::TelephoneEvent);
    for _ in 0..60 {
        world.pass(20);
        for sent in world.heard(sender) {
            let mut packet = sent.header.to_bytes().to_vec();
            packet.extend_from_slice(&sent.payload);
            world.receive(receiver, receiver.address, &packet);
        }
    }
    let digits: Vec<_> = world
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Digit {
                digit,
                milliseconds,
                source,
                ..
            } => Some((digit, milliseconds, source)),
            _ => None,
        })
        .collect();
    let rtp = DigitSource::Rtp;
    assert_eq!(digits, [('1', 100, rtp), ('9', 100, rtp), ('A', 100, rtp)]);
}

#[test]
fn inband_digits_are_detected_in_the_audio() {
    let mut world = World::new();
    let (sender, receiver) = (world.leg(&[pcmu()]), world.leg(&[pcmu()]));
    world.command(receiver, Command::Detect { dtmf: true });
    send_digits(&mut world, sender, "4*", DigitMethod::Inband);
    world.pass(400);
    for (number, sent) in world.heard(sender).into_iter().enumerate() {
        assert_eq!(sent.header.payload_type, 0);
        world.speak(receiver, 0, number as u32, &sent.payload);
        world.speak(receiver, 0, number as u32, &[0xff; 160]); // a duplicate changes nothing
    }
    for number in 100..105 {
        world.speak(receiver, 0, number, &[0xff; 160]);
    }
    let digits: Vec<_> = world
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Digit {
                digit,
                source: DigitSource::Inband,
                ..
            } => Some(digit),
            _ => None,
        })
        .collect();
    assert_eq!(digits, ['4', '*']);
}

#[test]
fn without_agreed_events_digits_are_sent_in_the_audio() {
    let mut world = World::new();
    let leg = world.open();
    let mut plain = parameters(leg, &[pcmu()]);
    plain.telephone_event = None;
    world.configure(leg, plain);
    send_digits(&mut world, leg, "5", DigitMethod::TelephoneEvent);
    world.pass(400);
    assert_eq!(world.heard(leg).len(), 5);
}

fn digit_packet(event: u8, end: bool, duration: u16) -> [u8; 4] {
    TelephoneEvent {
        event,
        end,
        volume: 10,
        duration,
    }
    .to_bytes()
}

#[test]
fn digits_are_told_and_passed_with_the_other_sides_payload_type() {
    for codec_of_other in [pcmu(), pcma()] {
        let mut world = World::new();
        let (one, other) = (world.leg(&[pcmu()]), world.open());
        let mut agreed = parameters(other, &[codec_of_other]);
        agreed.telephone_event = Some(96);
        world.configure(other, agreed);
        world.command(one, Command::Connect(other.id));
        world.speak(one, 0, 1, &VOICE);
        for (sequence, end, duration) in [
            (2, false, 160),
            (3, false, 320),
            (4, true, 480),
            (5, true, 480),
        ] {
            world.now += 20_000;
            world.send(one, 101, sequence, 320, &digit_packet(7, end, duration));
        }
        world.send(one, 0, 6, 960, &VOICE);
        let heard = world.heard(other);
        let types: Vec<_> = heard.iter().map(|sent| sent.header.payload_type).collect();
        let audio = types[0];
        assert_eq!(types, [audio, 96, 96, 96, 96, audio]);
        assert!(
            heard
                .windows(2)
                .all(|pair| pair[1].header.sequence == pair[0].header.sequence + 1)
        );
        assert!(
            heard[1..5]
                .windows(2)
                .all(|pair| pair[0].header.timestamp == pair[1].header.timestamp)
        );
        assert_eq!(heard[3].payload, digit_packet(7, true, 480));
        let digits = world
            .take_events()
            .into_iter()
            .filter(|event| matches!(event, Event::Digit { .. }));
        assert_eq!(digits.count(), 1);
    }
}

#[test]
fn digits_for_a_side_without_events_leave_no_gap() {
    let mut world = World::new();
    let (one, other) = (world.leg(&[pcmu()]), world.open());
    let mut plain = parameters(other, &[pcmu()]);
    plain.telephone_event = None;
    world.configure(other, plain);
    world.command(one, Command::Connect(other.id));
    world.speak(one, 0, 1, &VOICE);
    world.send(one, 101, 2, 320, &digit_packet(7, true, 480));
    world.speak(one, 0, 3, &VOICE);
    let heard = world.heard(other);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].header.sequence, heard[0].header.sequence + 1);
}

#[test]
fn a_digit_whose_end_was_lost_is_told_by_the_timer() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.send(leg, 101, 1, 160, &digit_packet(3, false, 400));
    world.take_events();
    world.pass(500);
    let digit = Event::Digit {
        stream: leg.id,
        digit: '3',
        milliseconds: 50,
        source: DigitSource::Rtp,
    };
    assert_eq!(world.take_events(), [digit]);
}
