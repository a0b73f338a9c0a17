use super::*;

struct Random(u64);

impl Random {
    /// Uniform from -1 to 1.
    fn next(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as f64 / f64::from(1u32 << 30) - 1.0
    }
}

struct Digit {
    key: char,
    rate: u32,
    milliseconds: u32,
    low: f64,
    high: f64,
    /// Error of both frequencies as a factor.
    detune: f64,
}

const FIVE: Digit = Digit {
    key: '5',
    rate: 8000,
    milliseconds: 60,
    low: 5000.0,
    high: 5000.0,
    detune: 1.0,
};

impl Digit {
    fn samples(&self) -> Vec<f64> {
        let (row, column) = (0..16)
            .map(|index| (index / 4, index % 4))
            .find(|&(row, column)| KEYS[row][column] == self.key)
            .unwrap();
        let angle = 2.0 * PI * self.detune / f64::from(self.rate);
        (0..self.milliseconds * self.rate / 1000)
            .map(|index| {
                let turn = angle * f64::from(index);
                self.low * (ROWS[row] * turn).sin() + self.high * (COLUMNS[column] * turn).sin()
            })
            .collect()
    }
}

fn pause(rate: u32, milliseconds: u32) -> Vec<f64> {
    vec![0.0; (milliseconds * rate / 1000) as usize]
}

fn with_noise(mut samples: Vec<f64>, amplitude: f64, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    for sample in &mut samples {
        *sample += amplitude * random.next();
    }
    samples
        .iter()
        .map(|&sample| sample.round() as i16)
        .collect()
}

fn hear(rate: u32, samples: &[i16]) -> Vec<(char, u32)> {
    let (mut detector, mut found) = (DtmfDetector::new(rate), Vec::new());
    for frame in samples.chunks(rate as usize / 50) {
        detector.process(frame, &mut found);
    }
    found
}

/// What is heard of this digit between pauses.
fn hear_digit(digit: &Digit, noise: f64, seed: u64) -> Vec<(char, u32)> {
    let mut samples = pause(digit.rate, 30 + (seed % 13) as u32);
    samples.extend(digit.samples());
    samples.extend(pause(digit.rate, 100));
    hear(digit.rate, &with_noise(samples, noise, seed))
}

fn names(found: &[(char, u32)]) -> String {
    found.iter().map(|(digit, _)| digit).collect()
}

#[test]
fn power_measures_one_frequency_only() {
    let samples: Vec<i16> = (0..800)
        .map(|index| (1000.0 * (2.0 * PI * 440.0 * f64::from(index) / 8000.0).sin()) as i16)
        .collect();
    assert!((power(&samples, 8000, 440.0) / 500_000.0 - 1.0).abs() < 0.01);
    assert!(power(&samples, 8000, 1000.0) < 100.0);
    assert_eq!(power(&[], 8000, 440.0), 0.0);
}

#[test]
fn every_digit_is_heard_once_at_every_rate_with_its_length() {
    for rate in [8000, 11025, 16000, 48000] {
        for key in KEYS.into_iter().flatten() {
            for milliseconds in [50, 100, 400] {
                let digit = Digit {
                    key,
                    rate,
                    milliseconds,
                    ..FIVE
                };
                let found = hear_digit(&digit, 0.0, 5);
                assert_eq!(
                    names(&found),
                    key.to_string(),
                    "{rate} Hz {milliseconds} ms"
                );
                assert!(
                    found[0].1.abs_diff(milliseconds) <= 13,
                    "{found:?} {milliseconds}"
                );
            }
        }
    }
}

#[test]
fn the_shortest_digit_is_heard_wherever_it_begins() {
    for offset in 0..51 {
        let mut samples = vec![0.0; 400 + offset];
        samples.extend(
            Digit {
                milliseconds: 40,
                ..FIVE
            }
            .samples(),
        );
        samples.extend(pause(8000, 60));
        assert_eq!(
            names(&hear(8000, &with_noise(samples, 0.0, 1))),
            "5",
            "offset {offset}"
        );
    }
}

#[test]
fn shorter_tones_are_not_digits() {
    for offset in 0..51 {
        let mut samples = vec![0.0; 400 + offset];
        samples.extend(
            Digit {
                milliseconds: 23,
                ..FIVE
            }
            .samples(),
        );
        samples.extend(pause(8000, 60));
        assert_eq!(
            hear(8000, &with_noise(samples, 0.0, 1)),
            [],
            "offset {offset}"
        );
    }
}

#[test]
fn twist_of_eight_decibels_either_way_is_borne_with_noise_and_detuning() {
    let eight = 10f64.powf(8.0 / 20.0);
    for key in KEYS.into_iter().flatten() {
        for (low, high) in [
            (4000.0 * eight, 4000.0),
            (4000.0, 4000.0 * eight),
            (5e3, 5e3),
        ] {
            for detune in [0.985, 1.0, 1.015] {
                let digit = Digit {
                    key,
                    low,
                    high,
                    detune,
                    ..FIVE
                };
                // The noise is 17 dB below the weaker tone.
                for seed in 1..4 {
                    let found = hear_digit(&digit, 700.0, seed);
                    assert_eq!(
                        names(&found),
                        key.to_string(),
                        "{low} {high} {detune} {seed}"
                    );
                }
            }
        }
    }
}

#[test]
fn too_much_twist_is_refused() {
    let fourteen = 10f64.powf(14.0 / 20.0);
    assert_eq!(
        hear_digit(
            &Digit {
                low: 2000.0 * fourteen,
                high: 2000.0,
                ..FIVE
            },
            0.0,
            1
        ),
        []
    );
    assert_eq!(
        hear_digit(
            &Digit {
                high: 2000.0 * fourteen,
                low: 2000.0,
                ..FIVE
            },
            0.0,
            1
        ),
        []
    );
}

#[test]
fn faint_digits_are_heard_and_fainter_ones_are_not() {
    let heard = |level| {
        names(&hear_digit(
            &Digit {
                low: level,
                high: level,
                ..FIVE
            },
            0.0,
            1,
        ))
    };
    assert_eq!(heard(300.0), "5");
    assert_eq!(heard(15_000.0), "5");
    assert_eq!(heard(100.0), "");
}

#[test]
fn digits_in_noise_of_fifteen_decibels_are_all_heard() {
    // Two tones of 4000 hold 16e6; uniform noise of a holds a * a / 3.
    let amplitude = (16e6 * 3.0 / 10f64.powf(1.5)).sqrt();
    for seed in 0..100 {
        let key = KEYS[seed as usize / 4 % 4][seed as usize % 4];
        let digit = Digit {
            key,
            low: 4000.0,
            high: 4000.0,
            milliseconds: 80,
            ..FIVE
        };
        assert_eq!(
            names(&hear_digit(&digit, amplitude, seed)),
            key.to_string(),
            "{seed}"
        );
    }
}

#[test]
fn repeated_digits_are_counted_and_short_drop_outs_are_not() {
    let mut samples = Vec::new();
    for gap in [40, 10, 100] {
        samples.extend(FIVE.samples());
        samples.extend(pause(8000, gap));
    }
    let found = hear(8000, &with_noise(samples, 10.0, 1));
    assert_eq!(names(&found), "55");
    assert!(found[1].1 > 115, "60 + 10 + 60 ms: {found:?}");
}

#[test]
fn one_digit_may_follow_another_without_a_pause() {
    let mut samples = FIVE.samples();
    samples.extend(Digit { key: '9', ..FIVE }.samples());
    samples.extend(Digit { key: '#', ..FIVE }.samples());
    samples.extend(pause(8000, 50));
    assert_eq!(names(&hear(8000, &with_noise(samples, 0.0, 1))), "59#");
}

#[test]
fn lone_tones_and_call_progress_are_not_digits() {
    for (low, high) in [
        (697.0, 0.0),
        (1336.0, 0.0),
        (350.0, 440.0),
        (480.0, 620.0),
        (400.0, 450.0),
    ] {
        let samples: Vec<i16> = (0..8000)
            .map(|index| {
                let turn = 2.0 * PI * f64::from(index) / 8000.0;
                (6000.0 * (low * turn).sin() + 6000.0 * (high * turn).sin()) as i16
            })
            .collect();
        assert_eq!(hear(8000, &samples), [], "{low} {high}");
    }
}

#[test]
fn noise_is_never_a_digit() {
    let samples = with_noise(vec![0.0; 8000 * 20], 12_000.0, 99);
    assert_eq!(hear(8000, &samples), []);
}

/// A minute of speech-like sound: a gliding voice through wandering formants, with pauses.
fn speech(seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    let mut out = Vec::new();
    let mut delays = [[0.0f64; 2]; 3];
    while out.len() < 8000 * 60 {
        let syllable = 1200.0 + 1000.0 * random.next();
        let (from, to) = (170.0 + 90.0 * random.next(), 170.0 + 90.0 * random.next());
        let formants = [
            550.0 + 300.0 * random.next(),
            1500.0 + 700.0 * random.next(),
            2700.0 + 400.0 * random.next(),
        ];
        let mut pulse = 0.0;
        for index in 0..syllable as usize {
            let part = index as f64 / syllable;
            pulse += (from + (to - from) * part) / 8000.0;
            let mut value = random.next() * 0.02;
            if pulse >= 1.0 {
                pulse -= 1.0;
                value += 1.0;
            }
            for (formant, delay) in formants.into_iter().zip(&mut delays) {
                let radius = 0.97;
                let turn = 2.0 * PI * formant / 8000.0;
                let now = value * (1.0 - radius) + 2.0 * radius * turn.cos() * delay[0]
                    - radius * radius * delay[1];
                *delay = [now, delay[0]];
                value = now + value * 0.3;
            }
            let envelope = (PI * part).sin();
            out.push(value * envelope);
        }
        if random.next() > 0.6 {
            out.extend([0.0; 1600]);
        }
    }
    let peak = out.iter().fold(0.0f64, |peak, value| peak.max(value.abs()));
    out.iter()
        .map(|value| (value / peak * 30_000.0) as i16)
        .collect()
}

#[test]
fn a_voice_is_not_taken_for_digits() {
    for seed in 1..6 {
        let samples = speech(seed);
        assert!(
            crate::level::mean_absolute(&samples) > 500,
            "the voice is silent"
        );
        assert_eq!(hear(8000, &samples), [], "seed {seed}");
    }
}

#[test]
fn digits_are_heard_over_a_voice_that_is_softer() {
    for seed in 1..6 {
        // As when a menu speaks while the caller dials: its peaks are 16 dB below the digit's.
        let voice = speech(seed).into_iter().map(|it| f64::from(it) / 20.0);
        let mut samples: Vec<f64> = voice.collect();
        let mut pressed = String::new();
        for place in (4000..samples.len() - 4000).step_by(8000) {
            let number = pressed.len();
            let digit = Digit {
                key: KEYS[number / 4 % 4][number % 4],
                milliseconds: 80,
                ..FIVE
            };
            pressed.push(digit.key);
            for (sample, tone) in samples[place..].iter_mut().zip(digit.samples()) {
                *sample += tone;
            }
        }
        assert!(pressed.len() >= 59);
        let heard = hear(8000, &with_noise(samples, 0.0, 1));
        assert_eq!(names(&heard), pressed, "seed {seed}");
    }
}
