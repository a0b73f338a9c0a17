//! Music of our own, for stations whose folder holds none: soft chords, made by arithmetic.

use std::f64::consts::PI;

const BEAT_SECONDS: f64 = 0.6;
const BEATS_A_CHORD: usize = 4;
/// Bass and four voices, as MIDI numbers them.
const CHORDS: [(i32, [i32; 4]); 8] = [
    (48, [60, 64, 67, 71]),
    (45, [57, 60, 64, 67]),
    (50, [57, 62, 65, 69]),
    (43, [59, 62, 65, 67]),
    (48, [60, 64, 67, 72]),
    (41, [57, 60, 64, 65]),
    (50, [57, 60, 65, 69]),
    (43, [55, 59, 65, 71]),
];
/// Voices that are plucked, on each half beat.
const PATTERN: [usize; 8] = [0, 1, 2, 3, 2, 1, 3, 2];
const LEVEL: f64 = 0.35;
const OVERTONES: [(f64, f64); 4] = [(1.0, 1.0), (2.0, 0.32), (3.0, 0.12), (4.0, 0.05)];

/// About 19 seconds that may be played over and over, at `rate` Hz.
pub fn piece(rate: u32) -> Vec<i16> {
    let half_beat = (f64::from(rate) * BEAT_SECONDS / 2.0) as usize;
    let chord = half_beat * 2 * BEATS_A_CHORD;
    let mut sound = vec![0.0; chord * CHORDS.len()];
    for (number, (bass, voices)) in CHORDS.iter().enumerate() {
        let start = number * chord;
        add(&mut sound, start, pluck(*bass, rate, 3.2), 0.8);
        for note in voices {
            add(&mut sound, start, pad(*note, rate), 0.12);
        }
        for (step, voice) in PATTERN.iter().enumerate() {
            let high = pluck(voices[*voice] + 12, rate, 1.6);
            add(&mut sound, start + step * half_beat, high, 0.5);
        }
    }
    let loudest = sound
        .iter()
        .fold(f64::MIN_POSITIVE, |most, x| most.max(x.abs()));
    let gain = LEVEL * f64::from(i16::MAX) / loudest;
    sound.iter().map(|x| (x * gain).round() as i16).collect()
}

/// What sounds on behind the end is heard at the beginning, so that the loop has no seam.
fn add(sound: &mut [f64], start: usize, note: impl Iterator<Item = f64>, gain: f64) {
    let length = sound.len();
    for (place, sample) in note.enumerate() {
        sound[(start + place) % length] += sample * gain;
    }
}

fn pluck(note: i32, rate: u32, seconds: f64) -> impl Iterator<Item = f64> {
    tone(note, rate, seconds)
        .map(move |(time, wave)| wave * (time / 0.008).min(1.0) * (-3.0 * time / seconds).exp())
}

fn pad(note: i32, rate: u32) -> impl Iterator<Item = f64> {
    let seconds = BEAT_SECONDS * BEATS_A_CHORD as f64;
    tone(note, rate, seconds).map(move |(time, wave)| wave * (PI * time / seconds).sin().powi(2))
}

/// Moments of a note in seconds, and its wave then.
fn tone(note: i32, rate: u32, seconds: f64) -> impl Iterator<Item = (f64, f64)> {
    let rate = f64::from(rate);
    let frequency = 440.0 * 2f64.powf(f64::from(note - 69) / 12.0);
    (0..(rate * seconds) as usize).map(move |place| {
        let time = place as f64 / rate;
        let wave = OVERTONES
            .iter()
            // Nothing near the end of the band: it would only hiss.
            .filter(|(number, _)| frequency * number < rate * 0.4)
            .map(|(number, level)| level * (2.0 * PI * frequency * number * time).sin())
            .sum();
        (time, wave)
    })
}
