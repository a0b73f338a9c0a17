//! How well digits sent as tones are told from speech and heard in spite of noise.
//!
//!     cargo run --release -p dsp --example digits                  what is heard of made-up digits
//!     cargo run --release -p dsp --example digits -- FILE.wav …    what speech is taken for digits
//!
//! The files should hold speech alone: each digit that is found in them is a false one.

use std::env;
use std::f64::consts::PI;
use std::path::Path;

use dsp::goertzel::DtmfDetector;
use dsp::wav::WavReader;

const RATE: u32 = 8000;
const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: &[u8; 16] = b"123A456B789C*0#D";
/// Digits for each figure: 50 of each key.
const DIGITS: u64 = 800;

fn main() {
    let files: Vec<String> = env::args().skip(1).collect();
    if files.is_empty() {
        hear_digits();
    } else {
        talk_off(&files);
    }
}

/// Count false digits, in speech as it is and as loud as it can be.
fn talk_off(files: &[String]) {
    let (mut seconds, mut speech) = (0.0, 0.0);
    let (mut plain, mut loud) = (Vec::new(), Vec::new());
    for file in files {
        let Some((rate, mut samples)) = read(Path::new(file)) else {
            eprintln!("{file}: cannot be read");
            continue;
        };
        seconds += samples.len() as f64 / f64::from(rate);
        speech += spoken(&samples, rate);
        note(file, &hear(rate, &samples), &mut plain);
        let peak = samples
            .iter()
            .map(|it| it.unsigned_abs())
            .max()
            .unwrap_or(0);
        for sample in &mut samples {
            *sample = (i32::from(*sample) * 32_000 / i32::from(peak.max(1))) as i16;
        }
        note(file, &hear(rate, &samples), &mut loud);
    }
    let hours = speech / 3600.0;
    println!(
        "{} files, {:.2} h, of them speech {hours:.2} h",
        files.len(),
        seconds / 3600.0
    );
    for (name, found) in [("as it is", &plain), ("as loud as it can be", &loud)] {
        println!(
            "{name}: {} digits, {:.2} an hour of speech",
            found.len(),
            found.len() as f64 / hours
        );
        found.iter().for_each(|line| println!("    {line}"));
    }
}

fn read(path: &Path) -> Option<(u32, Vec<i16>)> {
    let mut reader = WavReader::open(path).ok()?;
    let mut samples = Vec::new();
    while reader.read(&mut samples, 100_000).ok()? > 0 {}
    Some((reader.rate(), samples))
}

/// Seconds that are no silence: pieces of 50 ms above -50 dB of full scale.
fn spoken(samples: &[i16], rate: u32) -> f64 {
    let loud = |piece: &&[i16]| mean_square(piece) > (32_768.0 * 10f64.powf(-50.0 / 20.0)).powi(2);
    samples.chunks(rate as usize / 20).filter(loud).count() as f64 / 20.0
}

fn mean_square(samples: &[i16]) -> f64 {
    let sum: f64 = samples.iter().map(|&it| f64::from(it).powi(2)).sum();
    sum / samples.len() as f64
}

fn note(file: &str, found: &[(char, u32)], lines: &mut Vec<String>) {
    let line = |(digit, milliseconds): &(char, u32)| format!("{digit} {milliseconds} ms {file}");
    lines.extend(found.iter().map(line));
}

fn hear(rate: u32, samples: &[i16]) -> Vec<(char, u32)> {
    let (mut detector, mut found) = (DtmfDetector::new(rate), Vec::new());
    for frame in samples.chunks(rate as usize / 50) {
        detector.process(frame, &mut found);
    }
    found
}

/// Say of digits of 50 ms how many are heard as what they are, and alone.
fn hear_digits() {
    println!("digits of 50 ms at -20 dBFS a tone; per cent heard, right and once");
    let noises = [f64::INFINITY, 24.0, 18.0, 15.0, 12.0, 10.0];
    print!("twist dB \\ noise SNR dB");
    noises.iter().for_each(|noise| print!("{noise:>7}"));
    println!();
    for twist in [-10.0, -8.0, -4.0, 0.0, 4.0, 8.0, 10.0] {
        print!("{twist:>23}");
        for noise in noises {
            print!("{:>7.1}", heard(twist, noise, 1.0, 50));
        }
        println!();
    }
    println!("frequencies off by, without noise");
    for error in [0.5, 1.0, 1.5, 1.8, 2.5, 3.0, 3.5, 4.0] {
        let (above, below) = (1.0 + error / 100.0, 1.0 - error / 100.0);
        let figures = [
            heard(0.0, f64::INFINITY, above, 50),
            heard(0.0, f64::INFINITY, below, 50),
        ];
        println!("{error:>6} %: +{:.1} -{:.1}", figures[0], figures[1]);
    }
    println!("length, without noise");
    for length in [20, 23, 25, 30, 35, 40, 50] {
        println!(
            "{length:>6} ms: {:.1}",
            heard(0.0, f64::INFINITY, 1.0, length)
        );
    }
}

fn heard(twist: f64, noise: f64, detune: f64, milliseconds: u32) -> f64 {
    let right = (0..DIGITS).filter(|&number| is_heard(number, twist, noise, detune, milliseconds));
    right.count() as f64 * 100.0 / DIGITS as f64
}

fn is_heard(number: u64, twist: f64, noise: f64, detune: f64, milliseconds: u32) -> bool {
    let key = number as usize % 16;
    let amplitude = 32_768.0 * 10f64.powf(-20.0 / 20.0);
    let high = amplitude * 10f64.powf(twist / 20.0);
    let power = (amplitude * amplitude + high * high) / 2.0;
    let deviation = (power / 10f64.powf(noise / 10.0)).sqrt();
    let mut random = Random(number + 1);
    let before = 400 + (random.uniform() * 102.0) as u32;
    let length = milliseconds * RATE / 1000;
    let samples: Vec<i16> = (0..before + length + 800)
        .map(|at| {
            let turn = 2.0 * PI * detune * f64::from(at) / f64::from(RATE);
            let on = (before..before + length).contains(&at);
            let tone =
                amplitude * (ROWS[key / 4] * turn).sin() + high * (COLUMNS[key % 4] * turn).sin();
            (if on { tone } else { 0.0 } + deviation * random.normal()) as i16
        })
        .collect();
    let found = hear(RATE, &samples);
    found.len() == 1 && found[0].0 == char::from(KEYS[key])
}

struct Random(u64);

impl Random {
    /// From 0 to 1.
    fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Of mean 0 and deviation 1: twelve uniform ones.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}
