//! Things to play and the reading of them at the rate of whoever listens.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dsp::level::ComfortNoise;
use dsp::resample::Resampler;
use dsp::tone::{ToneGenerator, ToneScript};
use dsp::wav::WavReader;

use crate::files::Feed;
use crate::live::{Listening, Live};
use crate::time::{Rate, samples};

/// Something that can be played by any number of listeners at once.
#[derive(Clone)]
pub enum Source {
    /// Mono samples in memory.
    Buffer {
        samples: Arc<[i16]>,
        rate: Rate,
    },
    /// A WAV file that was found good.
    Wav {
        path: Arc<Path>,
        rate: Rate,
        milliseconds: Option<u64>,
    },
    Tone(Arc<ToneScript>),
    /// None is endless; a noise divisor of 0 is true silence.
    Silence {
        milliseconds: Option<u64>,
        noise: u32,
    },
    /// All who listen hear the same moment.
    Live(Arc<Live>),
}

impl Source {
    /// Find out what a file holds; an error says why it cannot be played.
    pub fn wav(path: &Path) -> std::io::Result<Source> {
        let reader = WavReader::open(path)?;
        Ok(Source::Wav {
            path: path.into(),
            rate: reader.rate(),
            milliseconds: reader.length_ms(),
        })
    }

    /// Tones in TGML; an error names what is wrong and where.
    pub fn tone(script: &str) -> Result<Source, String> {
        let script = ToneScript::parse(script).map_err(|error| error.to_string())?;
        Ok(Source::Tone(Arc::new(script)))
    }

    /// Its length, None if endless or unknown.
    pub fn milliseconds(&self) -> Option<u64> {
        match self {
            Source::Buffer { samples, rate } => {
                Some(samples.len() as u64 * 1000 / u64::from(*rate))
            }
            Source::Wav { milliseconds, .. } => *milliseconds,
            Source::Tone(script) => script.milliseconds(),
            Source::Silence { milliseconds, .. } => *milliseconds,
            Source::Live(_) => None,
        }
    }

    /// Its own rate; None if it plays at any.
    pub fn rate(&self) -> Option<Rate> {
        match self {
            Source::Buffer { rate, .. } | Source::Wav { rate, .. } => Some(*rate),
            Source::Live(live) => Some(live.rate),
            Source::Tone(_) | Source::Silence { .. } => None,
        }
    }

    /// The file that must be read ahead to play this, if any.
    pub fn path(&self) -> Option<PathBuf> {
        match self {
            Source::Wav { path, .. } => Some(path.to_path_buf()),
            _ => None,
        }
    }
}

/// What of a tone script is passed over; an error says why nothing of it is heard.
pub fn check_tone(script: &str) -> Result<Vec<String>, String> {
    let mut passed_over = Vec::new();
    ToneScript::parse_telling(script, &mut passed_over).map_err(|error| error.to_string())?;
    Ok(passed_over.iter().map(ToString::to_string).collect())
}

/// How a read went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// As many samples as wanted.
    Samples,
    /// Nothing yet; ask again.
    Waiting,
    /// The rest, which may be nothing.
    Finished,
    /// The source broke off.
    Failed,
}

enum State {
    Buffer {
        samples: Arc<[i16]>,
        position: usize,
        loops: Loops,
    },
    Wav(Arc<Feed>),
    Tone {
        script: Arc<ToneScript>,
        generator: Option<(Rate, ToneGenerator)>,
        loops: Loops,
    },
    Silence {
        milliseconds: Option<u64>,
        remaining: Option<Option<u64>>,
        noise: ComfortNoise,
        loops: Loops,
    },
    Live(Listening),
}

/// How many passes are left; None is endless.
#[derive(Clone, Copy, Debug)]
struct Loops(Option<u32>);

impl Loops {
    /// Begin another pass, if there is one.
    fn again(&mut self) -> bool {
        match &mut self.0 {
            None => true,
            Some(left) => {
                *left = left.saturating_sub(1);
                *left > 0
            }
        }
    }
}

/// One listener's place in a source.
pub struct Reader {
    state: State,
    /// The source's own rate; None if it plays at any.
    rate: Option<Rate>,
    resampler: Option<(Rate, Resampler)>,
    raw: Vec<i16>,
    /// Resampled samples beyond what was asked for.
    ready: Vec<i16>,
    /// Samples at the listener's rate to pass over, in milliseconds, for sources without places.
    skip_ms: u64,
    failed: bool,
}

impl Reader {
    /// Begin at an offset; `loops` of None is endless. A file needs its feed.
    pub fn new(
        source: &Source,
        loops: Option<u32>,
        offset_ms: u64,
        feed: Option<Arc<Feed>>,
    ) -> Reader {
        let loops = Loops(loops);
        let (state, rate, skip_ms) = match source {
            Source::Buffer {
                samples: audio,
                rate,
            } => {
                let position = (samples(offset_ms, *rate) as usize).min(audio.len());
                (
                    State::Buffer {
                        samples: Arc::clone(audio),
                        position,
                        loops,
                    },
                    Some(*rate),
                    0,
                )
            }
            Source::Wav { rate, .. } => {
                let feed = feed.expect("a file is played with a feed");
                (State::Wav(feed), Some(*rate), 0)
            }
            Source::Tone(script) => (
                State::Tone {
                    script: Arc::clone(script),
                    generator: None,
                    loops,
                },
                None,
                offset_ms,
            ),
            Source::Silence {
                milliseconds,
                noise,
            } => {
                let noise = ComfortNoise::new(*noise, 1);
                let milliseconds = *milliseconds;
                let state = State::Silence {
                    milliseconds,
                    remaining: None,
                    noise,
                    loops,
                };
                (state, None, offset_ms)
            }
            Source::Live(live) => (State::Live(Listening::new(live)), Some(live.rate), 0),
        };
        Reader {
            state,
            rate,
            resampler: None,
            raw: Vec::new(),
            ready: Vec::new(),
            skip_ms,
            failed: false,
        }
    }

    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Append `count` samples at `rate`, fewer only at the end.
    pub fn read(&mut self, rate: Rate, count: usize, out: &mut Vec<i16>) -> Read {
        while self.skip_ms > 0 {
            let wanted = samples(self.skip_ms.min(100), rate) as usize;
            self.skip_ms -= self.skip_ms.min(100);
            self.raw.clear();
            if self.state.read(rate, wanted, &mut self.raw) != Read::Samples {
                return Read::Finished;
            }
        }
        let Some(own) = self.rate.filter(|own| *own != rate) else {
            return self.note(rate, count, out);
        };
        if self.resampler.as_ref().is_none_or(|(to, _)| *to != rate) {
            self.resampler = Some((rate, Resampler::new(own, rate)));
            self.ready.clear();
        }
        let mut outcome = Read::Samples;
        while self.ready.len() < count && outcome == Read::Samples {
            let missing = (count - self.ready.len()) as u64;
            let wanted = (missing * u64::from(own)).div_ceil(u64::from(rate)) as usize;
            self.raw.clear();
            outcome = self.state.read(own, wanted, &mut self.raw);
            if let Some((_, resampler)) = &mut self.resampler {
                resampler.process(&self.raw, &mut self.ready);
            }
        }
        if outcome == Read::Waiting {
            return Read::Waiting;
        }
        self.failed |= outcome == Read::Failed;
        let length = self.ready.len().min(count);
        out.extend(self.ready.drain(..length));
        if length == count {
            Read::Samples
        } else {
            outcome
        }
    }

    fn note(&mut self, rate: Rate, count: usize, out: &mut Vec<i16>) -> Read {
        let outcome = self.state.read(rate, count, out);
        self.failed |= outcome == Read::Failed;
        outcome
    }
}

impl State {
    /// Append `count` samples at the source's rate, fewer only at the end.
    fn read(&mut self, rate: Rate, count: usize, out: &mut Vec<i16>) -> Read {
        let start = out.len();
        let wanted = start + count;
        while out.len() < wanted {
            let missing = wanted - out.len();
            match self {
                State::Buffer {
                    samples,
                    position,
                    loops,
                } => {
                    let end = (*position + missing).min(samples.len());
                    out.extend_from_slice(&samples[*position..end]);
                    *position = end;
                    if out.len() < wanted {
                        if samples.is_empty() || !loops.again() {
                            return Read::Finished;
                        }
                        *position = 0;
                    }
                }
                State::Wav(feed) => return feed.read(count, out),
                State::Live(listening) => return listening.read(count, out),
                State::Tone {
                    script,
                    generator,
                    loops,
                } => {
                    if generator.as_ref().is_none_or(|(at, _)| *at != rate) {
                        *generator = Some((rate, ToneGenerator::new(script, rate)));
                    }
                    let Some((_, tones)) = generator else {
                        return Read::Finished;
                    };
                    let before = out.len();
                    out.resize(wanted, 0);
                    let length = tones.read(&mut out[before..]);
                    out.truncate(before + length);
                    if length == 0 {
                        if script.milliseconds() == Some(0) || !loops.again() {
                            return Read::Finished;
                        }
                        *generator = None;
                    }
                }
                State::Silence {
                    milliseconds,
                    remaining,
                    noise,
                    loops,
                } => {
                    let left = remaining
                        .get_or_insert_with(|| milliseconds.map(|length| samples(length, rate)));
                    let length = left.map_or(missing, |left| missing.min(left as usize));
                    let before = out.len();
                    out.resize(before + length, 0);
                    noise.read(&mut out[before..]);
                    *left = left.map(|left| left - length as u64);
                    if length == 0 {
                        if *milliseconds == Some(0) || !loops.again() {
                            return Read::Finished;
                        }
                        *remaining = None;
                    }
                }
            }
        }
        Read::Samples
    }
}
