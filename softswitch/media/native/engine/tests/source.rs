//! What is read from sources: all of it, as often as asked, at the listener's rate.

use std::sync::Arc;

use dsp::tone::ToneScript;
use engine::source::{Read, Reader, Source};
use engine::time::Rate;

fn buffer(samples: &[i16], rate: Rate) -> Source {
    Source::Buffer {
        samples: samples.into(),
        rate,
    }
}

/// Reads to the end in packets of 20 ms at 8 kHz.
fn read_all(source: &Source, loops: Option<u32>, offset_ms: u64) -> Vec<i16> {
    let mut reader = Reader::new(source, loops, offset_ms, None);
    let mut heard = Vec::new();
    while reader.read(8000, 160, &mut heard) == Read::Samples {
        assert!(heard.len() < 100_000, "the source has an end");
    }
    heard
}

#[test]
fn a_buffer_is_played_as_it_is_and_as_often_as_asked() {
    let samples: Vec<i16> = (0..250).collect();
    let heard = read_all(&buffer(&samples, 8000), Some(3), 0);
    assert_eq!(heard, samples.repeat(3));
}

#[test]
fn an_offset_counts_in_the_first_pass_only() {
    let samples: Vec<i16> = (0..160).collect();
    let heard = read_all(&buffer(&samples, 8000), Some(2), 10);
    assert_eq!(heard.len(), 80 + 160);
    assert_eq!(heard[0], 80);
}

#[test]
fn a_buffer_of_another_rate_keeps_its_length_in_time() {
    assert_eq!(
        read_all(&buffer(&[1000; 16_000], 16_000), Some(1), 0).len(),
        8000
    );
}

#[test]
fn an_empty_buffer_ends_at_once_even_when_endless() {
    assert_eq!(read_all(&buffer(&[], 8000), None, 0), []);
}

#[test]
fn an_endless_buffer_goes_on() {
    let mut reader = Reader::new(&buffer(&[5; 10], 8000), None, 0, None);
    let mut heard = Vec::new();
    for _ in 0..100 {
        assert_eq!(reader.read(8000, 160, &mut heard), Read::Samples);
    }
    assert_eq!(heard, [5; 16_000]);
}

#[test]
fn tones_and_silence_have_their_length_at_any_rate() {
    let script = ToneScript::parse("%(100,50,440)").expect("the script is right");
    let tone = Source::Tone(Arc::new(script));
    assert_eq!(read_all(&tone, Some(2), 0).len(), 2 * 150 * 8);
    let silence = Source::Silence {
        milliseconds: Some(30),
        noise: 0,
    };
    assert_eq!(read_all(&silence, Some(2), 0), [0; 2 * 30 * 8]);
    assert_eq!(read_all(&silence, Some(1), 10).len(), 20 * 8);
}

#[test]
fn comfort_noise_is_heard() {
    let noise = Source::Silence {
        milliseconds: Some(100),
        noise: 400,
    };
    assert!(
        read_all(&noise, Some(1), 0)
            .iter()
            .any(|&sample| sample != 0)
    );
}
