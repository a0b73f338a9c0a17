//! What each member of a room hears, and how it is sent.

use super::Mixer;
use super::outlet::{Converter, Outlet, is_memoryless};
use crate::output::Output;
use crate::stream::Stream;
use crate::time::{Microseconds, Rate};

/// Who spoke keeps an encoder of its own for so long where packets build on one another.
const APART_MS: u64 = 10_000;

/// What a member hears in an interval.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hears {
    Silence,
    Common,
    Own,
}

impl Mixer {
    /// Send each member what it hears.
    pub(super) fn serve(
        &mut self,
        now: Microseconds,
        streams: &mut [Option<Box<Stream>>],
        output: &mut Output,
    ) {
        for index in 0..self.members.len() {
            let place = self.members[index].place;
            let Some(stream) = streams.get_mut(place).and_then(Option::as_deref_mut) else {
                continue;
            };
            let hears = self.hears(index, stream);
            let mut rendered = false;
            if stream.mixes() || stream.is_overheard() {
                // Whoever listens along hears one channel.
                self.render(index, hears, 1);
                if stream.mixes() {
                    stream.mix_in_room(&self.scratch, self.settings.rate);
                    self.members[index].cut_off();
                    continue;
                }
                stream.treat_heard(&mut self.scratch, self.settings.rate);
                rendered = true;
                stream.record_sent(now, &self.scratch, self.settings.rate, 0);
            }
            if !stream.can_be_sent() {
                stream.pause_sending();
                self.members[index].cut_off();
                continue;
            }
            let stereo = self.settings.stereo && stream.encodes_stereo();
            let channels = if stereo { 2 } else { 1 };
            let Some(codec) = stream.sent_codec() else {
                continue;
            };
            let together = codec.ptime == self.settings.interval_ms;
            if hears == Hears::Own && !is_memoryless(codec) {
                let apart = APART_MS / u64::from(self.settings.interval_ms);
                self.members[index].apart_until = self.interval + apart;
            }
            let apart = self.members[index].apart_until > self.interval;
            if hears == Hears::Own || !together || apart {
                let rendered = rendered && channels == 1;
                if !rendered {
                    self.render(index, hears, channels);
                    stream.treat_heard(&mut self.scratch, self.settings.rate);
                }
                self.send_rendered(now, index, channels, stream, output);
                continue;
            }
            let (outlets, mix) = match hears {
                Hears::Silence => (
                    &mut self.silence,
                    &self.quiet[..self.settings.frame() * channels],
                ),
                _ => (&mut self.outlets, self.mix.common(channels)),
            };
            let known = outlets
                .iter()
                .position(|outlet| outlet.serves(codec, channels));
            let place = known.unwrap_or_else(|| {
                outlets.extend(Outlet::new(codec, self.settings.rate, channels));
                outlets.len().wrapping_sub(1)
            });
            if let Some(outlet) = outlets
                .get_mut(place)
                .filter(|outlet| outlet.serves(codec, channels))
            {
                let payload = outlet.payload(self.interval, mix);
                let member = &mut self.members[index];
                member.cut_off();
                stream.send_mixed_payload(now, member.run, payload, output);
            }
        }
    }

    fn hears(&self, index: usize, stream: &Stream) -> Hears {
        let member = &self.members[index];
        let addressed = self
            .plays
            .iter()
            .any(|play| play.options.to == Some(member.stream) && play.sounds());
        if member.settings.deaf {
            return if addressed {
                Hears::Own
            } else {
                Hears::Silence
            };
        }
        let speaks = |stream: &u64| {
            let speaker = self.members.iter().find(|other| other.stream == *stream);
            speaker.is_some_and(|speaker| speaker.mixed)
        };
        let own = addressed
            || member.mixed
            || member.settings.gain_out != 1.0
            || stream.changes().0
            || member.unheard.iter().any(speaks);
        if own { Hears::Own } else { Hears::Common }
    }

    /// Send what was rendered for one member alone.
    fn send_rendered(
        &mut self,
        now: Microseconds,
        index: usize,
        channels: usize,
        stream: &mut Stream,
        output: &mut Output,
    ) {
        let room_rate = self.settings.rate;
        let member = &mut self.members[index];
        let rate = stream.encode_from(room_rate);
        let fits = |known: &(Rate, usize, Converter)| (known.0, known.1) == (rate, channels);
        if !member.converter.as_ref().is_some_and(fits) {
            let mut converter = Converter::new(room_rate, rate);
            member.pending.clear();
            // It goes on from what was heard before.
            converter.process(&self.before[channels - 1], channels, &mut member.pending);
            member.pending.clear();
            member.converter = Some((rate, channels, converter));
        }
        if let Some((_, _, converter)) = &mut member.converter {
            converter.process(&self.scratch, channels, &mut member.pending);
        }
        stream.send_mixed(now, member.run, channels, &mut member.pending, output);
    }

    /// What a member hears, on one channel or two, into the scratch.
    fn render(&mut self, index: usize, hears: Hears, channels: usize) {
        self.scratch.clear();
        match hears {
            Hears::Silence => self.scratch.resize(self.settings.frame() * channels, 0),
            Hears::Common => self.scratch.extend_from_slice(self.mix.common(channels)),
            Hears::Own => {
                let (members, plays) = (&self.members, &self.plays);
                self.mix
                    .own(index, members, plays, channels, &mut self.scratch);
            }
        }
        let gain = self.members[index].settings.gain_out;
        dsp::level::apply_gain(&mut self.scratch, gain);
    }
}
