//! Streams that read nothing of what passes between them.

mod support;

use std::net::SocketAddr;

use engine::event::Event;
use engine::graph::Command;
use engine::output::Channel;
use support::{Leg, World, parameters, pcmu};

fn transparent(world: &mut World) -> Leg {
    let leg = world.open();
    let mut settled = parameters(leg, &[]);
    settled.transparent = true;
    world.configure(leg, settled);
    leg
}

fn pair(world: &mut World) -> (Leg, Leg) {
    let (one, other) = (transparent(world), transparent(world));
    world.command(one, Command::Connect(other.id));
    (one, other)
}

/// What was sent, as it was: where it went and its bytes.
fn send(
    world: &mut World,
    leg: Leg,
    channel: Channel,
    from: SocketAddr,
    packet: &[u8],
) -> Vec<(SocketAddr, Vec<u8>)> {
    world
        .graph
        .handle_packet(world.now, leg.place, channel, from, packet);
    let output = &mut world.graph.output;
    let sent = output
        .transmits
        .iter()
        .map(|transmit| (transmit.destination, output.bytes(transmit).to_vec()))
        .collect();
    output.clear_transmits();
    sent
}

#[test]
fn whatever_arrives_goes_on_unchanged() {
    let mut world = World::new();
    let (one, other) = pair(&mut world);
    for packet in [
        b"no RTP at all".as_slice(),
        &[0x80, 96, 0, 1, 2, 3],
        &[0],
        &[0x80; 1400],
    ] {
        let sent = send(&mut world, one, Channel::Rtp, one.address, packet);
        assert_eq!(sent, [(other.address, packet.to_vec())]);
    }
    assert_eq!(world.counter(one, "packets_in"), 4);
    assert_eq!(world.counter(other, "packets_out"), 4);
    assert_eq!(world.counter(one, "malformed"), 0);
}

#[test]
fn reports_have_a_way_of_their_own() {
    let mut world = World::new();
    let (one, other) = pair(&mut world);
    let reports = SocketAddr::new(one.address.ip(), one.address.port() + 1);
    let sent = send(&mut world, one, Channel::Rtcp, reports, b"report");
    let expected = SocketAddr::new(other.address.ip(), other.address.port() + 1);
    assert_eq!(sent, [(expected, b"report".to_vec())]);
}

#[test]
fn the_address_is_learned_and_strangers_are_not_heard() {
    let mut world = World::new();
    let (one, other) = pair(&mut world);
    let behind_nat = SocketAddr::from(([198, 51, 100, 7], 7777));
    assert_eq!(
        send(&mut world, one, Channel::Rtp, behind_nat, b"1").len(),
        1
    );
    let back = send(&mut world, other, Channel::Rtp, other.address, b"2");
    assert_eq!(back, [(behind_nat, b"2".to_vec())]);
    world.now += 2_000_000;
    send(&mut world, one, Channel::Rtp, behind_nat, b"3");
    let stranger = SocketAddr::from(([198, 51, 100, 8], 1));
    assert!(send(&mut world, one, Channel::Rtp, stranger, b"4").is_empty());
    assert_eq!(world.counter(one, "foreign"), 1);
}

#[test]
fn silence_is_told_here_too() {
    let mut world = World::new();
    let (one, _) = pair(&mut world);
    let mut settled = parameters(one, &[]);
    settled.transparent = true;
    settled.timeout_ms = 500;
    world.configure(one, settled);
    send(&mut world, one, Channel::Rtp, one.address, b"1");
    world.pass(1000);
    let told = world.take_events();
    let timeouts = told
        .iter()
        .filter(|event| matches!(event, Event::MediaTimeout { .. }));
    assert_eq!(timeouts.count(), 1, "{told:?}");
}

#[test]
fn nothing_unread_comes_to_a_stream_that_reads() {
    let mut world = World::new();
    let one = transparent(&mut world);
    let other = world.leg(&[pcmu()]);
    world.command(one, Command::Connect(other.id));
    assert!(send(&mut world, one, Channel::Rtp, one.address, b"1").is_empty());
}
