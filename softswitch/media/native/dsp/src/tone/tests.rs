use super::generator::FULL_SCALE;
use super::*;
use crate::goertzel::power;

fn play(text: &str, rate: u32) -> Vec<i16> {
    let script = ToneScript::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let mut generator = ToneGenerator::new(&script, rate);
    let (mut samples, mut frame) = (Vec::new(), [0; 160]);
    while samples.len() < 10_000_000 {
        let count = generator.read(&mut frame);
        if count == 0 {
            break;
        }
        samples.extend_from_slice(&frame[..count]);
    }
    samples
}

fn wrong(text: &str) -> (usize, String) {
    let error = ToneScript::parse(text).expect_err(text);
    (error.position, error.message)
}

/// Level of one frequency in dBm0.
fn level(samples: &[i16], frequency: f64) -> f64 {
    let full_scale = f64::from(i16::MAX).powi(2) / 2.0;
    10.0 * (power(samples, 8000, frequency) / full_scale).log10() + FULL_SCALE
}

#[test]
fn a_tone_lasts_as_told_and_is_followed_by_its_pause() {
    let samples = play("%(300,100,640)", 8000);
    assert_eq!(samples.len(), 3200);
    assert!((level(&samples[..2400], 640.0) + 7.0).abs() < 0.1);
    assert!(samples[2400..].iter().all(|&sample| sample == 0));
    assert_eq!(play("%(300,100,640)", 48000).len(), 19200);
}

#[test]
fn several_frequencies_share_the_level() {
    let samples = play("v=-10;%(500,0,480,620)", 8000);
    let half = 20.0 * 2f64.log10();
    assert!((level(&samples, 480.0) + 10.0 + half).abs() < 0.1);
    assert!((level(&samples, 620.0) + 10.0 + half).abs() < 0.1);
}

#[test]
fn tones_may_stand_together_or_apart() {
    assert_eq!(
        play("%(100,0,440)%(100,0,350)", 8000),
        play("%(100,0,440) ;\r\n %(100,0,350);", 8000)
    );
    assert_eq!(play("123", 8000).len(), 3 * 2500);
}

#[test]
fn keys_are_their_two_frequencies_with_default_or_own_times() {
    for (key, low, high) in [
        ('1', 697.0, 1209.0),
        ('8', 852.0, 1336.0),
        ('D', 941.0, 1633.0),
    ] {
        let samples = play(&format!("{key}(120,80)"), 8000);
        assert_eq!(samples.len(), 1600);
        assert!((level(&samples[..960], low) + 13.0).abs() < 0.3);
        assert!((level(&samples[..960], high) + 13.0).abs() < 0.3);
    }
    assert_eq!(play("d=100;w=20;5#", 8000).len(), 2 * 960);
}

#[test]
fn small_l_repeats_one_tone_and_large_l_the_script() {
    assert_eq!(play("l=3;%(10,0,440)%(100,0,440)", 8000).len(), 240 + 800);
    assert_eq!(play("%(10,0,440);L=4;L=9", 8000).len(), 320);
}

#[test]
fn loops_repeat_all_of_it() {
    assert_eq!(play("%(10,10,440);loops=3", 8000).len(), 480);
    assert_eq!(play("{loops=3}%(10,10,440)", 8000).len(), 480);
    assert_eq!(play("{loops=3}%(10,10,440);loops=2", 8000).len(), 480);
    assert_eq!(play("{vol=2,loops=3} L=2;%(10,10,440)", 8000).len(), 960);
    assert_eq!(play("%(10,10,440);loops=0", 8000).len(), 160);
    assert_eq!(
        ToneScript::parse("%(1,1,9);loops=-1")
            .unwrap()
            .milliseconds(),
        None
    );
    assert_eq!(
        ToneScript::parse("L=2;%(40,2,9)l=2;1(5,5)")
            .unwrap()
            .milliseconds(),
        Some(124)
    );
}

#[test]
fn an_endless_script_never_ends() {
    let script = ToneScript::parse("%(10,10,440);loops=-1").unwrap();
    let mut generator = ToneGenerator::new(&script, 8000);
    for _ in 0..1000 {
        assert_eq!(generator.read(&mut [0; 160]), 160);
    }
}

#[test]
fn tones_fade_and_swell_by_steps() {
    let fading = play("v=0;>=100;+=6;%(300,0,800)", 8000);
    for (step, expected) in [0.0, -6.0, -12.0].into_iter().enumerate() {
        let part = &fading[step * 800 + 80..step * 800 + 720];
        assert!((level(part, 800.0) - expected).abs() < 0.2, "step {step}");
    }
    let rising = play("v=-20;<=100;+=3;%(200,0,800)", 8000);
    assert!((level(&rising[880..1520], 800.0) + 17.0).abs() < 0.2);
    let loudest = play("v=-9;<=1;+=9;%(200,0,800)", 8000).into_iter().max();
    assert!(loudest.unwrap() < 23_000, "louder than 0 dBm0: {loudest:?}");
}

#[test]
fn a_level_out_of_range_is_ignored() {
    assert_eq!(
        play("v=3;%(100,0,440)", 8000),
        play("v=-99;%(100,0,440)", 8000)
    );
}

#[test]
fn what_means_nothing_is_passed_over() {
    for (text, same) in [
        ("beep: %(100,0,440)", "%(100,0,440)"),
        ("%(100,0,440)@~e;x;\t1(10,10)", "%(100,0,440)1(10,10)"),
        ("q=1;%(100,0,440)", "%(100,0,440)"),
        ("v=;d=x;%(100,0,440);1(10,10)", "%(100,0,440);1(10,10)"),
        ("v=loud;1(10,10)", "1(10,10)"),
        ("d=100ms;w=20ms;5", "d=100;w=20;5"),
        ("%(100ms,50ms,440hz)", "%(100,50,440)"),
        ("%(100.9,50.2,440)", "%(100,50,440)"),
        ("%(100,,440)", "%(100,0,440)"),
        ("%(100,0,440,x,880)", "%(100,0,440)"),
        ("%(100,0,440", "%(100,0,440)"),
        ("%(100,0,440;1(10,10)", "%(100,0,440);1(10,10)"),
        ("d(120,80);1(10,10)", "1(10,10)"),
        ("x(1,2)1(10,10)", "1(10,10)"),
        ("%;1(10,10)", "1(10,10)"),
        ("l=0;1(10,10)", "1(10,10)"),
        ("l=-1;1(10,10)", "1(10,10)"),
        ("L=0;L=2;1(10,10)", "L=2;1(10,10)"),
        ("r=16000;c=2;c=0;1(10,10)", "1(10,10)"),
        (">=-5;1(100,10)", "1(100,10)"),
        ("1(10,10);loops=many", "1(10,10)"),
        ("1(10,10);loops=2 and more;1", "1(10,10);loops=2"),
        ("1(10,10);LOOPS=2", "1(10,10);loops=2"),
        ("1(10,10); loops=2;", "1(10,10);loops=2"),
        ("loops=2;1(10,10)", "1(10,10);loops=2"),
        // What follows a setting up to the ';' is lost; behind the last ';' it is not.
        ("v=-7 1(10,10);2(10,10)", "2(10,10)"),
        ("v=-9 1(10,10)", "v=-9;1(10,10)"),
        ("1(10,10)v=-9;2(10,10)", "1(10,10);v=-9;2(10,10)"),
        // Nothing is read behind a tone or key with a wrong number of arguments.
        ("1(10,10);%(100,0);2(10,10)", "1(10,10)"),
        ("1(10,10);2(10);3(10,10)", "1(10,10)"),
        ("1(10,10);2(10,10,10);3(10,10);loops=2", "1(10,10);loops=2"),
    ] {
        assert_eq!(play(text, 8000), play(same, 8000), "{text}");
    }
}

#[test]
fn frequencies_behind_the_eighteenth_are_not_played() {
    let list = |count: u32| {
        let frequencies: Vec<String> = (1..=count).map(|it| (it * 100).to_string()).collect();
        format!("%(100,0,{})", frequencies.join(","))
    };
    assert_eq!(play(&list(20), 8000), play(&list(18), 8000));
}

#[test]
fn a_negative_time_of_a_tone_stands_for_what_is_set() {
    assert_eq!(
        play("d=40;w=20;%(-1,-1,440)3(-1,5)", 8000),
        play("%(40,20,440)3(40,5)", 8000)
    );
}

#[test]
fn a_negative_first_frequency_makes_a_pause() {
    assert_eq!(play("%(100,50,-1)", 8000), [0; 400]);
    assert_eq!(play("1(10,0)%(9,50,-440)1(10,0)", 8000).len(), 160 + 400);
}

fn passed_over(text: &str) -> Vec<String> {
    let mut told = Vec::new();
    let _ = ToneScript::parse_telling(text, &mut told);
    told.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_passed_over_is_told_with_its_place() {
    for (text, expected) in [
        ("12x", "'x' is neither a tone nor a key at character 3"),
        ("1;q=1", "there is no setting 'q=' at character 3"),
        ("1;v=;2", "a number is missing at character 5"),
        ("1;v=9", "a level lies between -63 and 0 dB at character 5"),
        ("1;w=-9", "a time is not negative at character 5"),
        ("1;l=0", "this count is at least 1 at character 5"),
        ("v=-7 1", "a setting ends with ';' at character 6"),
        (
            "1;%(100,0,4x0)",
            "a number is missing or wrong at character 11",
        ),
        ("1;%(9,0,0)", "a tone has a frequency at character 3"),
        (
            "1;%(9,0,440",
            "this parenthesis is never closed at character 4",
        ),
        (
            "1;loops=many",
            "the number of loops is missing at character 9",
        ),
        (
            "1;%(100,0)",
            "a tone is %(on,off,frequency...); nothing behind it is played at character 3",
        ),
    ] {
        assert_eq!(passed_over(text).first().unwrap(), expected, "{text}");
    }
    for right in ["v=-7;%(2000,4000,440,480);loops=-1", "r=8000;c=1;1#*\t0"] {
        assert_eq!(passed_over(right), Vec::<String>::new(), "{right}");
    }
    assert_eq!(passed_over(&"x".repeat(100)).len(), 8);
}

#[test]
fn a_script_of_which_nothing_is_heard_is_wrong() {
    assert_eq!(wrong("").0, 0);
    assert_eq!(wrong("{loops=3").0, 0);
    assert_eq!(wrong("1;d=99999999999;2").0, 4);
    assert_eq!(wrong("%(99999999999,0,440)").0, 0);
    assert_eq!(wrong("%(0,0,440);loops=-1").0, 0);
    assert_eq!(wrong("%(0.9,0,440)").0, 0);
    let none = "the script has no tone that lasts";
    assert_eq!(wrong("v=-7"), (0, none.to_owned()));
    let one = "a tone is %(on,off,frequency...); nothing behind it is played";
    assert_eq!(wrong(";%(100,0)"), (1, one.to_owned()));
}

#[test]
fn a_tone_too_short_for_the_rate_is_no_endless_loop() {
    assert_eq!(play("%(1,0,440);loops=-1", 500).len(), 0);
}

#[test]
fn no_text_makes_the_parser_panic() {
    let alphabet: Vec<char> = "%(),;=0159.-+vlLdwrc><#*{}loOpsx é".chars().collect();
    let mut state = 1u32;
    for _ in 0..20_000 {
        let text: String = (0..state % 24)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                alphabet[(state >> 8) as usize % alphabet.len()]
            })
            .collect();
        state = state.wrapping_add(0x9e37);
        if let Ok(script) = ToneScript::parse(&text) {
            ToneGenerator::new(&script, 8000).read(&mut [0; 160]);
        }
    }
}

#[test]
fn digits_are_generated_at_any_rate() {
    let samples = dtmf_samples('5', 8000, 100).unwrap();
    assert_eq!(samples.len(), 800);
    assert!((level(&samples, 770.0) + 9.0).abs() < 0.2);
    assert!((level(&samples, 1336.0) + 7.0).abs() < 0.2);
    assert_eq!(dtmf_samples('#', 48000, 20).unwrap().len(), 960);
    assert!(dtmf_samples('w', 8000, 100).is_none());
}

#[test]
fn a_digit_read_in_frames_is_the_same_digit() {
    let mut generator = DtmfGenerator::new('7', 8000, 45).unwrap();
    let (mut samples, mut frame) = (Vec::new(), [0; 160]);
    loop {
        match generator.read(&mut frame) {
            0 => break,
            count => samples.extend_from_slice(&frame[..count]),
        }
    }
    assert_eq!(samples, dtmf_samples('7', 8000, 45).unwrap());
}

#[test]
fn a_frequency_of_nothing_ends_the_list() {
    let parse = |script| ToneScript::parse(script).expect("it is right");
    assert_eq!(parse("%(100,50,440,0,880)"), parse("%(100,50,440)"));
    assert_eq!(parse("%(100,50,0);%(100,50,440)"), parse("%(100,50,440)"));
    assert!(ToneScript::parse("%(100,50,0)").is_err());
}

#[test]
fn a_tone_of_no_length_is_not_repeated() {
    let script = "d=0;w=0;l=4000000000;1;%(100,50,440)";
    assert_eq!(play(script, 8000), play("%(100,50,440)", 8000));
}
