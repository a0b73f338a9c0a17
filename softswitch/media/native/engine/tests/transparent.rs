//! Streams that read nothing of what passes between them.

mod support;

use std::net::SocketAddr;

use engine::event::Event;
use engine::graph::Command;
use engine::output::Channel;
use engine::parameters::CodecParameters;
use engine::srtp::{Keys, Receiving, Sending, Suite};
use support::{Leg, World, codec, parameters, pcmu};

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

const SOURCE: [u8; 4] = [1, 2, 3, 4];

/// A video format; `variant` tells one of two of a codec from the other.
fn format(payload_type: u8, name: &str, variant: &str) -> CodecParameters {
    CodecParameters {
        fmtp: variant.to_owned(),
        ..codec(payload_type, name, 90_000, 20)
    }
}

fn video(world: &mut World, formats: &[CodecParameters], mux: bool) -> Leg {
    let leg = world.open();
    let mut settled = parameters(leg, formats);
    settled.transparent = true;
    settled.rtcp_mux = mux;
    world.configure(leg, settled);
    leg
}

/// An RTP packet with an extension and a marker.
fn picture(payload_type: u8, number: u16) -> Vec<u8> {
    let mut packet = vec![0x90, 0x80 | payload_type];
    packet.extend_from_slice(&number.to_be_bytes());
    packet.extend_from_slice(&[9, 9, 9, 9]);
    packet.extend_from_slice(&SOURCE);
    packet.extend_from_slice(&[0xbe, 0xde, 0, 1, 0x10, 7, 0, 0]);
    packet.extend_from_slice(&[0x65; 900]);
    packet
}

/// Negative acknowledgement of two packets (RFC 4585 §6.2.1).
fn nack() -> Vec<u8> {
    let mut packet = vec![0x81, 205, 0, 3, 0, 0, 0, 7];
    packet.extend_from_slice(&SOURCE);
    packet.extend_from_slice(&[0, 5, 0, 1]);
    packet
}

#[test]
fn pictures_go_on_by_the_number_the_other_side_knows_and_are_else_unchanged() {
    let mut world = World::new();
    let one = video(
        &mut world,
        &[
            format(97, "H264", "1"),
            format(98, "H264", "0"),
            format(99, "VP8", ""),
        ],
        false,
    );
    let other = video(
        &mut world,
        &[
            format(110, "VP8", ""),
            format(111, "H264", "0"),
            format(112, "H264", "1"),
        ],
        false,
    );
    world.command(one, Command::Connect(other.id));
    for (came, goes) in [(97, 112), (98, 111), (99, 110)] {
        let sent = send(
            &mut world,
            one,
            Channel::Rtp,
            one.address,
            &picture(came, 1),
        );
        assert_eq!(sent, [(other.address, picture(goes, 1))]);
        let back = send(
            &mut world,
            other,
            Channel::Rtp,
            other.address,
            &picture(goes, 1),
        );
        assert_eq!(back, [(one.address, picture(came, 1))]);
    }
    for wrong in [picture(100, 1), vec![0x80], vec![0; 40]] {
        assert!(send(&mut world, one, Channel::Rtp, one.address, &wrong).is_empty());
    }
    assert_eq!(world.counter(one, "unknown_payload"), 1);
    assert_eq!(world.counter(one, "malformed"), 2);
}

#[test]
fn a_codec_the_other_side_lacks_does_not_reach_it() {
    let mut world = World::new();
    let one = video(&mut world, &[format(97, "H264", "")], false);
    let other = video(&mut world, &[format(97, "VP8", "")], false);
    world.command(one, Command::Connect(other.id));
    assert!(send(&mut world, one, Channel::Rtp, one.address, &picture(97, 1)).is_empty());
    assert_eq!(world.counter(other, "untranslatable"), 1);
}

#[test]
fn feedback_finds_its_way_whether_ports_are_shared_or_not() {
    for (shared_here, shared_there) in [(false, false), (true, false), (false, true), (true, true)]
    {
        let mut world = World::new();
        let one = video(&mut world, &[format(97, "VP8", "")], shared_here);
        let other = video(&mut world, &[format(97, "VP8", "")], shared_there);
        world.command(one, Command::Connect(other.id));
        send(&mut world, one, Channel::Rtp, one.address, &picture(97, 1));
        send(
            &mut world,
            other,
            Channel::Rtp,
            other.address,
            &picture(97, 1),
        );
        let (channel, port) = if shared_here {
            (Channel::Rtp, 0)
        } else {
            (Channel::Rtcp, 1)
        };
        let from = SocketAddr::new(one.address.ip(), one.address.port() + port);
        let sent = send(&mut world, one, channel, from, &nack());
        let port = other.address.port() + u16::from(!shared_there);
        let expected = SocketAddr::new(other.address.ip(), port);
        assert_eq!(sent, [(expected, nack())]);
    }
}

#[test]
fn who_sends_is_asked_for_a_whole_picture_when_somebody_new_looks() {
    let mut world = World::new();
    let one = video(&mut world, &[format(97, "VP8", "")], false);
    let other = video(&mut world, &[format(97, "VP8", "")], false);
    world.command(one, Command::RequestPicture);
    send(&mut world, one, Channel::Rtp, one.address, &picture(97, 1));
    world.reports.clear();
    world.command(one, Command::Connect(other.id));
    world.command(one, Command::RequestPicture);
    assert_eq!(world.reports.len(), 2, "{:?}", world.reports);
    for (id, to, bytes) in &world.reports {
        assert_eq!((*id, to.port()), (one.id, one.address.port() + 1));
        assert_eq!(bytes[8..12], [0x81, 206, 0, 2]);
        assert_eq!(bytes[16..], SOURCE);
    }
}

#[test]
fn a_protected_side_and_a_plain_one_see_each_other() {
    let suite = Suite::parse("AES_CM_128_HMAC_SHA1_80").expect("a known suite");
    let keys = |seed: u8| Keys::new(suite, &[seed; 30]).expect("of the right length");
    let mut world = World::new();
    let secure = video(&mut world, &[format(97, "VP8", "")], true);
    let plain = video(&mut world, &[format(120, "VP8", "")], true);
    world.command(secure, Command::SetKeys(Some(Box::new((keys(1), keys(2))))));
    world.command(secure, Command::Connect(plain.id));
    let (mut sending, mut receiving) = (Sending::new(keys(2)), Receiving::new(keys(1)));

    let mut sealed = picture(97, 5);
    sending.protect(&mut sealed, 0);
    let sent = send(&mut world, secure, Channel::Rtp, secure.address, &sealed);
    assert_eq!(sent, [(plain.address, picture(120, 5))]);
    let mut sealed = nack();
    sending.protect_report(&mut sealed, 0);
    let sent = send(&mut world, secure, Channel::Rtp, secure.address, &sealed);
    assert_eq!(sent, [(plain.address, nack())]);

    let mut open = Vec::new();
    let sent = send(
        &mut world,
        plain,
        Channel::Rtp,
        plain.address,
        &picture(120, 8),
    );
    assert_eq!(receiving.unprotect(&sent[0].1, &mut open), Ok(()));
    assert_eq!(open, picture(97, 8));
    let sent = send(&mut world, plain, Channel::Rtp, plain.address, &nack());
    assert_eq!(receiving.unprotect_report(&sent[0].1, &mut open), Ok(()));
    assert_eq!(open, nack());
}

#[test]
fn a_lost_packet_is_sent_again_over_srtp_and_no_other_under_its_number() {
    let suite = Suite::parse("AEAD_AES_128_GCM").expect("a known suite");
    let keys = |seed: u8| Keys::new(suite, &[seed; 28]).expect("of the right length");
    let mut world = World::new();
    let secure = video(&mut world, &[format(97, "VP8", "")], true);
    let plain = video(&mut world, &[format(120, "VP8", "")], true);
    world.command(secure, Command::SetKeys(Some(Box::new((keys(1), keys(2))))));
    world.command(secure, Command::Connect(plain.id));
    let mut receiving = Receiving::new(keys(1));
    let mut open = Vec::new();
    let mut pass = |packet: &[u8]| {
        let sent = send(&mut world, plain, Channel::Rtp, plain.address, packet);
        sent.into_iter().next().map(|(_, sealed)| sealed)
    };

    let lost = pass(&picture(120, 65_500)).expect("it is new");
    // Three hundred packets later the numbers have begun anew.
    for number in (65_501..=65_535).chain(0..265) {
        let sealed = pass(&picture(120, number)).expect("it is new");
        assert_eq!(receiving.unprotect(&sealed, &mut open), Ok(()));
    }
    let again = pass(&picture(120, 65_500)).expect("it was sent before");
    assert_eq!(again, lost, "the key stream is used for nothing else");
    assert_eq!(receiving.unprotect(&again, &mut open), Ok(()));
    assert_eq!(open, picture(97, 65_500));

    let mut other = picture(120, 65_500);
    *other.last_mut().expect("there is one") ^= 1;
    assert_eq!(pass(&other), None);
    other = picture(120, 65_500);
    other[1] ^= 0x80;
    assert_eq!(pass(&other), None, "the header is authenticated too");
}

#[test]
fn a_fax_in_the_place_of_protected_audio_is_not_protected_and_audio_goes_on_with_its_keys() {
    let suite = Suite::parse("AES_CM_128_HMAC_SHA1_80").expect("a known suite");
    let keys = |seed: u8| Keys::new(suite, &[seed; 30]).expect("of the right length");
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[pcmu()]);
    world.command(one, Command::SetKeys(Some(Box::new((keys(1), keys(2))))));
    for leg in [one, other] {
        let mut fax = parameters(leg, &[]);
        fax.transparent = true;
        world.configure(leg, fax);
    }
    let sent = send(&mut world, one, Channel::Rtp, one.address, b"udptl");
    assert_eq!(sent, [(other.address, b"udptl".to_vec())]);
    let sent = send(&mut world, other, Channel::Rtp, other.address, b"\x00\x01");
    assert_eq!(sent, [(one.address, b"\x00\x01".to_vec())]);
    for leg in [one, other] {
        world.configure(leg, parameters(leg, &[pcmu()]));
    }
    let mut voice = vec![0x80, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4];
    voice.extend_from_slice(&[0x2a; 160]);
    let sent = send(&mut world, other, Channel::Rtp, other.address, &voice);
    let mut open = Vec::new();
    let mut receiving = Receiving::new(keys(1));
    assert_eq!(receiving.unprotect(&sent[0].1, &mut open), Ok(()));
}
