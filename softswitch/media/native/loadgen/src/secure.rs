//! SRTP of one party of a call, with keys exchanged in SDP (RFC 4568).

use engine::srtp::{Keys, Receiving, Sending, Suite};

const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
/// Key and salt of all that we send; nothing here is a secret.
const KEY: &[u8; 30] = b"a load generator has no secret";
const KEY_IN_BASE64: &str = "YSBsb2FkIGdlbmVyYXRvciBoYXMgbm8gc2VjcmV0";

/// The line of a description that tells our key.
pub fn line() -> String {
    format!("a=crypto:1 {SUITE} inline:{KEY_IN_BASE64}\r\n")
}

/// What protects the packets of one party.
pub struct Secure {
    sending: Sending,
    receiving: Receiving,
    plain: Vec<u8>,
}

impl Secure {
    /// By the far end's description; None if it has no key that we understand.
    pub fn from_description(message: &str) -> Option<Secure> {
        let mut lines = message.lines();
        let parameters = lines.find_map(|line| {
            let (_, rest) = line.strip_prefix("a=crypto:")?.split_once(' ')?;
            rest.strip_prefix(SUITE)?
                .trim_start()
                .strip_prefix("inline:")
        })?;
        let key = parameters.split(['|', ' ']).next()?;
        let suite = Suite::parse(SUITE)?;
        let theirs = Keys::new(suite, &decode_base64(key)?).ok()?;
        let ours = Keys::new(suite, KEY).ok()?;
        Some(Secure {
            sending: Sending::new(ours),
            receiving: Receiving::new(theirs),
            plain: Vec::new(),
        })
    }

    /// Protect a packet in place.
    pub fn protect(&mut self, packet: &mut Vec<u8>) {
        self.sending.protect(packet, 0);
    }

    /// The plain packet; None if it is not from the far end, or came before.
    pub fn unprotect(&mut self, packet: &[u8]) -> Option<&[u8]> {
        let taken = self.receiving.unprotect(packet, &mut self.plain);
        taken.is_ok().then_some(&self.plain)
    }
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for character in text.trim_end_matches('=').bytes() {
        let digit = DIGITS.iter().position(|&digit| digit == character)?;
        bits = bits << 6 | digit as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parties_understand_each_other() {
        let description = format!("v=0\r\n{}", line());
        let party = || Secure::from_description(&description).expect("it has our line");
        let (mut one, mut other) = (party(), party());
        let said = [&[0x80, 0, 0, 1][..], &[0; 8], b"voice"].concat();
        let mut packet = said.clone();
        one.protect(&mut packet);
        assert_ne!(packet[12..17], said[12..]);
        assert_eq!(other.unprotect(&packet), Some(said.as_slice()));
        assert_eq!(other.unprotect(&packet), None, "it came before");
    }

    #[test]
    fn keys_are_read_from_the_line_of_our_suite() {
        assert_eq!(decode_base64(KEY_IN_BASE64).as_deref(), Some(&KEY[..]));
        assert_eq!(decode_base64("YWI="), Some(b"ab".to_vec()));
        assert_eq!(decode_base64("?"), None);
        let other = "a=crypto:1 AEAD_AES_256_GCM inline:AAAA\r\n";
        assert!(Secure::from_description(other).is_none());
        let lifetime = line().trim_end().to_owned() + "|2^31\r\n";
        assert!(Secure::from_description(&(other.to_owned() + &lifetime)).is_some());
    }
}
