//! How even and how complete a stream of audio arrives, in the figures FreeSWITCH gives at hang-up.

use crate::time::{MILLISECOND, Microseconds, SECOND};

/// Packets over which the variance of arrivals is taken.
const WINDOW: u32 = 50;
/// Further apart than this the far end was silent; that says nothing of the network.
const LONGEST_INTERVAL: Microseconds = SECOND;

/// Watches the arrival of packets of audio.
#[derive(Debug, Default)]
pub struct Quality {
    last: Option<Microseconds>,
    /// Of all intervals, in milliseconds.
    count: u32,
    mean: f64,
    /// Of the intervals of this window.
    window: u32,
    window_mean: f64,
    window_squares: f64,
    variances: Option<(f64, f64)>,
    received: u32,
    lost: u32,
    lost_in_bursts: u32,
    /// The loss is another than before the latest packet.
    loss_changed: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Milliseconds between packets.
    pub mean_interval: f64,
    /// In square milliseconds.
    pub least_variance: f64,
    pub greatest_variance: f64,
    /// Lost packets, and those lost together with others, in percent.
    pub loss_rate: f64,
    pub burst_rate: f64,
    /// Packets lost or too late.
    pub flaws: u32,
    /// R of the E-model (ITU-T G.107), simplified to the part of packets that came in time.
    pub quality: f64,
    pub mos: f64,
}

impl Default for Figures {
    /// Those of a stream of which nothing is known.
    fn default() -> Figures {
        Quality::default().figures(0)
    }
}

impl Quality {
    /// A packet came; `lost` are missing so far in all, fewer again where it was overtaken.
    pub fn handle_packet(&mut self, now: Microseconds, lost: u32) {
        self.received += 1;
        let more = lost.saturating_sub(self.lost);
        self.loss_changed = lost != self.lost;
        if more > 1 {
            self.lost_in_bursts += more;
        }
        self.lost = lost;
        self.lost_in_bursts = self.lost_in_bursts.min(lost);
        let interval = self.last.replace(now).map(|last| now - last);
        if let Some(interval) = interval.filter(|interval| *interval < LONGEST_INTERVAL) {
            self.note(interval as f64 / MILLISECOND as f64);
        }
    }

    /// Nothing is to come for a while: the next interval does not count.
    pub fn pause(&mut self) {
        self.last = None;
    }

    fn note(&mut self, interval: f64) {
        self.count += 1;
        self.mean += (interval - self.mean) / f64::from(self.count);
        // Welford's way to a variance in one pass.
        self.window += 1;
        let difference = interval - self.window_mean;
        self.window_mean += difference / f64::from(self.window);
        self.window_squares += difference * (interval - self.window_mean);
        if self.window == WINDOW {
            let variance = self.window_squares / f64::from(WINDOW);
            let (least, greatest) = self.variances.unwrap_or((variance, variance));
            self.variances = Some((least.min(variance), greatest.max(variance)));
            self.window = 0;
            self.window_mean = 0.0;
            self.window_squares = 0.0;
        }
    }

    /// True when the figures are worth publishing: often at first, then once in a window, and
    /// whenever packets were lost, so that a call that ends now tells of all of them.
    pub fn is_due(&self) -> bool {
        self.received < WINDOW || self.received.is_multiple_of(WINDOW) || self.loss_changed
    }

    /// The figures so far, with packets that came but were of no use.
    pub fn figures(&self, too_late: u32) -> Figures {
        let so_far = match self.window {
            0 => 0.0,
            count => self.window_squares / f64::from(count),
        };
        let (least, greatest) = self.variances.unwrap_or((so_far, so_far));
        let expected = f64::from((self.received + self.lost).max(1));
        let flaws = self.lost + too_late;
        let quality = (100.0 * (1.0 - f64::from(flaws) / expected)).max(0.0);
        // ITU-T G.107 annex B; FreeSWITCH calls an undisturbed call 4.5.
        let mos = 1.0 + 0.035 * quality + 7e-6 * quality * (quality - 60.0) * (100.0 - quality);
        Figures {
            mean_interval: self.mean,
            least_variance: least,
            greatest_variance: greatest,
            loss_rate: 100.0 * f64::from(self.lost) / expected,
            burst_rate: 100.0 * f64::from(self.lost_in_bursts) / expected,
            flaws,
            quality,
            mos: mos.clamp(1.0, 4.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_stream_is_perfect() {
        let mut quality = Quality::default();
        for packet in 0..200 {
            quality.handle_packet(packet * 20 * MILLISECOND, 0);
        }
        let figures = quality.figures(0);
        assert!((figures.mean_interval - 20.0).abs() < 1e-9);
        assert!(figures.greatest_variance < 1e-9);
        assert_eq!(
            (figures.flaws, figures.quality, figures.mos),
            (0, 100.0, 4.5)
        );
    }

    #[test]
    fn uneven_arrivals_have_a_variance() {
        let mut quality = Quality::default();
        for packet in 0..200 {
            let late = if packet > 100 { packet % 2 * 10 } else { 0 };
            quality.handle_packet((packet * 20 + late) * MILLISECOND, 0);
        }
        let figures = quality.figures(0);
        assert!(figures.least_variance < 1e-9);
        assert!(
            (90.0..110.0).contains(&figures.greatest_variance),
            "{figures:?}"
        );
    }

    #[test]
    fn losses_cost_quality_and_bursts_are_told_apart() {
        let mut quality = Quality::default();
        for packet in 0..95 {
            let lost = match packet {
                ..10 => 0,
                10..50 => 1,
                _ => 4,
            };
            quality.handle_packet(packet * 20 * MILLISECOND, lost);
        }
        let figures = quality.figures(1);
        assert_eq!(figures.flaws, 5);
        assert!((figures.loss_rate - 400.0 / 99.0).abs() < 1e-9);
        assert!((figures.burst_rate - 300.0 / 99.0).abs() < 1e-9);
        assert!((4.3..4.5).contains(&figures.mos), "{}", figures.mos);
    }

    #[test]
    fn a_packet_that_was_overtaken_is_not_lost() {
        let mut quality = Quality::default();
        for (packet, lost) in [0, 1, 0, 2, 1, 0].into_iter().enumerate() {
            quality.handle_packet(packet as u64 * 20 * MILLISECOND, lost);
        }
        let figures = quality.figures(0);
        assert_eq!((figures.flaws, figures.burst_rate), (0, 0.0));
    }

    #[test]
    fn a_pause_is_no_interval() {
        let mut quality = Quality::default();
        quality.handle_packet(0, 0);
        quality.pause();
        quality.handle_packet(500 * MILLISECOND, 0);
        assert_eq!(quality.figures(0).mean_interval, 0.0);
    }

    #[test]
    fn a_loss_is_published_at_once() {
        let mut quality = Quality::default();
        let mut due = Vec::new();
        for packet in 1..=100 {
            let lost = u32::from(packet > 70) + u32::from(packet > 80);
            quality.handle_packet(packet * 20 * MILLISECOND, lost);
            if packet > 50 && quality.is_due() {
                due.push(packet);
            }
        }
        assert_eq!(due, [71, 81, 100]);
    }

    #[test]
    fn nothing_at_all_is_no_flaw() {
        let figures = Quality::default().figures(0);
        assert_eq!((figures.flaws, figures.mos), (0, 4.5));
    }
}
