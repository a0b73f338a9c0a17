//! Who speaks: a gate by loudness that opens at once for a clear voice, after some frames for a
//! quiet one, and closes late.

use super::settings::{AutoGain, Ceiling, MemberSettings};

/// This far above the level it is a voice at once.
const CLEAR: u32 = 400;
/// Frames above the level that make a quiet voice, and frames below that end one.
const QUIET_FRAMES: u32 = 5;
const CLOSING_FRAMES: u32 = 40;
/// Share of the past in the smoothed score, and its most.
const DECAY: f32 = 0.8;
const MOST_SMOOTHED: f32 = 25_000.0;
/// Automatic gain stays within so many half decibels.
const MOST_STEPS: i32 = 36;

/// What a frame changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    None,
    Began,
    Ended,
    /// It began to speak though nobody hears it.
    Unheard,
}

/// Follows one member's voice.
#[derive(Debug, Default)]
pub struct Activity {
    /// Mean absolute value of the last frame.
    pub score: u32,
    pub smoothed: f32,
    /// It speaks and may.
    pub talking: bool,
    speaking: bool,
    open: u32,
    closed: u32,
    /// Half decibels of automatic gain.
    steps: i32,
    period: (u32, u64, u32),
    loud: u32,
    muted_frames: u32,
}

impl Activity {
    /// Judge a frame whose loudness is `score`; None where nothing came.
    pub fn judge(&mut self, score: Option<u32>, member: &MemberSettings, frame_ms: u32) -> Change {
        let listened = !member.mute || member.mute_detect;
        self.score = score.filter(|_| listened).unwrap_or(0);
        self.smoothed =
            (self.smoothed * DECAY + self.score as f32 * (1.0 - DECAY)).min(MOST_SMOOTHED);
        if let Some(ceiling) = member.ceiling {
            self.limit(ceiling, frame_ms);
        }
        if let Some(auto) = member.auto_gain {
            self.follow(auto);
        } else {
            self.steps = 0;
        }
        let (talked, spoke) = (self.talking, self.speaking);
        self.gate(member.energy_level);
        self.talking = self.speaking && !member.mute;
        match (talked, self.talking) {
            (false, true) => Change::Began,
            (true, false) => {
                // Who was muted in the middle of a word is noticed again if he goes on.
                self.speaking = false;
                Change::Ended
            }
            _ if member.mute && self.speaking && !spoke => Change::Unheard,
            _ => Change::None,
        }
    }

    fn gate(&mut self, level: u32) {
        if self.score > level {
            self.closed = self.closed.saturating_sub(1);
            self.open += 1;
            if self.score - level >= CLEAR || self.open >= QUIET_FRAMES {
                (self.open, self.closed) = (0, 0);
                self.speaking = true;
            }
        } else {
            self.open = self.open.saturating_sub(1);
            self.closed = (self.closed + 1).min(CLOSING_FRAMES);
            if self.speaking && self.closed >= CLOSING_FRAMES {
                (self.open, self.closed) = (0, 0);
                self.speaking = false;
            }
        }
    }

    /// The factor of the automatic gain.
    pub fn gain(&self) -> f32 {
        if self.steps == 0 {
            1.0
        } else {
            dsp::level::db_to_gain(self.steps as f32 / 2.0)
        }
    }

    /// Whether it was too loud and is silenced.
    pub fn is_silenced(&self) -> bool {
        self.muted_frames > 0
    }

    fn limit(&mut self, ceiling: Ceiling, frame_ms: u32) {
        self.muted_frames = self.muted_frames.saturating_sub(1);
        if self.score > ceiling.level {
            self.loud += 1;
            if self.loud > ceiling.hits {
                self.loud = 0;
                self.muted_frames = ceiling.mute_ms.div_ceil(frame_ms.max(1));
            }
        } else {
            self.loud = self.loud.saturating_sub(1);
        }
    }

    fn follow(&mut self, auto: AutoGain) {
        let (frames, sum, loud) = &mut self.period;
        *frames += 1;
        if self.score > auto.low {
            *sum += u64::from(self.score);
            *loud += 1;
        }
        if *frames < auto.period.max(1) {
            return;
        }
        if let Some(mean) = sum.checked_div(u64::from(*loud)) {
            let (mean, step) = (mean as u32, auto.step as i32);
            if mean > auto.target + auto.margin {
                self.steps -= step;
            } else if mean + auto.margin < auto.target {
                self.steps += step;
            }
            self.steps = self.steps.clamp(-MOST_STEPS, MOST_STEPS);
        }
        self.period = (0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEVEL: MemberSettings = MemberSettings {
        gain_in: 1.0,
        gain_out: 1.0,
        mute: false,
        deaf: false,
        energy_level: 100,
        mute_detect: false,
        auto_gain: None,
        ceiling: None,
        pan: 0.0,
    };

    fn frames(
        activity: &mut Activity,
        member: &MemberSettings,
        score: u32,
        count: u32,
    ) -> Vec<Change> {
        (0..count)
            .map(|_| activity.judge(Some(score), member, 20))
            .filter(|change| *change != Change::None)
            .collect()
    }

    #[test]
    fn a_clear_voice_opens_at_once_and_closes_after_forty_frames() {
        let mut activity = Activity::default();
        assert_eq!(frames(&mut activity, &LEVEL, 600, 1), [Change::Began]);
        assert_eq!(frames(&mut activity, &LEVEL, 50, 39), []);
        assert_eq!(frames(&mut activity, &LEVEL, 50, 1), [Change::Ended]);
    }

    #[test]
    fn a_quiet_voice_opens_on_the_fifth_frame_and_noise_never() {
        let mut activity = Activity::default();
        assert_eq!(frames(&mut activity, &LEVEL, 200, 4), []);
        assert_eq!(frames(&mut activity, &LEVEL, 200, 1), [Change::Began]);
        let mut activity = Activity::default();
        assert_eq!(frames(&mut activity, &LEVEL, 100, 1000), []);
    }

    #[test]
    fn a_pause_in_speech_does_not_close() {
        let mut activity = Activity::default();
        frames(&mut activity, &LEVEL, 600, 1);
        for _ in 0..5 {
            assert_eq!(frames(&mut activity, &LEVEL, 0, 30), []);
            assert_eq!(frames(&mut activity, &LEVEL, 600, 3), []);
        }
    }

    #[test]
    fn muting_ends_speech_and_speech_of_the_muted_is_told_once() {
        let mut activity = Activity::default();
        frames(&mut activity, &LEVEL, 600, 1);
        let muted = MemberSettings {
            mute: true,
            ..LEVEL
        };
        assert_eq!(frames(&mut activity, &muted, 600, 50), [Change::Ended]);
        let watched = MemberSettings {
            mute_detect: true,
            ..muted
        };
        assert_eq!(frames(&mut activity, &watched, 600, 50), [Change::Unheard]);
        assert!(!activity.talking);
        assert_eq!(frames(&mut activity, &watched, 0, 100), []);
        assert_eq!(frames(&mut activity, &watched, 600, 2), [Change::Unheard]);
    }

    #[test]
    fn the_score_is_smoothed_and_bounded() {
        let mut activity = Activity::default();
        frames(&mut activity, &LEVEL, 1000, 1);
        assert!((activity.smoothed - 200.0).abs() < 1.0);
        frames(&mut activity, &LEVEL, 32_768, 100);
        assert_eq!(activity.smoothed, MOST_SMOOTHED);
    }

    #[test]
    fn automatic_gain_goes_towards_its_target() {
        let auto = AutoGain {
            target: 1000,
            low: 50,
            margin: 100,
            step: 1,
            period: 10,
        };
        let member = MemberSettings {
            auto_gain: Some(auto),
            ..LEVEL
        };
        let mut activity = Activity::default();
        frames(&mut activity, &member, 300, 20);
        assert!((activity.gain() - dsp::level::db_to_gain(1.0)).abs() < 1e-4);
        frames(&mut activity, &member, 10, 100);
        assert_eq!(activity.steps, 2, "silence changes nothing");
        frames(&mut activity, &member, 5000, 1000);
        assert_eq!(activity.steps, -MOST_STEPS);
    }

    #[test]
    fn who_is_far_too_loud_is_silenced_for_a_while() {
        let ceiling = Ceiling {
            level: 5000,
            hits: 2,
            mute_ms: 60,
        };
        let member = MemberSettings {
            ceiling: Some(ceiling),
            ..LEVEL
        };
        let mut activity = Activity::default();
        frames(&mut activity, &member, 9000, 2);
        assert!(!activity.is_silenced());
        frames(&mut activity, &member, 9000, 1);
        assert!(activity.is_silenced());
        frames(&mut activity, &member, 100, 3);
        assert!(!activity.is_silenced());
    }
}
