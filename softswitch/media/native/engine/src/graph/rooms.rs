//! The rooms of a worker, and their members among its streams.

use std::collections::HashMap;

use super::Graph;
use crate::event::Event;
use crate::mixer::{Mixer, MixerCommand};
use crate::stream::Audio;
use crate::time::{Microseconds, Rate};
use crate::timers::Timers;

/// Rooms by their places.
#[derive(Default)]
pub struct Rooms {
    rooms: Vec<Option<Box<Mixer>>>,
    places: HashMap<u64, usize>,
    pub(super) timers: Timers,
}

impl Graph {
    /// Carry out a command for the room of that number.
    pub fn handle_mixer_command(&mut self, now: Microseconds, id: u64, command: MixerCommand) {
        if let MixerCommand::Open(settings) = command {
            let mixer = Some(Box::new(Mixer::new(id, settings)));
            let free = self.rooms.rooms.iter().position(Option::is_none);
            let place = free.unwrap_or(self.rooms.rooms.len());
            if free.is_some() {
                self.rooms.rooms[place] = mixer;
            } else {
                self.rooms.rooms.push(mixer);
            }
            self.rooms.places.insert(id, place);
            return;
        }
        let Some(&place) = self.rooms.places.get(&id) else {
            return;
        };
        if let MixerCommand::Add { stream, .. } | MixerCommand::Remove { stream } = &command {
            let Some(&member) = self.places.get(stream) else {
                return;
            };
            // Into a room, or out of this one: either way it hears nothing else any more.
            let here = self.streams[member]
                .as_deref()
                .is_some_and(|stream| stream.room == Some(place));
            if here || matches!(command, MixerCommand::Add { .. }) {
                self.disconnect(member);
            }
        }
        let Some(mixer) = self.rooms.rooms[place].as_deref_mut() else {
            return;
        };
        let output = &mut self.output;
        match command {
            MixerCommand::Add {
                stream,
                settings,
                levels,
            } => {
                let member = self.places.get(&stream);
                let member = member.and_then(|&member| self.streams[member].as_deref_mut());
                if let Some(stream) = member {
                    stream.room = Some(place);
                    stream.decode_for_listener = u128::MAX;
                    stream.listener_rate = mixer.rate();
                    mixer.add(stream, settings, levels, output);
                }
            }
            MixerCommand::Configure(settings) => mixer.configure(settings),
            MixerCommand::ConfigureMember { stream, settings } => {
                mixer.configure_member(stream, settings);
            }
            MixerCommand::Relate {
                listener,
                speaker,
                hears,
            } => mixer.relate(listener, speaker, hears),
            MixerCommand::GiveFloor(stream) => mixer.give_floor(stream, output),
            MixerCommand::Play(play) => mixer.play(*play, output),
            MixerCommand::SetGain { number, gain } => mixer.set_gain(number, gain),
            MixerCommand::Record(recording) => mixer.record(*recording),
            MixerCommand::Pause { number, paused } => mixer.pause(number, paused),
            MixerCommand::Stop { number } => mixer.stop(number, output),
            MixerCommand::Close => return self.close_room(place),
            MixerCommand::Remove { .. } | MixerCommand::Open(_) => {}
        }
        self.schedule_room(now, place);
    }

    /// Take the next room that is due.
    pub fn pop_due_room(&mut self, now: Microseconds) -> Option<usize> {
        self.rooms.timers.pop(now)
    }

    /// Mix what is due in a room.
    pub fn handle_room_timeout(&mut self, now: Microseconds, place: usize) {
        let Some(mixer) = self.rooms.rooms[place].as_deref_mut() else {
            return;
        };
        let late = mixer.handle_timeout(now, &mut self.streams, &mut self.output);
        if late > 0 {
            self.counters.late_ticks.add(late);
        }
        self.schedule_room(now, place);
    }

    /// A room broke: its members hear nothing any more.
    pub fn fail_room(&mut self, place: usize, text: String) {
        if let Some(mixer) = self.rooms.rooms[place].as_deref() {
            let stream = mixer.id;
            self.output
                .events
                .push(Event::StreamFailed { stream, text });
        }
        self.close_room(place);
    }

    pub fn close_rooms(&mut self) {
        for place in 0..self.rooms.rooms.len() {
            self.close_room(place);
        }
    }

    /// What a stream's far end says goes into its room.
    pub(super) fn hear_in_room(&mut self, room: usize, place: usize, audio: Audio) {
        if let Some(mixer) = self.rooms.rooms[room].as_deref_mut() {
            mixer.hear(place, &self.pcm, audio.rate, audio.gap);
        }
    }

    /// Take a stream out of its room.
    pub(super) fn leave_room(&mut self, place: usize) {
        let Some(stream) = self.streams[place].as_deref_mut() else {
            return;
        };
        let Some(room) = stream.room.take() else {
            return;
        };
        stream.decode_for_listener = 0;
        stream.listener_rate = Rate::MAX;
        stream.pause_sending();
        if let Some(mixer) = self.rooms.rooms[room].as_deref_mut() {
            mixer.remove(place, &mut self.output);
        }
    }

    fn schedule_room(&mut self, now: Microseconds, place: usize) {
        let mixer = self.rooms.rooms[place].as_deref_mut();
        let due = mixer.and_then(|mixer| mixer.next_timeout(now));
        self.rooms.timers.set(place, due);
    }

    fn close_room(&mut self, place: usize) {
        let Some(mut mixer) = self.rooms.rooms[place].take() else {
            return;
        };
        self.rooms.places.remove(&mixer.id);
        self.rooms.timers.set(place, None);
        for member in mixer.places() {
            if let Some(stream) = self.streams[member].as_deref_mut() {
                stream.room = None;
                stream.decode_for_listener = 0;
                stream.pause_sending();
            }
        }
        mixer.close(&mut self.output);
    }
}
