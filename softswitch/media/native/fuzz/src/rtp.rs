//! RTP, RTCP, telephone events and the jitter buffer.

use std::collections::HashSet;

use engine::rtp::event_receiver::EventReceiver;
use engine::rtp::header::{Header, LENGTH, is_rtcp};
use engine::rtp::jitter::{Delays, Held, Insertion, JitterBuffer, Turn};
use engine::rtp::reception::Reception;
use engine::rtp::rtcp::{parse, write};
use engine::rtp::telephone_event::TelephoneEvent;
use engine::stream::Content;
use engine::time::{MILLISECOND, SECOND};

use super::input::Input;

/// Packets on one line: what is read is within them and is written as it was read; loss and
/// jitter can be told after each.
pub fn rtp(data: &[u8]) {
    let mut input = Input::new(data);
    let mut reception = Reception::default();
    let mut now = 0;
    while !input.is_empty() {
        now += u64::from(input.u16()) * 100;
        let packet = input.piece();
        let Ok((header, payload)) = Header::parse(packet) else {
            continue;
        };
        assert!(packet.get(payload).is_some());
        assert_eq!(
            Header::parse(&header.to_bytes()),
            Ok((header, LENGTH..LENGTH))
        );
        reception.handle_packet(&header);
        reception.measure_jitter(now, header.timestamp, 8000);
        assert_eq!(reception.ssrc(), Some(header.ssrc));
        if header.marker {
            reception.report();
        }
        let _ = (reception.lost(), reception.jitter());
    }
}

/// A compound packet: what is read of one that we write is what was written.
pub fn rtcp(data: &[u8]) {
    let mut input = Input::new(data);
    let ssrc = input.u32();
    let packet = input.piece();
    let _ = is_rtcp(packet);
    let Some(received) = parse(packet, ssrc) else {
        return;
    };
    assert!(!packet.is_empty());
    if let Some(block) = received.block {
        assert_eq!(block.ssrc, ssrc);
    }
    let (source, sender) = received
        .sender
        .map_or((ssrc, None), |(source, it)| (source, Some(it)));
    let name = String::from_utf8_lossy(input.piece());
    let mut written = Vec::new();
    write(
        &mut written,
        source,
        sender,
        received.block,
        &name,
        received.goodbye,
    );
    assert!(is_rtcp(&written) && written.len() % 4 == 0);
    let again = parse(&written, ssrc).expect("what we write is well formed");
    assert_eq!(again.block, received.block);
    assert_eq!(again.goodbye, received.goodbye);
    let sent = sender.map(|it| (source, it));
    assert_eq!(again.sender, sent);
}

/// Reports of events on one line: no more digits are told than were reported, each once.
pub fn telephone_event(data: &[u8]) {
    let mut input = Input::new(data);
    let clock = input.pick(&[8000, 16_000, 48_000, 1, 400_000]);
    let mut receiver = EventReceiver::default();
    let (mut now, mut reports, mut digits) = (0, 0, 0);
    while !input.is_empty() {
        now += u64::from(input.u16()) * 100;
        let ended = receiver.handle_timeout(now);
        digits += usize::from(ended.is_some());
        let header = Header {
            marker: input.u8() & 1 != 0,
            payload_type: 101,
            sequence: 0,
            timestamp: input.u32(),
            ssrc: 1,
        };
        let payload = input.array::<4>();
        let report = TelephoneEvent::parse(&payload).expect("four bytes are one");
        assert_eq!(TelephoneEvent::parse(&report.to_bytes()), Some(report));
        reports += 1;
        receiver.handle_report(now, &header, report, clock, |found| {
            assert!("0123456789*#ABCDF".contains(found.digit));
            digits += 1;
        });
    }
    digits += usize::from(receiver.reset().is_some());
    assert!(digits <= reports, "{digits} digits of {reports} reports");
    assert_eq!(receiver.next_timeout(), None);
}

/// Packets in any order and time: each comes out at most once, a bounded number waits, and a far
/// end that stops is forgotten.
pub fn jitter_buffer(data: &[u8]) {
    let mut input = Input::new(data);
    let initial_ms = u32::from(input.u8()) * 4;
    let max_ms = initial_ms.max(u32::from(input.u16()) % 2000);
    let mut buffer = JitterBuffer::new(Delays { initial_ms, max_ms });
    let (mut now, mut number, mut kept) = (SECOND, 0u32, HashSet::new());
    let (mut sequence, mut timestamp) = (0u16, 0u32);
    while !input.is_empty() {
        let kind = input.u8();
        now += u64::from(kind & 0x3f) * MILLISECOND;
        play(&mut buffer, now, &mut kept);
        if kind & 0x40 != 0 {
            sequence = sequence.wrapping_add(1);
            timestamp = timestamp.wrapping_add(160);
        } else {
            sequence = input.u16();
            timestamp = input.u32();
        }
        let content = match input.u8() {
            0xff => Content::Noise,
            0xfe => Content::Event(TelephoneEvent::parse(&[1, 0x8a, 3, 32]).expect("it is one")),
            _ => Content::Audio(0),
        };
        let (clock, frame) = match kind & 0x80 {
            0 => (8000, 160),
            _ => input.pick(&[
                (16_000, 320),
                (48_000, 960),
                (8000, 0),
                (1, 1),
                (400_000, 1),
            ]),
        };
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence,
            timestamp,
            ssrc: 1,
        };
        let payload = number.to_be_bytes().to_vec();
        let held = Held {
            header,
            payload,
            content,
        };
        if buffer.insert(now, held, clock, frame) != Insertion::TooLate {
            kept.insert(number);
        }
        number += 1;
        let _ = buffer.peek_next();
    }
    for _ in 0..100 {
        now += SECOND;
        play(&mut buffer, now, &mut kept);
    }
    assert_eq!(buffer.next_timeout(), None, "nothing comes any more");
}

fn play(buffer: &mut JitterBuffer, now: u64, kept: &mut HashSet<u32>) {
    while let Some(turn) = buffer.pop(now) {
        if let Turn::Packet(held) = turn {
            let number = u32::from_be_bytes(held.payload.try_into().expect("four bytes"));
            assert!(kept.remove(&number), "{number} comes twice");
        }
    }
    assert!(buffer.next_timeout().is_none_or(|due| due > now));
}
