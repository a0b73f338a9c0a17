//! RTCP compound packets: sender and receiver reports, the CNAME, and goodbye (RFC 3550 §6).

use super::reception::ReceptionReport;
use crate::time::{Microseconds, SECOND};

const VERSION: u8 = 2;
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const GOODBYE: u8 = 203;
const PAYLOAD_FEEDBACK: u8 = 206;
/// The kind of payload feedback that tells of a lost picture (RFC 4585 §6.3.1).
const PICTURE_LOSS: u8 = 1;
const CNAME: u8 = 1;
/// Seconds from 1900 to 1970.
const NTP_OFFSET: u64 = 2_208_988_800;

/// A moment as NTP counts it: seconds since 1900 in the upper half, fractions in the lower.
pub fn ntp(since_1970: Microseconds) -> u64 {
    let seconds = since_1970 / SECOND + NTP_OFFSET;
    let fraction = ((since_1970 % SECOND) << 32) / SECOND;
    seconds << 32 | fraction
}

/// The middle 32 bits of an NTP time, in 1/65536 s.
pub fn middle(ntp: u64) -> u32 {
    (ntp >> 16) as u32
}

/// What a sender report says about the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderInformation {
    pub ntp: u64,
    pub timestamp: u32,
    pub packets: u32,
    pub octets: u32,
}

/// A report about one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    pub ssrc: u32,
    pub reception: ReceptionReport,
    /// Middle of the last sender report's NTP time, 0 if none came.
    pub last_report: u32,
    /// Time since then in 1/65536 s.
    pub delay: u32,
}

/// Write a compound packet; a sender report if there is something to tell about sending.
pub fn write(
    out: &mut Vec<u8>,
    ssrc: u32,
    sender: Option<SenderInformation>,
    block: Option<ReportBlock>,
    cname: &str,
    goodbye: bool,
) {
    let packet_type = if sender.is_some() {
        SENDER_REPORT
    } else {
        RECEIVER_REPORT
    };
    let words = 1 + if sender.is_some() { 5 } else { 0 } + if block.is_some() { 6 } else { 0 };
    write_head(out, u8::from(block.is_some()), packet_type, words);
    out.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(sender) = sender {
        out.extend_from_slice(&sender.ntp.to_be_bytes());
        out.extend_from_slice(&sender.timestamp.to_be_bytes());
        out.extend_from_slice(&sender.packets.to_be_bytes());
        out.extend_from_slice(&sender.octets.to_be_bytes());
    }
    if let Some(block) = block {
        let lost = block.reception.cumulative_lost.to_be_bytes();
        out.extend_from_slice(&block.ssrc.to_be_bytes());
        out.push(block.reception.fraction_lost);
        out.extend_from_slice(&lost[1..]);
        out.extend_from_slice(&block.reception.highest_sequence.to_be_bytes());
        out.extend_from_slice(&block.reception.jitter.to_be_bytes());
        out.extend_from_slice(&block.last_report.to_be_bytes());
        out.extend_from_slice(&block.delay.to_be_bytes());
    }
    let name = &cname.as_bytes()[..cname.len().min(255)];
    let item = 2 + name.len();
    let padded = item / 4 * 4 + 4; // at least one terminating zero
    write_head(out, 1, SOURCE_DESCRIPTION, 1 + padded / 4);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&[CNAME, name.len() as u8]);
    out.extend_from_slice(name);
    out.resize(out.len() + padded - item, 0);
    if goodbye {
        write_head(out, 1, GOODBYE, 1);
        out.extend_from_slice(&ssrc.to_be_bytes());
    }
}

/// Write a compound packet by which `ssrc` asks `source` for a whole picture (RFC 4585 §6.3.1).
pub fn write_picture_loss(out: &mut Vec<u8>, ssrc: u32, source: u32) {
    write_head(out, 0, RECEIVER_REPORT, 1);
    out.extend_from_slice(&ssrc.to_be_bytes());
    write_head(out, PICTURE_LOSS, PAYLOAD_FEEDBACK, 2);
    out.extend_from_slice(&ssrc.to_be_bytes());
    out.extend_from_slice(&source.to_be_bytes());
}

fn write_head(out: &mut Vec<u8>, count: u8, packet_type: u8, words: usize) {
    out.extend_from_slice(&[VERSION << 6 | count, packet_type]);
    out.extend_from_slice(&(words as u16).to_be_bytes());
}

/// What of a received compound packet concerns a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    pub sender: Option<(u32, SenderInformation)>,
    /// Who reports: the source of the last report in the packet.
    pub reporter: Option<u32>,
    /// The block about the given source.
    pub block: Option<ReportBlock>,
    pub goodbye: bool,
}

/// Read a compound packet, picking the report about `ssrc`; None if it is malformed.
pub fn parse(bytes: &[u8], ssrc: u32) -> Option<Received> {
    parse_each(bytes, ssrc, |_| ())
}

/// The same, and hand every report in it to `each`; a malformed packet may have handed over some.
pub fn parse_each(
    mut bytes: &[u8],
    ssrc: u32,
    mut each: impl FnMut(ReportBlock),
) -> Option<Received> {
    let mut received = Received::default();
    if bytes.is_empty() {
        return None;
    }
    while !bytes.is_empty() {
        let head = bytes.first_chunk::<4>()?;
        if head[0] >> 6 != VERSION {
            return None;
        }
        let length = 4 + 4 * usize::from(u16::from_be_bytes([head[2], head[3]]));
        let (packet, rest) = bytes.split_at_checked(length)?;
        bytes = rest;
        let count = usize::from(head[0] & 0x1f);
        let blocks = match head[1] {
            SENDER_REPORT => {
                let body = packet.get(4..28)?;
                let information = SenderInformation {
                    ntp: u64::from(word(body, 1)) << 32 | u64::from(word(body, 2)),
                    timestamp: word(body, 3),
                    packets: word(body, 4),
                    octets: word(body, 5),
                };
                received.sender = Some((word(body, 0), information));
                &packet[28..]
            }
            RECEIVER_REPORT => packet.get(8..)?,
            GOODBYE => {
                received.goodbye = true;
                continue;
            }
            _ => continue,
        };
        if blocks.len() < 24 * count {
            return None;
        }
        received.reporter = Some(word(packet, 1));
        for block in blocks.chunks_exact(24).take(count).map(read_block) {
            if block.ssrc == ssrc {
                received.block = Some(block);
            }
            each(block);
        }
    }
    Some(received)
}

fn word(bytes: &[u8], index: usize) -> u32 {
    let start = 4 * index;
    u32::from_be_bytes([
        bytes[start],
        bytes[start + 1],
        bytes[start + 2],
        bytes[start + 3],
    ])
}

fn read_block(block: &[u8]) -> ReportBlock {
    let loss = word(block, 1);
    ReportBlock {
        ssrc: word(block, 0),
        reception: ReceptionReport {
            fraction_lost: block[4],
            cumulative_lost: ((loss << 8) as i32) >> 8,
            highest_sequence: word(block, 2),
            jitter: word(block, 3),
        },
        last_report: word(block, 4),
        delay: word(block, 5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: SenderInformation = SenderInformation {
        ntp: 0x0102_0304_0506_0708,
        timestamp: 160,
        packets: 7,
        octets: 1120,
    };
    const BLOCK: ReportBlock = ReportBlock {
        ssrc: 5,
        reception: ReceptionReport {
            fraction_lost: 12,
            cumulative_lost: -3,
            highest_sequence: 0x1_0002,
            jitter: 9,
        },
        last_report: 77,
        delay: 88,
    };

    fn compound(sender: Option<SenderInformation>, goodbye: bool) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(
            &mut bytes,
            4,
            sender,
            Some(BLOCK),
            "leg@example.org",
            goodbye,
        );
        bytes
    }

    #[test]
    fn a_sender_report_survives_writing_and_reading() {
        let bytes = compound(Some(SENDER), true);
        assert_eq!(bytes.len() % 4, 0);
        let received = parse(&bytes, 5).expect("the packet is well formed");
        assert_eq!(received.sender, Some((4, SENDER)));
        assert_eq!(received.block, Some(BLOCK));
        assert!(received.goodbye);
    }

    #[test]
    fn blocks_about_others_are_passed_over() {
        let received = parse(&compound(None, false), 6).expect("the packet is well formed");
        assert_eq!((received.reporter, received.block), (Some(4), None));
        let mut all = Vec::new();
        parse_each(&compound(None, false), 6, |block| all.push(block));
        assert_eq!(all, [BLOCK]);
    }

    #[test]
    fn the_cname_is_always_terminated() {
        for length in 0..9 {
            let mut bytes = Vec::new();
            write(&mut bytes, 4, None, None, &"x".repeat(length), false);
            assert_eq!(bytes.len() % 4, 0);
            assert_eq!(bytes.last(), Some(&0));
            assert!(parse(&bytes, 4).is_some());
        }
    }

    #[test]
    fn every_truncation_is_read_or_refused() {
        let bytes = compound(Some(SENDER), true);
        for length in 0..bytes.len() {
            let parsed = parse(&bytes[..length], 5);
            assert!(
                parsed.is_none_or(|received| !received.goodbye),
                "{length} bytes"
            );
        }
        let mut lying = bytes;
        lying[0] |= 0x1f; // more blocks than there are
        assert_eq!(parse(&lying, 5), None);
    }

    #[test]
    fn a_lost_picture_is_told_in_a_packet_that_reads() {
        let mut bytes = Vec::new();
        write_picture_loss(&mut bytes, 4, 5);
        assert_eq!(
            bytes,
            [
                0x80, 201, 0, 1, 0, 0, 0, 4, 0x81, 206, 0, 2, 0, 0, 0, 4, 0, 0, 0, 5
            ]
        );
        let received = parse(&bytes, 5).expect("the packet is well formed");
        assert_eq!((received.reporter, received.block), (Some(4), None));
    }

    #[test]
    fn ntp_time_counts_from_1900() {
        assert_eq!(ntp(0) >> 32, NTP_OFFSET);
        assert_eq!(ntp(500_000) as u32, 0x8000_0000);
        assert_eq!(middle(0x0102_0304_0506_0708), 0x0304_0506);
    }
}
