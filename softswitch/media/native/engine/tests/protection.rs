//! Streams whose packets are protected: both ways, with keys changed and with attackers about.

mod support;

use std::net::SocketAddr;

use engine::graph::Command;
use engine::output::Channel;
use engine::rtp::header::Header;
use engine::srtp::{Keys, Receiving, Sending, Suite};
use support::{Leg, World, pcma, pcmu};

fn keys(name: &str, seed: u8) -> Keys {
    let suite = Suite::parse(name).expect("a known suite");
    let length = suite.key_length() + suite.salt_length();
    let material: Vec<u8> = (0..length).map(|index| seed ^ index as u8).collect();
    Keys::new(suite, &material).expect("of the right length")
}

const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";

fn protect(world: &mut World, leg: Leg, send: Keys, receive: Keys) {
    world.command(leg, Command::SetKeys(Some(Box::new((send, receive)))));
}

fn voice(leg: Leg, number: u16) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence: number,
        timestamp: u32::from(number) * 160,
        ssrc: leg.ssrc,
    };
    let mut packet = header.to_bytes().to_vec();
    packet.extend_from_slice(&[0x2a; 160]);
    packet
}

fn say(world: &mut World, leg: Leg, sending: &mut Sending, number: u16) {
    let mut packet = voice(leg, number);
    sending.protect(&mut packet, 0);
    world.receive(leg, leg.address, &packet);
}

#[test]
fn a_protected_leg_and_a_plain_one_hear_each_other() {
    for name in [SUITE, "AES_256_CM_HMAC_SHA1_32", "AEAD_AES_256_GCM"] {
        for codecs in [pcmu(), pcma()] {
            let mut world = World::new();
            let (secure, plain) = world.pair(&[pcmu()], std::slice::from_ref(&codecs));
            protect(&mut world, secure, keys(name, 1), keys(name, 2));
            let mut sending = Sending::new(keys(name, 2));
            let mut receiving = Receiving::new(keys(name, 1));
            for number in 1..4 {
                say(&mut world, secure, &mut sending, number);
                world.speak(plain, codecs.payload_type, u32::from(number), &[0x2a; 160]);
            }
            assert_eq!(world.heard(plain).len(), 3);
            let heard = world.raw(secure);
            assert_eq!(heard.len(), 3);
            for packet in heard {
                let mut open = Vec::new();
                assert_eq!(receiving.unprotect(&packet, &mut open), Ok(()));
                assert_eq!(open.len(), 172);
            }
        }
    }
}

#[test]
fn what_is_not_protected_or_was_heard_before_is_dropped() {
    let mut world = World::new();
    let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
    world.receive(secure, secure.address, &voice(secure, 1));
    let mut sending = Sending::new(keys(SUITE, 2));
    let mut packet = voice(secure, 2);
    sending.protect(&mut packet, 0);
    world.receive(secure, secure.address, &packet);
    world.receive(secure, secure.address, &packet);
    assert_eq!(world.heard(plain).len(), 1);
    assert_eq!(world.counter(secure, "unprotected"), 1);
    assert_eq!(world.counter(secure, "replayed"), 1);
}

#[test]
fn who_has_no_key_cannot_draw_the_audio_to_another_address() {
    let mut world = World::new();
    let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
    let attacker = SocketAddr::from(([192, 0, 2, 66], 6666));
    world.receive(secure, attacker, &voice(secure, 1));
    world.speak(plain, 0, 1, &[0x2a; 160]);
    assert_eq!(world.destinations(secure), [secure.address]);
}

#[test]
fn the_same_keys_again_change_nothing_and_new_ones_do() {
    let mut world = World::new();
    let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
    let mut sending = Sending::new(keys(SUITE, 2));
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
    say(&mut world, secure, &mut sending, 1);
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
    let mut packet = voice(secure, 1);
    Sending::new(keys(SUITE, 2)).protect(&mut packet, 0);
    world.receive(secure, secure.address, &packet);
    assert_eq!(
        world.counter(secure, "replayed"),
        1,
        "what was seen is remembered"
    );
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 3));
    say(&mut world, secure, &mut sending, 2);
    assert_eq!(world.counter(secure, "unprotected"), 1);
    say(&mut world, secure, &mut Sending::new(keys(SUITE, 3)), 3);
    assert_eq!(world.heard(plain).len(), 2);
}

#[test]
fn reports_are_protected_and_read() {
    let mut world = World::new();
    let leg = world.open();
    let mut settled = support::parameters(leg, &[pcmu()]);
    settled.rtcp_interval_ms = 1000;
    world.configure(leg, settled);
    protect(&mut world, leg, keys(SUITE, 1), keys(SUITE, 2));
    say(&mut world, leg, &mut Sending::new(keys(SUITE, 2)), 1);
    world.pass(2000);
    let (_, _, sent) = world.reports.first().expect("a report was sent").clone();
    let mut plain = Vec::new();
    let mut receiving = Receiving::new(keys(SUITE, 1));
    assert_eq!(receiving.unprotect_report(&sent, &mut plain), Ok(()));
    let reporter = SocketAddr::new(leg.address.ip(), leg.address.port() + 1);
    let mut report = plain.clone();
    Sending::new(keys(SUITE, 2)).protect_report(&mut report, 0);
    world
        .graph
        .handle_packet(world.now, leg.place, Channel::Rtcp, reporter, &report);
    assert_eq!(world.counter(leg, "rtcp_in"), 1);
    world
        .graph
        .handle_packet(world.now, leg.place, Channel::Rtcp, reporter, &plain);
    assert_eq!(world.counter(leg, "rtcp_in"), 1);
    assert_eq!(world.counter(leg, "unprotected"), 1);
}
