//! Whole streams: datagrams, commands and time in any order.

#[path = "../../engine/tests/support/mod.rs"]
mod support;

use engine::graph::Command;
use engine::output::Channel;
use engine::rtp::jitter::Delays;
use engine::source::Source;
use engine::srtp::{Keys, Suite};
use engine::stream::{Buffer, DigitMethod, Fill};

use super::input::Input;
use support::{Leg, World, codec, pcma, pcmu};

/// Comfort noise, and codecs of which one can be told from another by the payload type.
const NOISE: u8 = 13;
const PAYLOAD_TYPES: [u8; 9] = [0, 8, 3, 9, 97, 98, 101, NOISE, 127];

/// Two streams that hear each other and one that is alone. What they send is well formed, as
/// [`World::collect`] sees to.
pub fn stream(data: &[u8]) {
    let mut input = Input::new(data);
    let codecs = [
        pcmu(),
        codec(3, "GSM", 8000, 20),
        codec(9, "G722", 8000, 20),
        codec(97, "OPUS", 48_000, 20),
        codec(98, "L16", 16_000, 20),
        codec(NOISE, "CN", 8000, 20),
    ];
    let mut world = World::new();
    let (one, other) = world.pair(&codecs, &[pcma(), codec(97, "OPUS", 48_000, 20)]);
    let third = world.leg(&[pcmu()]);
    let legs = [one, other, third];
    let mut numbers = [0u16; 3];
    let mut started = 1;
    while !input.is_empty() {
        let order = input.u8();
        let place = usize::from(order >> 6) % 3;
        let leg = legs[place];
        match order & 0x0f {
            0 => raw(&mut world, leg, Channel::Rtp, input.piece()),
            1 => raw(&mut world, leg, Channel::Rtcp, input.piece()),
            2 => world.pass(u64::from(input.u8())),
            3 => command(&mut world, leg, &mut input, &mut started),
            _ => {
                let payload_type = input.pick(&PAYLOAD_TYPES);
                numbers[place] = numbers[place].wrapping_add(1);
                let timestamp = u32::from(numbers[place]) * 160;
                world.send(leg, payload_type, numbers[place], timestamp, input.piece());
                world.pass(20);
            }
        }
        world.sent.clear();
        world.reports.clear();
        world.events.clear();
    }
    world.pass(1000);
    for leg in legs {
        world.close(leg);
    }
}

fn raw(world: &mut World, leg: Leg, channel: Channel, datagram: &[u8]) {
    let now = world.now;
    world
        .graph
        .handle_packet(now, leg.place, channel, leg.address, datagram);
    world.collect();
}

fn command(world: &mut World, leg: Leg, input: &mut Input, started: &mut u64) {
    *started += 1;
    let number = *started;
    let command = match input.u8() % 12 {
        0 => Command::Detect { dtmf: true },
        1 => Command::PassEvents {
            passed: input.u8() & 1 != 0,
        },
        2 => {
            let initial_ms = u32::from(input.u8());
            Command::Buffer(Buffer::Hold {
                delays: Delays {
                    initial_ms,
                    max_ms: initial_ms + u32::from(input.u8()),
                },
                in_bridge: true,
            })
        }
        3 => Command::Buffer(Buffer::Off),
        4 => Command::Fill(Fill {
            idle: Some(u32::from(input.u8())),
            pauses: Some(1400),
        }),
        5 => Command::SetGain {
            hear: f32::from(input.u8()) / 16.0,
            speak: f32::from(input.u8()) / 16.0,
        },
        6 => Command::SendDigits {
            digits: String::from_utf8_lossy(input.bytes(3)).into_owned(),
            milliseconds: u32::from(input.u8()) * 4,
            gap: u32::from(input.u8()),
            method: input.pick(&[DigitMethod::TelephoneEvent, DigitMethod::Inband]),
        },
        7 => {
            let keys = Keys::new(Suite::AeadAes128Gcm, &[7; 28]).expect("of the right length");
            let keyed = input.u8() & 1 != 0;
            Command::SetKeys(keyed.then(|| Box::new((keys.clone(), keys))))
        }
        8 => Command::Stop {
            number: u64::from(input.u8()),
        },
        9 => Command::Disconnect,
        10 => Command::Connect(u64::from(input.u8()) % 3 + 1),
        _ => {
            let source = Source::Silence {
                milliseconds: Some(u64::from(input.u8())),
                noise: 1400,
            };
            return world.play(leg, number, &source);
        }
    };
    world.command(leg, command);
}
