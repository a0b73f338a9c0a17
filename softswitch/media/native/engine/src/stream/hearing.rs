//! Sending what the connected party says: its packets renumbered, or its audio in our codec.

use dsp::resample::Resampler;

use super::sending::Placing;
use super::{Content, Incoming, Stream};
use crate::output::Output;
use crate::rtp::header::Header;
use crate::rtp::sender::Format;
use crate::rtp::telephone_event::TelephoneEvent;
use crate::time::{Microseconds, Rate};

/// The end of an event is sent so often (RFC 4733 §2.5.1.4).
const ENDS: usize = 3;

/// What happens to packets of one codec of the party heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// The payload goes on unchanged under this payload type.
    Relay(u8),
    /// It is decoded and encoded.
    Translate,
    /// We have no codec for it in common.
    Drop,
}

/// Whom a stream hears and how.
pub struct Hearing {
    /// The place of the party heard.
    pub from: usize,
    /// By index of its codec.
    pub table: Vec<Treatment>,
    /// Decoded audio at our rate that does not fill a packet yet.
    pending: Vec<i16>,
    resampler: Option<((Rate, Rate), Resampler)>,
    /// The event being passed on: its timestamp there and here.
    event: Option<(u32, u32)>,
    /// The report of it that was sent last, and its timestamp here.
    unended: Option<(u32, TelephoneEvent)>,
    /// Samples at our rate that are missing before the next packet.
    gap: u32,
}

impl Hearing {
    pub fn new(from: usize, table: Vec<Treatment>) -> Hearing {
        Hearing {
            from,
            table,
            pending: Vec::new(),
            resampler: None,
            event: None,
            unended: None,
            gap: 0,
        }
    }
}

impl Stream {
    /// Begin to hear another party (or another way), or nobody.
    pub fn set_hearing(&mut self, hearing: Option<Hearing>) {
        self.hearing = hearing;
        if self.playback.is_none() {
            self.sender.pause();
        }
    }

    /// Send on a packet of the party we hear; `pcm` is its audio if it was decoded.
    pub fn hear(
        &mut self,
        now: Microseconds,
        incoming: &Incoming,
        payload: &[u8],
        pcm: &[i16],
        output: &mut Output,
    ) {
        if self.is_playing() || self.sends_digits() {
            return;
        }
        if self.destination().is_none() {
            self.sender.pause();
            return;
        }
        let speaks = matches!(incoming.content, Content::Audio(_) | Content::Concealed(_));
        if speaks && self.filler.is_some() {
            self.note_pause(now, false);
        }
        match incoming.content {
            Content::HeldBack => {}
            Content::Audio(_) | Content::Concealed(_) if self.mixes() => {
                self.mix_in_partner(incoming, pcm);
            }
            Content::Concealed(index) => self.hear_concealed(now, index, incoming, pcm, output),
            Content::Audio(index) => {
                let treatment = self
                    .hearing
                    .as_ref()
                    .and_then(|hearing| hearing.table.get(index));
                match treatment {
                    Some(&Treatment::Relay(payload_type)) => {
                        self.relay(now, incoming, payload_type, payload, output);
                        self.record_relayed(now, incoming, pcm);
                    }
                    Some(Treatment::Translate) => self.translate(now, incoming, pcm, output),
                    Some(Treatment::Drop) | None => {
                        self.statistics.counters.untranslatable.add_alone(1);
                    }
                }
            }
            Content::Noise if self.note_pause(now, true) => {
                self.continue_filling(now, output);
            }
            Content::Noise => self.relay_noise(now, incoming, payload, output),
            Content::Event(_) if incoming.withheld => self.sender.leave_out(incoming.run),
            Content::Event(report) => self.pass_event(now, incoming, report, output),
        }
    }

    /// What was made up is heard where audio is translated; elsewhere the loss is passed on.
    fn hear_concealed(
        &mut self,
        now: Microseconds,
        index: usize,
        incoming: &Incoming,
        pcm: &[i16],
        output: &mut Output,
    ) {
        let table = self.hearing.as_ref().map(|hearing| &hearing.table);
        match table.and_then(|table| table.get(index)) {
            Some(Treatment::Translate) => self.translate(now, incoming, pcm, output),
            Some(Treatment::Relay(_)) => self.record_relayed(now, incoming, pcm),
            Some(Treatment::Drop) | None => {}
        }
    }

    fn relay(
        &mut self,
        now: Microseconds,
        incoming: &Incoming,
        payload_type: u8,
        payload: &[u8],
        output: &mut Output,
    ) {
        let Some(codec) = self.sent_codec() else {
            return;
        };
        let format = Format {
            payload_type,
            ..codec.format()
        };
        let header = self
            .sender
            .relay(now, incoming.run, &incoming.header, format);
        self.send_payload(header, payload, output);
    }

    fn translate(
        &mut self,
        now: Microseconds,
        incoming: &Incoming,
        pcm: &[i16],
        output: &mut Output,
    ) {
        let Some(audio) = incoming.audio else { return };
        let Some(codec) = self.sent_codec() else {
            return;
        };
        let (format, ptime) = (codec.format(), codec.ptime);
        if let Some(encoder) = &mut self.encoder {
            encoder.run_at(audio.rate);
        }
        let rate = self.rate();
        let samples = (ptime * rate / 1000).max(1) as usize;
        let Some(mut hearing) = self.hearing.take() else {
            return;
        };
        if audio.gap > 0 {
            // What was left over has lost its continuation: its time passes with the gap.
            let silence = u64::from(audio.gap) * u64::from(rate) / u64::from(audio.rate);
            hearing.gap += silence as u32 + hearing.pending.len() as u32;
            hearing.pending.clear();
        }
        if hearing
            .resampler
            .as_ref()
            .is_none_or(|(rates, _)| *rates != (audio.rate, rate))
        {
            hearing.resampler = Some(((audio.rate, rate), Resampler::new(audio.rate, rate)));
        }
        let start = hearing.pending.len();
        if let Some((_, resampler)) = &mut hearing.resampler {
            resampler.process(pcm, &mut hearing.pending);
        }
        self.treat_heard(&mut hearing.pending[start..], rate);
        self.record_sent(now, &hearing.pending[start..], rate, hearing.gap);
        let mut sent = 0;
        for frame in hearing.pending.chunks_exact(samples) {
            let gap = std::mem::take(&mut hearing.gap);
            let gap = (u64::from(gap) * u64::from(format.clock) / u64::from(rate)) as u32;
            let place = Placing {
                run: incoming.run,
                format,
                gap,
                begins: incoming.header.marker && sent == 0,
            };
            self.send_samples(now, place, frame, output);
            sent += frame.len();
        }
        hearing.pending.drain(..sent);
        self.hearing = Some(hearing);
    }

    fn relay_noise(
        &mut self,
        now: Microseconds,
        incoming: &Incoming,
        payload: &[u8],
        output: &mut Output,
    ) {
        let relays = self.hearing.as_ref().is_some_and(|hearing| {
            hearing
                .table
                .iter()
                .any(|treatment| matches!(treatment, Treatment::Relay(_)))
        });
        if relays {
            // Comfort noise has a static payload type wherever the clock is 8000 Hz.
            self.relay(now, incoming, incoming.header.payload_type, payload, output);
        }
    }

    fn pass_event(
        &mut self,
        now: Microseconds,
        incoming: &Incoming,
        report: TelephoneEvent,
        output: &mut Output,
    ) {
        let Some(parameters) = &self.parameters else {
            return;
        };
        let Some(payload_type) = parameters.telephone_event else {
            self.sender.leave_out(incoming.run);
            return;
        };
        let clock = parameters
            .codecs
            .first()
            .map_or(incoming.clock, |codec| codec.clock_rate);
        let relayed = self
            .sender
            .relay_event(incoming.run, &incoming.header, payload_type);
        let header = match (relayed, &mut self.hearing) {
            (Some(header), _) => header,
            (None, Some(hearing)) => {
                let known = hearing
                    .event
                    .filter(|event| event.0 == incoming.header.timestamp);
                let begun =
                    known.map_or_else(|| self.sender.begin_event(now, clock), |event| event.1);
                hearing.event = Some((incoming.header.timestamp, begun));
                self.sender
                    .event(incoming.header.marker, payload_type, begun)
            }
            (None, None) => return,
        };
        let duration = u64::from(report.duration) * u64::from(clock) / u64::from(incoming.clock);
        let report = TelephoneEvent {
            duration: duration.min(0xffff) as u16,
            ..report
        };
        if let Some(hearing) = &mut self.hearing {
            hearing.unended = (!report.end).then_some((header.timestamp, report));
        }
        self.send_event(header, report, output);
    }

    /// End the event that was passed on: no end of it came.
    pub(crate) fn end_event(&mut self, output: &mut Output) {
        let unended = self.hearing.as_mut().and_then(|it| it.unended.take());
        let agreed = self.parameters.as_ref();
        let agreed = agreed.and_then(|known| known.telephone_event);
        let (Some((timestamp, report)), Some(payload_type)) = (unended, agreed) else {
            return;
        };
        if self.is_playing() || self.sends_digits() || self.destination().is_none() {
            return;
        }
        let report = TelephoneEvent {
            end: true,
            ..report
        };
        for _ in 0..ENDS {
            let header = self.sender.insert_event(payload_type, timestamp);
            self.send_event(header, report, output);
        }
    }

    fn send_event(&mut self, header: Header, report: TelephoneEvent, output: &mut Output) {
        self.statistics.counters.dtmf_packets_out.add_alone(1);
        self.send_payload(header, &report.to_bytes(), output);
    }

    pub(super) fn apply_hear_gain(&self, samples: &mut [i16]) {
        dsp::level::apply_gain(samples, self.hear_gain);
    }

    fn record_relayed(&mut self, now: Microseconds, incoming: &Incoming, pcm: &[i16]) {
        if let Some(audio) = incoming.audio {
            self.record_sent(now, pcm, audio.rate, audio.gap);
        }
    }
}
