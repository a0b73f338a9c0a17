//! A room: what its members say is summed once an interval, and each hears the sum without itself.
//!
//! Who says nothing hears the same as all others who say nothing: for them the sum is encoded once
//! for each codec. A room runs on the worker of its members' streams.

pub mod activity;
mod command;
mod floor;
pub mod intake;
mod member;
mod mix;
mod outlet;
pub mod play;
pub mod recording;
mod serving;
pub mod settings;

use std::sync::Arc;

use dsp::level::ComfortNoise;

pub use command::MixerCommand;
pub use member::Levels;

use activity::Change;
use member::Member;
use mix::Mix;
use outlet::Outlet;
use play::Play;
use recording::RoomRecording;
use settings::{MemberSettings, MixerSettings};

use crate::event::{Event, PlaybackEnd, RecordingEnd};
use crate::output::Output;
use crate::stream::Stream;
use crate::time::{MILLISECOND, Microseconds, Rate};

/// A room this far behind skips ahead instead of catching up in a burst.
const TOO_LATE: Microseconds = 100 * MILLISECOND;
/// An interval later than this is counted.
const LATE: Microseconds = 5 * MILLISECOND;
/// Runs of mixed audio are numbered apart from received packets and from playbacks.
const MIXED: u64 = 3 << 62;

/// A room.
pub struct Mixer {
    pub id: u64,
    settings: MixerSettings,
    members: Vec<Member>,
    plays: Vec<Play>,
    recordings: Vec<RoomRecording>,
    /// Encoders of what is heard in common, and of silence.
    outlets: Vec<Outlet>,
    silence: Vec<Outlet>,
    floor: Option<u64>,
    /// When the next interval is due; None while nothing goes on.
    next: Option<Microseconds>,
    /// Intervals so far.
    interval: u64,
    joined: u64,
    noise: ComfortNoise,
    mix: Mix,
    /// The common mix of the interval before, to begin converters with.
    before: [Vec<i16>; 2],
    quiet: Vec<i16>,
    scratch: Vec<i16>,
}

impl Mixer {
    pub fn new(id: u64, settings: MixerSettings) -> Mixer {
        Mixer {
            id,
            settings,
            members: Vec::new(),
            plays: Vec::new(),
            recordings: Vec::new(),
            outlets: Vec::new(),
            silence: Vec::new(),
            floor: None,
            next: None,
            interval: 0,
            joined: 0,
            noise: ComfortNoise::new(settings.comfort_noise, id),
            mix: Mix::default(),
            before: [Vec::new(), Vec::new()],
            quiet: Vec::new(),
            scratch: Vec::new(),
        }
    }

    /// Change how it mixes; rate and interval stay those it was opened with.
    pub fn configure(&mut self, settings: MixerSettings) {
        if settings.comfort_noise != self.settings.comfort_noise {
            self.noise = ComfortNoise::new(settings.comfort_noise, self.id);
        }
        let MixerSettings {
            rate, interval_ms, ..
        } = self.settings;
        self.settings = MixerSettings {
            rate,
            interval_ms,
            ..settings
        };
    }

    /// The rate it mixes at.
    pub fn rate(&self) -> Rate {
        self.settings.rate
    }

    /// Take in a stream.
    pub fn add(
        &mut self,
        stream: &mut Stream,
        settings: MemberSettings,
        levels: Arc<Levels>,
        output: &mut Output,
    ) {
        self.joined += 1;
        let run = MIXED | (self.id & 0xffff_ffff) << 24 | self.joined & 0xff_ffff;
        let room = &self.settings;
        let member = Member::new(stream.id, stream.place, run, room, settings, levels);
        self.members.push(member);
        if self.floor.is_none() && self.members.len() == 1 {
            self.give_floor(Some(stream.id), output);
        }
    }

    /// Let go of the stream at a place.
    pub fn remove(&mut self, place: usize, output: &mut Output) {
        let Some(index) = self.members.iter().position(|member| member.place == place) else {
            return;
        };
        let gone = self.members.swap_remove(index);
        let (left, plays): (Vec<Play>, Vec<Play>) = std::mem::take(&mut self.plays)
            .into_iter()
            .partition(|play| play.options.to == Some(gone.stream));
        self.plays = plays;
        for play in left {
            self.tell_play(&play, PlaybackEnd::Stopped, output);
        }
        if self.floor == Some(gone.stream) {
            self.give_floor(None, output);
        }
    }

    /// Places of all members.
    pub fn places(&self) -> Vec<usize> {
        self.members.iter().map(|member| member.place).collect()
    }

    pub fn configure_member(&mut self, stream: u64, settings: MemberSettings) {
        if let Some(member) = self.member(stream) {
            member.settings = settings;
        }
    }

    pub fn relate(&mut self, listener: u64, speaker: u64, hears: bool) {
        if let Some(member) = self.member(listener) {
            member.unheard.retain(|&known| known != speaker);
            if !hears {
                member.unheard.push(speaker);
            }
        }
    }

    pub fn play(&mut self, play: Play, output: &mut Output) {
        let known = |stream| self.members.iter().any(|member| member.stream == stream);
        if play.options.to.is_some_and(|stream| !known(stream)) {
            self.tell_play(&play, PlaybackEnd::Stopped, output);
        } else {
            self.plays.push(play);
        }
    }

    pub fn set_gain(&mut self, number: u64, gain: f32) {
        for play in self.plays.iter_mut().filter(|play| play.number == number) {
            play.options.gain = gain;
        }
    }

    pub fn record(&mut self, recording: RoomRecording) {
        self.recordings.push(recording);
    }

    /// Pause a play or a recording, or go on with it.
    pub fn pause(&mut self, number: u64, paused: bool) {
        for play in self.plays.iter_mut().filter(|play| play.number == number) {
            play.paused = paused;
        }
        let recordings = self.recordings.iter_mut();
        for recording in recordings.filter(|recording| recording.number == number) {
            recording.paused = paused;
        }
    }

    /// End a play or a recording.
    pub fn stop(&mut self, number: u64, output: &mut Output) {
        if let Some(index) = self.plays.iter().position(|play| play.number == number) {
            let play = self.plays.swap_remove(index);
            self.tell_play(&play, PlaybackEnd::Stopped, output);
        }
        let recordings = &mut self.recordings;
        if let Some(index) = recordings.iter().position(|known| known.number == number) {
            recordings
                .swap_remove(index)
                .finish(RecordingEnd::Stopped, output);
        }
    }

    /// End everything.
    pub fn close(&mut self, output: &mut Output) {
        for play in std::mem::take(&mut self.plays) {
            self.tell_play(&play, PlaybackEnd::Stopped, output);
        }
        for recording in self.recordings.drain(..) {
            recording.finish(RecordingEnd::Closed, output);
        }
        self.members.clear();
        self.next = None;
    }

    /// A packet of the stream at a place was decoded.
    pub fn hear(&mut self, place: usize, pcm: &[i16], rate: Rate, gap: u32) {
        if let Some(member) = self.members.iter_mut().find(|member| member.place == place) {
            member.hear(pcm, rate, gap);
        }
    }

    /// When `handle_timeout` wants to be called, asked after anything changed.
    pub fn next_timeout(&mut self, now: Microseconds) -> Option<Microseconds> {
        let idle = self.members.is_empty() && self.plays.is_empty() && self.recordings.is_empty();
        if idle {
            self.next = None;
        } else if self.next.is_none() {
            // Each room has its own beat within the interval: many must not all mix at once.
            let interval = Microseconds::from(self.settings.interval_ms) * MILLISECOND;
            let beat = self.id * 7 % u64::from(self.settings.interval_ms) * MILLISECOND;
            self.next = Some((now - now % interval) + interval + beat);
        }
        self.next
    }

    /// Mix what is due; how many intervals were late.
    pub fn handle_timeout(
        &mut self,
        now: Microseconds,
        streams: &mut [Option<Box<Stream>>],
        output: &mut Output,
    ) -> u64 {
        let mut late = 0;
        while let Some(due) = self.next.filter(|due| *due <= now) {
            late += u64::from(now - due > LATE);
            let begin = if now - due > TOO_LATE { now } else { due };
            self.next = Some(begin + Microseconds::from(self.settings.interval_ms) * MILLISECOND);
            self.advance(now, streams, output);
        }
        late
    }

    fn advance(
        &mut self,
        now: Microseconds,
        streams: &mut [Option<Box<Stream>>],
        output: &mut Output,
    ) {
        self.interval += 1;
        self.listen(output);
        self.pass_floor(output);
        self.advance_plays(output);
        self.sum();
        self.advance_recordings(output);
        self.serve(now, streams, output);
        if self.interval.is_multiple_of(500) {
            let since = self.interval - 500;
            self.outlets.retain(|outlet| !outlet.is_idle(since));
            self.silence.retain(|outlet| !outlet.is_idle(since));
        }
    }

    fn listen(&mut self, output: &mut Output) {
        for member in &mut self.members {
            let change = member.speak(&self.settings);
            let (mixer, stream, score) = (self.id, member.stream, member.activity.score);
            match change {
                Change::None => {}
                Change::Began | Change::Ended => output.events.push(Event::Talking {
                    mixer,
                    member: stream,
                    talking: change == Change::Began,
                    score,
                }),
                Change::Unheard => output.events.push(Event::MutedTalking {
                    mixer,
                    member: stream,
                }),
            }
        }
    }

    fn advance_plays(&mut self, output: &mut Output) {
        let (rate, frame) = (self.settings.rate, self.settings.frame());
        let mut index = 0;
        while let Some(play) = self.plays.get_mut(index) {
            match play.advance(rate, frame) {
                None => index += 1,
                Some(end) => {
                    let play = self.plays.remove(index);
                    self.tell_play(&play, end, output);
                }
            }
        }
    }

    fn tell_play(&self, play: &Play, end: PlaybackEnd, output: &mut Output) {
        output.events.push(Event::PlaybackFinished {
            stream: self.id,
            playback: play.number,
            samples: play.played,
            end,
        });
    }

    fn sum(&mut self) {
        let (frame, stereo) = (self.settings.frame(), self.settings.stereo);
        self.before[0].clone_from(&self.mix.common);
        self.before[1].clone_from(&self.mix.common_stereo);
        self.mix.clear(frame);
        let mut sounds = false;
        let mut exclusive = false;
        for play in &self.plays {
            if play.options.to.is_none() && play.sounds() {
                self.mix.add_sound(&play.frame);
                (sounds, exclusive) = (true, exclusive | play.options.exclusive);
            }
        }
        for member in &mut self.members {
            member.mixed &= !exclusive;
            if member.mixed {
                self.mix.add_voice(member, stereo);
                sounds = true;
            }
        }
        if !sounds && self.settings.comfort_noise > 0 {
            self.scratch.clear();
            self.scratch.resize(frame, 0);
            self.noise.read(&mut self.scratch);
            self.mix.add_sound(&self.scratch);
        }
        self.mix.finish(stereo);
        self.quiet.clear();
        self.quiet.resize(frame * 2, 0);
    }

    fn advance_recordings(&mut self, output: &mut Output) {
        if self.recordings.is_empty() {
            return;
        }
        let mut right = Vec::new();
        if self.settings.stereo {
            self.mix.side(0, &mut self.scratch);
            self.mix.side(1, &mut right);
        } else {
            self.scratch.clone_from(&self.mix.common);
            right.clone_from(&self.mix.common);
        }
        let mut index = 0;
        while let Some(recording) = self.recordings.get_mut(index) {
            let sides = if recording.is_stereo() {
                [&self.scratch[..], &right]
            } else {
                [&self.mix.common[..], &[]]
            };
            match recording.hear(sides) {
                None => index += 1,
                Some(end) => self.recordings.remove(index).finish(end, output),
            }
        }
    }

    fn member(&mut self, stream: u64) -> Option<&mut Member> {
        self.members
            .iter_mut()
            .find(|member| member.stream == stream)
    }
}
