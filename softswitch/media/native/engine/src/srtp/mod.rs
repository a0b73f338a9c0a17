//! Encrypting and authenticating what a stream sends, checking and decrypting what it gets
//! (RFC 3711; RFC 6188 for longer keys, RFC 7714 for AES-GCM).

mod cipher;
mod keys;
mod repeats;
mod replay;
mod sources;
#[cfg(test)]
mod tests;

pub use keys::{Keys, Suite};

use cipher::{Cipher, Direction};
use repeats::Repeats;
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
    /// What was passed on for others, who may repeat it.
    repeats: Option<Repeats>,
    /// Packets protected with this key.
    sent: u64,
    /// It was told that the key is worn.
    told: bool,
}

impl Sending {
    pub fn new(keys: Keys) -> Sending {
        Sending {
            rtp: Cipher::new(&keys, Direction::Rtp),
            rtcp: Cipher::new(&keys, Direction::Rtcp),
            keys,
            sources: Sources::default(),
            repeats: None,
            sent: 0,
            told: false,
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Protect with another key from now on. The numbers go on: RFC 3711 §3.3.1 forbids that the
    /// rollover counter begins anew.
    pub fn renew(&mut self, keys: Keys) {
        self.rtp = Cipher::new(&keys, Direction::Rtp);
        self.rtcp = Cipher::new(&keys, Direction::Rtcp);
        self.keys = keys;
        self.sources.renew();
        (self.sent, self.told) = (0, false);
    }

    /// Whether the sequence numbers of a source wrapped. A far end that forgets the rollover
    /// counter with the key could not read it any more.
    pub fn has_rolled_over(&self, ssrc: u32) -> bool {
        self.sources.has_rolled_over(ssrc)
    }

    /// True once, when a new key should be agreed on: a sixteenth before the life of this ends.
    pub fn is_worn(&mut self) -> bool {
        let lifetime = self.keys.lifetime;
        if self.told || self.sent < lifetime - lifetime / 16 {
            return false;
        }
        self.told = true;
        true
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
        self.seal(out, start, start + payload.start, header.ssrc, index);
    }

    /// `protect` for a packet whose number is its sender's: the very same may come again, as its
    /// receiver asked for it (RFC 4585 §6.2.1).
    pub fn protect_passed(&mut self, out: &mut Vec<u8>, start: usize) {
        let packet = &out[start..];
        let Ok((header, payload)) = Header::parse(packet) else {
            debug_assert!(false, "what is passed on was read");
            return;
        };
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        let repeats = self.repeats.get_or_insert_default();
        let index = match self.sources.sent(ssrc, sequence) {
            Ok(index) => {
                repeats.note(ssrc, index, packet);
                Some(index)
            }
            Err(_) => self
                .sources
                .sent_before(ssrc, sequence)
                .filter(|&index| repeats.knows(ssrc, index, packet)),
        };
        match index {
            Some(index) => self.seal(out, start, start + payload.start, ssrc, index),
            None => out.truncate(start),
        }
    }

    fn seal(&mut self, out: &mut Vec<u8>, start: usize, payload: usize, ssrc: u32, index: u64) {
        self.rtp.seal_packet(out, start, payload, ssrc, index);
        self.sent += 1;
        self.name(out, self.rtp.tag_length());
    }

    /// Put the name of the key where it belongs: before the tag, or behind all with AES-GCM
    /// (RFC 3711 §3.1, RFC 7714 §8.2, §9.2).
    fn name(&self, out: &mut Vec<u8>, tag: usize) {
        let mki = &self.keys.mki;
        if mki.is_empty() {
            return;
        }
        let tag = if self.keys.suite.is_gcm() { 0 } else { tag };
        let place = out.len() - tag;
        out.extend_from_slice(mki);
        out[place..].rotate_right(mki.len());
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
        self.name(out, self.rtcp.tag_length());
    }
}

/// Checks and decrypts what is received with one key.
pub struct Receiving {
    keys: Keys,
    rtp: Cipher,
    rtcp: Cipher,
    sources: Sources,
    /// Where sources had come to with the key before.
    before: Vec<(u32, (u32, u16))>,
    /// A packet without the name of its key.
    unnamed: Vec<u8>,
}

impl Receiving {
    pub fn new(keys: Keys) -> Receiving {
        Receiving {
            rtp: Cipher::new(&keys, Direction::Rtp),
            rtcp: Cipher::new(&keys, Direction::Rtcp),
            keys,
            sources: Sources::default(),
            before: Vec::new(),
            unnamed: Vec::new(),
        }
    }

    /// The one for the key that follows: some far ends begin the rollover counter anew with it,
    /// some do not.
    pub fn renewed(&self, keys: Keys) -> Receiving {
        let mut renewed = Receiving::new(keys);
        renewed.before = self.sources.newest();
        renewed
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Put the plain packet into `out`, which is left empty where it is refused.
    pub fn unprotect(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        out.clear();
        let mut unnamed = std::mem::take(&mut self.unnamed);
        let outcome = self
            .without_name(packet, self.rtp.tag_length(), &mut unnamed)
            .and_then(|packet| self.open(packet, out));
        self.unnamed = unnamed;
        outcome
    }

    fn open(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
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
        let (ssrc, sequence) = (header.ssrc, header.sequence);
        let place = self.sources.place(ssrc, sequence)?;
        let opened = self
            .rtp
            .open_packet(packet, payload, ssrc, place.index, out);
        let place = match (opened, self.sources.carried(&self.before, ssrc, sequence)) {
            (Ok(()), _) => place,
            (Err(Refusal::Forged), Some(place)) => {
                out.clear();
                self.rtp
                    .open_packet(packet, payload, ssrc, place.index, out)?;
                place
            }
            (Err(refusal), _) => return Err(refusal),
        };
        self.sources.accept(ssrc, place);
        Ok(())
    }

    /// Put the plain RTCP packet into `out`, which is left empty where it is refused.
    pub fn unprotect_report(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
        out.clear();
        let mut unnamed = std::mem::take(&mut self.unnamed);
        let outcome = self
            .without_name(packet, self.rtcp.tag_length(), &mut unnamed)
            .and_then(|packet| self.open_report(packet, out));
        self.unnamed = unnamed;
        outcome
    }

    fn open_report(&mut self, packet: &[u8], out: &mut Vec<u8>) -> Result<(), Refusal> {
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

    /// A packet without the name of its key; refused where it is that of another.
    fn without_name<'a>(
        &self,
        packet: &'a [u8],
        tag: usize,
        unnamed: &'a mut Vec<u8>,
    ) -> Result<&'a [u8], Refusal> {
        let mki = &self.keys.mki;
        if mki.is_empty() {
            return Ok(packet);
        }
        let tag = if self.keys.suite.is_gcm() { 0 } else { tag };
        let end = packet.len().checked_sub(tag).ok_or(Refusal::Malformed)?;
        let (front, tag) = packet.split_at(end);
        let front = front.strip_suffix(&mki[..]).ok_or(Refusal::Forged)?;
        unnamed.clear();
        unnamed.extend_from_slice(front);
        unnamed.extend_from_slice(tag);
        Ok(unnamed)
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
