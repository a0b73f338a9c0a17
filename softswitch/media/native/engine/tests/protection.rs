//! Streams whose packets are protected: both ways, with keys changed and with attackers about.

mod support;

use std::net::SocketAddr;

use engine::event::Event;
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
    assert_eq!(world.counter(secure, "unprotected"), 0, "it was under way");
    say(&mut world, secure, &mut Sending::new(keys(SUITE, 3)), 3);
    say(&mut world, secure, &mut sending, 4);
    assert_eq!(world.counter(secure, "unprotected"), 1);
    assert_eq!(world.heard(plain).len(), 3);
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

#[test]
fn packets_bear_the_name_of_their_key_where_that_was_agreed() {
    for name in [SUITE, "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM"] {
        let named = |seed: u8, mki: &[u8]| keys(name, seed).named(mki).expect("it is short");
        let mut sending = Sending::new(named(1, &[7, 9]));
        let mut receiving = Receiving::new(named(1, &[7, 9]));
        let (mut nameless, mut other) = (
            Receiving::new(keys(name, 1)),
            Receiving::new(named(1, &[7, 8])),
        );
        let mut open = Vec::new();
        for report in [false, true] {
            let plain = match report {
                false => vec![0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x2a, 0x2a],
                true => vec![0x80, 201, 0, 1, 0, 0, 0, 1],
            };
            let mut packet = plain.clone();
            let take = |receiving: &mut Receiving, packet: &[u8], open: &mut Vec<u8>| match report {
                false => receiving.unprotect(packet, open),
                true => receiving.unprotect_report(packet, open),
            };
            match report {
                false => sending.protect(&mut packet, 0),
                true => sending.protect_report(&mut packet, 0),
            }
            let suite = Suite::parse(name).expect("a known suite");
            let tag = match (suite.is_gcm(), report) {
                (true, _) => 0,
                (false, true) => 10,
                (false, false) => suite.tag_length(),
            };
            let end = packet.len() - tag;
            assert_eq!(packet[end - 2..end], [7, 9], "{name}");
            assert!(take(&mut nameless, &packet, &mut open).is_err());
            assert!(take(&mut other, &packet, &mut open).is_err());
            assert_eq!(take(&mut receiving, &packet, &mut open), Ok(()));
            assert_eq!(open, plain);
            for length in 0..packet.len() {
                assert!(take(&mut receiving, &packet[..length], &mut open).is_err());
            }
        }
    }
    assert!(keys(SUITE, 1).named(&[0; 129]).is_err());
}

/// One who has sent more than 65,536 packets: its numbers have wrapped.
fn wrapped(keys: Keys, leg: Leg) -> Sending {
    let mut sending = Sending::new(keys);
    for number in [0, 30_000, 60_000, 20_000] {
        sending.protect(&mut voice(leg, number), 0);
    }
    assert!(sending.has_rolled_over(leg.ssrc));
    sending
}

#[test]
fn a_new_key_of_the_far_end_is_taken_whether_its_rollover_counter_goes_on_or_not() {
    for goes_on in [true, false] {
        let mut world = World::new();
        let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
        protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
        let mut sending = Sending::new(keys(SUITE, 2));
        for number in [0, 30_000, 60_000, 20_000] {
            say(&mut world, secure, &mut sending, number);
        }
        world.heard(plain);
        protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 3));
        say(&mut world, secure, &mut sending, 20_001);
        assert_eq!(world.heard(plain).len(), 1, "under way with the old key");
        if goes_on {
            sending.renew(keys(SUITE, 3));
        } else {
            sending = Sending::new(keys(SUITE, 3));
        }
        for number in 20_002..20_005 {
            say(&mut world, secure, &mut sending, number);
        }
        assert_eq!(world.heard(plain).len(), 3, "{goes_on}");
        say(
            &mut world,
            secure,
            &mut wrapped(keys(SUITE, 2), secure),
            20_006,
        );
        assert!(
            world.heard(plain).is_empty(),
            "the old key is none any more"
        );
    }
}

#[test]
fn a_new_key_of_ours_is_read_by_who_forgets_the_rollover_counter_with_the_old_one() {
    let mut world = World::new();
    let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
    protect(&mut world, secure, keys(SUITE, 1), keys(SUITE, 2));
    let mut receiving = Receiving::new(keys(SUITE, 1));
    let mut open = Vec::new();
    let mut hear = |world: &mut World, receiving: &mut Receiving| {
        let packet = world.raw(secure).pop().expect("it was sent");
        receiving.unprotect(&packet, &mut open).expect("it reads");
        Header::parse(&open).expect("it is RTP").0
    };
    world.speak(plain, 0, 1, &[0x2a; 160]);
    let first = hear(&mut world, &mut receiving);
    protect(&mut world, secure, keys(SUITE, 3), keys(SUITE, 2));
    let mut receiving = Receiving::new(keys(SUITE, 3));
    world.speak(plain, 0, 2, &[0x2a; 160]);
    let second = hear(&mut world, &mut receiving);
    assert_eq!(second.ssrc, first.ssrc);
    assert_eq!(second.sequence, first.sequence.wrapping_add(1));
    // A relay of many packets, so that the numbers wrap.
    for number in 3..66_000u32 {
        world.speak(plain, 0, number, &[0x2a; 20]);
    }
    world.raw(secure);
    protect(&mut world, secure, keys(SUITE, 4), keys(SUITE, 2));
    let mut receiving = Receiving::new(keys(SUITE, 4));
    world.speak(plain, 0, 66_000, &[0x2a; 160]);
    let third = hear(&mut world, &mut receiving);
    assert_ne!(third.ssrc, first.ssrc);
    assert!(third.sequence < 0x8000 + 2);
}

#[test]
fn a_key_that_is_worn_is_told_once() {
    let mut world = World::new();
    let (secure, plain) = world.pair(&[pcmu()], &[pcmu()]);
    let send = keys(SUITE, 1).for_packets(32);
    protect(&mut world, secure, send, keys(SUITE, 2));
    let mut sending = Sending::new(keys(SUITE, 2));
    let mut told = Vec::new();
    for number in 1..80u16 {
        world.speak(plain, 0, u32::from(number), &[0x2a; 160]);
        say(&mut world, secure, &mut sending, number);
        let worn = |event: &Event| matches!(event, Event::KeysWorn { .. });
        if world.take_events().iter().any(worn) {
            told.push(number);
        }
        if number == 60 {
            let next = keys(SUITE, 3).for_packets(1000);
            protect(&mut world, secure, next, keys(SUITE, 2));
        }
    }
    assert_eq!(told, [30]);
}
