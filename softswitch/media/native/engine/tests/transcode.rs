//! A tone through two legs of different codecs, rates and packet times.

mod support;

use dsp::codec::Codec;
use engine::parameters::CodecParameters;
use support::{Sent, World, codec, parameters, pcmu};

const TONE: f64 = 440.0;
const LEVEL: f64 = 8000.0;

fn opus(ptime: u32, fmtp: &str) -> CodecParameters {
    CodecParameters {
        channels: 2,
        fmtp: fmtp.to_owned(),
        ..codec(111, "OPUS", 48_000, ptime)
    }
}

/// What a far end says: a tone in packets of its codec.
struct Speaker {
    parameters: CodecParameters,
    encoder: Box<dyn Codec>,
    said: u64,
    packets: u32,
}

impl Speaker {
    fn new(parameters: CodecParameters) -> Speaker {
        Speaker {
            encoder: parameters.create().expect("a codec with arithmetic"),
            parameters,
            said: 0,
            packets: 0,
        }
    }

    fn next(&mut self) -> (u16, u32, Vec<u8>) {
        let rate = self.encoder.sample_rate();
        let count = rate * self.parameters.ptime / 1000;
        let samples: Vec<i16> = (self.said..self.said + u64::from(count))
            .map(|index| {
                let angle = std::f64::consts::TAU * TONE * index as f64 / f64::from(rate);
                (LEVEL * angle.sin()) as i16
            })
            .collect();
        self.said += u64::from(count);
        let mut payload = Vec::new();
        self.encoder.encode(&samples, &mut payload);
        let number = self.packets;
        self.packets += 1;
        let units = self.parameters.ptime * self.parameters.clock_rate / 1000;
        (number as u16, number * units, payload)
    }
}

/// Level and signal-to-noise ratio in dB of the tone in what was heard, after the first half.
fn quality(heard: &[Sent], parameters: &CodecParameters) -> (f64, f64) {
    let mut decoder = parameters.create().expect("a codec with arithmetic");
    let rate = f64::from(decoder.sample_rate());
    let mut samples = Vec::new();
    for sent in heard {
        decoder
            .decode(&sent.payload, &mut samples)
            .expect("what is sent can be decoded");
    }
    // Whole periods, or the tone itself would count as noise.
    let periods = (samples.len() as f64 / 2.0 * TONE / rate).floor();
    let count = (periods * rate / TONE).round() as usize;
    let settled = &samples[samples.len() - count..];
    let (mut cosine, mut sine, mut total) = (0.0, 0.0, 0.0);
    for (index, &sample) in settled.iter().enumerate() {
        let angle = std::f64::consts::TAU * TONE * index as f64 / rate;
        cosine += f64::from(sample) * angle.cos();
        sine += f64::from(sample) * angle.sin();
        total += f64::from(sample).powi(2);
    }
    let amplitude = 2.0 * f64::hypot(cosine, sine) / count as f64;
    let noise = (total / count as f64 - amplitude.powi(2) / 2.0).max(1e-9);
    (amplitude, 10.0 * (amplitude.powi(2) / 2.0 / noise).log10())
}

/// One second of the tone from `from` to `to`.
fn call(from: &CodecParameters, to: &CodecParameters) -> Vec<Sent> {
    let mut world = World::new();
    let (one, other) = world.pair(std::slice::from_ref(from), std::slice::from_ref(to));
    let mut speaker = Speaker::new(from.clone());
    for _ in 0..1000 / from.ptime {
        let (sequence, timestamp, payload) = speaker.next();
        world.send(one, from.payload_type, sequence, timestamp, &payload);
        world.pass(u64::from(from.ptime));
    }
    world.heard(other)
}

#[test]
fn every_codec_is_heard_in_every_other() {
    let codecs = [
        (pcmu(), 30.0),
        (codec(8, "PCMA", 8000, 30), 30.0),
        (codec(9, "G722", 8000, 20), 30.0),
        (opus(20, ""), 12.0),
        (opus(60, "maxplaybackrate=16000;useinbandfec=1"), 12.0),
        (codec(3, "GSM", 8000, 40), 12.0),
        (codec(96, "G726-16", 8000, 20), 10.0),
        (codec(97, "G726-24", 8000, 20), 18.0),
        (codec(98, "G726-32", 8000, 10), 24.0),
        (codec(99, "AAL2-G726-40", 8000, 20), 28.0),
        (codec(100, "L16", 48_000, 10), 45.0),
        (codec(101, "L16", 16_000, 20), 45.0),
        (codec(102, "L16", 32_000, 20), 45.0),
    ];
    for (from, first) in &codecs {
        for (to, second) in &codecs {
            let heard = call(from, to);
            let named = format!("{}/{} to {}/{}", from.name, from.ptime, to.name, to.ptime);
            let said = 1000 / from.ptime * from.ptime;
            let missing = said / to.ptime - heard.len() as u32;
            assert!(missing <= 2, "{named}: {} packets", heard.len());
            let units = to.ptime * to.clock_rate / 1000;
            for pair in heard.windows(2) {
                let step = pair[1]
                    .header
                    .timestamp
                    .wrapping_sub(pair[0].header.timestamp);
                assert_eq!(step, units, "{named}");
            }
            let (amplitude, ratio) = quality(&heard, to);
            let least = f64::min(*first, *second) - 4.0;
            assert!(ratio > least, "{named}: {ratio:.1} dB");
            assert!(
                (0.7..1.15).contains(&(amplitude / LEVEL)),
                "{named}: {amplitude}"
            );
        }
    }
}

#[test]
fn a_translated_packet_leaves_at_the_moment_the_other_came() {
    let mut world = World::new();
    let (one, other) = world.pair(&[codec(9, "G722", 8000, 20)], &[opus(20, "")]);
    let mut speaker = Speaker::new(codec(9, "G722", 8000, 20));
    for _ in 0..10 {
        let (sequence, timestamp, payload) = speaker.next();
        world.send(one, 9, sequence, timestamp, &payload);
        let heard = world.heard(other);
        assert_eq!(heard.len(), 1);
        assert_eq!(heard[0].at, world.now);
        world.pass(20);
    }
}

#[test]
fn silence_that_opus_does_not_send_is_a_gap_in_time() {
    let mut world = World::new();
    let (one, other) = world.pair(&[pcmu()], &[opus(20, "usedtx=1")]);
    for number in 0..100 {
        world.speak(one, 0, number, &[0xff; 160]);
        world.pass(20);
    }
    for number in 100..150 {
        let voice: Vec<u8> = (0..160u32).map(|index| (index * 37 % 251) as u8).collect();
        world.speak(one, 0, number, &voice);
        world.pass(20);
    }
    let heard = world.heard(other);
    assert!(heard.len() < 110, "{} packets", heard.len());
    let (first, last) = (&heard[0].header, &heard[heard.len() - 1].header);
    assert_eq!(last.timestamp - first.timestamp, 149 * 960);
    assert_eq!(
        usize::from(last.sequence - first.sequence),
        heard.len() - 1,
        "what is not sent takes no number"
    );
    assert!(heard.iter().filter(|sent| sent.header.marker).count() >= 2);
}

#[test]
fn packet_times_that_opus_lacks_are_refused() {
    let mut world = World::new();
    let leg = world.open();
    let wrong = parameters(leg, &[opus(30, "")]);
    assert!(wrong.check().is_err_and(|text| text.contains("30 ms")));
}
