//! Effects on what a party says and on what it hears.

use dsp::effect::{EffectWishes, Effects};

use super::Stream;
use crate::bug::Side;
use crate::time::Rate;

/// The effects of both directions.
#[derive(Default)]
pub struct BothEffects {
    hear: Direction,
    speak: Direction,
}

#[derive(Default)]
struct Direction {
    wishes: EffectWishes,
    /// Made for the rate at which sound passes.
    running: Option<(Rate, Effects)>,
}

impl Direction {
    fn process(&mut self, samples: &mut [i16], rate: Rate) {
        if self.wishes.is_nothing() {
            return;
        }
        let running = match &mut self.running {
            Some((known, running)) if *known == rate => running,
            other => &mut other.insert((rate, Effects::new(self.wishes, rate))).1,
        };
        running.process(samples);
    }
}

impl Stream {
    /// Begin, change or end the effects of one direction.
    pub fn set_effects(&mut self, side: Side, wishes: EffectWishes) {
        let effects = self.effects.get_or_insert_default();
        let direction = match side {
            Side::Hear => &mut effects.hear,
            Side::Speak => &mut effects.speak,
        };
        *direction = Direction {
            wishes,
            running: None,
        };
        if effects.hear.wishes.is_nothing() && effects.speak.wishes.is_nothing() {
            self.effects = None;
        }
    }

    /// Whether there are effects on what the party hears, and on what it says.
    pub(crate) fn has_effects(&self) -> (bool, bool) {
        self.effects.as_ref().map_or((false, false), |effects| {
            (
                !effects.hear.wishes.is_nothing(),
                !effects.speak.wishes.is_nothing(),
            )
        })
    }

    /// What the party is about to hear, one channel of it.
    pub(crate) fn treat_heard(&mut self, samples: &mut [i16], rate: Rate) {
        if let Some(effects) = &mut self.effects {
            effects.hear.process(samples, rate);
        }
        self.apply_hear_gain(samples);
    }

    /// What the party said.
    pub(super) fn treat_said(&mut self, samples: &mut [i16], rate: Rate) {
        if let Some(effects) = &mut self.effects {
            effects.speak.process(samples, rate);
        }
    }
}
