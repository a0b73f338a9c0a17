//! The algorithms of a suite with the session keys of RTP or of RTCP.

use aes::cipher::{Array, BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipher, typenum};
use aes::{Aes128, Aes192, Aes256};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, Nonce, Tag};
use ctr::Ctr128BE;
use ctr::cipher::StreamCipherCoreWrapper;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::keys::{Keys, Label};
use super::{INDEX, Refusal};

/// The tag of RTCP with HMAC-SHA1, whatever RTP has.
const REPORT_TAG: usize = 10;
const GCM_TAG: usize = 16;

/// Which packets are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Rtp,
    Rtcp,
}

enum Algorithm {
    Counter {
        encryption: Counter,
        authentication: Box<Hmac<Sha1>>,
        salt: [u8; 14],
        tag: usize,
    },
    Gcm {
        encryption: Gcm,
        salt: [u8; 12],
    },
}

enum Counter {
    Aes128(Box<Aes128>),
    Aes192(Box<Aes192>),
    Aes256(Box<Aes256>),
}

enum Gcm {
    Aes128(Box<Aes128Gcm>),
    Aes256(Box<Aes256Gcm>),
}

pub(super) struct Cipher(Algorithm);

impl Cipher {
    pub fn new(keys: &Keys, direction: Direction) -> Cipher {
        let rtcp = direction == Direction::Rtcp;
        let suite = keys.suite;
        let key = keys.derive(Label::Encryption, rtcp, suite.key_length());
        let salt = keys.derive(Label::Salt, rtcp, suite.salt_length());
        let length = "the key has the length of its suite";
        if suite.is_gcm() {
            let mut fixed = [0; 12];
            fixed.copy_from_slice(&salt);
            let encryption = match key.len() {
                16 => Gcm::Aes128(Box::new(Aes128Gcm::new_from_slice(&key).expect(length))),
                _ => Gcm::Aes256(Box::new(Aes256Gcm::new_from_slice(&key).expect(length))),
            };
            return Cipher(Algorithm::Gcm {
                encryption,
                salt: fixed,
            });
        }
        let authentication = keys.derive(Label::Authentication, rtcp, 20);
        let mut fixed = [0; 14];
        fixed.copy_from_slice(&salt);
        let encryption = match key.len() {
            16 => Counter::Aes128(Box::new(Aes128::new_from_slice(&key).expect(length))),
            24 => Counter::Aes192(Box::new(Aes192::new_from_slice(&key).expect(length))),
            _ => Counter::Aes256(Box::new(Aes256::new_from_slice(&key).expect(length))),
        };
        Cipher(Algorithm::Counter {
            encryption,
            authentication: Box::new(
                Hmac::new_from_slice(&authentication).expect("HMAC takes keys of any length"),
            ),
            salt: fixed,
            tag: if rtcp { REPORT_TAG } else { suite.tag_length() },
        })
    }

    pub fn tag_length(&self) -> usize {
        match &self.0 {
            Algorithm::Counter { tag, .. } => *tag,
            Algorithm::Gcm { .. } => GCM_TAG,
        }
    }

    /// Encrypt `out[payload..]` and append the tag of `out[start..]`.
    pub fn seal_packet(
        &self,
        out: &mut Vec<u8>,
        start: usize,
        payload: usize,
        ssrc: u32,
        index: u64,
    ) {
        match &self.0 {
            Algorithm::Counter {
                encryption,
                authentication,
                salt,
                tag,
            } => {
                encryption.apply(salt, ssrc, index, &mut out[payload..]);
                let found = authenticate(authentication, &out[start..], &rollover(index));
                out.extend_from_slice(&found[..*tag]);
            }
            Algorithm::Gcm { encryption, salt } => {
                let nonce = gcm_nonce(salt, ssrc, index);
                let (head, text) = out.split_at_mut(payload);
                let tag = encryption.seal(&nonce, &head[start..], text);
                out.extend_from_slice(&tag);
            }
        }
    }

    /// Check a packet whose payload begins at `payload` and put it decrypted into `out`.
    pub fn open_packet(
        &self,
        packet: &[u8],
        payload: usize,
        ssrc: u32,
        index: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let sealed = packet.len() - self.tag_length();
        match &self.0 {
            Algorithm::Counter {
                encryption,
                authentication,
                salt,
                ..
            } => {
                verify(
                    authentication,
                    &packet[..sealed],
                    &rollover(index),
                    &packet[sealed..],
                )?;
                out.extend_from_slice(&packet[..sealed]);
                encryption.apply(salt, ssrc, index, &mut out[payload..]);
            }
            Algorithm::Gcm { encryption, salt } => {
                let nonce = gcm_nonce(salt, ssrc, index);
                out.extend_from_slice(&packet[..sealed]);
                let (head, text) = out.split_at_mut(payload);
                if !encryption.open(&nonce, head, text, &packet[sealed..]) {
                    out.clear();
                    return Err(Refusal::Forged);
                }
            }
        }
        Ok(())
    }

    /// Encrypt `out[body..]` of an RTCP packet and append its index and tag in their order.
    pub fn seal_report(&self, out: &mut Vec<u8>, start: usize, body: usize, ssrc: u32, index: u32) {
        let number = u64::from(index & 0x7fff_ffff);
        match &self.0 {
            Algorithm::Counter {
                encryption,
                authentication,
                salt,
                tag,
            } => {
                encryption.apply(salt, ssrc, number, &mut out[body..]);
                out.extend_from_slice(&index.to_be_bytes());
                let found = authenticate(authentication, &out[start..], &[]);
                out.extend_from_slice(&found[..*tag]);
            }
            Algorithm::Gcm { encryption, salt } => {
                let nonce = gcm_nonce(salt, ssrc, number);
                let mut data = out[start..body].to_vec();
                data.extend_from_slice(&index.to_be_bytes());
                let tag = encryption.seal(&nonce, &data, &mut out[body..]);
                out.extend_from_slice(&tag);
                out.extend_from_slice(&index.to_be_bytes());
            }
        }
    }

    /// The index of an RTCP packet that is long enough, with the mark of its encryption.
    pub fn report_index(&self, packet: &[u8]) -> u32 {
        let end = match &self.0 {
            // AES-GCM puts it last (RFC 7714 §9.2).
            Algorithm::Gcm { .. } => packet.len(),
            Algorithm::Counter { tag, .. } => packet.len() - tag,
        };
        let bytes = packet[..end].last_chunk().expect("the length was checked");
        u32::from_be_bytes(*bytes)
    }

    /// Check an RTCP packet and put it decrypted into `out`.
    pub fn open_report(
        &self,
        packet: &[u8],
        body: usize,
        ssrc: u32,
        index: u32,
        encrypted: bool,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let end = packet.len() - INDEX - self.tag_length();
        let number = u64::from(index & 0x7fff_ffff);
        match &self.0 {
            Algorithm::Counter {
                encryption,
                authentication,
                salt,
                ..
            } => {
                let (text, tag) = packet.split_at(end + INDEX);
                verify(authentication, text, &[], tag)?;
                out.extend_from_slice(&packet[..end]);
                if encrypted {
                    encryption.apply(salt, ssrc, number, &mut out[body..]);
                }
            }
            Algorithm::Gcm { encryption, salt } => {
                let nonce = gcm_nonce(salt, ssrc, number);
                let tag = &packet[end..end + GCM_TAG];
                out.extend_from_slice(&packet[..end]);
                // What is not encrypted is authenticated all the same.
                let clear = if encrypted { body } else { end };
                let mut data = packet[..clear].to_vec();
                data.extend_from_slice(&index.to_be_bytes());
                if !encryption.open(&nonce, &data, &mut out[clear..], tag) {
                    out.clear();
                    return Err(Refusal::Forged);
                }
            }
        }
        Ok(())
    }
}

impl Counter {
    /// Add the key stream of a packet (RFC 3711 §4.1.1).
    fn apply(&self, salt: &[u8; 14], ssrc: u32, index: u64, text: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(salt);
        for (byte, mask) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= mask;
        }
        for (byte, mask) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= mask;
        }
        match self {
            Counter::Aes128(cipher) => counter(&**cipher, iv, text),
            Counter::Aes192(cipher) => counter(&**cipher, iv, text),
            Counter::Aes256(cipher) => counter(&**cipher, iv, text),
        }
    }
}

fn counter<C>(cipher: &C, iv: [u8; 16], text: &mut [u8])
where
    C: BlockCipherEncrypt + Clone + aes::cipher::BlockSizeUser<BlockSize = typenum::U16>,
{
    let core = InnerIvInit::inner_iv_init(cipher.clone(), &Array::from(iv));
    let mut stream: Ctr128BE<C> = StreamCipherCoreWrapper::from_core(core);
    stream.apply_keystream(text);
}

impl Gcm {
    fn seal(&self, nonce: &[u8; 12], data: &[u8], text: &mut [u8]) -> [u8; GCM_TAG] {
        let nonce = Nonce::from(*nonce);
        let sealed = match self {
            Gcm::Aes128(cipher) => cipher.encrypt_inout_detached(&nonce, data, text.into()),
            Gcm::Aes256(cipher) => cipher.encrypt_inout_detached(&nonce, data, text.into()),
        };
        sealed.expect("no packet is too long for AES-GCM").into()
    }

    fn open(&self, nonce: &[u8; 12], data: &[u8], text: &mut [u8], tag: &[u8]) -> bool {
        let nonce = Nonce::from(*nonce);
        let Some(tag) = tag.first_chunk::<GCM_TAG>() else {
            return false;
        };
        let tag = Tag::from(*tag);
        let opened = match self {
            Gcm::Aes128(cipher) => cipher.decrypt_inout_detached(&nonce, data, text.into(), &tag),
            Gcm::Aes256(cipher) => cipher.decrypt_inout_detached(&nonce, data, text.into(), &tag),
        };
        opened.is_ok()
    }
}

/// The nonce of RTP, and with a number of 31 bits that of RTCP (RFC 7714 §8.1, §9.1).
fn gcm_nonce(salt: &[u8; 12], ssrc: u32, index: u64) -> [u8; 12] {
    let mut nonce = *salt;
    for (byte, mask) in nonce[2..6].iter_mut().zip(ssrc.to_be_bytes()) {
        *byte ^= mask;
    }
    for (byte, mask) in nonce[6..12].iter_mut().zip(&index.to_be_bytes()[2..]) {
        *byte ^= mask;
    }
    nonce
}

fn rollover(index: u64) -> [u8; 4] {
    ((index >> 16) as u32).to_be_bytes()
}

fn authenticate(key: &Hmac<Sha1>, text: &[u8], more: &[u8]) -> [u8; 20] {
    let mut mac = key.clone();
    mac.update(text);
    mac.update(more);
    mac.finalize().into_bytes().into()
}

/// Compares in a time that tells nothing of where tags differ.
fn verify(key: &Hmac<Sha1>, text: &[u8], more: &[u8], tag: &[u8]) -> Result<(), Refusal> {
    let mut mac = key.clone();
    mac.update(text);
    mac.update(more);
    mac.verify_truncated_left(tag).map_err(|_| Refusal::Forged)
}
