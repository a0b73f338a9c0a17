//! Opus by libopus (RFC 6716), its RTP payload and parameters (RFC 7587).

use opus::{Application, Bandwidth, Bitrate, Channels, Decoder, Encoder, Signal};

use super::{Codec, DecodeError};

/// The rates libopus works at; the RTP clock is always 48000 Hz (RFC 7587 §4.1).
const RATES: [u32; 5] = [8_000, 12_000, 16_000, 24_000, 48_000];
/// Most audio a packet can hold (RFC 6716 §3.2.5).
const LONGEST_MS: usize = 120;
const LARGEST_PACKET: usize = 1275;
/// Speech is coded as well from here on; what is beyond costs time alone.
const COMPLEXITY: i32 = 5;
/// The loss in percent that forward error correction is made for.
const EXPECTED_LOSS: i32 = 10;
/// A packet of at most so many bytes says that nothing new is to be heard.
const NOTHING_NEW: usize = 2;

/// Bits a second below which libopus gives up correcting errors, for sound of each width and no loss
/// expected (decide_fec of opus_encoder.c): they fall as more loss is expected.
const CORRECTED_FROM: [(Bandwidth, u32, i32); 5] = [
    (Bandwidth::Fullband, 48_000, 23_000),
    (Bandwidth::Superwideband, 24_000, 21_000),
    (Bandwidth::Wideband, 16_000, 17_000),
    (Bandwidth::Mediumband, 12_000, 15_000),
    (Bandwidth::Narrowband, 8_000, 13_000),
];
/// The least that speech is sent with when losses are great.
const LEAST_BIT_RATE: i32 = 12_000;

/// What the far end asks for (RFC 7587 §6.1), and what is asked of our encoder.
///
/// In the text ours stands before the first `|`: no far end can say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wishes {
    max_rate: u32,
    bit_rate: Option<i32>,
    correct_errors: bool,
    skip_silence: bool,
    constant: bool,
    complexity: i32,
    loss: i32,
    keep_correcting: bool,
    adjust: bool,
}

impl Wishes {
    fn parse(fmtp: &str) -> Wishes {
        let (ours, theirs) = fmtp.split_once('|').unwrap_or(("", fmtp));
        let rate = find(theirs, "maxplaybackrate").unwrap_or(48_000);
        let rate = rate.min(find(ours, "rate").unwrap_or(48_000));
        let bounds = [find(theirs, "maxaveragebitrate"), find(ours, "bitrate")];
        let bit_rate = bounds.into_iter().flatten().min();
        let at_most = |value: Option<u32>, most: u32| value.map(|value| value.min(most) as i32);
        Wishes {
            max_rate: at_least(rate.clamp(8_000, 48_000)),
            bit_rate: bit_rate.map(|rate| rate.clamp(6_000, 510_000) as i32),
            correct_errors: find(theirs, "useinbandfec") == Some(1),
            skip_silence: find(theirs, "usedtx") == Some(1),
            constant: find(theirs, "cbr") == Some(1) || find(ours, "vbr") == Some(0),
            complexity: at_most(find(ours, "complexity"), 10).unwrap_or(COMPLEXITY),
            loss: at_most(find(ours, "loss"), 100).unwrap_or(EXPECTED_LOSS),
            keep_correcting: find(ours, "keepfec") == Some(1),
            adjust: find(ours, "adjust") == Some(1),
        }
    }

    /// What sound of that rate is sent with where nobody bounds it, as libopus has it for 20 ms.
    fn usual_bit_rate(rate: u32) -> i32 {
        60 * 50 + rate as i32
    }

    /// The widest sound that is still corrected, and the bit rate it takes.
    fn corrected(&self, rate: u32) -> Option<(Bandwidth, i32)> {
        let relief = 125 - self.loss.min(25);
        CORRECTED_FROM
            .into_iter()
            .filter(|(_, width, _)| *width <= rate)
            .find_map(|(bandwidth, _, needed)| {
                let needed = needed * relief / 100;
                let given = self
                    .bit_rate
                    .unwrap_or_else(|| Wishes::usual_bit_rate(rate).max(needed));
                (given >= needed).then_some((bandwidth, given))
            })
    }
}

/// The number of that name in a list of parameters.
fn find(parameters: &str, wanted: &str) -> Option<u32> {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case(wanted))
        .and_then(|(_, value)| value.trim().parse().ok())
}

/// Encoder and decoder of one direction each, made when they are first needed.
pub(super) struct Opus {
    wishes: Wishes,
    rate: u32,
    encoder: Option<Encoder>,
    decoder: Option<Decoder>,
    /// Samples of the last packet decoded.
    last_length: usize,
    /// Bits a second, where losses have lowered them.
    lowered: Option<i32>,
}

impl Opus {
    pub(super) fn new(fmtp: &str) -> Opus {
        let wishes = Wishes::parse(fmtp);
        Opus {
            wishes,
            rate: wishes.max_rate,
            encoder: None,
            decoder: None,
            last_length: 0,
            lowered: None,
        }
    }

    /// Bits a second where there are no losses.
    fn full_bit_rate(&self) -> i32 {
        let usual = || Wishes::usual_bit_rate(self.rate);
        self.wishes.bit_rate.unwrap_or_else(usual)
    }

    fn encoder(&mut self) -> Result<&mut Encoder, opus::Error> {
        if self.encoder.is_none() {
            let wishes = self.wishes;
            let mut encoder = Encoder::new(self.rate, Channels::Mono, Application::Voip)?;
            encoder.set_complexity(wishes.complexity)?;
            encoder.set_signal(Signal::Voice)?;
            encoder.set_bitrate(wishes.bit_rate.map_or(Bitrate::Auto, Bitrate::Bits))?;
            encoder.set_vbr(!wishes.constant)?;
            encoder.set_dtx(wishes.skip_silence)?;
            if wishes.correct_errors {
                encoder.set_inband_fec(true)?;
                encoder.set_packet_loss_perc(wishes.loss)?;
                if let Some((bandwidth, bit_rate)) = wishes.corrected(self.rate)
                    && wishes.keep_correcting
                {
                    encoder.set_max_bandwidth(bandwidth)?;
                    encoder.set_bitrate(Bitrate::Bits(bit_rate))?;
                }
            }
            self.encoder = Some(encoder);
        }
        Ok(self.encoder.as_mut().expect("it was just made"))
    }

    fn run(&mut self, payload: &[u8], count: usize, correct: bool, out: &mut Vec<i16>) -> bool {
        if self.decoder.is_none() {
            self.decoder = Decoder::new(self.rate, Channels::Mono).ok();
        }
        let Some(decoder) = &mut self.decoder else {
            return false;
        };
        let start = out.len();
        out.resize(start + count, 0);
        let length = decoder.decode(payload, &mut out[start..], correct);
        out.truncate(start + length.as_ref().copied().unwrap_or(0));
        length.is_ok()
    }
}

impl Codec for Opus {
    fn sample_rate(&self) -> u32 {
        self.rate
    }

    fn run_at(&mut self, rate: u32) {
        let rate = at_least(rate).min(self.wishes.max_rate);
        if rate != self.rate {
            self.rate = rate;
            self.encoder = None;
            self.decoder = None;
            self.last_length = 0;
        }
    }

    fn note_loss(&mut self, percent: u8) {
        let full = self.full_bit_rate();
        let (wishes, lowered) = (self.wishes, self.lowered);
        let Some(encoder) = self.encoder.as_mut().filter(|_| wishes.adjust) else {
            return;
        };
        // Where packets are dropped for want of room fewer bits help, and more correction does.
        let given = lowered.unwrap_or(full);
        let next = match percent {
            0..=2 => given + full / 10,
            3..=9 => given,
            10.. => given - full / 5,
        };
        let next = next.min(full).max(LEAST_BIT_RATE.min(full));
        self.lowered = (next < full).then_some(next);
        let told = if next < full || lowered.is_some() {
            encoder.set_bitrate(Bitrate::Bits(next))
        } else {
            Ok(())
        };
        let loss = i32::from(percent).max(wishes.loss);
        // A wish that libopus does not take leaves the encoder as it was.
        let _ = told.and_then(|()| encoder.set_packet_loss_perc(loss));
    }

    fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), DecodeError> {
        let start = out.len();
        let most = self.rate as usize * LONGEST_MS / 1000;
        if payload.is_empty() || !self.run(payload, most, false, out) {
            return Err(DecodeError(format!(
                "a payload of {} bytes is no Opus packet",
                payload.len()
            )));
        }
        self.last_length = out.len() - start;
        Ok(())
    }

    fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + LARGEST_PACKET, 0);
        let length = self
            .encoder()
            .and_then(|encoder| encoder.encode(samples, &mut out[start..]))
            .unwrap_or(0);
        let kept = if self.wishes.skip_silence && length <= NOTHING_NEW {
            0
        } else {
            length
        };
        out.truncate(start + kept);
    }

    fn conceal(&mut self, count: usize, next: Option<&[u8]>, out: &mut Vec<i16>) -> bool {
        // libopus conceals in steps of 2.5 ms and corrects the packet right before `next`.
        let step = self.rate as usize / 400;
        let mut left = (count / step * step).min(self.rate as usize);
        let corrected = match next {
            Some(_) if self.last_length > 0 && self.last_length <= left => self.last_length,
            _ => 0,
        };
        left -= corrected;
        while left > 0 {
            let length = left.min(self.rate as usize * LONGEST_MS / 1000);
            if !self.run(&[], length, false, out) {
                break;
            }
            left -= length;
        }
        if corrected > 0 {
            self.run(next.unwrap_or(&[]), corrected, true, out);
        }
        true
    }
}

/// The lowest rate of libopus that is not below `rate`.
fn at_least(rate: u32) -> u32 {
    let found = RATES.into_iter().find(|&known| known >= rate);
    found.unwrap_or(48_000)
}
