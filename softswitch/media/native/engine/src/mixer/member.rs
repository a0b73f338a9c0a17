//! One member of a room: what it says on its way in, and how it is sent what it hears.

use std::sync::Arc;

use super::activity::{Activity, Change};
use super::intake::Intake;
use super::outlet::Converter;
use super::settings::{MemberSettings, MixerSettings};
use crate::counters::Counter;
use crate::time::Rate;

/// A member's loudness, for whoever looks from outside.
#[derive(Debug, Default)]
pub struct Levels {
    /// Mean absolute value of the last frame, and smoothed over some.
    pub score: Counter,
    pub smoothed: Counter,
}

/// A member of a room.
pub struct Member {
    /// The number of its stream, and the stream's place in the graph.
    pub stream: u64,
    pub place: usize,
    pub settings: MemberSettings,
    pub activity: Activity,
    /// Streams of members it does not hear.
    pub unheard: Vec<u64>,
    /// What it says in this interval, and whether the room hears it.
    pub voice: Vec<i16>,
    pub mixed: bool,
    /// Names the run of packets it is sent.
    pub run: u64,
    /// Until this interval it keeps an encoder of its own.
    pub apart_until: u64,
    /// The way to its stream where that differs from the room: rate, channels.
    pub converter: Option<(Rate, usize, Converter)>,
    /// Samples at the stream's rate that do not fill a packet yet.
    pub pending: Vec<i16>,
    intake: Intake,
    levels: Arc<Levels>,
}

impl Member {
    pub fn new(
        stream: u64,
        place: usize,
        run: u64,
        room: &MixerSettings,
        settings: MemberSettings,
        levels: Arc<Levels>,
    ) -> Member {
        Member {
            stream,
            place,
            settings,
            activity: Activity::default(),
            unheard: Vec::new(),
            voice: Vec::new(),
            mixed: false,
            run,
            apart_until: 0,
            converter: None,
            pending: Vec::new(),
            intake: Intake::new(room.rate),
            levels,
        }
    }

    /// A packet of its stream was decoded.
    pub fn hear(&mut self, pcm: &[i16], rate: Rate, gap: u32) {
        self.intake.put(pcm, rate, gap);
    }

    /// Take what it says in this interval and decide whether it is heard.
    pub fn speak(&mut self, room: &MixerSettings) -> Change {
        let there = self.intake.take(&mut self.voice, room.frame());
        let gain = self.settings.gain_in * self.activity.gain();
        if there {
            dsp::level::apply_gain(&mut self.voice, gain);
        }
        let score = there.then(|| dsp::level::mean_absolute(&self.voice));
        let change = self.activity.judge(score, &self.settings, room.interval_ms);
        self.levels.score.set(u64::from(self.activity.score));
        self.levels.smoothed.set(self.activity.smoothed as u64);
        let audible = self.activity.talking || room.ungated || self.settings.energy_level == 0;
        self.mixed =
            there && room.open && audible && !self.settings.mute && !self.activity.is_silenced();
        change
    }

    /// Factors for the left and the right of a stereo room; in the middle both are 1.
    pub fn sides(&self) -> [f32; 2] {
        let angle = (self.settings.pan.clamp(-1.0, 1.0) + 1.0) * std::f32::consts::FRAC_PI_4;
        [angle.cos(), angle.sin()].map(|side| side * std::f32::consts::SQRT_2)
    }

    /// Forget what was on its way to the stream.
    pub fn cut_off(&mut self) {
        self.converter = None;
        self.pending.clear();
    }
}
