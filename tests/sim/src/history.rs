//! What happened at the borders, a line each, for a checker that knows none of our types (`tests/checker`).

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::Trouble;
use crate::clock::Now;

/// A history, or none. Cloning shares it.
#[derive(Clone)]
pub(crate) struct History {
    now: Now,
    out: Arc<Mutex<Out>>,
}

struct Out {
    file: Option<BufWriter<File>>,
    lines: u64,
    /// Over every line, so that two runs of a seed can be compared.
    digest: Sha256,
}

impl History {
    pub(crate) fn new(now: Now, file: Option<&Path>) -> Result<Self, Trouble> {
        let file = file.map(File::create).transpose().map_err(Trouble::of)?;
        let out = Out {
            file: file.map(BufWriter::new),
            lines: 0,
            digest: Sha256::new(),
        };
        Ok(Self {
            now,
            out: Arc::new(Mutex::new(out)),
        })
    }

    /// Notes an event. `told` is an object.
    pub(crate) fn note(&self, event: &str, mut told: Value) {
        if let Value::Object(fields) = &mut told {
            fields.insert("at".to_owned(), json!(self.now.ms()));
            fields.insert("ev".to_owned(), json!(event));
        }
        let line = told.to_string();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.lines += 1;
        out.digest.update(line.as_bytes());
        out.digest.update(b"\n");
        if let Some(file) = &mut out.file {
            // A history that cannot be written ends in a shorter one, which the checker says.
            let _ = writeln!(file, "{line}");
        }
    }

    /// Whether somebody reads it.
    pub(crate) fn is_kept(&self) -> bool {
        self.out
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .file
            .is_some()
    }

    /// A fresh number for a request.
    pub(crate) fn number(&self) -> u64 {
        self.out.lock().unwrap_or_else(PoisonError::into_inner).lines
    }

    /// How many lines, and the digest over them.
    pub(crate) fn end(&self) -> Result<(u64, String), Trouble> {
        self.note("end", json!({}));
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &mut out.file {
            file.flush().map_err(Trouble::of)?;
        }
        Ok((out.lines, hex::encode(out.digest.clone().finalize())))
    }
}
