//! RTCP of a stream in simulated time.

mod support;

use engine::event::{Event, ReportTrace};
use engine::graph::Command;
use engine::output::Channel;
use engine::rtp::reception::ReceptionReport;
use engine::rtp::rtcp::{self, ReportBlock, SenderInformation};
use engine::stream::Tracing;
use engine::time::SECOND;
use support::{Leg, World, parameters, pcmu};

const VOICE: [u8; 160] = [0x2a; 160];

fn reporting(world: &mut World) -> Leg {
    let leg = world.open();
    let mut wanted = parameters(leg, &[pcmu()]);
    wanted.rtcp_interval_ms = 5000;
    world.configure(leg, wanted);
    leg
}

fn handle_report(world: &mut World, leg: Leg, packet: &[u8]) {
    let source = std::net::SocketAddr::new(leg.address.ip(), leg.address.port() + 1);
    world
        .graph
        .handle_packet(world.now, leg.place, Channel::Rtcp, source, packet);
    world.collect();
}

#[test]
fn a_stream_that_only_receives_reports_what_it_lost() {
    let mut world = World::new();
    let leg = reporting(&mut world);
    for number in [1, 2, 4, 5] {
        world.speak(leg, 0, number, &VOICE);
    }
    world.pass(8000);
    let (_, destination, packet) = world.reports.remove(0);
    assert_eq!(destination.port(), leg.address.port() + 1);
    let report = rtcp::parse(&packet, leg.ssrc).expect("it is well formed");
    assert_eq!(report.sender, None);
    let block = report.block.expect("there is a block");
    assert_eq!(block.reception.cumulative_lost, 1);
    assert_eq!(block.reception.fraction_lost, 51);
    assert_eq!(block.reception.highest_sequence, 5);
}

#[test]
fn a_stream_that_sends_tells_how_much() {
    let mut world = World::new();
    let (one, other) = (world.leg(&[pcmu()]), reporting(&mut world));
    world.command(one, engine::graph::Command::Connect(other.id));
    for number in 0..10 {
        world.speak(one, 0, number, &VOICE);
    }
    world.pass(8000);
    let (_, _, packet) = world.reports.remove(0);
    let (ssrc, sender) = rtcp::parse(&packet, 0)
        .and_then(|report| report.sender)
        .expect("an SR");
    assert_eq!(ssrc, 100 + other.id as u32);
    assert_eq!((sender.packets, sender.octets), (10, 1600));
}

#[test]
fn reports_come_at_varied_intervals_around_the_given_one() {
    let mut world = World::new();
    let _leg = reporting(&mut world);
    world.pass(100_000);
    assert!(
        (14..=30).contains(&world.reports.len()),
        "{}",
        world.reports.len()
    );
}

#[test]
fn a_closed_stream_says_goodbye() {
    let mut world = World::new();
    let (one, other) = (world.leg(&[pcmu()]), reporting(&mut world));
    world.command(one, engine::graph::Command::Connect(other.id));
    world.speak(one, 0, 1, &VOICE);
    world.close(other);
    let (_, _, packet) = world.reports.remove(0);
    assert!(rtcp::parse(&packet, 0).expect("it is well formed").goodbye);
}

#[test]
fn the_round_trip_time_is_worked_out_from_the_far_ends_report() {
    let mut world = World::new();
    let leg = reporting(&mut world);
    let sent = rtcp::middle(rtcp::ntp(world.now));
    let block = ReportBlock {
        ssrc: 100 + leg.id as u32,
        reception: ReceptionReport {
            cumulative_lost: 3,
            jitter: 80,
            ..ReceptionReport::default()
        },
        last_report: sent,
        delay: 0x1_0000, // one second
    };
    let mut packet = Vec::new();
    rtcp::write(&mut packet, leg.ssrc, None, Some(block), "far end", false);
    world.now += SECOND + 40_000;
    handle_report(&mut world, leg, &packet);
    let round_trip = world.statistics(leg).round_trip_microseconds.value();
    assert!((39_900..=40_100).contains(&round_trip), "{round_trip}");
    assert_eq!(world.counter(leg, "remote_lost"), 3);
    assert_eq!(
        world.statistics(leg).remote_jitter_microseconds.value(),
        10_000
    );
}

#[test]
fn reports_are_told_while_they_are_asked_for() {
    let mut world = World::new();
    let (one, other) = (world.leg(&[pcmu()]), reporting(&mut world));
    world.command(one, Command::Connect(other.id));
    for number in 1..4 {
        world.speak(one, 0, number, &VOICE);
        world.speak(other, 0, number, &VOICE);
    }
    let told = |world: &World| -> Vec<ReportTrace> {
        let reports = world.events.iter().filter_map(|event| match event {
            Event::Report { stream, report } if *stream == other.id => Some(&**report),
            _ => None,
        });
        reports.cloned().collect()
    };
    let own = ReportBlock {
        ssrc: 100 + other.id as u32,
        delay: 0x8000, // half a second
        last_report: rtcp::middle(rtcp::ntp(world.now)),
        ..ReportBlock::default()
    };
    world.now += SECOND;
    let mut packet = Vec::new();
    rtcp::write(&mut packet, other.ssrc, None, Some(own), "far end", false);
    handle_report(&mut world, other, &packet);
    assert_eq!(told(&world), []);

    let wish = |received, sent| Command::TellReports(Tracing { received, sent });
    world.command(other, wish(true, true));
    handle_report(&mut world, other, &packet);
    let [came] = &told(&world)[..] else {
        panic!("one report was told")
    };
    assert_eq!(
        (came.sent, came.ssrc, came.sender),
        (false, other.ssrc, None)
    );
    assert_eq!((&came.blocks[..], came.last_timestamp), (&[own][..], 480));
    let trip = came.round_trip.expect("the report tells it");
    assert!((499_900..=500_100).contains(&trip), "{trip}");
    world.pass(8000);
    let sent = told(&world).pop().expect("a report was told");
    let sender = sent.sender.expect("it is a sender report");
    assert_eq!((sent.sent, sent.ssrc), (true, 100 + other.id as u32));
    assert_eq!((sender.packets, sent.blocks[0].ssrc), (3, other.ssrc));

    world.command(other, wish(false, false));
    let before = told(&world).len();
    handle_report(&mut world, other, &packet);
    assert_eq!(told(&world).len(), before);
}

#[test]
fn the_far_ends_last_report_is_named_with_its_age() {
    let mut world = World::new();
    let leg = reporting(&mut world);
    world.speak(leg, 0, 1, &VOICE);
    let sender = SenderInformation {
        ntp: 7 << 16,
        timestamp: 0,
        packets: 1,
        octets: 160,
    };
    let mut packet = Vec::new();
    rtcp::write(&mut packet, leg.ssrc, Some(sender), None, "far end", false);
    handle_report(&mut world, leg, &packet);
    let heard_at = world.now;
    world.pass(8000);
    let (_, _, report) = world.reports.remove(0);
    let block = rtcp::parse(&report, leg.ssrc)
        .and_then(|report| report.block)
        .expect("a block");
    assert_eq!(block.last_report, 7);
    let age = f64::from(block.delay) / 65_536.0;
    assert!((2.4..7.6).contains(&age), "{age} s since {heard_at}");
}

#[test]
fn reports_of_strangers_are_foreign() {
    let mut world = World::new();
    let leg = reporting(&mut world);
    let mut packet = Vec::new();
    rtcp::write(&mut packet, leg.ssrc, None, None, "stranger", true);
    let stranger = "198.51.100.7:9999".parse().expect("it is an address");
    world
        .graph
        .handle_packet(world.now, leg.place, Channel::Rtcp, stranger, &packet);
    assert_eq!(
        (world.counter(leg, "foreign"), world.counter(leg, "rtcp_in")),
        (1, 0)
    );
}

#[test]
fn with_rtcp_mux_reports_share_the_rtp_port() {
    let mut world = World::new();
    let leg = world.open();
    let mut wanted = parameters(leg, &[pcmu()]);
    wanted.rtcp_interval_ms = 1000;
    wanted.rtcp_mux = true;
    world.configure(leg, wanted);
    world.pass(2000);
    assert_eq!(world.reports[0].1, leg.address);
    let mut packet = Vec::new();
    rtcp::write(&mut packet, leg.ssrc, None, None, "far end", false);
    world.receive(leg, leg.address, &packet);
    assert_eq!(
        (
            world.counter(leg, "rtcp_in"),
            world.counter(leg, "packets_in")
        ),
        (1, 0)
    );
}
