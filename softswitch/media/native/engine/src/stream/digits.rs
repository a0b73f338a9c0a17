//! Sending digits: as telephone events (RFC 4733) or as tones in the audio.

use std::collections::VecDeque;

use dsp::tone::DtmfGenerator;

use super::Stream;
use super::sending::Placing;
use crate::event::Event;
use crate::output::Output;
use crate::rtp::event_sender::EventSender;
use crate::rtp::telephone_event::event_of;
use crate::time::{MILLISECOND, Microseconds};

/// The shortest digit that every receiver must notice (ITU-T Q.24).
const SHORTEST: u32 = 40;
const RUN: u64 = 3 << 62;
const DEFAULT_PTIME: u32 = 20;

/// How digits are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigitMethod {
    TelephoneEvent,
    Inband,
}

#[derive(Clone, Copy, Debug)]
enum Item {
    Digit {
        digit: char,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    },
    Pause {
        milliseconds: u32,
    },
}

enum Active {
    Event {
        sender: EventSender,
        timestamp: u32,
        rest_until: Microseconds,
    },
    Tone {
        generator: DtmfGenerator,
        gap: u32,
    },
}

/// Digits that wait or are being sent.
#[derive(Default)]
pub struct DigitQueue {
    waiting: VecDeque<Item>,
    active: Option<Active>,
    next: Microseconds,
}

impl DigitQueue {
    pub fn next_timeout(&self) -> Microseconds {
        self.next
    }
}

impl Stream {
    /// Queue digits and pauses; other characters are passed over.
    pub fn send_digits(
        &mut self,
        now: Microseconds,
        digits: &str,
        milliseconds: u32,
        gap: u32,
        method: DigitMethod,
    ) {
        let queue = self.digits.get_or_insert_with(|| {
            Box::new(DigitQueue {
                next: now,
                ..DigitQueue::default()
            })
        });
        queue
            .waiting
            .extend(digits.chars().filter_map(|symbol| match symbol {
                'w' => Some(Item::Pause { milliseconds: 500 }),
                'W' => Some(Item::Pause { milliseconds: 1000 }),
                digit => event_of(digit).map(|_| Item::Digit {
                    digit,
                    milliseconds: milliseconds.max(SHORTEST),
                    gap,
                    method,
                }),
            }));
    }

    /// Whether digits are heard instead of anything else.
    pub(crate) fn sends_digits(&self) -> bool {
        self.digits.is_some()
    }

    pub(super) fn continue_digits(&mut self, now: Microseconds, output: &mut Output) {
        while let Some(mut queue) = self.digits.take() {
            if queue.next > now {
                self.digits = Some(queue);
                return;
            }
            match queue.active.take() {
                Some(Active::Event {
                    mut sender,
                    timestamp,
                    rest_until,
                }) => {
                    if self.send_event_packet(&mut sender, timestamp, output) {
                        queue.next += self.packet_time();
                        queue.active = Some(Active::Event {
                            sender,
                            timestamp,
                            rest_until,
                        });
                    } else {
                        queue.next = queue.next.max(rest_until);
                    }
                }
                Some(Active::Tone { mut generator, gap }) => {
                    if self.send_tone_packet(now, &mut generator, output) {
                        queue.next += self.packet_time();
                        queue.active = Some(Active::Tone { generator, gap });
                    } else {
                        self.sender.pause();
                        queue.next += Microseconds::from(gap) * MILLISECOND;
                    }
                }
                None => match queue.waiting.pop_front() {
                    Some(item) => self.begin(&mut queue, item),
                    None => {
                        self.sender.pause();
                        output.events.push(Event::DigitsSent { stream: self.id });
                        return;
                    }
                },
            }
            self.digits = Some(queue);
        }
    }

    fn begin(&mut self, queue: &mut DigitQueue, item: Item) {
        match item {
            Item::Pause { milliseconds } => {
                queue.next += Microseconds::from(milliseconds) * MILLISECOND;
            }
            Item::Digit {
                digit,
                milliseconds,
                gap,
                method,
            } => {
                let known = self.parameters.as_ref();
                let agreed = known.is_some_and(|known| known.telephone_event.is_some());
                let clock = self.event_clock();
                queue.active = match event_of(digit) {
                    Some(event) if agreed && method == DigitMethod::TelephoneEvent => {
                        let length = Microseconds::from(milliseconds + gap) * MILLISECOND;
                        Some(Active::Event {
                            sender: EventSender::new(event, milliseconds, clock),
                            timestamp: self.sender.begin_event(queue.next, clock),
                            rest_until: queue.next + length,
                        })
                    }
                    _ => DtmfGenerator::new(digit, self.rate(), milliseconds)
                        .map(|generator| Active::Tone { generator, gap }),
                };
            }
        }
    }

    /// Send the next report of an event; false once all were sent.
    fn send_event_packet(
        &mut self,
        sender: &mut EventSender,
        timestamp: u32,
        output: &mut Output,
    ) -> bool {
        let step = (self.packet_time() * u64::from(self.event_clock()) / 1_000_000) as u32;
        let Some(report) = sender.next(step) else {
            return false;
        };
        let payload_type = self
            .parameters
            .as_ref()
            .and_then(|known| known.telephone_event);
        if let (Some(payload_type), Some(_)) = (payload_type, self.destination()) {
            let timestamp = timestamp.wrapping_add(report.offset);
            let header = self.sender.event(report.marker, payload_type, timestamp);
            self.statistics.counters.dtmf_packets_out.add_alone(1);
            self.send_payload(header, &report.event.to_bytes(), output);
        }
        true
    }

    /// Send the next packet of a tone; false once all was sent.
    fn send_tone_packet(
        &mut self,
        now: Microseconds,
        generator: &mut DtmfGenerator,
        output: &mut Output,
    ) -> bool {
        let rate = self.rate();
        let Some(codec) = self.sent_codec() else {
            return false;
        };
        let format = codec.format();
        let mut samples = vec![0; (codec.ptime * rate / 1000) as usize];
        if generator.read(&mut samples) == 0 {
            return false;
        }
        self.record_sent(now, &samples, rate, 0);
        if self.destination().is_some() {
            self.send_samples(now, Placing::next(RUN, format), &samples, output);
        }
        true
    }

    fn packet_time(&self) -> Microseconds {
        let ptime = self.sent_codec().map_or(DEFAULT_PTIME, |codec| codec.ptime);
        Microseconds::from(ptime) * MILLISECOND
    }

    /// Events are counted in the clock of the audio they stand among (RFC 4733 §2.1).
    pub(super) fn event_clock(&self) -> u32 {
        self.sent_codec()
            .map_or(super::DEFAULT_RATE, |codec| codec.clock_rate)
    }
}
