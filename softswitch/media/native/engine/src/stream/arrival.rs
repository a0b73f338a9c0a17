//! What arrives: judged, counted, decoded if anybody wants it, digits picked out.

use std::net::SocketAddr;
use std::sync::Arc;

use dsp::goertzel::DtmfDetector;

use super::{Audio, Content, DEFAULT_RATE, Incoming, LONGEST_PAUSE, PayloadKind, Stream};
use crate::bug::Side;
use crate::event::{DigitSource, Event};
use crate::output::Output;
use crate::rtp::event_receiver::ReceivedDigit;
use crate::rtp::header::Header;
use crate::rtp::latch::Verdict;
use crate::rtp::reception::Arrival;
use crate::rtp::telephone_event::TelephoneEvent;
use crate::time::{MILLISECOND, Microseconds, Rate, SECOND, units};

impl Stream {
    /// Take an RTP datagram. What others may hear is returned, its audio decoded into `pcm` if wanted.
    pub fn handle_packet(
        &mut self,
        now: Microseconds,
        source: SocketAddr,
        packet: &[u8],
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Incoming> {
        let statistics = Arc::clone(&self.statistics);
        let counters = &statistics.counters;
        let Some(parameters) = self.parameters.as_deref() else {
            counters.foreign.add_alone(1);
            return None;
        };
        let Ok((header, payload)) = Header::parse(packet) else {
            counters.malformed.add_alone(1);
            return None;
        };
        self.trace_received(source, &header, packet.len(), output);
        let kind = self.kinds[usize::from(header.payload_type)];
        if kind == PayloadKind::Unknown {
            counters.unknown_payload.add_alone(1);
            return None;
        }
        let verdict = self.latch.judge(now, source);
        if verdict == Verdict::Foreign {
            counters.foreign.add_alone(1);
            statistics.set_stranger(source);
            return None;
        }
        let receive = parameters.receive;
        let clock = match kind {
            PayloadKind::Audio(index) => parameters.codecs[usize::from(index)].clock_rate,
            _ => parameters
                .codecs
                .first()
                .map_or(DEFAULT_RATE, |codec| codec.clock_rate),
        };
        let timeout = Microseconds::from(parameters.timeout_ms) * MILLISECOND;
        let resumed = !std::mem::replace(&mut self.heard, true);
        self.last_heard = now;
        if resumed && receive && timeout > 0 {
            self.timeout_check = Some(now + timeout);
        }
        if verdict == Verdict::Adopted {
            self.announce_source(source, output);
        } else if resumed {
            output.events.push(Event::MediaStarted {
                stream: self.id,
                address: source,
            });
        }

        counters.packets_in.add_alone(1);
        counters.bytes_in.add_alone(packet.len() as u64);
        if !receive {
            counters.on_hold.add_alone(1);
            return None;
        }
        let arrival = self.reception.handle_packet(&header);
        let lost = self.reception.lost();
        counters.lost.set(u64::from(lost));
        match arrival {
            Arrival::Fresh => {}
            Arrival::Restarted => {
                self.run += 1;
                self.next_timestamp = None;
                self.empty_buffer();
                let ended = self.event_receiver.reset();
                self.tell_digits(ended, output);
            }
            Arrival::Late => counters.out_of_order.add_alone(1),
            Arrival::Duplicate => {
                counters.duplicate.add_alone(1);
                return None;
            }
            Arrival::Stray => {
                counters.out_of_order.add_alone(1);
                return None;
            }
        }
        let late = arrival == Arrival::Late;
        let holds_back = self.holds_back();
        let mut audio = None;
        let content = match kind {
            PayloadKind::Audio(index) => {
                let index = usize::from(index);
                self.reception.measure_jitter(now, header.timestamp, clock);
                let jitter = u64::from(self.reception.jitter()) * SECOND / u64::from(clock);
                statistics.jitter_microseconds.set(jitter);
                self.quality.handle_packet(now, lost);
                if self.quality.is_due() {
                    statistics.set_figures(self.quality.figures(self.too_late()));
                }
                if holds_back {
                    // Its turn comes later.
                } else if !late && self.wants_decoded(index) {
                    audio = self.decode(now, index, &header, &packet[payload.clone()], pcm, output);
                } else if !late {
                    self.next_timestamp = None;
                }
                Content::Audio(index)
            }
            PayloadKind::Event => {
                counters.dtmf_packets.add_alone(1);
                self.quality.pause();
                let report = TelephoneEvent::parse(&packet[payload.clone()])?;
                self.receive_event(now, &header, report, clock, output);
                Content::Event(report)
            }
            PayloadKind::Noise => {
                counters.cng_packets.add_alone(1);
                self.quality.pause();
                Content::Noise
            }
            PayloadKind::Unknown => unreachable!("unknown payload types were dropped"),
        };
        let content = if holds_back {
            let held = &packet[payload.clone()];
            self.hold_back(now, header, content, clock, held);
            Content::HeldBack
        } else {
            content
        };
        Some(Incoming {
            header,
            payload,
            content,
            run: self.run,
            clock,
            late,
            withheld: self.withholds_events,
            audio,
        })
    }

    pub(super) fn announce_source(&mut self, source: SocketAddr, output: &mut Output) {
        self.statistics.set_remote(Some(source));
        output.events.push(Event::MediaStarted {
            stream: self.id,
            address: source,
        });
        if self.latch.is_learned() {
            output.events.push(Event::RemoteLearned {
                stream: self.id,
                address: source,
            });
        }
    }

    pub(super) fn wants_decoded(&self, codec: usize) -> bool {
        self.decode_for_listener & (1 << codec.min(127)) != 0
            || self.detects
            || self.taps(Side::Speak)
            || self
                .recordings
                .iter()
                .any(|recording| recording.hears_far_end())
    }

    pub(super) fn decode(
        &mut self,
        now: Microseconds,
        index: usize,
        header: &Header,
        payload: &[u8],
        pcm: &mut Vec<i16>,
        output: &mut Output,
    ) -> Option<Audio> {
        if self
            .decoder
            .as_ref()
            .is_none_or(|(current, _)| *current != index)
        {
            let codec = self.parameters.as_ref()?.codecs.get(index)?.create()?;
            self.decoder = Some((index, codec));
            self.next_timestamp = None;
        }
        let clock = self.parameters.as_ref()?.codecs.get(index)?.clock_rate;
        let (_, decoder) = self.decoder.as_mut()?;
        if self.recordings.is_empty() {
            decoder.run_at(self.listener_rate);
        }
        let rate = decoder.sample_rate();
        pcm.clear();
        if decoder.decode(payload, pcm).is_err() {
            self.statistics.counters.malformed.add_alone(1);
            return None;
        }
        let length = (pcm.len() as u64 * u64::from(clock) / u64::from(rate)) as u32;
        let missing = self
            .next_timestamp
            .map_or(0, |next| header.timestamp.wrapping_sub(next));
        self.next_timestamp = Some(header.timestamp.wrapping_add(length));
        let gap = if missing <= units(LONGEST_PAUSE, clock) {
            (u64::from(missing) * u64::from(rate) / u64::from(clock)) as u32
        } else {
            0
        };
        self.remember_for_loss(pcm, rate);
        self.hand_on(now, rate, gap, pcm, output);
        Some(Audio { rate, gap })
    }

    /// Give what the far end says to all that hang on the stream.
    pub(super) fn hand_on(
        &mut self,
        now: Microseconds,
        rate: Rate,
        gap: u32,
        pcm: &mut [i16],
        output: &mut Output,
    ) {
        if self.speak_gain != 1.0 {
            dsp::level::apply_gain(pcm, self.speak_gain);
        }
        self.detect_digits(rate, pcm, output);
        self.treat_said(pcm, rate);
        for recording in &mut self.recordings {
            recording.hear_far_end(now, pcm, rate, gap);
        }
        self.tap_speech(pcm, rate);
        self.add_to_speech(pcm, rate, output);
    }

    fn detect_digits(&mut self, rate: Rate, pcm: &[i16], output: &mut Output) {
        if !self.detects {
            return;
        }
        if self
            .detector
            .as_ref()
            .is_none_or(|(current, _)| *current != rate)
        {
            self.detector = Some((rate, Box::new(DtmfDetector::new(rate))));
        }
        let Some((_, detector)) = &mut self.detector else {
            return;
        };
        let mut found = Vec::new();
        detector.process(pcm, &mut found);
        output
            .events
            .extend(found.into_iter().map(|(digit, milliseconds)| Event::Digit {
                stream: self.id,
                digit,
                milliseconds,
                source: DigitSource::Inband,
            }));
    }

    fn receive_event(
        &mut self,
        now: Microseconds,
        header: &Header,
        report: TelephoneEvent,
        clock: Rate,
        output: &mut Output,
    ) {
        let mut ended = [None, None];
        self.event_receiver
            .handle_report(now, header, report, clock, |digit| {
                let free = usize::from(ended[0].is_some());
                ended[free] = Some(digit);
            });
        self.tell_digits(ended.into_iter().flatten(), output);
    }

    pub(super) fn tell_digits(
        &self,
        ended: impl IntoIterator<Item = ReceivedDigit>,
        output: &mut Output,
    ) {
        output
            .events
            .extend(ended.into_iter().map(|found| Event::Digit {
                stream: self.id,
                digit: found.digit,
                milliseconds: found.milliseconds,
                source: DigitSource::Rtp,
            }));
    }

    pub(super) fn check_silence(&mut self, now: Microseconds, output: &mut Output) {
        let Some(parameters) = &self.parameters else {
            return;
        };
        if self.timeout_check.is_none_or(|due| now < due) {
            return;
        }
        let timeout = Microseconds::from(parameters.timeout_ms) * MILLISECOND;
        let silent = now.saturating_sub(self.last_heard);
        if silent < timeout {
            self.timeout_check = Some(self.last_heard + timeout);
            return;
        }
        // Told once; the next packet starts the watch again.
        self.timeout_check = None;
        self.heard = false;
        output.events.push(Event::MediaTimeout {
            stream: self.id,
            milliseconds: silent / MILLISECOND,
        });
    }
}
