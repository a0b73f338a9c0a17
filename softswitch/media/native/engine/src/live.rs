//! Sound that goes on whether anybody listens or not: all who listen hear the same moment.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use dsp::resample::Resampler;

use crate::source::Read;
use crate::time::{Rate, samples};

/// What is kept for listeners of uneven pace.
const LONGEST_MS: u64 = 5_000;
/// How far behind the newest sample one begins to listen.
pub const LEAD_MS: u64 = 600;

#[derive(Default)]
struct Held {
    samples: VecDeque<i16>,
    /// The number of the first sample held.
    first: u64,
    resampler: Option<(Rate, Resampler)>,
    closed: bool,
}

/// Written by one, heard by many.
pub struct Live {
    pub rate: Rate,
    held: Mutex<Held>,
    listeners: AtomicUsize,
}

impl Live {
    pub fn new(rate: Rate) -> Live {
        Live {
            rate,
            held: Mutex::default(),
            listeners: AtomicUsize::new(0),
        }
    }

    /// Add samples of any rate behind the newest.
    pub fn write(&self, pcm: &[i16], rate: Rate) {
        let mut held = self.held.lock().expect("no holder of a live source panics");
        if held
            .resampler
            .as_ref()
            .is_none_or(|(from, _)| *from != rate)
        {
            held.resampler = Some((rate, Resampler::new(rate, self.rate)));
        }
        let mut converted = Vec::with_capacity(pcm.len());
        if let Some((_, resampler)) = &mut held.resampler {
            resampler.process(pcm, &mut converted);
        }
        held.samples.extend(converted);
        let most = samples(LONGEST_MS, self.rate) as usize;
        if held.samples.len() > most {
            let surplus = held.samples.len() - most;
            held.samples.drain(..surplus);
            held.first += surplus as u64;
        }
    }

    /// How many listen now.
    pub fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Relaxed)
    }

    /// Nothing more comes: whoever listens hears the end.
    pub fn close(&self) {
        self.held
            .lock()
            .expect("no holder of a live source panics")
            .closed = true;
    }
}

/// One listener's place.
pub struct Listening {
    live: Arc<Live>,
    position: Option<u64>,
}

impl Listening {
    pub fn new(live: &Arc<Live>) -> Listening {
        live.listeners.fetch_add(1, Ordering::Relaxed);
        Listening {
            live: Arc::clone(live),
            position: None,
        }
    }

    /// Append `count` samples, silence in place of what is not there.
    pub fn read(&mut self, count: usize, out: &mut Vec<i16>) -> Read {
        let held = self
            .live
            .held
            .lock()
            .expect("no holder of a live source panics");
        let end = held.first + held.samples.len() as u64;
        let begin = end.saturating_sub(samples(LEAD_MS, self.live.rate));
        let position = self.position.unwrap_or(begin).max(held.first).min(end);
        if held.closed && position == end {
            return Read::Finished;
        }
        if self.position.is_none() && end == held.first {
            return Read::Waiting;
        }
        let from = (position - held.first) as usize;
        let available = count.min((end - position) as usize);
        out.extend(held.samples.range(from..from + available));
        out.resize(out.len() + count - available, 0);
        self.position = Some(position + available as u64);
        Read::Samples
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.live.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_hear_the_same_moment_from_when_they_begin() {
        let live = Arc::new(Live::new(8000));
        let mut early = Listening::new(&live);
        let mut out = Vec::new();
        assert_eq!(early.read(160, &mut out), Read::Waiting);
        for second in 0..3 {
            live.write(&[second; 8000], 8000);
            early.read(8000, &mut out);
        }
        let mut late = Listening::new(&live);
        let (mut one, mut other) = (Vec::new(), Vec::new());
        live.write(&[7; 1600], 8000);
        early.read(1600, &mut one);
        late.read(6400, &mut other);
        assert_eq!(one[1599], 7);
        assert_eq!((other[0], other[4799], other[4800]), (2, 7, 0));
        assert_eq!(live.listeners(), 2);
        drop(early);
        assert_eq!(live.listeners(), 1);
    }

    #[test]
    fn a_listener_that_was_away_goes_on_with_what_is_held() {
        let live = Arc::new(Live::new(8000));
        let mut listening = Listening::new(&live);
        let mut out = Vec::new();
        live.write(&[1; 8000], 8000);
        listening.read(160, &mut out);
        for second in 2..12 {
            live.write(&[second; 8000], 8000);
        }
        out.clear();
        listening.read(160, &mut out);
        assert_eq!(out, [7; 160]);
    }

    #[test]
    fn other_rates_are_converted_and_the_end_is_told() {
        let live = Arc::new(Live::new(8000));
        live.write(&[1000; 16_000], 16_000);
        let mut listening = Listening::new(&live);
        let mut out = Vec::new();
        assert_eq!(listening.read(4800, &mut out), Read::Samples);
        assert!(out.iter().all(|sample| (990..1010).contains(sample)));
        live.close();
        assert_eq!(listening.read(160, &mut out), Read::Finished);
    }
}
