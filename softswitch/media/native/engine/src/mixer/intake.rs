//! What a member says on its way into the room: packets go in when they come, the room takes a
//! frame at each of its ticks.
//!
//! The queue finds its own depth. It starts with one packet; each time the room finds too little
//! in it what is missing stays missing, and the queue is that much deeper from then on. Depth that
//! nothing needed for a while is taken out again.

use dsp::resample::Resampler;

use crate::time::Rate;

/// Depth is measured over so many milliseconds before any is taken out.
const OBSERVED_MS: u32 = 5_000;
/// Depth beyond the need that is left alone, and the most that is kept at all.
const SPARE_MS: u32 = 20;
const MOST_MS: u32 = 200;

/// A member's voice, waiting for the room.
pub struct Intake {
    rate: Rate,
    samples: Vec<i16>,
    resampler: Option<(Rate, Resampler)>,
    /// The frame taken last, to fade out of when nothing follows it.
    last: Vec<i16>,
    /// Silence the room took for want of samples: part of the next gap.
    owed: usize,
    /// Something was taken before, and nothing since the last packet was missing.
    flowing: bool,
    /// Least samples left after a frame was taken, and how many milliseconds that holds for.
    least: usize,
    observed_ms: u32,
}

impl Intake {
    pub fn new(rate: Rate) -> Intake {
        Intake {
            rate,
            samples: Vec::new(),
            resampler: None,
            last: Vec::new(),
            owed: 0,
            flowing: false,
            least: usize::MAX,
            observed_ms: 0,
        }
    }

    /// Put in a packet's samples, preceded by a gap of so many of their rate.
    pub fn put(&mut self, pcm: &[i16], rate: Rate, gap: u32) {
        let gap = (u64::from(gap) * u64::from(self.rate) / u64::from(rate.max(1))) as usize;
        let missing = gap.saturating_sub(std::mem::take(&mut self.owed));
        let most = self.length(MOST_MS);
        self.samples
            .resize(self.samples.len() + missing.min(most), 0);
        if self
            .resampler
            .as_ref()
            .is_none_or(|(from, _)| *from != rate)
        {
            self.resampler = Some((rate, Resampler::new(rate, self.rate)));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            resampler.process(pcm, &mut self.samples);
        }
        if self.samples.len() > most {
            // The far end sends faster than time passes, or all at once after a stall.
            let keep = self.length(SPARE_MS).max(pcm.len().min(most / 2));
            self.samples.drain(..self.samples.len() - keep);
        }
    }

    /// Take a frame; false if there was none and `frame` is silence (or fades into it).
    pub fn take(&mut self, frame: &mut Vec<i16>, length: usize) -> bool {
        frame.clear();
        if self.samples.len() < length {
            let fades = std::mem::take(&mut self.flowing);
            if fades && self.last.len() == length {
                let scale = length as i32;
                let faded = self.last.iter().zip((0..scale).rev());
                frame
                    .extend(faded.map(|(&sample, left)| (i32::from(sample) * left / scale) as i16));
            } else {
                frame.resize(length, 0);
            }
            self.owed = (self.owed + length).min(usize::MAX / 2);
            return fades;
        }
        frame.extend(self.samples.drain(..length));
        self.last.clone_from(frame);
        self.flowing = true;
        self.least = self.least.min(self.samples.len());
        self.observed_ms += (length * 1000 / self.rate as usize) as u32;
        if self.observed_ms >= OBSERVED_MS {
            let spare = self.length(SPARE_MS);
            if self.least > 2 * spare {
                self.samples.drain(..self.least - spare);
            }
            self.least = usize::MAX;
            self.observed_ms = 0;
        }
        true
    }

    fn length(&self, milliseconds: u32) -> usize {
        (milliseconds * self.rate / 1000) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(value: i16) -> Vec<i16> {
        vec![value; 160]
    }

    fn taken(intake: &mut Intake) -> Option<i16> {
        let mut frame = Vec::new();
        let there = intake.take(&mut frame, 160);
        assert_eq!(frame.len(), 160);
        there.then(|| frame[0])
    }

    #[test]
    fn packets_come_out_as_they_went_in() {
        let mut intake = Intake::new(8000);
        intake.put(&packet(1), 8000, 0);
        intake.put(&packet(2), 8000, 0);
        assert_eq!(taken(&mut intake), Some(1));
        assert_eq!(taken(&mut intake), Some(2));
    }

    #[test]
    fn what_is_missing_fades_once_and_is_silence_then() {
        let mut intake = Intake::new(8000);
        intake.put(&packet(1000), 8000, 0);
        taken(&mut intake);
        let mut frame = Vec::new();
        assert!(intake.take(&mut frame, 160));
        assert!(frame[0] > 900 && frame[159] == 0);
        assert!(!intake.take(&mut frame, 160));
        assert!(frame.iter().all(|&sample| sample == 0));
    }

    #[test]
    fn silence_already_heard_for_a_lost_packet_is_not_heard_again() {
        let mut intake = Intake::new(8000);
        intake.put(&packet(1), 8000, 0);
        taken(&mut intake);
        taken(&mut intake);
        intake.put(&packet(3), 8000, 160);
        assert_eq!(taken(&mut intake), Some(3));
        intake.put(&packet(4), 8000, 0);
        intake.put(&packet(6), 8000, 160);
        assert_eq!(taken(&mut intake), Some(4));
        assert_eq!(taken(&mut intake), Some(0), "the place of the lost packet");
        assert_eq!(taken(&mut intake), Some(6));
    }

    #[test]
    fn depth_that_nobody_needs_is_taken_out() {
        let mut intake = Intake::new(8000);
        for _ in 0..5 {
            intake.put(&packet(1), 8000, 0);
        }
        for _ in 0..300 {
            intake.put(&packet(1), 8000, 0);
            taken(&mut intake);
        }
        assert!(intake.samples.len() <= 320, "{}", intake.samples.len());
    }

    #[test]
    fn a_flood_is_cut() {
        let mut intake = Intake::new(8000);
        for _ in 0..100 {
            intake.put(&packet(1), 8000, u32::MAX / 2);
            assert!(intake.samples.len() <= 1600);
        }
    }

    #[test]
    fn other_rates_are_resampled() {
        let mut intake = Intake::new(16_000);
        intake.put(&packet(1), 8000, 0);
        assert_eq!(intake.samples.len(), 320);
        let mut frame = Vec::new();
        assert!(intake.take(&mut frame, 320));
    }
}
