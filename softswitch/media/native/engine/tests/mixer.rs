//! Rooms: who hears whom, in which codec, and what is told.

mod support;

use std::sync::Arc;

use engine::event::{Event, PlaybackEnd};
use engine::graph::Command;
use engine::mixer::play::{Play, PlayOptions};
use engine::mixer::settings::{MemberSettings, MixerSettings};
use engine::mixer::{Levels, MixerCommand};
use engine::parameters::CodecParameters;
use engine::source::{Reader, Source};
use support::{Leg, World, codec, pcma, pcmu};

const ROOM: u64 = 1000;
const PLAIN: MixerSettings = MixerSettings {
    rate: 8000,
    interval_ms: 20,
    stereo: false,
    comfort_noise: 0,
    ungated: false,
    open: true,
};

fn l16() -> CodecParameters {
    codec(96, "L16", 8000, 20)
}

fn l16_stereo() -> CodecParameters {
    CodecParameters {
        channels: 2,
        ..codec(97, "L16", 8000, 20)
    }
}

/// A world with a room of these members.
fn room(settings: MixerSettings, codecs: &[CodecParameters]) -> (World, Vec<Leg>) {
    let mut world = World::new();
    ask(&mut world, MixerCommand::Open(settings));
    let legs = codecs
        .iter()
        .map(|codec| {
            let leg = world.leg(std::slice::from_ref(codec));
            join(&mut world, leg, MemberSettings::default());
            leg
        })
        .collect();
    world.pass(0);
    world.take_events();
    (world, legs)
}

fn ask(world: &mut World, command: MixerCommand) {
    world.graph.handle_mixer_command(world.now, ROOM, command);
    world.collect();
}

fn join(world: &mut World, leg: Leg, settings: MemberSettings) {
    let (stream, levels) = (leg.id, Arc::new(Levels::default()));
    let command = MixerCommand::Add {
        stream,
        settings,
        levels,
    };
    ask(world, command);
}

fn settle(world: &mut World, leg: Leg, settings: MemberSettings) {
    let stream = leg.id;
    ask(world, MixerCommand::ConfigureMember { stream, settings });
}

/// Each member says its own value for some intervals; what each hears at the end of them.
fn talk(world: &mut World, legs: &[Leg], values: &[Option<i16>], intervals: u32) -> Vec<Vec<i16>> {
    for _ in 0..intervals {
        for (&leg, value) in legs.iter().zip(values) {
            if let Some(value) = value {
                say(world, leg, *value);
            }
        }
        world.pass(20);
    }
    legs.iter().map(|&leg| last(world, leg)).collect()
}

/// The samples of the last packet a member got.
fn last(world: &mut World, leg: Leg) -> Vec<i16> {
    let heard = world.heard(leg);
    let sent = heard.last().expect("it was sent something");
    sent.payload
        .chunks_exact(2)
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect()
}

fn sound(samples: &[i16], number: u64, options: PlayOptions) -> MixerCommand {
    let source = Source::Buffer {
        samples: samples.into(),
        rate: 8000,
    };
    let reader = Reader::new(&source, Some(1), 0, None);
    MixerCommand::Play(Box::new(Play::new(number, reader, options)))
}

const ALL: PlayOptions = PlayOptions {
    to: None,
    gain: 1.0,
    exclusive: false,
};

#[test]
fn each_member_hears_exactly_the_others() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    let heard = talk(&mut world, &legs, &[Some(100), Some(20), Some(3)], 3);
    assert_eq!(heard, [vec![23; 160], vec![103; 160], vec![120; 160]]);
}

#[test]
fn packets_of_a_room_are_one_unbroken_stream() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    for number in 0..4 {
        world.send(legs[0], 96, number, u32::from(number) * 160, &[1; 320]);
        world.pass(20);
    }
    let heard = world.heard(legs[1]);
    let numbers: Vec<_> = heard
        .iter()
        .map(|sent| {
            (
                sent.header.marker,
                sent.header.sequence,
                sent.header.timestamp,
            )
        })
        .collect();
    assert_eq!(
        numbers[..3],
        [(true, 1, 160), (false, 2, 320), (false, 3, 480)]
    );
    assert!(heard.windows(2).all(|two| two[1].at - two[0].at == 20_000));
}

#[test]
fn loud_voices_are_clipped_not_wrapped() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    let heard = talk(&mut world, &legs, &[Some(30_000), Some(30_000), None], 3);
    assert_eq!(heard[2], vec![i16::MAX; 160]);
    assert_eq!(
        heard[0],
        vec![30_000; 160],
        "the sum is cut after oneself is taken out"
    );
}

#[test]
fn members_of_different_codecs_and_rates_hear_each_other() {
    let wide = codec(98, "L16", 16_000, 20);
    let (mut world, legs) = room(PLAIN, &[l16(), pcmu(), pcma(), wide]);
    talk_l16(&mut world, legs[0], 1000, 10);
    for (leg, length) in [(legs[1], 160), (legs[2], 160), (legs[3], 640)] {
        let heard = world.heard(leg);
        assert_eq!(heard.len(), 10);
        assert!(heard.iter().all(|sent| sent.payload.len() == length));
    }
}

fn talk_l16(world: &mut World, leg: Leg, value: i16, intervals: u32) {
    for _ in 0..intervals {
        say(world, leg, value);
        world.pass(20);
    }
}

/// One packet of a voice that never paused.
fn say(world: &mut World, leg: Leg, value: i16) {
    let payload: Vec<u8> = [value; 160]
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect();
    let number = (world.now / 20_000) as u32;
    world.send(leg, 96, number as u16, number * 160, &payload);
}

#[test]
fn another_packet_time_is_kept() {
    let (mut world, legs) = room(PLAIN, &[l16(), codec(96, "L16", 8000, 40)]);
    talk_l16(&mut world, legs[0], 7, 6);
    let heard = world.heard(legs[1]);
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|sent| sent.payload.len() == 640));
    assert!(
        heard
            .windows(2)
            .all(|two| { two[1].header.timestamp - two[0].header.timestamp == 320 })
    );
}

#[test]
fn the_muted_are_not_heard_and_the_deaf_hear_nothing() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    let muted = MemberSettings {
        mute: true,
        ..Default::default()
    };
    settle(&mut world, legs[0], muted);
    settle(
        &mut world,
        legs[1],
        MemberSettings {
            deaf: true,
            ..Default::default()
        },
    );
    let heard = talk(&mut world, &legs, &[Some(1000), Some(200), None], 3);
    assert_eq!(heard, [vec![200; 160], vec![0; 160], vec![200; 160]]);
}

#[test]
fn gains_hold_for_what_is_said_and_what_is_heard() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    settle(
        &mut world,
        legs[0],
        MemberSettings {
            gain_in: 2.0,
            ..Default::default()
        },
    );
    settle(
        &mut world,
        legs[1],
        MemberSettings {
            gain_out: 0.5,
            ..Default::default()
        },
    );
    let heard = talk(&mut world, &legs, &[Some(1000), None, None], 3);
    assert_eq!((heard[1][0], heard[2][0]), (1000, 2000));
}

#[test]
fn a_relation_keeps_one_from_hearing_another() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    let (listener, speaker) = (legs[2].id, legs[0].id);
    ask(
        &mut world,
        MixerCommand::Relate {
            listener,
            speaker,
            hears: false,
        },
    );
    let heard = talk(&mut world, &legs, &[Some(1000), Some(200), None], 3);
    assert_eq!((heard[1][0], heard[2][0]), (1000, 200));
    ask(
        &mut world,
        MixerCommand::Relate {
            listener,
            speaker,
            hears: true,
        },
    );
    let heard = talk(&mut world, &legs, &[Some(1000), None, None], 3);
    assert_eq!(heard[2][0], 1000);
}

#[test]
fn only_voices_above_the_level_pass_unless_the_room_is_ungated() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    let gated = MemberSettings {
        energy_level: 300,
        ..Default::default()
    };
    settle(&mut world, legs[0], gated);
    let heard = talk(&mut world, &legs, &[Some(200), None], 10);
    assert_eq!(heard[1][0], 0);
    ask(
        &mut world,
        MixerCommand::Configure(MixerSettings {
            ungated: true,
            ..PLAIN
        }),
    );
    let heard = talk(&mut world, &legs, &[Some(200), None], 3);
    assert_eq!(heard[1][0], 200);
    let closed = MixerSettings {
        ungated: true,
        open: false,
        ..PLAIN
    };
    ask(&mut world, MixerCommand::Configure(closed));
    let heard = talk(&mut world, &legs, &[Some(200), None], 3);
    assert_eq!(heard[1][0], 0);
}

#[test]
fn talking_and_the_floor_are_told() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    let gated = MemberSettings {
        energy_level: 100,
        ..Default::default()
    };
    settle(&mut world, legs[1], gated);
    talk(&mut world, &legs, &[None, Some(1000)], 10);
    let (mixer, member) = (ROOM, legs[1].id);
    let told = world.take_events();
    assert!(told.contains(&Event::Talking {
        mixer,
        member,
        talking: true,
        score: 1000
    }));
    assert!(told.contains(&Event::FloorChanged {
        mixer,
        member: Some(member)
    }));
    world.pass(2000);
    let told = world.take_events();
    assert_eq!(
        told,
        [Event::Talking {
            mixer,
            member,
            talking: false,
            score: 0
        }]
    );
    settle(
        &mut world,
        legs[1],
        MemberSettings {
            mute: true,
            mute_detect: true,
            ..gated
        },
    );
    talk(&mut world, &legs, &[None, Some(1000)], 10);
    assert_eq!(world.take_events(), [Event::MutedTalking { mixer, member }]);
    world.close(legs[1]);
    assert_eq!(
        world.take_events(),
        [Event::FloorChanged {
            mixer,
            member: None
        }]
    );
}

#[test]
fn the_first_member_has_the_floor() {
    let mut world = World::new();
    ask(&mut world, MixerCommand::Open(PLAIN));
    let leg = world.leg(&[l16()]);
    join(&mut world, leg, MemberSettings::default());
    let (mixer, member) = (ROOM, Some(leg.id));
    assert_eq!(world.take_events(), [Event::FloorChanged { mixer, member }]);
}

#[test]
fn sounds_are_heard_by_all_or_by_one() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    ask(&mut world, sound(&[50; 1600], 1, ALL));
    let to = Some(legs[1].id);
    ask(
        &mut world,
        sound(
            &[7; 1600],
            2,
            PlayOptions {
                to,
                gain: 2.0,
                ..ALL
            },
        ),
    );
    let heard = talk(&mut world, &legs, &[Some(1000), None], 3);
    assert_eq!((heard[0][0], heard[1][0]), (50, 1064));
    world.pass(400);
    let done = |playback| Event::PlaybackFinished {
        stream: ROOM,
        playback,
        samples: 1600,
        end: PlaybackEnd::Done,
    };
    let told = world.take_events();
    assert!(
        told.contains(&done(1)) && told.contains(&done(2)),
        "{told:?}"
    );
}

#[test]
fn an_exclusive_sound_silences_the_voices() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    ask(
        &mut world,
        sound(
            &[50; 1600],
            1,
            PlayOptions {
                exclusive: true,
                ..ALL
            },
        ),
    );
    let heard = talk(&mut world, &legs, &[Some(1000), None], 3);
    assert_eq!((heard[0][0], heard[1][0]), (50, 50));
}

#[test]
fn a_sound_can_be_paused_stopped_and_ends_with_the_member_it_is_for() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    ask(&mut world, sound(&[50; 16_000], 1, ALL));
    ask(
        &mut world,
        MixerCommand::Pause {
            number: 1,
            paused: true,
        },
    );
    world.pass(60);
    assert_eq!(last(&mut world, legs[0])[0], 0);
    ask(&mut world, MixerCommand::Stop { number: 1 });
    let to = Some(legs[1].id);
    ask(
        &mut world,
        sound(&[7; 16_000], 2, PlayOptions { to, ..ALL }),
    );
    world.close(legs[1]);
    let stopped: Vec<u64> = world
        .take_events()
        .into_iter()
        .filter_map(|event| match event {
            Event::PlaybackFinished {
                playback,
                end: PlaybackEnd::Stopped,
                ..
            } => Some(playback),
            _ => None,
        })
        .collect();
    assert_eq!(stopped, [1, 2]);
    ask(&mut world, sound(&[7; 160], 3, PlayOptions { to, ..ALL }));
    assert_eq!(world.take_events().len(), 1, "it is for nobody");
}

#[test]
fn members_stand_where_they_are_put_in_a_stereo_room() {
    let stereo = MixerSettings {
        stereo: true,
        ..PLAIN
    };
    let (mut world, legs) = room(stereo, &[l16(), l16(), l16_stereo()]);
    settle(
        &mut world,
        legs[0],
        MemberSettings {
            pan: -1.0,
            ..Default::default()
        },
    );
    let heard = talk(&mut world, &legs, &[Some(1000), Some(300), None], 3);
    assert_eq!(heard[2].len(), 320);
    assert!((heard[2][0] - 1714).abs() <= 2, "{}", heard[2][0]);
    assert!((heard[2][1] - 300).abs() <= 2, "{}", heard[2][1]);
    assert_eq!(heard[0][0], 300, "one channel hears all alike");
}

#[test]
fn a_stereo_speaker_does_not_hear_itself() {
    let stereo = MixerSettings {
        stereo: true,
        ..PLAIN
    };
    let (mut world, legs) = room(stereo, &[l16_stereo(), l16()]);
    settle(
        &mut world,
        legs[0],
        MemberSettings {
            pan: 0.7,
            ..Default::default()
        },
    );
    for number in 0..3u16 {
        let frame: Vec<u8> = [500i16; 320].iter().flat_map(|v| v.to_be_bytes()).collect();
        world.send(legs[0], 97, number, u32::from(number) * 160, &frame);
        world.pass(20);
    }
    assert_eq!(last(&mut world, legs[0]), vec![0; 320]);
    assert_eq!(last(&mut world, legs[1]), vec![500; 160]);
}

#[test]
fn comfort_noise_is_heard_while_nobody_speaks() {
    let noisy = MixerSettings {
        comfort_noise: 100,
        ..PLAIN
    };
    let (mut world, legs) = room(noisy, &[l16(), l16()]);
    let heard = talk(&mut world, &legs, &[None, None], 3);
    assert!(heard[0].iter().any(|&sample| sample != 0));
    let heard = talk(&mut world, &legs, &[Some(1000), None], 3);
    assert_eq!(heard[1], vec![1000; 160]);
}

#[test]
fn late_and_lost_packets_disturb_nobody_else() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    let mut heard = Vec::new();
    for number in 0..50u16 {
        let frame: Vec<u8> = [100i16; 160].iter().flat_map(|v| v.to_be_bytes()).collect();
        world.send(legs[0], 96, number, u32::from(number) * 160, &frame);
        if number % 7 != 3 {
            world.send(legs[1], 96, number, u32::from(number) * 160, &frame);
        }
        world.pass(20);
        heard.push(last(&mut world, legs[1])[0]);
    }
    assert!(heard[2..].iter().all(|&sample| sample == 100), "{heard:?}");
}

#[test]
fn who_connects_elsewhere_leaves_the_room_and_who_joins_leaves_the_connection() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16(), l16()]);
    world.command(legs[2], Command::Connect(legs[1].id));
    world.take_events();
    talk_l16(&mut world, legs[1], 10, 3);
    assert_eq!(last(&mut world, legs[2])[0], 10);
    assert_eq!(last(&mut world, legs[0])[0], 0);
    join(&mut world, legs[2], MemberSettings::default());
    world.heard(legs[2]);
    talk_l16(&mut world, legs[1], 10, 3);
    assert_eq!(last(&mut world, legs[2])[0], 0);
}

#[test]
fn a_closed_room_is_silent_and_an_empty_one_sleeps() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    ask(&mut world, MixerCommand::Close);
    world.heard(legs[0]);
    world.pass(100);
    assert_eq!(world.heard(legs[0]), []);
    ask(&mut world, MixerCommand::Open(PLAIN));
    join(&mut world, legs[0], MemberSettings::default());
    assert!(world.graph.next_timeout().is_some());
    world.command(legs[0], Command::Disconnect);
    world.pass(100);
    assert_eq!(world.graph.next_timeout(), None);
}

#[test]
fn a_playback_on_the_members_own_stream_goes_before_the_room() {
    let (mut world, legs) = room(PLAIN, &[l16(), l16()]);
    let source = Source::Buffer {
        samples: [9; 320].into(),
        rate: 8000,
    };
    world.play(legs[1], 5, &source);
    talk_l16(&mut world, legs[0], 1000, 2);
    let first: Vec<u8> = world
        .heard(legs[1])
        .iter()
        .map(|sent| sent.payload[1])
        .collect();
    assert_eq!(first[..2], [9, 9]);
    talk_l16(&mut world, legs[0], 1000, 4);
    assert_eq!(last(&mut world, legs[1])[0], 1000);
}
