//! The fixed RTP header and what may surround the payload (RFC 3550 §5.1, §5.3.1).

use std::ops::Range;

/// Length of a header without contributing sources or extension.
pub const LENGTH: usize = 12;
const VERSION: u8 = 2;

/// The fields of a packet that a stream cares for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

/// A datagram that is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

impl Header {
    /// Read a packet: its header and where in `packet` its payload lies.
    ///
    /// Contributing sources, the extension and the padding are skipped.
    pub fn parse(packet: &[u8]) -> Result<(Header, Range<usize>), Malformed> {
        let Some(fixed) = packet.first_chunk::<LENGTH>() else {
            return Err(Malformed);
        };
        if fixed[0] >> 6 != VERSION {
            return Err(Malformed);
        }
        let mut start = LENGTH + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & 0x10 != 0 {
            let words = packet.get(start + 2..start + 4).ok_or(Malformed)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        let mut end = packet.len();
        if fixed[0] & 0x20 != 0 {
            let padding = usize::from(packet[end - 1]);
            if padding == 0 {
                return Err(Malformed);
            }
            end = end.checked_sub(padding).ok_or(Malformed)?;
        }
        if start > end {
            return Err(Malformed);
        }
        let header = Header {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        Ok((header, start..end))
    }

    pub fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[0] = VERSION << 6;
        bytes[1] = u8::from(self.marker) << 7 | self.payload_type;
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// Whether a datagram on a port shared by RTP and RTCP is RTCP (RFC 5761 §4).
pub fn is_rtcp(packet: &[u8]) -> bool {
    packet.len() >= 8 && packet[0] >> 6 == VERSION && (192..=223).contains(&packet[1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Header = Header {
        marker: true,
        payload_type: 8,
        sequence: 0xfffe,
        timestamp: 0x0102_0304,
        ssrc: 0xdead_beef,
    };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = PLAIN.to_bytes().to_vec();
        bytes[0] |= first;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn a_header_survives_writing_and_reading() {
        let bytes = packet(0, b"voice");
        assert_eq!(Header::parse(&bytes), Ok((PLAIN, 12..17)));
    }

    #[test]
    fn contributing_sources_extension_and_padding_are_skipped() {
        let mut rest = vec![0; 8]; // two contributing sources
        rest.extend_from_slice(&[0xbe, 0xde, 0, 1, 1, 2, 3, 4]); // an extension of one word
        rest.extend_from_slice(b"voice");
        rest.extend_from_slice(&[0, 0, 3]);
        let bytes = packet(0x20 | 0x10 | 2, &rest);
        let (header, payload) = Header::parse(&bytes).expect("the packet is well formed");
        assert_eq!(header, PLAIN);
        assert_eq!(&bytes[payload], b"voice");
    }

    #[test]
    fn packets_that_lie_about_their_length_are_malformed() {
        let cases: [(u8, &[u8]); 6] = [
            (0x01, &[]),                    // a contributing source that is not there
            (0x10, &[]),                    // an extension that is not there
            (0x10, &[0, 0, 0xff, 0xff, 1]), // an extension longer than the packet
            (0x20, &[0]),                   // padding of no length
            (0x20, &[200]),                 // padding longer than the packet
            (0x2f, &[0xff; 4]),             // all of it
        ];
        for (first, rest) in cases {
            assert_eq!(
                Header::parse(&packet(first, rest)),
                Err(Malformed),
                "{first:#x} {rest:?}"
            );
        }
        assert_eq!(Header::parse(&[]), Err(Malformed));
        assert_eq!(Header::parse(&PLAIN.to_bytes()[..11]), Err(Malformed));
        assert_eq!(Header::parse(&[0x40; 40]), Err(Malformed), "version 1");
    }

    #[test]
    fn every_prefix_of_a_packet_parses_or_is_malformed() {
        let bytes = packet(0x3f, &[7; 120]);
        for length in 0..bytes.len() {
            if let Ok((_, payload)) = Header::parse(&bytes[..length]) {
                assert!(payload.end <= length);
            }
        }
    }

    #[test]
    fn rtcp_is_told_from_rtp_by_its_packet_type() {
        assert!(is_rtcp(&[0x80, 200, 0, 1, 0, 0, 0, 0]));
        assert!(!is_rtcp(&packet(0, &[0; 8])));
        assert!(!is_rtcp(&[0x80, 200]));
    }
}
