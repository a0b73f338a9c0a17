//! What the fuzzer found worth keeping (`fuzz/corpus`), run over what it is run over there
//! (`scripts/fuzz`): nothing that was mended comes back, and the targets keep up with the engine.

#[path = "../../fuzz/src/lib.rs"]
mod fuzz;

use std::fs;
use std::path::{Path, PathBuf};

/// Changed copies of each input that are tried too.
const CHANGES: u64 = 8;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus")
}

/// The inputs of a target, in the order of their names.
fn inputs(name: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(corpus().join(name)).expect("each target has a folder");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| fs::read(path).expect("readable");
    paths.iter().map(read).collect()
}

/// A small generator of the same numbers at each run (xorshift).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn every_target_stands_its_corpus_and_what_is_close_to_it() {
    let mut random = 0x5eed;
    for (name, target) in fuzz::TARGETS {
        let inputs = inputs(name);
        assert!(!inputs.is_empty(), "{name} has nothing to begin with");
        for input in inputs {
            // A panic names the target by the output that is captured until then.
            println!("{name}: {input:02x?}");
            target(&input);
            for _ in 0..CHANGES {
                let mut changed = input.clone();
                for _ in 0..=next(&mut random) % 3 {
                    let Some(last) = changed.len().checked_sub(1) else {
                        break;
                    };
                    let place = next(&mut random) as usize % (last + 1);
                    match next(&mut random) % 3 {
                        0 => changed.truncate(place),
                        1 => changed.insert(place, next(&mut random) as u8),
                        _ => changed[place] = next(&mut random) as u8,
                    }
                }
                println!("{name}: {changed:02x?}");
                target(&changed);
            }
        }
    }
}

#[test]
fn every_corpus_belongs_to_a_target_and_every_target_has_a_binary() {
    let entries = fs::read_dir(corpus()).expect("it is there");
    let mut folders: Vec<_> = entries
        .map(|entry| {
            entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("plain")
        })
        .collect();
    folders.sort();
    assert_eq!(folders, fuzz::TARGETS.map(|(name, _)| name));
    let manifest = corpus().join("../Cargo.toml");
    let manifest = fs::read_to_string(manifest).expect("readable");
    for (name, _) in fuzz::TARGETS {
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
}
