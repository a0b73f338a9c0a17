//! Making up for lost packets by repeating the last pitch period (after ITU-T G.711 Appendix I).

/// What is kept of the past, the longest and shortest pitch period and the seam, in milliseconds.
const HISTORY_MS: usize = 45;
const LONGEST_MS: usize = 15;
const SHORTEST_MS: usize = 5;
const SEAM_MS: usize = 4;
/// The repetition is at full level so long and silent after the second.
const STEADY_MS: usize = 10;
const SILENT_MS: usize = 60;

/// Remembers the audio of a stream and continues it where packets are missing.
pub struct Concealer {
    rate: usize,
    history: Vec<i16>,
    /// The pitch period that is repeated, while packets are missing.
    period: Vec<f32>,
    /// Samples made up since the last packet.
    made: usize,
}

impl Concealer {
    pub fn new(rate: u32) -> Concealer {
        Concealer {
            rate: rate as usize,
            history: Vec::new(),
            period: Vec::new(),
            made: 0,
        }
    }

    /// Take the audio of a packet; after a gap its beginning is blended with what was made up.
    pub fn hear(&mut self, samples: &mut [i16]) {
        if self.made > 0 {
            // The longer the gap, the longer the seam.
            let length = (self.length(SEAM_MS) + self.made / 5).min(samples.len());
            let continued: Vec<f32> = (0..length).map(|_| self.next()).collect();
            for (index, (sample, old)) in samples.iter_mut().zip(continued).enumerate() {
                let part = (index + 1) as f32 / (length + 1) as f32;
                *sample = (f32::from(*sample) * part + old * (1.0 - part)) as i16;
            }
            self.made = 0;
        }
        self.remember(samples);
    }

    /// Append `count` samples in place of missing ones.
    pub fn conceal(&mut self, count: usize, out: &mut Vec<i16>) {
        if self.made == 0 {
            self.find_period();
        }
        let start = out.len();
        out.extend((0..count).map(|_| self.next() as i16));
        let made = out[start..].to_vec();
        self.remember(&made);
    }

    fn length(&self, milliseconds: usize) -> usize {
        self.rate * milliseconds / 1000
    }

    fn remember(&mut self, samples: &[i16]) {
        self.history.extend_from_slice(samples);
        let unneeded = self.history.len().saturating_sub(self.length(HISTORY_MS));
        self.history.drain(..unneeded);
    }

    /// The next made-up sample, fading as the gap grows.
    fn next(&mut self) -> f32 {
        let steady = self.length(STEADY_MS);
        let silent = self.length(SILENT_MS);
        let level = match self.made {
            made if made <= steady => 1.0,
            made if made >= silent => 0.0,
            made => (silent - made) as f32 / (silent - steady) as f32,
        };
        let sample = self.period.get(self.made % self.period.len().max(1));
        self.made += 1;
        sample.map_or(0.0, |sample| sample * level)
    }

    fn find_period(&mut self) {
        self.period.clear();
        let (longest, shortest) = (self.length(LONGEST_MS), self.length(SHORTEST_MS));
        let window = self.length(20);
        if self.history.len() < longest + window || shortest == 0 {
            // Too little is known of the sound to continue it.
            return;
        }
        let end = self.history.len();
        let lag = self.best_lag(end - window, shortest..=longest);
        // The period closes upon itself: its last part blends into what came before its first.
        let seam = (lag / 4).max(1);
        let period = end - lag;
        self.period.extend(
            self.history[period..]
                .iter()
                .map(|&sample| f32::from(sample)),
        );
        for index in 0..seam {
            let part = (index + 1) as f32 / (seam + 1) as f32;
            let position = lag - seam + index;
            let before = f32::from(self.history[period - seam + index]);
            self.period[position] = self.period[position] * (1.0 - part) + before * part;
        }
    }

    /// The lag at which the end of the history is most like itself.
    fn best_lag(&self, start: usize, lags: std::ops::RangeInclusive<usize>) -> usize {
        // Searching every other sample of high rates is fine enough for a pitch.
        let step = (self.rate / 8000).max(1);
        let likeness = |lag: usize| {
            let (mut product, mut power) = (0.0f32, 1.0f32);
            for index in (start..self.history.len()).step_by(step) {
                let (now, past) = (self.history[index], self.history[index - lag]);
                product += f32::from(now) * f32::from(past);
                power += f32::from(past) * f32::from(past);
            }
            product / power.sqrt()
        };
        let mut best = (f32::MIN, *lags.end());
        for lag in lags.step_by(step) {
            let found = likeness(lag);
            if found > best.0 {
                best = (found, lag);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    fn tone(rate: usize, frequency: f64, from: usize, count: usize) -> Vec<i16> {
        (from..from + count)
            .map(|index| {
                (9000.0 * (TAU * frequency * index as f64 / rate as f64).sin()).round() as i16
            })
            .collect()
    }

    fn signal_to_noise(wanted: &[i16], found: &[i16]) -> f64 {
        let power = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
        let signal = power(&mut wanted.iter().map(|&value| f64::from(value)));
        let noise = power(
            &mut wanted
                .iter()
                .zip(found)
                .map(|(&wanted, &found)| f64::from(wanted) - f64::from(found)),
        );
        10.0 * (signal / noise.max(1.0)).log10()
    }

    #[test]
    fn a_lost_packet_of_a_tone_is_hardly_missed() {
        for (rate, frequency) in [(8000, 200.0), (16_000, 160.0), (48_000, 240.0)] {
            let frame = rate / 50;
            let mut concealer = Concealer::new(rate as u32);
            for packet in 0..5 {
                concealer.hear(&mut tone(rate, frequency, packet * frame, frame));
            }
            let mut made = Vec::new();
            concealer.conceal(frame / 2, &mut made);
            let wanted = tone(rate, frequency, 5 * frame, frame / 2);
            let quality = signal_to_noise(&wanted, &made);
            assert!(quality > 15.0, "{quality:.1} dB at {rate} Hz");
        }
    }

    #[test]
    fn a_long_gap_fades_into_silence() {
        let mut concealer = Concealer::new(8000);
        for packet in 0..5 {
            concealer.hear(&mut tone(8000, 300.0, packet * 160, 160));
        }
        let mut made = Vec::new();
        concealer.conceal(800, &mut made);
        assert!(made[..80].iter().any(|&sample| sample > 8000));
        assert!(made[480..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn what_follows_a_gap_is_blended_in() {
        let mut concealer = Concealer::new(8000);
        for packet in 0..5 {
            concealer.hear(&mut tone(8000, 300.0, packet * 160, 160));
        }
        concealer.conceal(40, &mut Vec::new());
        let mut next = vec![0i16; 160];
        concealer.hear(&mut next);
        assert!(next[..4].iter().any(|&sample| sample != 0));
        assert_eq!(next[150], 0);
    }

    #[test]
    fn a_loss_before_any_sound_is_silence() {
        let mut made = Vec::new();
        Concealer::new(8000).conceal(160, &mut made);
        assert_eq!(made, [0; 160]);
    }
}
