//! Recording in simulated time, into real files.

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use dsp::wav::{WavReader, WavWriter};
use engine::counters::EngineCounters;
use engine::event::{Event, EventQueue, RecordingEnd};
use engine::files::FileThreads;
use engine::graph::Command;
use engine::recorder::{Control, Hear, RecordingOptions, Sink};
use engine::source::{Reader, Source};
use support::{Leg, World, codec};

const OPTIONS: RecordingOptions = RecordingOptions {
    hear: Hear::Read,
    stereo: false,
    rate: 8000,
    limit_ms: 0,
    silence_threshold: 0,
    silence_ms: 0,
    initial_silence_ms: 0,
    swap: false,
    period_ms: 200,
    fill: 0,
};

/// A world whose files are really written.
struct Studio {
    world: World,
    files: FileThreads,
    events: Arc<EventQueue>,
    folder: PathBuf,
}

impl Studio {
    fn new(name: &str) -> Studio {
        let folder = std::env::temp_dir().join(format!("engine-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        let events = Arc::new(EventQueue::new().expect("there are descriptors"));
        let counters = Arc::new(EngineCounters::default());
        counters.recordings.add(1);
        let files = FileThreads::start(Arc::clone(&events), counters).expect("threads start");
        Studio {
            world: World::new(),
            files,
            events,
            folder,
        }
    }

    fn leg(&mut self) -> Leg {
        self.world.leg(&[codec(96, "L16", 8000, 20)])
    }

    fn record(&mut self, leg: Leg, options: RecordingOptions) {
        let path = self.folder.join("recorded.wav");
        let channels = if options.stereo { 2 } else { 1 };
        let writer = WavWriter::create(&path, options.rate, channels).expect("it can be made");
        let file = self.files.record(leg.id, 9, writer);
        let sink = Sink::File(file);
        self.world.command(leg, Command::Record { sink, options });
    }

    /// The far end says a constant for a number of packets.
    fn speak(&mut self, leg: Leg, first: u32, count: u32, level: i16) {
        for number in first..first + count {
            self.world.send(
                leg,
                96,
                number as u16,
                number * 160,
                &level.to_be_bytes().repeat(160),
            );
            self.world.pass(20);
        }
    }

    /// How the recording ended, and the file's samples, channels interleaved.
    fn finish(self) -> (u64, RecordingEnd, Vec<i16>) {
        self.files.shut_down();
        let end = self
            .events
            .take()
            .into_iter()
            .find_map(|event| match event {
                Event::RecordingFinished {
                    recording: 9,
                    samples,
                    end,
                    ..
                } => Some((samples, end)),
                _ => None,
            });
        let (samples, end) = end.expect("the end was told");
        let bytes = std::fs::read(self.folder.join("recorded.wav")).expect("it was written");
        std::fs::remove_dir_all(&self.folder).expect("it can be removed");
        let audio = bytes[44..]
            .chunks(2)
            .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        (samples, end, audio)
    }
}

fn count(audio: &[i16], level: i16) -> usize {
    audio.iter().filter(|sample| **sample == level).count()
}

#[test]
fn what_the_far_end_says_is_recorded_for_as_long_as_it_takes() {
    let mut studio = Studio::new("read");
    let leg = studio.leg();
    studio.record(leg, OPTIONS);
    studio.speak(leg, 0, 50, 1000);
    studio.world.command(leg, Command::Stop { number: 9 });
    let (samples, end, audio) = studio.finish();
    assert_eq!((samples, end), (8000, RecordingEnd::Stopped));
    assert_eq!(count(&audio, 1000), 8000);
}

#[test]
fn lost_packets_and_silence_on_the_wire_are_silence_of_the_same_length() {
    let mut studio = Studio::new("gaps");
    let leg = studio.leg();
    studio.record(leg, OPTIONS);
    studio.speak(leg, 0, 10, 1000);
    studio.world.pass(20); // packet 10 is lost
    studio.speak(leg, 11, 10, 2000);
    studio.world.pass(1000);
    studio.speak(leg, 71, 10, 3000);
    studio.world.close(leg);
    let (samples, end, audio) = studio.finish();
    assert_eq!(end, RecordingEnd::Closed);
    assert_eq!(samples, (31 * 20 + 1000) * 8);
    assert_eq!(audio[1600..1760], [0; 160]);
    assert_eq!(audio[1760], 2000);
    let third = audio
        .iter()
        .position(|sample| *sample == 3000)
        .expect("it was heard");
    assert_eq!(third, (21 * 20 + 1000) * 8);
    assert_eq!(count(&audio, 3000), 1600);
}

#[test]
fn what_does_not_come_may_be_soft_noise_of_the_same_length() {
    let mut studio = Studio::new("noise");
    let leg = studio.leg();
    let fill = 1400;
    studio.record(leg, RecordingOptions { fill, ..OPTIONS });
    studio.speak(leg, 0, 10, 1000);
    studio.world.pass(20); // packet 10 is lost
    studio.speak(leg, 11, 10, 2000);
    studio.world.pass(1000);
    studio.speak(leg, 71, 10, 3000);
    let control = Control::Mask;
    let masking = Command::ControlRecording { number: 9, control };
    studio.world.command(leg, masking);
    studio.world.pass(1000);
    studio.world.close(leg);
    let (samples, _, audio) = studio.finish();
    assert_eq!(samples, (31 * 20 + 2000) * 8);
    let (lost, pause) = (&audio[1600..1760], &audio[3360..11360]);
    for noise in [lost, pause] {
        let loudness = dsp::level::mean_absolute(noise);
        assert!((15..50).contains(&loudness), "{loudness}");
    }
    // A mask is silence: nothing stands for what shall not be heard.
    assert_eq!(audio[12960..], [0; 8000]);
}

#[test]
fn both_directions_are_mixed_or_kept_apart() {
    for stereo in [false, true] {
        let mut studio = Studio::new(if stereo { "stereo" } else { "mixed" });
        let leg = studio.leg();
        studio.record(
            leg,
            RecordingOptions {
                hear: Hear::Both,
                stereo,
                ..OPTIONS
            },
        );
        let source = Source::Buffer {
            samples: vec![100; 8000].into(),
            rate: 8000,
        };
        let reader = Box::new(Reader::new(&source, Some(1), 0, None));
        studio
            .world
            .command(leg, Command::Play { number: 1, reader });
        studio.speak(leg, 0, 25, 1000);
        studio.world.command(leg, Command::Stop { number: 9 });
        let (samples, _, audio) = studio.finish();
        assert_eq!(samples, 4000);
        if stereo {
            assert_eq!((audio[2000], audio[2001]), (1000, 100));
            assert_eq!(audio.len(), 8000);
        } else {
            assert_eq!(audio[1000], 1100);
        }
    }
}

#[test]
fn what_is_relayed_to_the_far_end_is_recorded_too() {
    let mut studio = Studio::new("write");
    let (one, other) = (studio.leg(), studio.leg());
    studio.world.command(one, Command::Connect(other.id));
    studio.record(
        other,
        RecordingOptions {
            hear: Hear::Write,
            ..OPTIONS
        },
    );
    studio.speak(one, 0, 20, 1234);
    studio.world.command(other, Command::Stop { number: 9 });
    let (_, _, audio) = studio.finish();
    assert_eq!(count(&audio, 1234), 3200);
}

#[test]
fn a_limit_ends_the_recording_to_the_sample() {
    let mut studio = Studio::new("limit");
    let leg = studio.leg();
    studio.record(
        leg,
        RecordingOptions {
            limit_ms: 310,
            ..OPTIONS
        },
    );
    studio.speak(leg, 0, 50, 1000);
    let (samples, end, audio) = studio.finish();
    assert_eq!(
        (samples, end, audio.len()),
        (2480, RecordingEnd::Limit, 2480)
    );
}

#[test]
fn enough_silence_ends_the_recording() {
    let mut studio = Studio::new("silence");
    let leg = studio.leg();
    let options = RecordingOptions {
        silence_threshold: 200,
        silence_ms: 500,
        initial_silence_ms: 500,
        ..OPTIONS
    };
    studio.record(leg, options);
    studio.speak(leg, 0, 25, 1000);
    studio.speak(leg, 25, 50, 10);
    let (samples, end, _) = studio.finish();
    assert_eq!((samples, end), (8000, RecordingEnd::Silence));
}

#[test]
fn a_recording_at_another_rate_has_its_own_length() {
    let mut studio = Studio::new("rate");
    let leg = studio.leg();
    studio.record(
        leg,
        RecordingOptions {
            rate: 16_000,
            ..OPTIONS
        },
    );
    studio.speak(leg, 0, 50, 1000);
    studio.world.command(leg, Command::Stop { number: 9 });
    let path = studio.folder.join("recorded.wav");
    studio.files.shut_down();
    let reader = WavReader::open(&path).expect("it is a WAV file");
    assert_eq!((reader.rate(), reader.length_ms()), (16_000, Some(1000)));
    studio.finish();
}

#[test]
fn a_file_is_played_through_its_feed_as_often_as_asked() {
    let mut studio = Studio::new("feed");
    let path = studio.folder.join("played.wav");
    let mut writer = WavWriter::create(&path, 8000, 1).expect("it can be made");
    writer
        .write(&[500; 4000])
        .and_then(|()| writer.finish())
        .expect("it can be written");
    let source = Source::wav(&path).expect("it is a WAV file");
    assert_eq!(source.milliseconds(), Some(500));
    let leg = studio.leg();
    let feed = studio.files.feed(path, Some(2), 100);
    let reader = Box::new(Reader::new(&source, Some(2), 100, Some(feed)));
    studio.record(
        leg,
        RecordingOptions {
            hear: Hear::Write,
            ..OPTIONS
        },
    );
    studio
        .world
        .command(leg, Command::Play { number: 1, reader });
    let mut heard = Vec::new();
    while !studio
        .world
        .events
        .iter()
        .any(|event| matches!(event, Event::PlaybackFinished { .. }))
    {
        studio.world.pass(20);
        heard.extend(studio.world.heard(leg));
        std::thread::yield_now();
    }
    let full = heard
        .iter()
        .filter(|sent| sent.payload.starts_with(&500i16.to_be_bytes()));
    assert_eq!(full.count(), 45, "400 ms and 500 ms of it");
    studio.world.close(leg);
    studio.finish();
}

#[test]
fn a_mask_silences_what_comes_and_lets_time_go_on() {
    let mut studio = Studio::new("mask");
    let leg = studio.leg();
    studio.record(leg, OPTIONS);
    for (first, control) in [
        (0, Control::Mask),
        (25, Control::Unmask),
        (50, Control::Mask),
    ] {
        studio.speak(leg, first, 25, 1000);
        studio
            .world
            .command(leg, Command::ControlRecording { number: 9, control });
    }
    studio.world.command(leg, Command::Stop { number: 9 });
    let (samples, _, audio) = studio.finish();
    assert_eq!(samples, 12_000);
    assert_eq!(count(&audio, 1000), 8000);
    assert_eq!(count(&audio[4000..8000], 0), 4000);
}

#[test]
fn a_pause_leaves_no_gap() {
    let mut studio = Studio::new("pause");
    let leg = studio.leg();
    studio.record(leg, OPTIONS);
    studio.speak(leg, 0, 25, 1000);
    let pause = Command::ControlRecording {
        number: 9,
        control: Control::Pause,
    };
    studio.world.command(leg, pause);
    studio.speak(leg, 25, 25, 2000);
    let resume = Command::ControlRecording {
        number: 9,
        control: Control::Resume,
    };
    studio.world.command(leg, resume);
    studio.speak(leg, 50, 25, 3000);
    studio.world.command(leg, Command::Stop { number: 9 });
    let (samples, _, audio) = studio.finish();
    assert_eq!(samples, 8000);
    assert_eq!((count(&audio, 1000), count(&audio, 2000)), (4000, 0));
    assert!(count(&audio, 3000) >= 3800, "{}", count(&audio, 3000));
}

#[test]
fn silence_before_the_first_sound_has_a_limit_of_its_own() {
    let mut studio = Studio::new("initial");
    let leg = studio.leg();
    let options = RecordingOptions {
        silence_threshold: 200,
        silence_ms: 200,
        initial_silence_ms: 1000,
        ..OPTIONS
    };
    studio.record(leg, options);
    studio.speak(leg, 0, 40, 10);
    studio.speak(leg, 40, 10, 1000);
    studio.speak(leg, 50, 50, 10);
    let (samples, end, _) = studio.finish();
    assert_eq!((samples, end), (8000 + 1600, RecordingEnd::Silence));
}

#[test]
fn sides_can_be_swapped() {
    let mut studio = Studio::new("swap");
    let leg = studio.leg();
    let options = RecordingOptions {
        hear: Hear::Both,
        stereo: true,
        swap: true,
        ..OPTIONS
    };
    studio.record(leg, options);
    studio.speak(leg, 0, 25, 1000);
    studio.world.command(leg, Command::Stop { number: 9 });
    let (_, _, audio) = studio.finish();
    let right: Vec<i16> = audio.iter().skip(1).step_by(2).copied().collect();
    assert_eq!((right.len(), count(&right, 1000)), (4000, 4000));
}
