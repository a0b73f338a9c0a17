//! Who has the floor of a room.

use super::Mixer;
use crate::event::Event;
use crate::output::Output;

/// The floor passes from a holder quieter than this to somebody louder than that.
const QUIET: f32 = 100.0;
const LOUD: f32 = 300.0;

impl Mixer {
    pub fn give_floor(&mut self, stream: Option<u64>, output: &mut Output) {
        if self.floor != stream {
            self.floor = stream;
            output.events.push(Event::FloorChanged {
                mixer: self.id,
                member: stream,
            });
        }
    }

    pub(super) fn pass_floor(&mut self, output: &mut Output) {
        let held = self
            .members
            .iter()
            .any(|member| Some(member.stream) == self.floor && member.activity.smoothed >= QUIET);
        if held {
            return;
        }
        let candidates = self.members.iter().filter(|member| {
            member.activity.talking
                && member.activity.smoothed > LOUD
                && Some(member.stream) != self.floor
        });
        let loudest = candidates
            .max_by(|one, other| one.activity.smoothed.total_cmp(&other.activity.smoothed));
        if let Some(stream) = loudest.map(|member| member.stream) {
            self.give_floor(Some(stream), output);
        }
    }
}
