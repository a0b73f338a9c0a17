use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use std::io;
use std::path::Path;

use super::layout::{FORMAT_EXTENSIBLE, GUID_TAIL};
use super::{WavReader, WavWriter};

/// A path of its own that is removed when the test ends.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dsp-wav-{}-{number}.wav", std::process::id());
        Place(std::env::temp_dir().join(name))
    }

    fn holding(bytes: &[u8]) -> Place {
        let place = Place::new();
        fs::write(&place.0, bytes).unwrap();
        place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut chunk = name.to_vec();
    chunk.extend((body.len() as u32).to_le_bytes());
    chunk.extend(body);
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}

fn format(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
    let block = channels * bits.div_ceil(8);
    let mut body = tag.to_le_bytes().to_vec();
    body.extend(channels.to_le_bytes());
    body.extend(rate.to_le_bytes());
    body.extend((rate * u32::from(block)).to_le_bytes());
    body.extend(block.to_le_bytes());
    body.extend(bits.to_le_bytes());
    body
}

fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut body = b"WAVE".to_vec();
    body.extend(chunks.concat());
    chunk(b"RIFF", &body)
}

fn file(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    riff(&[
        chunk(b"fmt ", &format(tag, channels, rate, bits)),
        chunk(b"data", data),
    ])
}

fn read_all(bytes: &[u8]) -> io::Result<Vec<i16>> {
    let place = Place::holding(bytes);
    let mut reader = WavReader::open(&place.0)?;
    let mut out = Vec::new();
    while reader.read(&mut out, 1000)? > 0 {}
    Ok(out)
}

fn refusal(bytes: &[u8]) -> String {
    read_all(bytes)
        .expect_err("it should be refused")
        .to_string()
}

fn bytes_of(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

#[test]
fn every_encoding_is_read_as_sixteen_bits() {
    let floats: Vec<u8> = [0.5f32, -1.0, 2.0, f32::NAN]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let doubles: Vec<u8> = [-0.5f64, 0.25]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let table: [(u16, u16, &[u8], &[i16]); 8] = [
        (1, 8, &[0, 128, 255], &[-32768, 0, 32512]),
        (1, 16, &[1, 0, 0xff, 0xff], &[1, -1]),
        (1, 24, &[9, 1, 0, 9, 0, 0x80], &[1, -32768]),
        (1, 32, &[9, 9, 2, 0], &[2]),
        (3, 32, &floats, &[16384, -32768, 32767, 0]),
        (3, 64, &doubles, &[-16384, 8192]),
        (6, 8, &[0xd5, 0x2a], &[8, -32256]),
        (7, 8, &[0xff, 0x00], &[0, -32124]),
    ];
    for (tag, bits, data, expected) in table {
        let read = read_all(&file(tag, 1, 8000, bits, data)).unwrap();
        assert_eq!(read, expected, "format {tag}, {bits} bits");
    }
}

#[test]
fn channels_are_mixed_down_without_overflow() {
    let data = bytes_of(&[100, 300, 32767, 32767, -32768, -32768]);
    assert_eq!(
        read_all(&file(1, 2, 8000, 16, &data)).unwrap(),
        [200, 32767, -32768]
    );
    let six = bytes_of(&[6, 12, 18, 24, 30, 36]);
    assert_eq!(read_all(&file(1, 6, 48000, 16, &six)).unwrap(), [21]);
}

#[test]
fn what_the_file_says_of_itself_is_told() {
    let place = Place::holding(&file(1, 2, 44100, 16, &[0; 4 * 44100]));
    let reader = WavReader::open(&place.0).unwrap();
    assert_eq!((reader.rate(), reader.channels()), (44100, 2));
    assert_eq!(reader.length_ms(), Some(1000));
}

#[test]
fn an_extensible_header_is_understood_and_a_strange_one_refused() {
    let extensible = |tail: &[u8]| {
        let mut body = format(FORMAT_EXTENSIBLE, 1, 16000, 16);
        body.extend([22, 0, 16, 0, 4, 0, 0, 0, 1, 0]);
        body.extend(tail);
        riff(&[chunk(b"fmt ", &body), chunk(b"data", &[5, 0])])
    };
    assert_eq!(read_all(&extensible(&GUID_TAIL)).unwrap(), [5]);
    assert!(refusal(&extensible(&[7; 14])).contains("extensible"));
    assert!(refusal(&extensible(&[])).contains("extensible"));
}

#[test]
fn chunks_before_the_audio_are_skipped_with_their_padding() {
    let bytes = riff(&[
        chunk(b"LIST", b"odd"),
        chunk(b"fmt ", &format(1, 1, 8000, 16)),
        chunk(b"fact", &[0; 4]),
        chunk(b"data", &[1, 0, 2, 0]),
        chunk(b"LIST", b"behind"),
    ]);
    assert_eq!(read_all(&bytes).unwrap(), [1, 2]);
}

#[test]
fn long_files_tell_their_size_in_their_own_chunk() {
    let mut sizes = vec![0; 8];
    sizes.extend(4u64.to_le_bytes());
    sizes.extend([0; 12]);
    let mut bytes = riff(&[
        chunk(b"ds64", &sizes),
        chunk(b"fmt ", &format(1, 1, 8000, 16)),
        chunk(b"data", &[1, 0, 2, 0, 3, 0]),
    ]);
    bytes[..4].copy_from_slice(b"RF64");
    let size = bytes.len() - 10;
    bytes[size..size + 4].copy_from_slice(&[0xff; 4]);
    assert_eq!(read_all(&bytes).unwrap(), [1, 2]);
}

#[test]
fn a_file_whose_writer_died_is_read_to_its_end() {
    for size in [[0; 4], [0xff; 4]] {
        let mut bytes = file(1, 1, 8000, 16, &[1, 0, 2, 0, 3, 0]);
        bytes[4..8].copy_from_slice(&[0; 4]);
        bytes[40..44].copy_from_slice(&size);
        assert_eq!(read_all(&bytes).unwrap(), [1, 2, 3]);
    }
}

#[test]
fn only_the_size_of_the_audio_may_be_missing() {
    let samples: Vec<i16> = (0..20).map(|it| it * 1000).collect();
    let data: Vec<u8> = samples.iter().flat_map(|it| it.to_le_bytes()).collect();
    let mut bytes = file(1, 1, 8000, 16, &data);
    bytes[40..44].copy_from_slice(&[0; 4]);
    assert_eq!(read_all(&bytes).unwrap(), samples);
    // The name of a chunk without room for it is audio too.
    let mut bytes = file(1, 1, 8000, 16, b"LIST\x09\0\0\0x");
    bytes[40..44].copy_from_slice(&[0; 4]);
    assert_eq!(read_all(&bytes).unwrap().len(), 5);
}

#[test]
fn a_data_chunk_told_empty_in_a_whole_file_is_empty() {
    let bytes = riff(&[
        chunk(b"fmt ", &format(1, 1, 8000, 16)),
        chunk(b"data", &[]),
        chunk(b"LIST", b"text"),
    ]);
    assert_eq!(read_all(&bytes).unwrap(), []);
}

#[test]
fn what_is_no_wav_file_is_refused_with_a_reason() {
    assert!(refusal(b"").contains("too short"));
    assert!(refusal(b"ID3 and then some more").contains("begin"));
    assert!(refusal(&riff(&[chunk(b"data", &[0; 4])])).contains("before its format"));
    assert!(refusal(&riff(&[chunk(b"fmt ", &[1, 0])])).contains("cut off"));
    assert!(refusal(&riff(&[])).contains("format is told"));
    assert!(refusal(&file(1, 0, 8000, 16, &[])).contains("0 channels"));
    assert!(refusal(&file(1, 1, 0, 16, &[])).contains("0 Hz"));
    assert!(refusal(&file(0x11, 1, 8000, 4, &[])).contains("format 17"));
    assert!(refusal(&file(1, 1, 8000, 0, &[])).contains("0 bits"));
    let missing = WavReader::open(Path::new("/nonexistent/x.wav"));
    assert_eq!(missing.err().unwrap().kind(), io::ErrorKind::NotFound);
    assert!(WavReader::open(&std::env::temp_dir()).is_err());
}

#[test]
fn no_truncated_or_mutated_file_panics_or_reads_beyond_its_end() {
    let mut whole = riff(&[
        chunk(b"LIST", b"some text"),
        chunk(b"ds64", &[1; 28]),
        chunk(b"fmt ", &format(1, 2, 8000, 24)),
        chunk(b"data", &[0x55; 60]),
    ]);
    for length in 0..whole.len() {
        if let Ok(samples) = read_all(&whole[..length]) {
            assert!(samples.len() <= 10);
        }
    }
    let mut random = 1u32;
    for place in 0..whole.len() - 60 {
        let before = whole[place];
        for value in [0, 1, 0x7f, 0x80, 0xfe, 0xff, random as u8] {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            whole[place] = value;
            if let Ok(samples) = read_all(&whole) {
                assert!(samples.len() <= whole.len());
            }
        }
        whole[place] = before;
    }
}

#[test]
fn seeking_goes_to_the_millisecond_and_no_further_than_the_end() {
    let samples: Vec<i16> = (0..8000).collect();
    let place = Place::holding(&file(1, 1, 8000, 16, &bytes_of(&samples)));
    let mut reader = WavReader::open(&place.0).unwrap();
    let mut read_at = |milliseconds| {
        let mut out = Vec::new();
        reader.seek_ms(milliseconds).unwrap();
        reader.read(&mut out, 1).unwrap();
        out
    };
    assert_eq!(read_at(500), [4000]);
    assert_eq!(read_at(0), [0]);
    assert_eq!(read_at(1000), []);
    assert_eq!(read_at(u64::MAX), []);
}

#[test]
fn a_written_file_is_right_whenever_it_is_looked_at() {
    let place = Place::new();
    let mut writer = WavWriter::create(&place.0, 8000, 1).unwrap();
    let read = || {
        let mut reader = WavReader::open(&place.0).unwrap();
        let mut out = Vec::new();
        reader.read(&mut out, usize::MAX).unwrap();
        out
    };
    assert_eq!(read(), []);
    for frame in 0..120 {
        writer.write(&[frame; 160]).unwrap();
        let written = 160 * (frame as usize + 1);
        assert!(read().len() + 8000 > written, "more than a second behind");
        assert_eq!(
            fs::metadata(&place.0).unwrap().len(),
            44 + 2 * read().len() as u64
        );
    }
    writer.finish().unwrap();
    let samples = read();
    assert_eq!(samples.len(), 120 * 160);
    assert_eq!((samples[0], samples[19_199]), (0, 119));
}

#[test]
fn the_header_says_what_other_programs_expect() {
    let place = Place::new();
    let mut writer = WavWriter::create(&place.0, 16000, 2).unwrap();
    writer.write(&[1, 2, 3, 4]).unwrap();
    drop(writer);
    let bytes = fs::read(&place.0).unwrap();
    assert_eq!(bytes, file(1, 2, 16000, 16, &bytes_of(&[1, 2, 3, 4])));
}

#[test]
fn appending_goes_on_behind_the_audio_and_drops_what_followed_it() {
    let mut bytes = riff(&[
        chunk(b"fmt ", &format(1, 1, 16000, 16)),
        chunk(b"data", &bytes_of(&[1, 2])),
        chunk(b"LIST", b"tags"),
    ]);
    bytes[4] = 0;
    let place = Place::holding(&bytes);
    let mut writer = WavWriter::append(&place.0).unwrap();
    assert_eq!((writer.rate(), writer.channels()), (16000, 1));
    writer.write(&[3]).unwrap();
    writer.finish().unwrap();
    assert_eq!(
        fs::read(&place.0).unwrap(),
        file(1, 1, 16000, 16, &bytes_of(&[1, 2, 3]))
    );
}

#[test]
fn only_sixteen_bit_files_are_appended_to() {
    let place = Place::holding(&file(7, 1, 8000, 8, &[0xff; 4]));
    assert!(WavWriter::append(&place.0).is_err());
    assert_eq!(fs::read(&place.0).unwrap().len(), 48, "it is left alone");
    assert!(WavWriter::append(Path::new("/nonexistent/x.wav")).is_err());
}

#[test]
fn pipes_and_devices_are_refused() {
    let device = Path::new("/dev/null");
    assert!(WavReader::open(device).is_err());
    assert!(WavWriter::create(device, 8000, 1).is_err());
    assert!(WavWriter::append(device).is_err());
}

#[test]
fn a_recording_without_rate_or_channels_is_refused() {
    let place = Place::new();
    assert!(WavWriter::create(&place.0, 0, 1).is_err());
    assert!(WavWriter::create(&place.0, 8000, 0).is_err());
    assert!(!place.0.exists());
}
