//! Effects on voices, and telling of packets, in simulated time.

mod support;

use std::f64::consts::TAU;
use std::sync::Arc;

use engine::EffectWishes;
use engine::bug::Side;
use engine::event::{Event, PacketTrace};
use engine::graph::Command;
use engine::mixer::settings::{MemberSettings, MixerSettings};
use engine::mixer::{Levels, MixerCommand};
use engine::parameters::{CodecParameters, Parameters};
use engine::recorder::{Hear, RecordingOptions, Sink};
use engine::source::Source;
use engine::stream::Tracing;
use engine::tap::Tap;
use support::{Leg, Sent, World, codec, parameters, pcmu};

const RAISED: EffectWishes = EffectWishes {
    level: Some(8000),
    suppression_db: None,
};

fn linear() -> [CodecParameters; 1] {
    [codec(96, "L16", 8000, 20)]
}

fn tone(amplitude: f64, from: u32, samples: u32) -> Vec<i16> {
    (from..from + samples)
        .map(|at| (amplitude * (TAU * 440.0 * f64::from(at) / 8000.0).sin()) as i16)
        .collect()
}

/// A leg says a soft tone of -30 dB for so many packets.
fn speak_softly(world: &mut World, leg: Leg, packets: std::ops::Range<u32>) {
    for number in packets {
        let samples = tone(1036.0, number * 160, 160);
        let payload: Vec<u8> = samples.iter().flat_map(|it| it.to_be_bytes()).collect();
        world.send(leg, 96, number as u16, number * 160, &payload);
        world.pass(20);
    }
}

/// How loud the last half second was, in decibels below a full sine.
fn level(samples: &[i16]) -> f64 {
    let last = &samples[samples.len() - 4000..];
    let power: f64 = last.iter().map(|&it| f64::from(it).powi(2)).sum();
    10.0 * (2.0 * power / last.len() as f64 / 32_768f64.powi(2)).log10()
}

fn samples(sent: &[Sent]) -> Vec<i16> {
    sent.iter()
        .flat_map(|sent| sent.payload.chunks(2))
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

fn set(world: &mut World, leg: Leg, side: Side, wishes: EffectWishes) {
    world.command(leg, Command::SetEffects { side, wishes });
}

#[test]
fn a_soft_voice_is_raised_on_either_side_of_the_call() {
    for (of_speaker, side) in [(true, Side::Speak), (false, Side::Hear)] {
        let mut world = World::new();
        let (a, b) = world.pair(&linear(), &linear());
        set(&mut world, if of_speaker { a } else { b }, side, RAISED);
        speak_softly(&mut world, a, 0..150);
        let raised = level(&samples(&world.heard(b)));
        assert!((-13.5..-11.0).contains(&raised), "{raised} dB");
    }
}

#[test]
fn a_prompt_is_raised_too() {
    let mut world = World::new();
    let leg = world.leg(&linear());
    set(&mut world, leg, Side::Hear, RAISED);
    let samples_of = Source::Buffer {
        samples: tone(1036.0, 0, 24_000).into(),
        rate: 8000,
    };
    world.play(leg, 1, &samples_of);
    world.pass(3000);
    let raised = level(&samples(&world.heard(leg)));
    assert!((-13.5..-11.0).contains(&raised), "{raised} dB");
}

#[test]
fn without_effects_packets_pass_as_they_are_again() {
    let mut world = World::new();
    let (a, b) = world.pair(&linear(), &linear());
    set(&mut world, a, Side::Speak, RAISED);
    speak_softly(&mut world, a, 0..150);
    world.heard(b);
    set(&mut world, a, Side::Speak, EffectWishes::default());
    speak_softly(&mut world, a, 150..200);
    let heard = samples(&world.heard(b));
    assert_eq!(heard, tone(1036.0, 150 * 160, 50 * 160));
}

#[test]
fn a_member_of_a_room_hears_what_is_recorded_of_it() {
    const ROOM: u64 = 1000;
    let mut world = World::new();
    let settings = MixerSettings {
        rate: 8000,
        interval_ms: 20,
        stereo: false,
        comfort_noise: 0,
        ungated: true,
        open: true,
    };
    let ask = |world: &mut World, command| {
        world.graph.handle_mixer_command(world.now, ROOM, command);
        world.collect();
    };
    ask(&mut world, MixerCommand::Open(settings));
    let (a, b) = (world.leg(&linear()), world.leg(&linear()));
    for leg in [a, b] {
        let command = MixerCommand::Add {
            stream: leg.id,
            settings: MemberSettings::default(),
            levels: Arc::new(Levels::default()),
        };
        ask(&mut world, command);
    }
    set(&mut world, b, Side::Hear, RAISED);
    let tap = Arc::new(Tap::new(b.id, 9, 8000, 1, false).expect("there are descriptors"));
    let sink = Sink::Tap(Arc::clone(&tap));
    let options = RecordingOptions {
        hear: Hear::Write,
        stereo: false,
        swap: false,
        rate: 8000,
        limit_ms: 0,
        silence_threshold: 0,
        silence_ms: 0,
        initial_silence_ms: 0,
        period_ms: 40,
        fill: 0,
    };
    world.command(b, Command::Record { sink, options });
    speak_softly(&mut world, a, 0..200);
    let raised = level(&samples(&world.heard(b)));
    assert!((-13.5..-11.0).contains(&raised), "{raised} dB");
    let recorded = level(&tap.read().0);
    assert!((recorded - raised).abs() < 0.5, "{recorded} dB");
}

fn packets(world: &mut World, leg: Leg) -> Vec<PacketTrace> {
    let mine = |event| match event {
        Event::Packet { stream, packet } if stream == leg.id => Some(*packet),
        _ => None,
    };
    world.take_events().into_iter().filter_map(mine).collect()
}

#[test]
fn packets_are_told_as_they_come_and_as_they_go() {
    let mut world = World::new();
    let (a, b) = world.pair(&[pcmu()], &[pcmu()]);
    let none = Tracing::default();
    world.command(
        a,
        Command::Trace(Tracing {
            received: true,
            ..none
        }),
    );
    world.command(b, Command::Trace(Tracing { sent: true, ..none }));
    world.send(a, 0, 7, 4480, &[0xff; 160]);
    let told = world.take_events();
    let mut told = told.into_iter().filter_map(|event| match event {
        Event::Packet { stream, packet } => Some((stream, *packet)),
        _ => None,
    });
    let (stream, came) = told.next().expect("it came");
    assert_eq!((stream, came.sent, came.length), (a.id, false, 172));
    assert_eq!(
        (came.remote, came.source),
        (Some(a.address), Some(a.address))
    );
    assert_eq!(
        (came.payload_type, came.sequence, came.timestamp),
        (0, 7, 4480)
    );
    let (stream, sent) = told.next().expect("it went on");
    assert_eq!((stream, sent.sent, sent.length), (b.id, true, 172));
    assert_eq!((sent.remote, sent.source), (Some(b.address), None));
    assert_eq!(told.next(), None);
    world.command(a, Command::Trace(none));
    world.command(b, Command::Trace(none));
    world.send(a, 0, 8, 4640, &[0xff; 160]);
    assert_eq!(packets(&mut world, a), []);
}

#[test]
fn packets_of_video_are_told_under_each_sides_payload_type() {
    let video = |payload_type| CodecParameters {
        clock_rate: 90_000,
        ..codec(payload_type, "VP8", 90_000, 20)
    };
    let mut world = World::new();
    let (a, b) = (world.open(), world.open());
    for (leg, codec) in [(a, video(96)), (b, video(120))] {
        let transparent = Parameters {
            transparent: true,
            ..parameters(leg, &[codec])
        };
        world.configure(leg, transparent);
        let both = Tracing {
            received: true,
            sent: true,
        };
        world.command(leg, Command::Trace(both));
    }
    world.command(a, Command::Connect(b.id));
    world.send(a, 96, 1, 1, &[1; 50]);
    let told: Vec<(u64, bool, u8)> = world
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Packet { stream, packet } => Some((stream, packet.sent, packet.payload_type)),
            _ => None,
        })
        .collect();
    assert_eq!(told, [(a.id, false, 96), (b.id, true, 120)]);
}
