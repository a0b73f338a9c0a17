//! WAV files as anybody may have written them.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

use dsp::wav::{WavReader, WavWriter};

use super::input::Input;

thread_local! {
    static FILE: OnceCell<PathBuf> = const { OnceCell::new() };
}

/// What can be opened can be read wherever one goes in it; what can be appended to is afterwards a
/// file that holds what it held and what was added.
pub fn wav(data: &[u8]) {
    FILE.with(|file| read_and_append(file.get_or_init(scratch), data));
}

/// A file in memory, one for each thread.
fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        memory.to_path_buf()
    } else {
        std::env::temp_dir()
    };
    let thread = format!("{:?}", std::thread::current().id());
    let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
    folder.join(format!("fuzz-{}-{thread}.wav", process::id()))
}

fn read_and_append(path: &Path, data: &[u8]) {
    let mut input = Input::new(data);
    let place = u64::from(input.u32());
    fs::write(path, input.bytes(usize::MAX)).expect("there is room for it");
    if let Ok(mut reader) = WavReader::open(path) {
        assert!((1..=256).contains(&reader.channels()) && reader.rate() > 0);
        let whole = drain(&mut reader);
        assert!(whole <= data.len(), "a sample takes a byte at least");
        reader.seek_ms(0).expect("it is a file");
        assert_eq!(drain(&mut reader), whole);
        reader.seek_ms(place).expect("it is a file");
        assert!(drain(&mut reader) <= whole);
    }
    if let Ok(mut writer) = WavWriter::append(path) {
        let channels = usize::from(writer.channels());
        let before = drain(&mut WavReader::open(path).expect("it was just read"));
        writer
            .write(&vec![100; 3 * channels])
            .expect("there is room for it");
        writer.finish().expect("there is room for it");
        let after = drain(&mut WavReader::open(path).expect("it was just written"));
        assert_eq!(after, before + 3);
    }
    fs::remove_file(path).expect("it was just there");
}

fn drain(reader: &mut WavReader) -> usize {
    let mut samples = Vec::new();
    while reader.read(&mut samples, 1000).expect("it is a file") > 0 {}
    samples.len()
}
