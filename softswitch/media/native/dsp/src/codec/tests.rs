//! Each codec by itself, and against what other programs made of the same sound.

use super::*;

fn codec(name: &str, rate: u32, channels: u16) -> Box<dyn Codec> {
    create(name, rate, channels, "").expect("a known codec")
}

#[test]
fn each_named_codec_exists_whatever_the_case() {
    for name in names() {
        let clock = if *name == "OPUS" { 48_000 } else { 8000 };
        let rate = match *name {
            "G722" => 16_000,
            _ => clock,
        };
        assert_eq!(codec(name, clock, 1).sample_rate(), rate);
        assert!(create(&name.to_lowercase(), clock, 1, "").is_some());
    }
}

#[test]
fn unknown_codecs_rates_and_channel_counts_are_refused() {
    assert!(create("G729", 8000, 1, "").is_none());
    assert!(create("PCMU", 0, 1, "").is_none());
    assert!(create("PCMU", 4_000_000, 1, "").is_none());
    assert!(create("L16", 8000, 0, "").is_none());
    assert!(create("L16", 8000, 3, "").is_none());
    assert!(create("G722", 16_000, 1, "").is_none());
    assert!(create("OPUS", 8000, 1, "").is_none());
    assert!(create("G726-64", 8000, 1, "").is_none());
}

#[test]
fn l16_is_big_endian_and_loses_nothing() {
    let mut l16 = codec("L16", 16000, 1);
    let (mut payload, mut samples) = (vec![9], vec![7i16]);
    l16.encode(&[1, -2, i16::MAX], &mut payload);
    assert_eq!(payload, [9, 0, 1, 0xff, 0xfe, 0x7f, 0xff]);
    l16.decode(&payload[1..], &mut samples).unwrap();
    assert_eq!(samples, [7, 1, -2, i16::MAX]);
}

#[test]
fn half_a_sample_is_an_error_and_appends_nothing() {
    let mut samples = vec![5];
    let error = codec("L16", 8000, 1)
        .decode(&[1, 2, 3], &mut samples)
        .unwrap_err();
    assert!(error.to_string().contains("3 bytes"));
    assert!(codec("PCMA", 8000, 2).decode(&[1], &mut samples).is_err());
    assert_eq!(samples, [5]);
}

#[test]
fn two_channels_are_mixed_down_and_sent_alike() {
    let mut l16 = codec("L16", 44100, 2);
    let (mut payload, mut samples) = (Vec::new(), vec![3i16]);
    l16.decode(&[0, 100, 0, 200, 0x7f, 0xff, 0x7f, 0xff], &mut samples)
        .unwrap();
    assert_eq!(samples, [3, 150, i16::MAX]);
    l16.encode(&[258], &mut payload);
    assert_eq!(payload, [1, 2, 1, 2]);
}

#[test]
fn two_channels_stay_apart_where_the_codec_has_two() {
    let (mut two, mut one) = (Vec::new(), Vec::new());
    let mut stereo = codec("L16", 8000, 2);
    assert!(stereo.is_stereo());
    stereo.encode_stereo(&[1, 2, 3, 4], &mut two);
    assert_eq!(two, [0, 1, 0, 2, 0, 3, 0, 4]);
    let mut mono = codec("L16", 8000, 1);
    assert!(!mono.is_stereo());
    mono.encode_stereo(&[1, 3, 10, 20], &mut one);
    assert_eq!(one, [0, 2, 0, 15]);
}

#[test]
fn g711_payloads_keep_their_codes() {
    for (name, silence) in [("PCMU", 0xffu8), ("PCMA", 0xd5)] {
        let payload: Vec<u8> = [silence; 160].to_vec();
        let (mut samples, mut again) = (Vec::new(), Vec::new());
        let mut g711 = codec(name, 8000, 1);
        g711.decode(&payload, &mut samples).unwrap();
        assert_eq!(samples.len(), 160);
        g711.encode(&samples, &mut again);
        assert_eq!(again, payload);
    }
}

macro_rules! vector {
    ($name:literal) => {
        include_bytes!(concat!("vectors/", $name))
    };
}

fn samples(bytes: &[u8]) -> Vec<i16> {
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

/// Payloads and decoded samples made by FFmpeg (G.722), spandsp (G.726) and libgsm (GSM).
#[test]
fn codecs_agree_bit_by_bit_with_other_programs() {
    let (narrow, wide) = (
        samples(vector!("speech-8000.s16")),
        samples(vector!("speech-16000.s16")),
    );
    type Case<'a> = (&'a str, &'a [i16], &'a [u8], &'a [u8]);
    let cases: [Case; 10] = [
        ("G722", &wide, vector!("g722.payload"), vector!("g722.s16")),
        ("GSM", &narrow, vector!("gsm.payload"), vector!("gsm.s16")),
        (
            "G726-16",
            &narrow,
            vector!("g726-16.payload"),
            vector!("g726-16.s16"),
        ),
        (
            "G726-24",
            &narrow,
            vector!("g726-24.payload"),
            vector!("g726-24.s16"),
        ),
        (
            "G726-32",
            &narrow,
            vector!("g726-32.payload"),
            vector!("g726-32.s16"),
        ),
        (
            "G726-40",
            &narrow,
            vector!("g726-40.payload"),
            vector!("g726-40.s16"),
        ),
        (
            "AAL2-G726-16",
            &narrow,
            vector!("aal2-g726-16.payload"),
            vector!("g726-16.s16"),
        ),
        (
            "AAL2-G726-24",
            &narrow,
            vector!("aal2-g726-24.payload"),
            vector!("g726-24.s16"),
        ),
        (
            "AAL2-G726-32",
            &narrow,
            vector!("aal2-g726-32.payload"),
            vector!("g726-32.s16"),
        ),
        (
            "AAL2-G726-40",
            &narrow,
            vector!("aal2-g726-40.payload"),
            vector!("g726-40.s16"),
        ),
    ];
    for (name, speech, payload, decoded) in cases {
        let mut codec = codec(name, 8000, 1);
        let (mut encoded, mut heard) = (Vec::new(), Vec::new());
        for frame in speech.chunks(speech.len() / 5) {
            codec.encode(frame, &mut encoded);
        }
        assert_eq!(encoded, payload, "{name} encoded");
        for packet in payload.chunks(payload.len() / 5) {
            codec.decode(packet, &mut heard).unwrap();
        }
        assert_eq!(heard, samples(decoded), "{name} decoded");
    }
}

/// A tone of 440 Hz through a codec: its level and the ratio of signal to noise in dB.
fn quality(mut codec: Box<dyn Codec>) -> (f64, f64) {
    let rate = codec.sample_rate();
    let tone = |index: u32| {
        let angle = std::f64::consts::TAU * 440.0 * f64::from(index) / f64::from(rate);
        (8000.0 * angle.sin()).round() as i16
    };
    let speech: Vec<i16> = (0..rate).map(tone).collect();
    let mut heard = Vec::new();
    for frame in speech.chunks(rate as usize / 50) {
        let mut payload = Vec::new();
        codec.encode(frame, &mut payload);
        codec.decode(&payload, &mut heard).unwrap();
    }
    let settled = &heard[heard.len() / 2..];
    let (mut cosine, mut sine, mut total) = (0.0, 0.0, 0.0);
    for (index, &sample) in settled.iter().enumerate() {
        let angle = std::f64::consts::TAU * 440.0 * index as f64 / f64::from(rate);
        cosine += f64::from(sample) * angle.cos();
        sine += f64::from(sample) * angle.sin();
        total += f64::from(sample).powi(2);
    }
    let count = settled.len() as f64;
    let amplitude = 2.0 * cosine.hypot(sine) / count;
    let noise = (total / count - amplitude * amplitude / 2.0).max(1e-9);
    (
        amplitude,
        10.0 * (amplitude * amplitude / 2.0 / noise).log10(),
    )
}

#[test]
fn each_codec_keeps_a_tone() {
    let least = [
        ("PCMU", 34.0),
        ("PCMA", 34.0),
        ("L16", 70.0),
        ("G722", 33.0),
        ("OPUS", 15.0),
        ("GSM", 12.0),
        ("G726-16", 12.0),
        ("G726-24", 20.0),
        ("G726-32", 26.0),
        ("G726-40", 32.0),
    ];
    for (name, decibels) in least {
        let clock = if name == "OPUS" { 48_000 } else { 8000 };
        let (amplitude, found) = quality(codec(name, clock, 1));
        assert!(found > decibels, "{name}: {found:.1} dB");
        assert!((6000.0..9000.0).contains(&amplitude), "{name}: {amplitude}");
    }
}

#[test]
fn opus_runs_at_the_rate_it_is_asked_for_and_not_above_the_far_ends() {
    let mut opus = create("opus", 48_000, 2, "maxplaybackrate=16000").expect("known");
    assert_eq!(opus.sample_rate(), 16_000);
    for (asked, found) in [(8000, 8000), (11_025, 12_000), (44_100, 16_000)] {
        opus.run_at(asked);
        assert_eq!(opus.sample_rate(), found);
    }
}

#[test]
fn opus_keeps_to_the_bit_rate_and_the_silence_it_is_asked_for() {
    let packet = |fmtp: &str, loud: bool| {
        let mut opus = create("opus", 48_000, 2, fmtp).expect("known");
        let mut seed = 1u32;
        let mut sizes = Vec::new();
        for _ in 0..50 {
            let noise: Vec<i16> = (0..960)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    if loud { (seed >> 18) as i16 - 8192 } else { 0 }
                })
                .collect();
            let mut payload = Vec::new();
            opus.encode(&noise, &mut payload);
            sizes.push(payload.len());
        }
        sizes
    };
    let average = |sizes: &[usize]| sizes.iter().sum::<usize>() * 8 / sizes.len() * 50;
    let slow = packet("maxaveragebitrate=12000;cbr=1", true);
    assert!(average(&slow) <= 12_800, "{} bit/s", average(&slow));
    assert!(average(&packet("", true)) > 20_000);
    let quiet = packet("usedtx=1", false);
    assert!(quiet[25..].iter().filter(|&&size| size == 0).count() > 15);
    assert!(packet("", false).iter().all(|&size| size > 0));
}

#[test]
fn opus_corrects_a_lost_packet_from_the_next() {
    let tone = |packet: usize| -> Vec<i16> {
        (0..320)
            .map(|index| {
                let time = (packet * 320 + index) as f64 / 16_000.0;
                let wave = (std::f64::consts::TAU * 300.0 * time).sin();
                (8000.0 * wave * (1.0 + (time * 9.0).sin()) / 2.0) as i16
            })
            .collect()
    };
    let error = |fmtp: &str| {
        let mut sender = create("opus", 48_000, 2, fmtp).expect("known");
        let mut packets = Vec::new();
        sender.run_at(16_000);
        for packet in 0..40 {
            let mut payload = Vec::new();
            sender.encode(&tone(packet), &mut payload);
            packets.push(payload);
        }
        let mut receivers = [(); 2].map(|()| {
            let mut receiver = create("opus", 48_000, 2, "").expect("known");
            receiver.run_at(16_000);
            receiver
        });
        let mut sum = 0.0;
        for packet in 0..39 {
            let mut heard = [Vec::new(), Vec::new()];
            receivers[0]
                .decode(&packets[packet], &mut heard[0])
                .unwrap();
            if packet % 10 == 9 {
                let next = Some(packets[packet + 1].as_slice());
                assert!(receivers[1].conceal(320, next, &mut heard[1]));
            } else {
                receivers[1]
                    .decode(&packets[packet], &mut heard[1])
                    .unwrap();
            }
            assert_eq!(heard[1].len(), 320);
            if packet % 10 == 9 {
                for (one, other) in heard[0].iter().zip(&heard[1]) {
                    sum += (f64::from(*one) - f64::from(*other)).powi(2);
                }
            }
        }
        sum
    };
    let (corrected, concealed) = (error("useinbandfec=1"), error(""));
    assert!(
        corrected < concealed,
        "{corrected} is not below {concealed}"
    );
    // With little loss libopus rather has wide sound than correction, unless it is to be kept.
    let few = "useinbandfec=1;maxaveragebitrate=20000";
    let kept = error(&format!("loss=3;keepfec=1|{few}"));
    let given_up = error(&format!("loss=3|{few}"));
    assert!(kept < given_up, "{kept} is not below {given_up}");
}

#[test]
fn opus_heeds_what_is_asked_of_our_encoder_and_not_the_far_end_that_says_it() {
    let noise: Vec<i16> = (0..960u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 19) as i16 - 4096)
        .collect();
    let sizes = |fmtp: &str| {
        let mut opus = create("opus", 48_000, 2, fmtp).expect("known");
        let encode = |_| {
            let mut payload = Vec::new();
            opus.encode(&noise, &mut payload);
            payload.len()
        };
        (0..20).map(encode).collect::<Vec<_>>()
    };
    let steady = |sizes: &[usize]| sizes[5..].iter().all(|&size| size == sizes[5]);
    assert!(steady(&sizes("vbr=0|")));
    assert!(!steady(&sizes("vbr=1|")));
    assert_eq!(sizes("|vbr=0;complexity=10"), sizes("|"));
    assert_ne!(sizes("complexity=10|"), sizes("complexity=1|"));
    let bounded = sizes("vbr=0;bitrate=16000|maxaveragebitrate=64000");
    assert_eq!(bounded[10] * 8 * 50, 16_000);
    let mut opus = create("opus", 48_000, 2, "rate=16000|maxplaybackrate=24000").expect("known");
    opus.run_at(48_000);
    assert_eq!(opus.sample_rate(), 16_000);
}

#[test]
fn opus_sends_less_while_packets_are_lost_if_that_is_wished() {
    let noise: Vec<i16> = (0..960u32)
        .map(|index| (index.wrapping_mul(2_654_435_761) >> 19) as i16 - 4096)
        .collect();
    for (fmtp, follows) in [
        ("vbr=0;adjust=1;bitrate=40000|", true),
        ("vbr=0;bitrate=40000|", false),
    ] {
        let mut opus = create("opus", 48_000, 2, fmtp).expect("known");
        let mut size = |percent: u8, reports: usize| {
            let mut payload = Vec::new();
            for _ in 0..reports {
                opus.note_loss(percent);
            }
            opus.encode(&noise, &mut payload);
            payload.len()
        };
        assert_eq!(size(0, 1), 100);
        assert_eq!(size(20, 1) < 100, follows);
        assert_eq!(size(30, 20), if follows { 30 } else { 100 });
        assert_eq!(size(5, 3), if follows { 30 } else { 100 });
        assert_eq!(size(0, 20), 100, "all of it comes back");
    }
}

#[test]
fn two_channels_of_opus_are_mixed_down() {
    let mut encoder =
        ::opus::Encoder::new(48_000, ::opus::Channels::Stereo, ::opus::Application::Audio)
            .expect("libopus makes an encoder");
    let stereo: Vec<i16> = (0..960)
        .flat_map(|index| {
            let wave = (std::f64::consts::TAU * 440.0 * f64::from(index) / 48_000.0).sin();
            [(8000.0 * wave) as i16, 0]
        })
        .collect();
    let mut heard = Vec::new();
    let mut decoder = codec("opus", 48_000, 2);
    for _ in 0..5 {
        let payload = encoder.encode_vec(&stereo, 1275).expect("it encodes");
        heard.clear();
        decoder.decode(&payload, &mut heard).unwrap();
    }
    assert_eq!(heard.len(), 960);
    let loudest = heard.iter().map(|sample| sample.unsigned_abs()).max();
    assert!((3000..5500).contains(&loudest.unwrap_or(0)), "{loudest:?}");
}

#[test]
fn no_payload_makes_a_decoder_panic() {
    let mut seed = 20_261_127u32;
    let mut random = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 16
    };
    for name in names() {
        let clock = if *name == "OPUS" { 48_000 } else { 8000 };
        let mut codec = codec(name, clock, 1);
        let mut heard = Vec::new();
        for _ in 0..500 {
            let length = random() % 200;
            let mut payload: Vec<u8> = (0..length).map(|_| random() as u8).collect();
            if *name == "GSM" && !payload.is_empty() {
                payload.resize(payload.len().next_multiple_of(33), 0);
                payload
                    .chunks_mut(33)
                    .for_each(|frame| frame[0] = 0xd0 | frame[0] & 15);
            }
            heard.clear();
            let _ = codec.decode(&payload, &mut heard);
            codec.conceal(random() as usize % 1000, Some(&payload), &mut heard);
            assert!(heard.len() <= 48_000);
            let loud: Vec<i16> = (0..160).map(|_| random() as i16).collect();
            codec.encode(&loud, &mut payload);
        }
    }
}
