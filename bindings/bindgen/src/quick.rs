//! Quicker runtimes for the generated code: the few helpers that every call goes through are exchanged for ours.
//!
//! What a call costs beyond Rust was measured per helper (`scripts/bench bindings`, docs/adr/0021). What is exchanged does the same on the
//! same bytes; `tests/contract` holds it to that in every language.
//!
//! **Invariant:** a place that is not found is an error, never left out: with another version of the generator the build fails here.

use std::fs;
use std::path::Path;

use crate::flat;

/// A part of a generated file: from the first words to before the last ones.
struct Exchange {
    from: &'static str,
    until: &'static str,
    with: &'static str,
}

/// What a generated file was called by, and what is exchanged in it.
struct Language {
    extension: &'static str,
    /// Words that stand for one thing everywhere in the file.
    words: &'static [(&'static str, &'static str)],
    parts: &'static [Exchange],
    /// What is done to the rest of the file.
    then: fn(&str) -> Result<String, String>,
}

fn as_it_is(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}

const LANGUAGES: &[Language] = &[
    // A reader over the library's own bytes, in place of one that copies each number out of a `Data`.
    Language {
        extension: "swift",
        words: &[
            ("(data: Data, offset: Data.Index)", "UniffiReader"),
            ("createReader(data: Data(rustBuffer: buf))", "UniffiReader(buf)"),
            ("reader.offset < reader.data.count", "reader.isUnread"),
            // What it is called while it crosses is nobody's matter.
            ("[ListedTask]", "[TaskView]"),
        ],
        parts: &[Exchange {
            from: "fileprivate func createReader(",
            until: "// Reads a float at the current offset.",
            with: include_str!("quick/reader.swift"),
        }],
        then: as_it_is,
    },
    // A status is memory outside the heap with a cleaner of its own: dear to make, and four are made for each call.
    Language {
        extension: "kt",
        words: &[
            // An object that was freed is no argument: this throws, where a copied handle would be used after its end.
            (
                "return value.uniffiCloneHandle()",
                "return value.callWithHandle { it }",
            ),
            ("List<ListedTask>", "List<TaskView>"),
            (
                "rbuf.writeField(\"len\", bbuf.position().toLong())",
                "rbuf.carriesOnly(bbuf.position())",
            ),
            // What names a buffer inside a status moves into the status's memory: no carrier may.
            (
                "callStatus.error_buf = errorBuf",
                "callStatus.error_buf.setValue(errorBuf)",
            ),
            (
                "callStatus.error_buf = FfiConverterString.lower(err)",
                "callStatus.error_buf.setValue(FfiConverterString.lower(err))",
            ),
            (
                "callStatus.error_buf = lowerError(e)",
                "callStatus.error_buf.setValue(lowerError(e))",
            ),
        ],
        parts: &[
            Exchange {
                from: "@Structure.FieldOrder(\"capacity\", \"len\", \"data\")\nopen class RustBuffer : Structure() {",
                until: "// This is a helper for safely passing byte references",
                with: include_str!("quick/buffers.kt"),
            },
            Exchange {
                from: "    fun toUtf8(value: String): ByteBuffer {",
                until: "    override fun lower(value: String)",
                with: include_str!("quick/texts.kt"),
            },
            Exchange {
                from: "private inline fun <U, E: kotlin.Exception> uniffiRustCallWithError(",
                until: "// Check UniffiRustCallStatus and throw an error if the call wasn't successful",
                with: include_str!("quick/statuses.kt"),
            },
        ],
        then: as_it_is,
    },
    // Bytes are gathered in Python and cross in one piece, in place of a call of C for each number.
    Language {
        extension: "py",
        words: &[
            (
                "fb.data = ctypes.cast(ctypes.c_char_p(value), ctypes.POINTER(ctypes.c_char))",
                "fb.data = value",
            ),
            // What ends a program is thrown, too: it must not pass as an answer. Of an exception only its name crosses.
            (
                "    except Exception as e:\n        call_status.code",
                "    except BaseException as e:\n        call_status.code",
            ),
            ("lower(repr(e))", "lower(type(e).__name__)"),
            ("typing.List[ListedTask]", "typing.List[TaskView]"),
            // A task of a list is read as what it is.
            (
                "_UniffiFfiConverterTypeListedTask.read(buf) for",
                "_UniffiFfiConverterTypeTaskView.read(buf) for",
            ),
            // As in Kotlin.
            ("value.encode(\"utf-8\")", "_uniffi_utf8(value)"),
            // What counts its bytes in another way than it is written.
            (
                "        buf.write_i32(len(value))\n        buf.write(value)\n",
                "        value = bytes(value)\n        buf.write_i32(len(value))\n        buf.write(value)\n",
            ),
        ],
        parts: &[
            Exchange {
                from: "class _UniffiForeignBytes(ctypes.Structure):",
                until: "class _UniffiFfiConverterByRefBytes:",
                with: include_str!("quick/foreign.py"),
            },
            Exchange {
                from: "class _UniffiRustBufferStream:",
                until: "# A handful of classes and functions to support the generated data structures.",
                with: include_str!("quick/buffers.py"),
            },
            Exchange {
                from: "def _uniffi_rust_call(fn, *args):",
                until: "def _uniffi_check_call_status(",
                with: include_str!("quick/calls.py"),
            },
            Exchange {
                from: "class _UniffiConverterRustBuffer:",
                until: "# Contains loading, initialization code,",
                with: include_str!("quick/converter.py"),
            },
        ],
        then: flat::flat,
    },
];

/// Exchanges what is slow in every generated file below a folder.
pub(crate) fn exchange_in(folder: &Path) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        if path.is_dir() {
            exchange_in(&path)?;
            continue;
        }
        let extension = path.extension().and_then(|extension| extension.to_str());
        let Some(language) = LANGUAGES
            .iter()
            .find(|language| Some(language.extension) == extension)
        else {
            continue;
        };
        let text = fs::read_to_string(&path).map_err(told)?;
        if !text.contains("autogenerated by some hot garbage in the `uniffi` crate") || text.contains(MARK) {
            continue;
        }
        let text = exchanged(text, language).map_err(|error| format!("{}: {error}", path.display()))?;
        fs::write(&path, text).map_err(told)?;
    }
    Ok(())
}

/// In every text of ours, so that no file is treated twice.
const MARK: &str = "Exchanged by bindings/bindgen.";

fn exchanged(mut text: String, language: &Language) -> Result<String, String> {
    for part in language.parts {
        let (from, until) = place(&text, part).ok_or_else(|| missing(part.from))?;
        text.replace_range(from..until, part.with);
    }
    for (old, new) in language.words {
        if !text.contains(old) {
            return Err(missing(old));
        }
        text = text.replace(old, new);
    }
    (language.then)(&text)
}

/// Where a part begins and ends; none when its first words are not there exactly once.
fn place(text: &str, part: &Exchange) -> Option<(usize, usize)> {
    let from = text.find(part.from)?;
    let rest = text.get(from..)?;
    if rest.matches(part.from).count() != 1 {
        return None;
    }
    rest.find(part.until).map(|until| (from, from + until))
}

fn missing(words: &str) -> String {
    format!(
        "this generator does not write \"{words}\" once; bindings/bindgen/src/quick.rs is made for another version of it"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: Exchange = Exchange {
        from: "begin",
        until: "end",
        with: "ours ",
    };

    fn language(words: &'static [(&'static str, &'static str)]) -> Language {
        Language {
            extension: "txt",
            words,
            parts: &[PART],
            then: as_it_is,
        }
    }

    #[test]
    fn a_part_is_exchanged_and_what_is_around_it_stays() {
        let text = exchanged("a begin b end c".to_owned(), &language(&[("a", "z")]));
        assert_eq!(text.as_deref(), Ok("z ours end c"));
    }

    #[test]
    fn what_another_generator_writes_is_an_error() {
        for text in ["a end", "a begin", "begin begin end", "end begin"] {
            let told = exchanged(text.to_owned(), &language(&[])).unwrap_err();
            assert!(told.contains("begin"), "{text}: {told}");
        }
        let told = exchanged("begin end".to_owned(), &language(&[("word", "")])).unwrap_err();
        assert!(told.contains("word"), "{told}");
    }

    #[test]
    fn every_text_of_ours_bears_the_mark_once_a_language() {
        for language in LANGUAGES {
            let marks = language.parts.iter().filter(|part| part.with.contains(MARK));
            assert_eq!(marks.count(), 1, "{}", language.extension);
        }
    }
}
