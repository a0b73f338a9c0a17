//! Master keys, what they are for, and the session keys derived from them (RFC 3711 §4.3).

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};

/// Which algorithms protect a stream, by the names of SDP (RFC 4568 §6.2, RFC 6188, RFC 7714).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    AesCm128HmacSha1Tag80,
    AesCm128HmacSha1Tag32,
    AesCm192HmacSha1Tag80,
    AesCm192HmacSha1Tag32,
    AesCm256HmacSha1Tag80,
    AesCm256HmacSha1Tag32,
    AeadAes128Gcm,
    AeadAes256Gcm,
}

impl Suite {
    /// The suite of that name.
    pub fn parse(name: &str) -> Option<Suite> {
        Some(match name {
            "AES_CM_128_HMAC_SHA1_80" => Suite::AesCm128HmacSha1Tag80,
            "AES_CM_128_HMAC_SHA1_32" => Suite::AesCm128HmacSha1Tag32,
            "AES_192_CM_HMAC_SHA1_80" => Suite::AesCm192HmacSha1Tag80,
            "AES_192_CM_HMAC_SHA1_32" => Suite::AesCm192HmacSha1Tag32,
            "AES_256_CM_HMAC_SHA1_80" => Suite::AesCm256HmacSha1Tag80,
            "AES_256_CM_HMAC_SHA1_32" => Suite::AesCm256HmacSha1Tag32,
            "AEAD_AES_128_GCM" => Suite::AeadAes128Gcm,
            "AEAD_AES_256_GCM" => Suite::AeadAes256Gcm,
            _ => return None,
        })
    }

    pub fn key_length(self) -> usize {
        match self {
            Suite::AesCm128HmacSha1Tag80 | Suite::AesCm128HmacSha1Tag32 | Suite::AeadAes128Gcm => {
                16
            }
            Suite::AesCm192HmacSha1Tag80 | Suite::AesCm192HmacSha1Tag32 => 24,
            Suite::AesCm256HmacSha1Tag80 | Suite::AesCm256HmacSha1Tag32 | Suite::AeadAes256Gcm => {
                32
            }
        }
    }

    pub fn salt_length(self) -> usize {
        if self.is_gcm() { 12 } else { 14 }
    }

    pub fn is_gcm(self) -> bool {
        matches!(self, Suite::AeadAes128Gcm | Suite::AeadAes256Gcm)
    }

    /// Octets of the tag behind an RTP packet. RTCP always has the long one (RFC 4568 §6.2).
    pub fn tag_length(self) -> usize {
        match self {
            Suite::AesCm128HmacSha1Tag32
            | Suite::AesCm192HmacSha1Tag32
            | Suite::AesCm256HmacSha1Tag32 => 4,
            Suite::AeadAes128Gcm | Suite::AeadAes256Gcm => 16,
            _ => 10,
        }
    }
}

/// Most octets of a key's name (RFC 4568 §6.1).
const LONGEST_MKI: usize = 128;
/// So many packets are sent with a key where nothing else is said: RTCP has no more numbers
/// (RFC 3711 §9.2).
const USUAL_LIFETIME: u64 = 1 << 31;

/// A master key with its salt.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    pub suite: Suite,
    key: Vec<u8>,
    salt: Vec<u8>,
    /// Its name in every packet (RFC 3711 §3.1); empty for none.
    pub(super) mki: Vec<u8>,
    /// Packets it is to protect.
    pub(super) lifetime: u64,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Keys are nobody's business, least of all a log's.
        write!(formatter, "Keys({:?})", self.suite)
    }
}

/// What a session key is derived for (§4.3.1); RTCP's labels are three higher.
#[derive(Clone, Copy)]
pub(super) enum Label {
    Encryption = 0,
    Authentication = 1,
    Salt = 2,
}

impl Keys {
    /// Key and salt behind each other, as SDP and DTLS give them.
    pub fn new(suite: Suite, key_and_salt: &[u8]) -> Result<Keys, String> {
        let (key, salt) = (suite.key_length(), suite.salt_length());
        if key_and_salt.len() != key + salt {
            return Err(format!(
                "key and salt are {} octets, not {}",
                key + salt,
                key_and_salt.len()
            ));
        }
        let (key, salt) = key_and_salt.split_at(key);
        Ok(Keys {
            suite,
            key: key.to_vec(),
            salt: salt.to_vec(),
            mki: Vec::new(),
            lifetime: USUAL_LIFETIME,
        })
    }

    /// The same with a name that packets carry.
    pub fn named(mut self, mki: &[u8]) -> Result<Keys, String> {
        if mki.len() > LONGEST_MKI {
            return Err(format!("a key's name is at most {LONGEST_MKI} octets"));
        }
        self.mki = mki.to_vec();
        Ok(self)
    }

    /// The same for so many packets; 0 for the usual number.
    pub fn for_packets(mut self, lifetime: u64) -> Keys {
        self.lifetime = match lifetime {
            0 => USUAL_LIFETIME,
            lifetime => lifetime,
        };
        self
    }

    /// `count` octets of a session key (§4.3.3).
    pub(super) fn derive(&self, label: Label, rtcp: bool, count: usize) -> Vec<u8> {
        // The salt of GCM is shorter: zeros follow it (RFC 7714 §11).
        let mut block = [0u8; 16];
        block[..self.salt.len()].copy_from_slice(&self.salt);
        block[7] ^= label as u8 + if rtcp { 3 } else { 0 };
        let mut derived = Vec::with_capacity(count + 16);
        for counter in 0u16.. {
            if derived.len() >= count {
                break;
            }
            block[14..].copy_from_slice(&counter.to_be_bytes());
            derived.extend_from_slice(&self.encrypt(block));
        }
        derived.truncate(count);
        derived
    }

    fn encrypt(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = block.into();
        let length = "the key has the length of its suite";
        match self.key.len() {
            16 => Aes128::new_from_slice(&self.key)
                .expect(length)
                .encrypt_block(&mut block),
            24 => Aes192::new_from_slice(&self.key)
                .expect(length)
                .encrypt_block(&mut block),
            _ => Aes256::new_from_slice(&self.key)
                .expect(length)
                .encrypt_block(&mut block),
        }
        block.into()
    }
}
