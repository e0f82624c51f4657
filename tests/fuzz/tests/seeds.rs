//! What the corpus is made of: real values, most of them the samples that freeze the wire. `GRID_FUZZ_WRITE=1` writes the
//! files that are missing; without it the test says which message has none. A file that is there is never written again: what
//! an earlier build sent stays in the corpus.

#![allow(clippy::expect_used, reason = "a test may panic")]

#[path = "../../../core/wire/tests/doors/mod.rs"]
mod doors;
#[path = "../../../core/wire/tests/samples/mod.rs"]
mod samples;

#[path = "seeds/hostile.rs"]
mod hostile;
#[path = "seeds/made.rs"]
mod made;

use std::collections::BTreeMap;
use std::fs;

use grid_fuzz::{Case, TARGETS, Target, corpus};
use grid_model::{ChangeKind, Coded as _};
use samples::Sample;

/// The committed corpus must stay small, bytes.
const CORPUS_BYTES_MAX: u64 = 1024 * 1024;

/// Begins the name of a file that nobody has to take.
const HOSTILE: &str = "hostile-";

/// One file that the corpus should have.
struct Seed {
    target: &'static str,
    name: String,
    bytes: Vec<u8>,
}

impl Seed {
    fn of(target: &'static str, name: &str, bytes: Vec<u8>) -> Self {
        let name = name.replace(
            |letter: char| !letter.is_ascii_alphanumeric() && letter != '.',
            "-",
        );
        Self { target, name, bytes }
    }
}

/// A sample as the file of the target that reads its message.
fn seed(sample: &Sample) -> Seed {
    let message = sample.message.as_str();
    assert!(sample.cbor.end <= sample.bytes.len());
    assert_eq!((sample.door)(&sample.bytes), Ok(()), "{message}");
    let (target, bytes) = match message {
        "batch_body" => ("batch_body", sample.bytes.clone()),
        "batch_header" | "batch_header_with_keys" => ("batch_header", sample.bytes.clone()),
        "receipt" | "receipt_range" => ("receipt", sample.bytes.clone()),
        "task_row"
        | "post_row"
        | "feed_row"
        | "feed_row_of_what_moved"
        | "checkpoint"
        | "checkpoint_of_a_round"
        | "pull_page" => ("feed_page", sample.bytes.clone()),
        "exchange_request" => ("exchange_request", sample.bytes.clone()),
        "continue_request" => ("continue_request", sample.bytes.clone()),
        "continued_partial" => ("continued", sample.bytes.clone()),
        "exchange_response"
        | "exchange_response_with_keys"
        | "key_notice"
        | "refusal"
        | "enroll_response"
        | "lifeboat_answer" => ("answers", sample.bytes.clone()),
        "enroll_request" => ("enrolment", sample.bytes.clone()),
        "signed" => ("signed", sample.bytes.clone()),
        _ if message.starts_with("fact_") => {
            let known = ChangeKind::known()
                .iter()
                .find(|kind| message == format!("fact_{}", kind.name()));
            let code = known.map_or(999, |kind| kind.code());
            (
                "fact_body",
                [&code.to_be_bytes(), sample.bytes.as_slice()].concat(),
            )
        }
        // Everything else lies in a segment of the lifeboat or beside it.
        _ => ("lifeboat_parts", sample.bytes.clone()),
    };
    Seed::of(target, &format!("{message}-{}", sample.which), bytes)
}

fn target(name: &str) -> &'static Target {
    Target::named(name).unwrap_or_else(|| panic!("no target is named {name}"))
}

#[test]
fn the_corpus_covers_every_message_and_every_target() {
    let mut seeds: Vec<Seed> = samples::all().iter().map(seed).collect();
    seeds.extend(made::seeds());
    seeds.extend(hostile::seeds());
    let write = std::env::var_os("GRID_FUZZ_WRITE").is_some();
    let mut missing = Vec::new();
    for Seed {
        target: of,
        name,
        bytes,
    } in seeds
    {
        let target = target(of);
        let taken = (target.run)(&bytes);
        assert!(
            taken || name.starts_with(HOSTILE),
            "{of} does not take its own seed {name}"
        );
        let path = target.folder().join(&name);
        if path.is_file() {
            continue;
        }
        if write {
            fs::create_dir_all(target.folder()).expect("the folder of a target");
            fs::write(path, bytes).expect("a file of the corpus");
        } else {
            missing.push(format!("{of}/{name}"));
        }
    }
    assert!(
        missing.is_empty(),
        "run this test once with GRID_FUZZ_WRITE=1 and commit what it writes: {missing:?}"
    );
}

#[test]
fn what_was_committed_is_still_read_and_stays_small() {
    let mut bytes = 0;
    let mut files = BTreeMap::new();
    for target in TARGETS {
        let cases = corpus(target).unwrap_or_else(|error| panic!("{}: {error}", target.name));
        bytes += cases.iter().map(|case| case.bytes.len() as u64).sum::<u64>();
        let is_meant_well = |case: &&Case| !case.name.starts_with(HOSTILE);
        for case in cases.iter().filter(is_meant_well) {
            assert!(
                (target.run)(&case.bytes),
                "{}/{} is read no more: an old phone sends it",
                target.name,
                case.name
            );
        }
        files.insert(target.name, cases.len());
    }
    assert!(files.values().all(|count| *count > 0), "{files:?}");
    let root = TARGETS[0].folder().parent().map(fs::read_dir);
    let folders = root.expect("a folder above").expect("the corpus").count();
    assert_eq!(folders, TARGETS.len(), "a folder of the corpus has no target");
    assert!(bytes < CORPUS_BYTES_MAX, "{bytes} bytes of corpus");
}
