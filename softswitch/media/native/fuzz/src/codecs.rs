//! Payloads of each codec, lost packets, samples to be encoded; and scripts of tones.

use dsp::codec::{Codec, create};
use dsp::tone::{ToneGenerator, ToneScript};

use super::input::Input;

/// Most samples of any packet: 120 ms at 48 kHz for Opus; others have a few for each byte.
const MOST_SAMPLES: usize = 5760;
/// Codecs are made for packets up to this long.
const LONGEST_MS: u32 = 200;

pub fn g711(data: &[u8]) {
    let mut input = Input::new(data);
    let name = input.pick(&["PCMU", "PCMA"]);
    let (rate, channels) = (input.pick(&[8000, 16_000]), input.pick(&[1, 2]));
    run(name, rate, channels, "", input);
}

pub fn l16(data: &[u8]) {
    let mut input = Input::new(data);
    let rate = input.pick(&[8000, 11_025, 16_000, 44_100, 48_000, 192_000]);
    let channels = input.pick(&[1, 2]);
    run("L16", rate, channels, "", input);
}

pub fn g722(data: &[u8]) {
    run("G722", 8000, 1, "", Input::new(data));
}

pub fn g726(data: &[u8]) {
    const NAMES: [&str; 8] = [
        "G726-16",
        "G726-24",
        "G726-32",
        "G726-40",
        "AAL2-G726-16",
        "AAL2-G726-24",
        "AAL2-G726-32",
        "AAL2-G726-40",
    ];
    let mut input = Input::new(data);
    run(input.pick(&NAMES), 8000, 1, "", input);
}

pub fn gsm(data: &[u8]) {
    run("GSM", 8000, 1, "", Input::new(data));
}

/// The far end's wishes come from its SDP: they are as hostile as its packets.
pub fn opus(data: &[u8]) {
    let mut input = Input::new(data);
    let channels = input.pick(&[1, 2]);
    let wishes = String::from_utf8_lossy(input.piece()).into_owned();
    run("opus", 48_000, channels, &wishes, input);
}

/// Decode, conceal and encode in any order.
fn run(name: &str, clock: u32, channels: u16, fmtp: &str, mut input: Input) {
    let mut codec = create(name, clock, channels, fmtp).expect("it is one of ours");
    while !input.is_empty() {
        match input.u8() % 8 {
            0 => codec.run_at(input.pick(&[8000, 12_000, 16_000, 24_000, 44_100, 48_000])),
            1 => encode(codec.as_mut(), &input.samples()),
            2 => {
                let count = usize::from(input.u16()) % MOST_SAMPLES;
                let next = input.piece();
                let next = (!next.is_empty()).then_some(next);
                let mut samples = Vec::new();
                let does = codec.conceal(count, next, &mut samples);
                assert!(does || samples.is_empty());
                assert!(samples.len() <= count + MOST_SAMPLES);
            }
            3 => {
                let samples = input.samples();
                let mut payload = vec![7];
                codec.encode_stereo(&samples, &mut payload);
                assert_eq!(payload[0], 7);
            }
            _ => decode(codec.as_mut(), input.piece()),
        }
        let most = 48_000.max(clock);
        assert!((8000..=most).contains(&codec.sample_rate()));
    }
}

fn decode(codec: &mut dyn Codec, payload: &[u8]) {
    let mut samples = vec![7, 7];
    let result = codec.decode(payload, &mut samples);
    assert_eq!(samples[..2], [7, 7], "samples are appended");
    let count = samples.len() - 2;
    assert!(count <= MOST_SAMPLES.max(4 * payload.len()));
    assert!(result.is_ok() || count == 0);
    encode(codec, &samples[2..]);
}

fn encode(codec: &mut dyn Codec, samples: &[i16]) {
    let longest = (codec.sample_rate() * LONGEST_MS / 1000) as usize;
    for piece in samples.chunks(longest) {
        let mut payload = vec![7];
        codec.encode(piece, &mut payload);
        assert_eq!(payload[0], 7, "the payload is appended");
        assert!(payload.len() <= 1 + 1275.max(4 * piece.len()));
    }
}

/// A script that is understood can be played to its end, or for a second.
pub fn tone_script(data: &[u8]) {
    let mut input = Input::new(data);
    let rate = input.pick(&[8000, 16_000, 48_000, 1]);
    let text = String::from_utf8_lossy(input.bytes(usize::MAX));
    let Ok(script) = ToneScript::parse(&text) else {
        return;
    };
    let _ = script.milliseconds();
    let mut generator = ToneGenerator::new(&script, rate);
    let mut samples = [0; 160];
    for _ in 0..50 {
        match generator.read(&mut samples) {
            0 => return,
            count => assert!(count <= samples.len()),
        }
    }
}
