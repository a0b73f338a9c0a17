//! Packets held back by a jitter buffer, lost ones made up, and noise in place of nothing.

mod support;

use engine::graph::Command;
use engine::parameters::CodecParameters;
use engine::rtp::jitter::Delays;
use engine::stream::{Buffer, Fill};
use engine::time::MILLISECOND;
use support::{Leg, Sent, World, codec, pcma, pcmu};

fn hold(initial_ms: u32, max_ms: u32, in_bridge: bool) -> Command {
    let delays = Delays { initial_ms, max_ms };
    Command::Buffer(Buffer::Hold { delays, in_bridge })
}

/// Packets of a tone in that codec.
fn tone(parameters: &CodecParameters, packets: usize) -> Vec<Vec<u8>> {
    let mut encoder = parameters.create().expect("it is known");
    let rate = encoder.sample_rate() as usize;
    let frame = rate * parameters.ptime as usize / 1000;
    (0..packets)
        .map(|packet| {
            let samples: Vec<i16> = (packet * frame..(packet + 1) * frame)
                .map(|index| {
                    let angle = std::f64::consts::TAU * 200.0 * index as f64 / rate as f64;
                    (9000.0 * angle.sin()) as i16
                })
                .collect();
            let mut payload = Vec::new();
            encoder.encode(&samples, &mut payload);
            payload
        })
        .collect()
}

/// Say packets 20 ms apart, leaving some out and delaying others by so many milliseconds.
fn say(
    world: &mut World,
    leg: Leg,
    parameters: &CodecParameters,
    lost: &[usize],
    late: &[(usize, u64)],
) {
    let begin = world.now;
    let mut arrivals: Vec<(u64, usize)> = (0..50)
        .filter(|number| !lost.contains(number))
        .map(|number| {
            let delay = late
                .iter()
                .find(|late| late.0 == number)
                .map_or(0, |late| late.1);
            (number as u64 * 20 + delay, number)
        })
        .collect();
    arrivals.sort_unstable();
    let packets = tone(parameters, 50);
    for (at, number) in arrivals {
        let now = begin + at * MILLISECOND;
        world.pass((now - world.now) / MILLISECOND);
        let timestamp = number as u32 * parameters.format().frame;
        world.send(
            leg,
            parameters.payload_type,
            number as u16,
            timestamp,
            &packets[number],
        );
    }
    world.pass(200);
}

fn samples(heard: &[Sent], parameters: &CodecParameters) -> Vec<i16> {
    let mut decoder = parameters.create().expect("it is known");
    let mut samples = Vec::new();
    for sent in heard {
        decoder
            .decode(&sent.payload, &mut samples)
            .expect("it was encoded");
    }
    samples
}

/// The quietest 10 ms behind the first 100 ms and before the last 200, as a mean absolute value.
fn quietest(samples: &[i16], rate: usize) -> u32 {
    let inner = &samples[rate / 10..samples.len() - rate / 5];
    let windows = inner.chunks_exact(rate / 100);
    windows.map(dsp::level::mean_absolute).min().unwrap_or(0)
}

#[test]
fn an_echo_is_even_though_the_network_is_not() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.command(leg, hold(60, 60, false));
    world.command(leg, Command::Connect(leg.id));
    say(
        &mut world,
        leg,
        &pcmu(),
        &[],
        &[(10, 45), (11, 10), (20, 55), (30, 39)],
    );
    let heard = world.heard(leg);
    assert_eq!(heard.len(), 50);
    for pair in heard.windows(2) {
        assert_eq!(pair[1].at - pair[0].at, 20 * MILLISECOND);
        assert_eq!(pair[1].header.sequence, pair[0].header.sequence + 1);
        assert_eq!(pair[1].header.timestamp, pair[0].header.timestamp + 160);
    }
    assert_eq!(world.counter(leg, "jitter_packets"), 50);
    assert_eq!(world.counter(leg, "too_late"), 0);
}

#[test]
fn lost_packets_of_every_codec_are_made_up() {
    let opus = CodecParameters {
        channels: 2,
        fmtp: "useinbandfec=1;maxplaybackrate=16000".to_owned(),
        ..codec(111, "OPUS", 48_000, 20)
    };
    for from in [
        pcmu(),
        pcma(),
        codec(9, "G722", 8000, 20),
        codec(3, "GSM", 8000, 20),
        codec(96, "G726-32", 8000, 20),
        codec(97, "L16", 16_000, 20),
        opus,
    ] {
        let to = codec(98, "L16", 8000, 20);
        let mut world = World::new();
        let (one, other) = world.pair(std::slice::from_ref(&from), std::slice::from_ref(&to));
        world.command(one, hold(40, 40, true));
        say(&mut world, one, &from, &[15, 25, 35], &[]);
        let heard = world.heard(other);
        let name = &from.name;
        assert!(heard.len() >= 49, "{name}: {} packets", heard.len());
        for pair in heard.windows(2) {
            let step = pair[1].header.timestamp - pair[0].header.timestamp;
            assert_eq!(step, 160, "{name}");
        }
        let level = quietest(&samples(&heard, &to), 8000);
        assert!(level > 3000, "{name}: {level}");
        assert!(world.counter(one, "concealed") >= 3, "{name}");
        assert_eq!(world.counter(one, "lost"), 3, "{name}");
    }
}

#[test]
fn between_legs_packets_are_held_back_only_where_that_is_asked_for() {
    for (in_bridge, delay) in [(false, 0), (true, 60)] {
        let mut world = World::new();
        let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
        world.command(one, hold(60, 60, in_bridge));
        let begin = world.now;
        world.speak(one, 0, 1, &[0x2a; 160]);
        world.pass(100);
        let heard = world.heard(other);
        assert_eq!(heard[0].at - begin, delay * MILLISECOND);
    }
}

#[test]
fn a_paused_buffer_lets_packets_pass_and_an_ended_one_too() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.command(leg, Command::Connect(leg.id));
    world.command(leg, hold(60, 60, false));
    for (number, wish) in [(1, Buffer::Pause(true)), (2, Buffer::Off)] {
        world.command(leg, Command::Buffer(wish));
        world.speak(leg, 0, number, &[0x2a; 160]);
        assert_eq!(world.heard(leg).len(), 1);
    }
}

#[test]
fn digits_are_told_at_once_though_the_audio_waits() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    world.command(leg, hold(200, 200, false));
    world.speak(leg, 0, 1, &[0x2a; 160]);
    world.send(leg, 101, 2, 320, &[5, 0x8a, 3, 0x20]);
    assert_eq!(
        world.take_events().len(),
        2,
        "that media began, and a digit"
    );
}

#[test]
fn a_new_source_begins_with_an_empty_buffer() {
    let mut world = World::new();
    let mut leg = world.leg(&[pcmu()]);
    world.command(leg, Command::Connect(leg.id));
    world.command(leg, hold(60, 60, false));
    world.speak(leg, 0, 1, &[0x2a; 160]);
    leg.ssrc = 4711;
    world.speak(leg, 0, 9000, &[0x2b; 160]);
    world.pass(100);
    let heard = world.heard(leg);
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].payload[0], 0x2b);
}

#[test]
fn nobody_hears_nothing_where_noise_is_asked_for() {
    let mut world = World::new();
    let leg = world.leg(&[pcmu()]);
    let fill = Fill {
        idle: Some(400),
        pauses: None,
    };
    world.command(leg, Command::Fill(fill));
    world.pass(195);
    let heard = world.heard(leg);
    assert_eq!(heard.len(), 10);
    let level = dsp::level::mean_absolute(&samples(&heard, &pcmu()));
    assert!((20..400).contains(&level), "{level}");
    world.command(leg, Command::Fill(Fill::default()));
    world.pass(100);
    assert!(world.heard(leg).is_empty());
}

#[test]
fn a_silent_party_is_heard_as_noise_where_that_is_asked_for() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcma()]);
    let fill = Fill {
        idle: None,
        pauses: Some(400),
    };
    world.command(other, Command::Fill(fill));
    world.speak(one, 0, 1, &[0x2a; 160]);
    world.pass(20);
    world.send(one, 13, 2, 320, &[60]);
    world.pass(199);
    let heard = world.heard(other);
    assert_eq!(heard.len(), 1 + 10);
    world.speak(one, 0, 12, &[0x2a; 160]);
    world.pass(100);
    assert_eq!(world.heard(other).len(), 1, "the voice alone");
}
