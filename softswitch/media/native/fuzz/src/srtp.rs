//! Protected packets, with the key and without.

use std::collections::HashSet;

use engine::rtp::header::{Header, is_rtcp};
use engine::srtp::{Keys, Receiving, Refusal, Sending, Suite};

use super::input::Input;

const SUITES: [Suite; 8] = [
    Suite::AesCm128HmacSha1Tag80,
    Suite::AesCm128HmacSha1Tag32,
    Suite::AesCm192HmacSha1Tag80,
    Suite::AesCm192HmacSha1Tag32,
    Suite::AesCm256HmacSha1Tag80,
    Suite::AesCm256HmacSha1Tag32,
    Suite::AeadAes128Gcm,
    Suite::AeadAes256Gcm,
];

/// So many sources are followed on each side; which is forgotten first may differ between them.
const MOST_SOURCES: usize = 16;

/// Strangers' packets are refused; ours come through once, and not with a bit changed.
pub fn srtp(data: &[u8]) {
    let mut input = Input::new(data);
    let suite = input.pick(&SUITES);
    let material = vec![7; suite.key_length() + suite.salt_length()];
    let keys = Keys::new(suite, &material).expect("of the right length");
    let (mut sending, mut receiving) = (Sending::new(keys.clone()), Receiving::new(keys));
    // A short tag is guessed once in 2³² times: not what is looked for here.
    let guessable = suite.tag_length() < 10;
    let mut plain = Vec::new();
    let mut sources = HashSet::new();
    while !input.is_empty() {
        let place = usize::from(input.u8());
        let packet = input.piece();
        let taken = receiving.unprotect(packet, &mut plain).is_ok();
        assert!(!taken || guessable);
        assert!(taken || plain.is_empty());
        let taken = receiving.unprotect_report(packet, &mut plain).is_ok();
        assert!(!taken && plain.is_empty(), "its tag is always long");
        let header = Header::parse(packet);
        sources.extend(header.iter().map(|(header, _)| header.ssrc));
        let reporter = packet.get(4..8).filter(|_| is_rtcp(packet));
        sources.extend(reporter.map(|it| u32::from_be_bytes([it[0], it[1], it[2], it[3]])));
        if sources.len() > MOST_SOURCES {
            return;
        }
        if header.is_ok() {
            let mut sent = packet.to_vec();
            sending.protect(&mut sent, 0);
            if sent.is_empty() {
                continue; // a number that was used already
            }
            let mut changed = sent.clone();
            changed[place % sent.len()] ^= 1 << (place % 8);
            let refused = receiving.unprotect(&changed, &mut plain).is_err();
            assert!(refused || guessable);
            match receiving.unprotect(&sent, &mut plain) {
                Ok(()) => assert_eq!(plain, packet),
                Err(refusal) => assert_eq!(refusal, Refusal::Replayed, "{suite:?}"),
            }
            assert!(receiving.unprotect(&sent, &mut plain).is_err());
        }
        if is_rtcp(packet) {
            let mut sent = packet.to_vec();
            sending.protect_report(&mut sent, 0);
            let mut changed = sent.clone();
            changed[place % sent.len()] ^= 1 << (place % 8);
            assert!(receiving.unprotect_report(&changed, &mut plain).is_err());
            assert_eq!(receiving.unprotect_report(&sent, &mut plain), Ok(()));
            assert_eq!(plain, packet);
            let again = receiving.unprotect_report(&sent, &mut plain);
            assert_eq!(again, Err(Refusal::Replayed));
        }
    }
}
