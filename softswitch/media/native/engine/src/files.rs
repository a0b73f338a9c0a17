//! The threads that read and write sound files, so that no worker ever waits for a disk.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use crossbeam_queue::ArrayQueue;
use dsp::wav::{WavReader, WavWriter};

use crate::counters::EngineCounters;
use crate::event::{Event, EventQueue, RecordingEnd};
use crate::source::Read;

/// Audio in one piece read from a file, in milliseconds, and how many pieces are kept ready.
const PIECE_MS: usize = 100;
const PIECES: usize = 8;
/// Samples that may wait to be written: half a minute of one channel at 8 kHz. A disk slower than
/// that has failed.
const MOST_WAITING: usize = 240_000;

/// A file on its way to one listener: pieces go in at one end, samples come out at the other.
pub struct Feed {
    pieces: ArrayQueue<Vec<i16>>,
    finished: AtomicBool,
    failed: AtomicBool,
    reading: Mutex<Reading>,
    current: Mutex<(VecDeque<i16>, bool)>,
    jobs: Sender<Job>,
}

/// The file thread's side of a feed.
struct Reading {
    path: PathBuf,
    offset_ms: u64,
    loops: Option<u32>,
    reader: Option<WavReader>,
    /// Samples read in this pass, to notice a file without any.
    in_pass: u64,
}

impl Feed {
    /// Append `count` samples, fewer only at the end or while the disk is slow.
    pub fn read(self: &Arc<Feed>, count: usize, out: &mut Vec<i16>) -> Read {
        let mut current = self.current.lock().expect("a feed has one listener");
        let (samples, started) = &mut *current;
        while samples.len() < count {
            // Asked before looking: what finished meanwhile has its last pieces in the queue.
            let finished = self.finished.load(Ordering::Acquire);
            if let Some(piece) = self.pieces.pop() {
                samples.extend(piece);
                *started = true;
                if !finished {
                    // Without a file thread the playback ends with what is there.
                    let _ = self.jobs.send(Job::Read(Arc::clone(self)));
                }
            } else if finished {
                out.extend(samples.drain(..));
                let failed = self.failed.load(Ordering::Acquire);
                return if failed { Read::Failed } else { Read::Finished };
            } else if *started {
                break;
            } else {
                return Read::Waiting;
            }
        }
        let length = samples.len().min(count);
        out.extend(samples.drain(..length));
        // A disk that is too slow is heard as silence; the playback keeps its pace.
        out.resize(out.len() + count - length, 0);
        Read::Samples
    }

    fn fill(&self) {
        let mut reading = self.reading.lock().expect("only the file thread reads");
        while !self.pieces.is_full() && !self.finished.load(Ordering::Relaxed) {
            match reading.next_piece() {
                Ok(Some(piece)) => {
                    // The queue has room: only this thread fills it.
                    let _ = self.pieces.push(piece);
                }
                Ok(None) => self.finished.store(true, Ordering::Release),
                Err(_) => {
                    self.failed.store(true, Ordering::Release);
                    self.finished.store(true, Ordering::Release);
                }
            }
        }
    }
}

impl Reading {
    fn next_piece(&mut self) -> io::Result<Option<Vec<i16>>> {
        if self.reader.is_none() {
            let mut reader = WavReader::open(&self.path)?;
            reader.seek_ms(self.offset_ms)?;
            self.reader = Some(reader);
        }
        let Some(reader) = &mut self.reader else {
            return Ok(None);
        };
        let frames = reader.rate() as usize * PIECE_MS / 1000;
        let mut piece = Vec::with_capacity(frames);
        loop {
            let missing = frames - piece.len();
            let count = reader.read(&mut piece, missing)?;
            self.in_pass += count as u64;
            if piece.len() == frames {
                return Ok(Some(piece));
            }
            if count > 0 {
                continue;
            }
            let another = match &mut self.loops {
                None => true,
                Some(left) => {
                    *left = left.saturating_sub(1);
                    *left > 0
                }
            };
            if !another || (self.in_pass == 0 && self.offset_ms == 0) {
                return Ok((!piece.is_empty()).then_some(piece));
            }
            self.offset_ms = 0;
            self.in_pass = 0;
            reader.seek_ms(0)?;
        }
    }
}

/// A file that is being recorded, shared by a worker and the file thread.
pub struct RecordingFile {
    pub stream: u64,
    pub number: u64,
    writer: Mutex<Option<WavWriter>>,
    written: AtomicU64,
    waiting: AtomicUsize,
    broken: AtomicBool,
    channels: u16,
    jobs: Sender<Job>,
}

impl RecordingFile {
    /// Hand over interleaved samples; an error says why the recording cannot go on.
    pub fn write(self: &Arc<RecordingFile>, samples: Vec<i16>) -> Result<(), &'static str> {
        if self.broken.load(Ordering::Acquire) {
            return Err("the file cannot be written");
        }
        let waiting = self.waiting.fetch_add(samples.len(), Ordering::Relaxed) + samples.len();
        if waiting > MOST_WAITING {
            return Err("the disk is too slow");
        }
        let posted = self.jobs.send(Job::Write(Arc::clone(self), samples));
        posted.map_err(|_| "the engine is closed")
    }

    /// End the recording; its event follows when the file is complete.
    pub fn finish(self: &Arc<RecordingFile>, end: RecordingEnd) {
        // Without a file thread the engine is closed and nobody waits for the event.
        let _ = self.jobs.send(Job::Finish(Arc::clone(self), end));
    }
}

enum Job {
    Read(Arc<Feed>),
    Write(Arc<RecordingFile>, Vec<i16>),
    Finish(Arc<RecordingFile>, RecordingEnd),
    Shutdown,
}

/// A thread for reading and one for writing: a slow write holds up no playback.
pub struct FileThreads {
    reading: Sender<Job>,
    writing: Sender<Job>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl FileThreads {
    pub fn start(
        events: Arc<EventQueue>,
        counters: Arc<EngineCounters>,
    ) -> io::Result<FileThreads> {
        let mut threads = Vec::new();
        let mut start = |name: &str| -> io::Result<Sender<Job>> {
            let (sender, jobs) = channel();
            let (events, counters) = (Arc::clone(&events), Arc::clone(&counters));
            let builder = std::thread::Builder::new().name(name.to_owned());
            threads.push(builder.spawn(move || work(&jobs, &events, &counters))?);
            Ok(sender)
        };
        let (reading, writing) = (start("media-reader")?, start("media-writer")?);
        Ok(FileThreads {
            reading,
            writing,
            threads: Mutex::new(threads),
        })
    }

    /// Begin to read a file ahead.
    pub fn feed(&self, path: PathBuf, loops: Option<u32>, offset_ms: u64) -> Arc<Feed> {
        let reading = Reading {
            path,
            offset_ms,
            loops,
            reader: None,
            in_pass: 0,
        };
        let feed = Arc::new(Feed {
            pieces: ArrayQueue::new(PIECES),
            finished: AtomicBool::new(false),
            failed: AtomicBool::new(false),
            reading: Mutex::new(reading),
            current: Mutex::default(),
            jobs: self.reading.clone(),
        });
        // A thread that ended was shut down, and the playback with it.
        let _ = self.reading.send(Job::Read(Arc::clone(&feed)));
        feed
    }

    /// Take over a file for writing.
    pub fn record(&self, stream: u64, number: u64, writer: WavWriter) -> Arc<RecordingFile> {
        Arc::new(RecordingFile {
            stream,
            number,
            channels: writer.channels(),
            writer: Mutex::new(Some(writer)),
            written: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            jobs: self.writing.clone(),
        })
    }

    /// Finish what was asked for and end.
    pub fn shut_down(&self) {
        for jobs in [&self.reading, &self.writing] {
            let _ = jobs.send(Job::Shutdown);
        }
        let mut threads = self
            .threads
            .lock()
            .expect("no holder of the threads panics");
        for thread in threads.drain(..) {
            // A panic was already told by the thread itself.
            let _ = thread.join();
        }
    }
}

fn work(jobs: &Receiver<Job>, events: &EventQueue, counters: &EngineCounters) {
    for job in jobs {
        match job {
            Job::Read(feed) => feed.fill(),
            Job::Write(file, samples) => {
                let outcome = file.append(&samples);
                file.waiting.fetch_sub(samples.len(), Ordering::Relaxed);
                if let Err(error) = outcome {
                    file.complete(RecordingEnd::Failed(error.to_string()), events, counters);
                }
            }
            Job::Finish(file, end) => file.complete(end, events, counters),
            Job::Shutdown => return,
        }
    }
}

impl RecordingFile {
    fn append(&self, samples: &[i16]) -> io::Result<()> {
        let mut writer = self.writer.lock().expect("only the file thread writes");
        if let Some(writer) = writer.as_mut() {
            writer.write(samples)?;
            let frames = samples.len() as u64 / u64::from(self.channels);
            self.written.fetch_add(frames, Ordering::Relaxed);
        }
        Ok(())
    }

    fn complete(&self, end: RecordingEnd, events: &EventQueue, counters: &EngineCounters) {
        let Some(writer) = self
            .writer
            .lock()
            .expect("only the file thread writes")
            .take()
        else {
            return; // told already
        };
        self.broken.store(true, Ordering::Release);
        let end = match writer.finish() {
            Err(error) if !matches!(end, RecordingEnd::Failed(_)) => {
                RecordingEnd::Failed(error.to_string())
            }
            _ => end,
        };
        counters.recordings.subtract(1);
        let samples = self.written.load(Ordering::Relaxed);
        let (stream, recording) = (self.stream, self.number);
        events.push(
            counters,
            [Event::RecordingFinished {
                stream,
                recording,
                samples,
                end,
            }],
        );
    }
}
