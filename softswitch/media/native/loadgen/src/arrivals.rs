//! How evenly what is played arrives, by the kernel's own time stamps, and how soon after the answer.

use std::sync::Mutex;
use std::time::Instant;

use crate::histogram::Histogram;

const FRAME_MS: f64 = 20.0;
/// A µ-law byte that differs by so much from silence is heard.
const AUDIBLE: u8 = 0x20;

#[derive(Clone, Copy, Default)]
struct Line {
    answered: Option<Instant>,
    heard: bool,
    /// Sequence number and arrival of the packet before, in nanoseconds.
    last: Option<(u16, u64)>,
}

#[derive(Default)]
struct Gaps {
    lines: Vec<Line>,
    count: u64,
    squares: f64,
    largest: f64,
}

/// Arrivals on all calls.
pub struct Arrivals {
    gaps: Mutex<Gaps>,
    first_sound: Histogram,
}

impl Arrivals {
    pub fn new(calls: usize) -> Self {
        Self {
            gaps: Mutex::new(Gaps {
                lines: vec![Line::default(); calls],
                ..Gaps::default()
            }),
            first_sound: Histogram::new(),
        }
    }

    /// The switch has answered a call.
    pub fn answer(&self, call: usize) {
        self.gaps.lock().expect("never poisoned").lines[call].answered = Some(Instant::now());
    }

    /// Take note of a packet of PCMU that came at this time of the kernel's clock.
    pub fn note(&self, call: usize, packet: &[u8], nanoseconds: u64) {
        let mut gaps = self.gaps.lock().expect("never poisoned");
        let Some(sequence) = packet.get(2..4) else {
            return;
        };
        let sequence = u16::from_be_bytes([sequence[0], sequence[1]]);
        let line = &mut gaps.lines[call];
        let audible = packet[12..].iter().any(|byte| !byte & 0x7f > AUDIBLE);
        if !line.heard && audible {
            line.heard = true;
            let waited = line.answered.map(|moment| moment.elapsed());
            let waited = waited.unwrap_or_default().as_micros();
            self.first_sound.add(waited.try_into().unwrap_or(u64::MAX));
        }
        let last = line.last.replace((sequence, nanoseconds));
        if let Some((before, then)) = last
            && before.wrapping_add(1) == sequence
        {
            let off = (nanoseconds as f64 - then as f64) / 1e6 - FRAME_MS;
            gaps.count += 1;
            gaps.squares += off * off;
            gaps.largest = gaps.largest.max(off.abs());
        }
    }

    /// `"arrivals":{…}`: deviation of the gaps from 20 ms, and from the answer to the first sound.
    pub fn to_json(&self) -> String {
        let gaps = self.gaps.lock().expect("never poisoned");
        let deviation = (gaps.squares / gaps.count.max(1) as f64).sqrt();
        format!(
            "\"arrivals\":{{\"gaps\":{},\"sd_ms\":{deviation:.3},\"largest_ms\":{:.3},\
             \"first_sound_ms\":{}}}",
            gaps.count,
            gaps.largest,
            self.first_sound.to_json()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u8, voice: u8) -> Vec<u8> {
        let mut packet = vec![0x80, 0, 0, sequence];
        packet.resize(12 + 160, voice);
        packet
    }

    #[test]
    fn gaps_between_packets_in_a_row_are_measured() {
        let arrivals = Arrivals::new(1);
        for (sequence, milliseconds) in [(1, 0), (2, 20), (3, 43), (5, 99), (6, 116)] {
            arrivals.note(0, &packet(sequence, 0xff), milliseconds * 1_000_000);
        }
        let told = arrivals.to_json();
        // 0, 3 and -3 ms.
        assert!(
            told.contains("\"gaps\":3,\"sd_ms\":2.449,\"largest_ms\":3.000"),
            "{told}"
        );
        assert!(told.contains("\"p50\":null"), "silence is no sound: {told}");
    }

    #[test]
    fn the_first_sound_is_timed_from_the_answer() {
        let arrivals = Arrivals::new(2);
        arrivals.answer(1);
        arrivals.note(1, &packet(1, 0x7f), 0);
        assert_eq!(arrivals.first_sound.percentile(0.5), None);
        arrivals.note(1, &packet(2, 0x10), 0);
        arrivals.note(1, &packet(3, 0x10), 0);
        assert!(arrivals.first_sound.percentile(1.0) < Some(1000.0));
        assert!(arrivals.to_json().contains("\"gaps\":2"));
    }
}
