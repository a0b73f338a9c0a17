//! Encrypting and authenticating what a stream sends, checking and decrypting what it gets
//! (RFC 3711; RFC 6188 for longer keys, RFC 7714 for AES-GCM).

mod cipher;
mod keys;
mod replay;
mod sources;
#[cfg(test)]
mod tests;

pub use keys::{Keys, Suite};

use cipher::{Cipher, Direction};
use sources::{Report, Sources};

use crate::rtp::header::{Header, LENGTH};

/// The part of an RTCP packet that is never encrypted (§3.4).
const REPORT_HEADER: usize = 8;
/// What follows it: whether it is encrypted, and its index.
const INDEX: usize = 4;
const ENCRYPTED: u32 = 1 << 31;

/// Why a packet was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is too short, or no RTP at all.
    Malformed,
    /// Its tag is wrong: somebody else's packet, another key, or changed on the way.
    Forged,
    /// It was seen before, or is too old to tell.
    Replayed,
}

/// Protects what is sent with one key.
pub struct Sending {
    keys: Keys,
    rtp: Cipher,
    rtcp: Cipher,
    sources: Sources,
}

impl Sending {
    pub fn new(keys: Keys) -> Sending {
        Sending {
            rtp: Cipher::new(&keys, Direction::Rtp),
            rtcp: Cipher::new(&keys, Direction::Rtcp),
            keys,
            sources: Sources::default(),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Encrypt the RTP packet that begins at `start` of `out` and append its tag. One with a number
    /// that was used already is taken off: two of them would give the key stream away.
    pub fn protect(&mut self, out: &mut Vec<u8>, start: usize) {
        let Ok((header, payload)) = Header::parse(&out[start..]) else {
            debug_assert!(false, "what we send is well formed");
            return;
        };
        let Ok(index) = self.sources.sent(header.ssrc, header.sequence) else {
            out.truncate(start);
            return;
        };
        self.rtp
            .seal_packet(out, start, start + payload.start, header.ssrc, index);
    }

    /// Encrypt the RTCP packet that begins at `start` of `out` and append index and tag. It is taken
    /// off where the key must protect no more.
    pub fn protect_report(&mut self, out: &mut Vec<u8>, start: usize) {
        let ssrc = sender_of(&out[start..]);
        let Some(index) = self.sources.next_report(ssrc) else {
            out.truncate(start);
            return;
        };
        self.rtcp
            .seal_report(out, start, start + REPORT_HEADER, ssrc, index | ENCRYPTED);
    }
}

/// Checks and decrypts what is received with one key.
pub struct Receiving {
    keys: Keys,
    rtp: Cipher,
    rtcp: Cipher,
    sources: Sources,
}

impl Receiving {
    pub fn new(keys: Keys) -> Receiving {
        Receiving {
            rtp: Cipher::new(&keys, Direction::Rtp),
            rtcp: Cipher::new(&keys, Direction::Rtcp),
            keys,
            sources: Sources::default(),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Put the plain packet into `out`, which is left empty where it is refused.
    pub fn unprotect(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        out.clear();
        let sealed = packet.len().checked_sub(self.rtp.tag_length());
        let Some(sealed) = sealed.filter(|&length| length >= LENGTH) else {
            return Err(Refusal::Malformed);
        };
        // The padding is encrypted: nothing can be said of it yet.
        let mut start = [0; LENGTH];
        start.copy_from_slice(&packet[..LENGTH]);
        let payload = payload_start(&packet[..sealed]).ok_or(Refusal::Malformed)?;
        start[0] &= !0x20;
        let (header, _) =
            Header::parse(&without_extension(start)).map_err(|_| Refusal::Malformed)?;
        let place = self.sources.place(header.ssrc, header.sequence)?;
        self.rtp
            .open_packet(packet, payload, header.ssrc, place.index, out)?;
        self.sources.accept(header.ssrc, place);
        Ok(())
    }

    /// Put the plain RTCP packet into `out`, which is left empty where it is refused.
    pub fn unprotect_report(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        out.clear();
        if packet.len() < REPORT_HEADER + INDEX + self.rtcp.tag_length() {
            return Err(Refusal::Malformed);
        }
        let ssrc = sender_of(packet);
        let index = self.rtcp.report_index(packet);
        let report = Report(index & !ENCRYPTED);
        self.sources.place_report(ssrc, report)?;
        let encrypted = index & ENCRYPTED != 0;
        self.rtcp
            .open_report(packet, REPORT_HEADER, ssrc, index, encrypted, out)?;
        self.sources.accept_report(ssrc, report);
        Ok(())
    }
}

/// Who sent an RTCP packet.
fn sender_of(packet: &[u8]) -> u32 {
    packet
        .get(4..8)
        .and_then(|bytes| bytes.first_chunk())
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// Where the payload of a packet begins, if that is within it.
fn payload_start(packet: &[u8]) -> Option<usize> {
    let mut start = LENGTH + 4 * usize::from(packet[0] & 0x0f);
    if packet[0] & 0x10 != 0 {
        let words = packet.get(start + 2..start + 4)?;
        start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    (start <= packet.len()).then_some(start)
}

/// The fixed header alone, as if nothing followed it.
fn without_extension(mut header: [u8; LENGTH]) -> [u8; LENGTH] {
    header[0] &= 0xc0;
    header
}
