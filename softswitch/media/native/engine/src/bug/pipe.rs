//! A short queue of samples from one stream to another, each at its own rate and its own beat.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use dsp::resample::Resampler;

use crate::time::{Rate, samples};

/// Held back before the first sample is handed out, so that an uneven writer is heard evenly.
pub const CUSHION_MS: u64 = 40;
/// More than this above the cushion is held by no pipe: a writer whose clock is faster is cut.
const LONGEST_MS: u64 = 160;

struct Held {
    samples: VecDeque<i16>,
    rate: Rate,
    cushion_ms: u64,
    /// Enough was there to begin with, and it has not run dry since.
    flowing: bool,
    writer_gone: bool,
    reader_gone: bool,
}

/// The end where samples go in.
pub struct PipeWriter(Arc<Mutex<Held>>);

/// The end where they come out.
pub struct PipeReader {
    held: Arc<Mutex<Held>>,
    resampler: Option<(Rate, Rate, Resampler)>,
    /// Samples at the reader's rate that were not asked for yet.
    ready: VecDeque<i16>,
    raw: Vec<i16>,
    converted: Vec<i16>,
}

/// What came out of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// As many samples as wanted, silence in place of what was missing.
    Sound,
    /// Nothing: the writer is silent.
    Dry,
    /// Nothing, and nothing will come.
    Ended,
}

/// Both ends of a new pipe.
pub fn pipe() -> (PipeWriter, PipeReader) {
    pipe_delayed(CUSHION_MS)
}

/// The same, with a cushion of so many milliseconds: what comes out is as late.
pub fn pipe_delayed(cushion_ms: u64) -> (PipeWriter, PipeReader) {
    let held = Arc::new(Mutex::new(Held {
        samples: VecDeque::new(),
        rate: 0,
        cushion_ms: cushion_ms.max(CUSHION_MS),
        flowing: false,
        writer_gone: false,
        reader_gone: false,
    }));
    let reader = PipeReader {
        held: Arc::clone(&held),
        resampler: None,
        ready: VecDeque::new(),
        raw: Vec::new(),
        converted: Vec::new(),
    };
    (PipeWriter(held), reader)
}

impl PipeWriter {
    /// Put samples in; false once nobody takes them out any more.
    pub fn write(&mut self, pcm: &[i16], rate: Rate) -> bool {
        let mut held = self.0.lock().expect("no holder of a pipe panics");
        if held.rate != rate {
            held.samples.clear();
            held.rate = rate;
        }
        held.samples.extend(pcm);
        let most = samples(held.cushion_ms + LONGEST_MS, rate) as usize;
        if held.samples.len() > most {
            let surplus = held.samples.len() - samples(held.cushion_ms, rate) as usize;
            held.samples.drain(..surplus);
        }
        !held.reader_gone
    }
}

impl Drop for PipeWriter {
    fn drop(&mut self) {
        if let Ok(mut held) = self.0.lock() {
            held.writer_gone = true;
        }
    }
}

impl PipeReader {
    /// Append `count` samples at `rate`, or none.
    pub fn read(&mut self, rate: Rate, count: usize, out: &mut Vec<i16>) -> Flow {
        let mut held = self.held.lock().expect("no holder of a pipe panics");
        if held.rate == 0 || (held.samples.is_empty() && self.ready.is_empty()) {
            held.flowing = false;
            return if held.writer_gone {
                Flow::Ended
            } else {
                Flow::Dry
            };
        }
        let cushion = samples(held.cushion_ms, held.rate) as usize;
        if !held.flowing && held.samples.len() < cushion && !held.writer_gone {
            return Flow::Dry;
        }
        held.flowing = true;
        let own = held.rate;
        let missing = count.saturating_sub(self.ready.len()) as u64;
        let wanted = (missing * u64::from(own)).div_ceil(u64::from(rate)) as usize;
        let available = wanted.min(held.samples.len());
        self.raw.clear();
        self.raw.extend(held.samples.drain(..available));
        if available < wanted {
            held.flowing = false;
        }
        drop(held);
        if self
            .resampler
            .as_ref()
            .is_none_or(|(from, to, _)| (*from, *to) != (own, rate))
        {
            self.resampler = Some((own, rate, Resampler::new(own, rate)));
            self.ready.clear();
        }
        self.converted.clear();
        if let Some((_, _, resampler)) = &mut self.resampler {
            resampler.process(&self.raw, &mut self.converted);
        }
        self.ready.extend(&self.converted);
        let length = count.min(self.ready.len());
        out.extend(self.ready.drain(..length));
        out.resize(out.len() + count - length, 0);
        Flow::Sound
    }

    /// Forget what is held.
    pub fn clear(&mut self) {
        let mut held = self.held.lock().expect("no holder of a pipe panics");
        held.samples.clear();
        held.flowing = false;
        self.ready.clear();
    }
}

impl Drop for PipeReader {
    fn drop(&mut self) {
        if let Ok(mut held) = self.held.lock() {
            held.reader_gone = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_out_before_the_cushion_is_there() {
        let (mut writer, mut reader) = pipe();
        let mut out = Vec::new();
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Dry);
        writer.write(&[1; 160], 8000);
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Dry);
        writer.write(&[2; 160], 8000);
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Sound);
        assert_eq!(out, [1; 160]);
    }

    #[test]
    fn a_long_cushion_is_a_delay() {
        let (mut writer, mut reader) = pipe_delayed(1000);
        let mut out = Vec::new();
        let mut begun = None;
        for frame in 0..100 {
            writer.write(&[frame; 160], 8000);
            if reader.read(8000, 160, &mut out) == Flow::Sound {
                begun.get_or_insert(frame);
            }
        }
        assert_eq!((begun, out[0], out[8000]), (Some(49), 0, 50));
    }

    #[test]
    fn a_pipe_that_ran_dry_gathers_its_cushion_anew() {
        let (mut writer, mut reader) = pipe();
        let mut out = Vec::new();
        writer.write(&[1; 320], 8000);
        reader.read(8000, 160, &mut out);
        writer.write(&[3; 80], 8000);
        reader.read(8000, 160, &mut out);
        out.clear();
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Sound);
        assert_eq!(
            (out[79], out[80]),
            (3, 0),
            "silence in place of what is missing"
        );
        writer.write(&[4; 160], 8000);
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Dry);
    }

    #[test]
    fn a_writer_that_is_too_fast_is_cut_and_never_heard_late() {
        let (mut writer, mut reader) = pipe();
        for value in 0..100 {
            writer.write(&[value; 160], 8000);
        }
        let mut out = Vec::new();
        reader.read(8000, 160, &mut out);
        assert!(out[0] >= 90, "{}", out[0]);
    }

    #[test]
    fn rates_are_converted_and_frames_stay_frames() {
        let (mut writer, mut reader) = pipe();
        let mut out = Vec::new();
        for _ in 0..10 {
            writer.write(&[1000; 320], 16_000);
            writer.write(&[1000; 320], 16_000);
            reader.read(8000, 160, &mut out);
            reader.read(8000, 160, &mut out);
        }
        assert_eq!(out.len(), 3200);
        assert!(out[400..].iter().all(|sample| (990..1010).contains(sample)));
    }

    #[test]
    fn each_end_notices_that_the_other_is_gone() {
        let (mut writer, mut reader) = pipe();
        writer.write(&[5; 160], 8000);
        drop(writer);
        let mut out = Vec::new();
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Sound);
        assert_eq!(reader.read(8000, 160, &mut out), Flow::Ended);
        let (mut writer, reader) = pipe();
        assert!(writer.write(&[5; 160], 8000));
        drop(reader);
        assert!(!writer.write(&[5; 160], 8000));
    }
}
