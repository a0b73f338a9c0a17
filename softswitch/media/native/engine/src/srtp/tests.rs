//! Known answers, round trips of every suite, and packets that somebody changed.

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex
        .chars()
        .filter_map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

const SUITES: [&str; 8] = [
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_192_CM_HMAC_SHA1_80",
    "AES_192_CM_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "AES_256_CM_HMAC_SHA1_32",
    "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM",
];

fn keys(name: &str) -> Keys {
    let suite = Suite::parse(name).expect("a known suite");
    let length = suite.key_length() + suite.salt_length();
    let material: Vec<u8> = (0..length as u8).collect();
    Keys::new(suite, &material).expect("of the right length")
}

fn packet(sequence: u16, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence,
        timestamp: 160,
        ssrc: 0xcafe_babe,
    };
    let mut packet = header.to_bytes().to_vec();
    packet.extend_from_slice(payload);
    packet
}

/// RFC 3711 appendix B.3.
#[test]
fn session_keys_are_those_of_the_standard() {
    let material = bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
    let suite = Suite::AesCm128HmacSha1Tag80;
    let keys = Keys::new(suite, &material).expect("of the right length");
    use super::keys::Label;
    assert_eq!(
        keys.derive(Label::Encryption, false, 16),
        bytes("C61E7A93744F39EE10734AFE3FF7A087")
    );
    assert_eq!(
        keys.derive(Label::Salt, false, 14),
        bytes("30CBBC08863D8C85D49DB34A9AE1")
    );
    assert_eq!(
        keys.derive(Label::Authentication, false, 20),
        bytes("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")
    );
}

/// The packet of libsrtp's own test of AES_CM_128_HMAC_SHA1_80.
#[test]
fn a_packet_is_protected_as_others_do_it() {
    let material = bytes("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
    let suite = Suite::AesCm128HmacSha1Tag80;
    let mut sending = Sending::new(Keys::new(suite, &material).expect("of the right length"));
    let mut sent = bytes("800f1234decafbadcafebabe abababababababababababababababab");
    sending.protect(&mut sent, 0);
    assert_eq!(
        sent,
        bytes("800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb")
    );
}

#[test]
fn what_is_protected_can_be_read_with_the_key_alone() {
    for name in SUITES {
        let mut sending = Sending::new(keys(name));
        let mut receiving = Receiving::new(keys(name));
        let mut plain = Vec::new();
        // The numbers wrap: the rollover counter must follow.
        for number in 65_530..65_546u32 {
            let said = packet(number as u16, b"a voice");
            let mut sent = b"before".to_vec();
            sent.extend_from_slice(&said);
            sending.protect(&mut sent, 6);
            assert_eq!(sent.len(), 6 + said.len() + receiving.rtp.tag_length());
            assert_ne!(&sent[6 + LENGTH..6 + said.len()], b"a voice");
            assert_eq!(
                receiving.unprotect(&sent[6..], &mut plain),
                Ok(()),
                "{name}"
            );
            assert_eq!(plain, said);
            let again = receiving.unprotect(&sent[6..], &mut plain);
            assert_eq!(again, Err(Refusal::Replayed));
        }
        let mut other = Receiving::new(
            Keys::new(
                keys(name).suite,
                &vec![7; keys(name).suite.key_length() + keys(name).suite.salt_length()],
            )
            .expect("of the right length"),
        );
        let mut sent = packet(1000, b"a voice");
        sending.protect(&mut sent, 0);
        assert_eq!(other.unprotect(&sent, &mut plain), Err(Refusal::Forged));
        assert!(plain.is_empty());
    }
}

#[test]
fn reports_are_protected_too() {
    for name in SUITES {
        let mut sending = Sending::new(keys(name));
        let mut receiving = Receiving::new(keys(name));
        let said = bytes("80c80006 cafebabe 0102030405060708 090a0b0c 0d0e0f10 11121314");
        let mut plain = Vec::new();
        for _ in 0..3 {
            let mut sent = said.clone();
            sending.protect_report(&mut sent, 0);
            assert_eq!(sent[..8], said[..8]);
            assert_ne!(sent[8..said.len()], said[8..]);
            assert_eq!(
                receiving.unprotect_report(&sent, &mut plain),
                Ok(()),
                "{name}"
            );
            assert_eq!(plain, said);
            let again = receiving.unprotect_report(&sent, &mut plain);
            assert_eq!(again, Err(Refusal::Replayed));
        }
    }
}

#[test]
fn a_packet_that_was_changed_is_refused_whatever_was_changed() {
    for name in SUITES {
        let mut sending = Sending::new(keys(name));
        let mut sent = packet(1, b"a voice");
        sending.protect(&mut sent, 0);
        for position in 0..sent.len() {
            let mut changed = sent.clone();
            changed[position] ^= 1;
            let mut plain = Vec::new();
            let outcome = Receiving::new(keys(name)).unprotect(&changed, &mut plain);
            assert!(outcome.is_err(), "{name}, octet {position}");
            assert!(plain.is_empty());
        }
    }
}

#[test]
fn a_forged_packet_changes_nothing() {
    let mut sending = Sending::new(keys(SUITES[0]));
    let mut receiving = Receiving::new(keys(SUITES[0]));
    let mut plain = Vec::new();
    for number in 1..4 {
        let mut forged = packet(40_000 + number, b"not a voice");
        forged.extend_from_slice(&[0; 10]);
        assert_eq!(
            receiving.unprotect(&forged, &mut plain),
            Err(Refusal::Forged)
        );
        let mut sent = packet(number, b"a voice");
        sending.protect(&mut sent, 0);
        assert_eq!(receiving.unprotect(&sent, &mut plain), Ok(()));
    }
}

#[test]
fn random_packets_are_refused_without_a_panic() {
    let mut seed = 3u64;
    let mut random = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 40) as u32
    };
    for name in SUITES {
        let mut receiving = Receiving::new(keys(name));
        let mut plain = Vec::new();
        for _ in 0..2000 {
            let length = random() % 80;
            let mut packet: Vec<u8> = (0..length).map(|_| random() as u8).collect();
            if let Some(first) = packet.first_mut() {
                *first = 0x80 | *first & 0x3f;
            }
            assert!(receiving.unprotect(&packet, &mut plain).is_err());
            assert!(receiving.unprotect_report(&packet, &mut plain).is_err());
        }
    }
}

#[test]
fn keys_of_the_wrong_length_are_refused_and_never_shown() {
    let suite = Suite::AeadAes128Gcm;
    assert!(Keys::new(suite, &[0; 30]).is_err_and(|text| text.contains("28 octets, not 30")));
    assert_eq!(
        format!("{:?}", keys("AEAD_AES_128_GCM")),
        "Keys(AeadAes128Gcm)"
    );
    assert!(Suite::parse("F8_128_HMAC_SHA1_80").is_none());
}
