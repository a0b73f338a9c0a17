//! Taps and inlets in simulated time: who hears whom besides the call.

mod support;

use std::sync::Arc;

use engine::bug::{Finder, Inlet, Manner, Side, Sound, pipe};
use engine::detect::LevelFinder;
use engine::event::{Event, PlaybackEnd, RecordingEnd};
use engine::graph::Command;
use engine::recorder::{Hear, RecordingOptions, Sink};
use engine::source::{Reader, Source};
use engine::tap::Tap;
use support::{Leg, Sent, World, codec, pcmu};

fn linear() -> [engine::parameters::CodecParameters; 1] {
    [codec(96, "L16", 8000, 20)]
}

/// Let one direction of a leg flow into another leg.
fn feed(world: &mut World, from: Leg, side: Side, to: Leg, into: Side, number: u64) {
    let (writer, reader) = pipe();
    let inlet = Inlet::new(number, into, Manner::Mix, 1.0, Sound::Pipe(reader));
    world.command(
        from,
        Command::AddOutlet {
            number,
            side,
            pipe: writer,
        },
    );
    world.command(to, Command::AddInlet(Box::new(inlet)));
}

/// All far ends say constants of their own for a number of packets.
fn speak(world: &mut World, says: &[(Leg, i16)], packets: std::ops::Range<u32>) {
    for number in packets {
        for &(leg, level) in says {
            let payload = level.to_be_bytes().repeat(160);
            world.send(leg, 96, number as u16, number * 160, &payload);
        }
        world.pass(20);
    }
}

fn samples(sent: &[Sent]) -> Vec<i16> {
    sent.iter()
        .flat_map(|sent| sent.payload.chunks(2))
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

/// The level a far end heard for most of the time.
fn level(world: &mut World, leg: Leg) -> i16 {
    let mut heard = samples(&world.heard(leg));
    heard.sort_unstable();
    heard.get(heard.len() / 2).copied().unwrap_or(0)
}

fn count(samples: &[i16], level: i16) -> usize {
    samples.iter().filter(|sample| **sample == level).count()
}

fn buffer(level: i16, milliseconds: usize) -> Source {
    Source::Buffer {
        samples: vec![level; milliseconds * 8].into(),
        rate: 8000,
    }
}

fn inject(world: &mut World, leg: Leg, into: Side, manner: Manner, source: &Source) {
    let reader = Box::new(Reader::new(source, Some(1), 0, None));
    let inlet = Inlet::new(7, into, manner, 1.0, Sound::Source(reader));
    world.command(leg, Command::AddInlet(Box::new(inlet)));
}

#[test]
fn a_listener_hears_both_parties_and_they_notice_nothing() {
    let mut world = World::new();
    let (a, b) = world.pair(&linear(), &linear());
    let listener = world.leg(&linear());
    feed(&mut world, a, Side::Speak, listener, Side::Hear, 5);
    feed(&mut world, a, Side::Hear, listener, Side::Hear, 5);
    speak(&mut world, &[(a, 1000), (b, 300), (listener, 5000)], 0..50);
    assert_eq!(level(&mut world, listener), 1300);
    let heard = world.heard(a);
    assert_eq!(heard.len(), 50, "packets pass at once, each for itself");
    assert_eq!((level(&mut world, b), samples(&heard)[0]), (1000, 300));
}

#[test]
fn a_whisper_is_heard_by_one_party_alone_and_not_by_whoever_whispers() {
    let mut world = World::new();
    let (a, b) = world.pair(&linear(), &linear());
    let listener = world.leg(&linear());
    for side in [Side::Speak, Side::Hear] {
        feed(&mut world, a, side, listener, Side::Hear, 5);
    }
    feed(&mut world, listener, Side::Speak, a, Side::Hear, 6);
    speak(&mut world, &[(a, 1000), (b, 300), (listener, 5000)], 0..50);
    let heard = [a, b, listener].map(|leg| level(&mut world, leg));
    assert_eq!(heard, [5300, 1000, 1300]);

    world.command(a, Command::Stop { number: 6 });
    world.command(listener, Command::Stop { number: 6 });
    feed(&mut world, listener, Side::Speak, a, Side::Speak, 8);
    speak(
        &mut world,
        &[(a, 1000), (b, 300), (listener, 5000)],
        50..100,
    );
    let heard = [a, b, listener].map(|leg| level(&mut world, leg));
    assert_eq!(heard, [300, 6000, 1300]);
}

#[test]
fn packets_are_relayed_again_once_nothing_is_added() {
    let mut world = World::new();
    let (a, b) = world.pair(&[pcmu()], &[pcmu()]);
    inject(&mut world, b, Side::Hear, Manner::Mix, &buffer(3000, 200));
    for number in 0..30 {
        world.speak(a, 0, number, &[0x7f; 160]);
        world.pass(20);
    }
    let end = world
        .take_events()
        .into_iter()
        .find_map(|event| match event {
            Event::PlaybackFinished {
                playback: 7,
                samples,
                end,
                ..
            } => Some((samples, end)),
            _ => None,
        });
    assert_eq!(end, Some((1600, PlaybackEnd::Done)));
    // 0x7f is the negative zero of mu-law: an encoder never writes it.
    let heard = world.heard(b);
    let last = heard.last().expect("b heard something");
    assert_eq!(last.payload, [0x7f; 160], "unchanged");
    let steps: Vec<u16> = heard
        .windows(2)
        .map(|pair| {
            pair[1]
                .header
                .sequence
                .wrapping_sub(pair[0].header.sequence)
        })
        .collect();
    assert!(
        steps.iter().all(|step| *step == 1),
        "one unbroken stream: {steps:?}"
    );
}

#[test]
fn a_source_replaces_what_is_heard_for_as_long_as_it_lasts() {
    let mut world = World::new();
    let (a, b) = world.pair(&linear(), &linear());
    inject(
        &mut world,
        a,
        Side::Hear,
        Manner::Replace,
        &buffer(3000, 500),
    );
    inject(&mut world, b, Side::Speak, Manner::Mix, &buffer(1, 100));
    speak(&mut world, &[(b, 300)], 0..20);
    assert_eq!(level(&mut world, a), 3000);
    speak(&mut world, &[(b, 300)], 20..60);
    assert_eq!(level(&mut world, a), 300);
}

#[test]
fn added_sound_needs_no_partner_and_no_packets() {
    let mut world = World::new();
    let leg = world.leg(&linear());
    inject(&mut world, leg, Side::Hear, Manner::Mix, &buffer(3000, 400));
    world.pass(1000);
    let heard = world.heard(leg);
    assert_eq!(count(&samples(&heard), 3000), 3200);
    assert_eq!(heard[1].at - heard[0].at, 20_000);
}

#[test]
fn added_sound_is_heard_over_a_playback() {
    let mut world = World::new();
    let leg = world.leg(&linear());
    world.play(leg, 3, &buffer(500, 420));
    inject(&mut world, leg, Side::Hear, Manner::Mix, &buffer(3000, 200));
    world.pass(1000);
    let heard = samples(&world.heard(leg));
    assert_eq!((count(&heard, 3500), count(&heard, 500)), (1600, 1760));
}

#[test]
fn what_is_added_ends_with_either_stream() {
    let mut world = World::new();
    let (a, listener) = (world.leg(&linear()), world.leg(&linear()));
    feed(&mut world, a, Side::Speak, listener, Side::Hear, 5);
    speak(&mut world, &[(a, 1000)], 0..10);
    world.close(a);
    world.pass(200);
    world.heard(listener);
    world.pass(200);
    assert_eq!(world.heard(listener), [], "the mix is over");
}

#[test]
fn a_tap_hands_out_aligned_sides_in_short_pieces() {
    let mut world = World::new();
    let (a, b) = world.pair(&linear(), &linear());
    let tap = Arc::new(Tap::new(a.id, 9, 8000, 2, false).expect("there are descriptors"));
    let options = RecordingOptions {
        hear: Hear::Both,
        stereo: true,
        swap: false,
        rate: 8000,
        limit_ms: 0,
        silence_threshold: 0,
        silence_ms: 0,
        initial_silence_ms: 0,
        period_ms: 40,
        fill: 0,
    };
    world.command(
        a,
        Command::Record {
            sink: Sink::Tap(Arc::clone(&tap)),
            options,
        },
    );
    speak(&mut world, &[(a, 1000), (b, 300)], 0..20);
    let (pieces, more) = tap.read();
    assert!(more && pieces.len() >= 2 * 8 * 280, "{}", pieces.len());
    world.command(a, Command::Stop { number: 9 });
    let (rest, more) = tap.read();
    assert!(!more);
    let all = [pieces, rest].concat();
    assert_eq!(all, [1000, 300].repeat(3200));
    let end = world
        .take_events()
        .into_iter()
        .find_map(|event| match event {
            Event::RecordingFinished {
                recording: 9,
                samples,
                end,
                ..
            } => Some((samples, end)),
            _ => None,
        });
    assert_eq!(end, Some((3200, RecordingEnd::Stopped)));
}

fn detections(world: &mut World) -> Vec<(u64, u32)> {
    world
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Detected {
                detector,
                frequency,
                ..
            } => Some((detector, frequency)),
            _ => None,
        })
        .collect()
}

fn listen(world: &mut World, leg: Leg, number: u64, side: Side, finder: Finder) {
    let finder = Box::new(finder);
    world.command(
        leg,
        Command::Listen {
            number,
            side,
            finder,
        },
    );
}

#[test]
fn detectors_hear_their_direction_until_they_are_stopped() {
    let mut world = World::new();
    let leg = world.leg(&linear());
    let sound = || Finder::Level(LevelFinder::new(200, 0, 5, false));
    listen(&mut world, leg, 1, Side::Speak, sound());
    listen(&mut world, leg, 2, Side::Hear, sound());
    listen(&mut world, leg, 3, Side::Speak, sound());
    world.command(leg, Command::Stop { number: 3 });
    speak(&mut world, &[(leg, 1000)], 0..20);
    assert_eq!(detections(&mut world), [(1, 0)]);
    world.play(leg, 9, &buffer(1000, 400));
    world.pass(500);
    assert_eq!(detections(&mut world), [(2, 0)]);
}

#[test]
fn a_far_end_that_sends_nothing_is_silent() {
    let mut world = World::new();
    let leg = world.leg(&linear());
    let silence = Finder::Level(LevelFinder::new(200, 5, 50, true));
    listen(&mut world, leg, 1, Side::Speak, silence);
    speak(&mut world, &[(leg, 1000)], 0..20);
    world.pass(900);
    assert_eq!(detections(&mut world), []);
    world.pass(400);
    assert_eq!(detections(&mut world), [(1, 0)]);
}
