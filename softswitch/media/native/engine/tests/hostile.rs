//! Whatever arrives, a stream stands: random, mutated and malformed datagrams.

mod support;

use engine::graph::Command;
use engine::output::Channel;
use engine::rtp::rtcp;
use support::{Leg, World, codec, pcma, pcmu};

/// A small generator of the same numbers at each run (xorshift).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn bytes(&mut self, length: u64) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// A datagram that is close enough to RTP or RTCP to get somewhere.
fn datagram(random: &mut Random, leg: Leg, number: u64) -> Vec<u8> {
    let length = random.below(400);
    match random.below(6) {
        0 => random.bytes(length),
        1 => {
            let mut packet = Vec::new();
            rtcp::write(
                &mut packet,
                random.next() as u32,
                None,
                None,
                "far end",
                true,
            );
            let place = random.below(packet.len() as u64) as usize;
            packet[place] = random.next() as u8;
            packet
        }
        kind => {
            let types = [0, 8, 13, 96, 97, 101, 127];
            let mut packet = vec![0x80, types[random.below(7) as usize]];
            packet.extend_from_slice(&(number as u16).to_be_bytes());
            packet.extend_from_slice(&(number as u32 * 160).to_be_bytes());
            packet.extend_from_slice(&leg.ssrc.to_be_bytes());
            let payload = random.bytes(length);
            packet.extend_from_slice(&payload);
            for _ in 0..kind.saturating_sub(2) {
                let place = random.below(packet.len().min(16) as u64) as usize;
                packet[place] = random.next() as u8;
            }
            packet
        }
    }
}

fn bombard(count: u64) {
    let codecs = [
        pcmu(),
        pcma(),
        codec(96, "L16", 16_000, 20),
        codec(97, "OPUS", 48_000, 20),
    ];
    let mut world = World::new();
    let (one, other) = world.pair(&codecs, &[pcma(), codec(97, "OPUS", 48_000, 20)]);
    world.command(one, Command::Detect { dtmf: true });
    let mut random = Random(0x5eed);
    for number in 0..count {
        let (leg, channel) = match random.below(10) {
            0 => (other, Channel::Rtp),
            1 => (one, Channel::Rtcp),
            _ => (one, Channel::Rtp),
        };
        let packet = datagram(&mut random, leg, number);
        let now = world.now;
        world
            .graph
            .handle_packet(now, leg.place, channel, leg.address, &packet);
        world.graph.output.clear_transmits();
        world.graph.output.events.clear();
        if number % 16 == 0 {
            world.pass(random.below(300));
        }
    }
    world.pass(1000);
    world.sent.clear();
    let mut quiet = one;
    quiet.ssrc = 0x7777_7777;
    world.speak(quiet, 0, 1, &[0x2a; 160]);
    assert_eq!(world.heard(other).len(), 1, "the stream still works");
}

#[test]
fn twenty_thousand_hostile_datagrams_do_no_harm() {
    bombard(20_000);
}

#[test]
#[ignore = "takes minutes without optimisation"]
fn a_million_hostile_datagrams_do_no_harm() {
    bombard(1_000_000);
}

#[test]
fn every_first_byte_and_length_is_survived() {
    let mut world = World::new();
    let (one, _) = world.pair(&[pcmu()], &[pcma()]);
    for first in 0..=255 {
        for length in 0..40 {
            for fill in [0, 0x55, 0xff] {
                let mut packet = vec![fill; length];
                if let Some(byte) = packet.first_mut() {
                    *byte = first;
                }
                world.receive(one, one.address, &packet);
            }
        }
    }
    let handled = ["malformed", "unknown_payload", "packets_in", "rtcp_in"];
    let total: u64 = handled.iter().map(|name| world.counter(one, name)).sum();
    assert!(total >= 256 * 40 * 3 * 9 / 10, "{total}");
}
