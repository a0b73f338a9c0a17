//! Times in buckets of 10 microseconds.

use std::sync::atomic::{AtomicU64, Ordering};

const BUCKETS: usize = 200_001;
const WIDTH_US: u64 = 10;

/// Counts durations of up to two seconds; longer ones count as two.
pub struct Histogram {
    buckets: Vec<AtomicU64>,
}

impl Histogram {
    pub fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub fn add(&self, microseconds: u64) {
        let bucket = usize::try_from(microseconds / WIDTH_US).unwrap_or(BUCKETS);
        self.buckets[bucket.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
    }

    /// The duration in milliseconds that a share of all stay below; None without any.
    pub fn percentile(&self, share: f64) -> Option<f64> {
        let counts: Vec<u64> = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .collect();
        let total: u64 = counts.iter().sum();
        let wanted = (total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (index, count) in counts.iter().enumerate() {
            seen += count;
            if total > 0 && seen >= wanted {
                return Some((index as u64 * WIDTH_US) as f64 / 1000.0);
            }
        }
        None
    }

    /// `{"p50":…,"p99":…,"max":…}`, null where nothing was counted.
    pub fn to_json(&self) -> String {
        let show = |share| match self.percentile(share) {
            Some(value) => format!("{value:.2}"),
            None => "null".into(),
        };
        format!(
            "{{\"p50\":{},\"p95\":{},\"p99\":{},\"max\":{}}}",
            show(0.5),
            show(0.95),
            show(0.99),
            show(1.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_added() {
        let histogram = Histogram::new();
        assert_eq!(histogram.percentile(0.5), None);
        for milliseconds in 1..=100 {
            histogram.add(milliseconds * 1000);
        }
        assert_eq!(histogram.percentile(0.5), Some(50.0));
        assert_eq!(histogram.percentile(0.99), Some(99.0));
        histogram.add(u64::MAX);
        assert_eq!(histogram.percentile(1.0), Some(2000.0));
    }
}
