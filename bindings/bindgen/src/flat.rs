//! The Python module made flat: no call of Python for each field of a record, and none around each call of the library.
//!
//! A generated record asks a converter for every field, and each asks the stream. Of a page of 50 tasks that was two thirds of what
//! Python took. Here a text is a slice, numbers beside each other are one `unpack_from`, and only what has a shape of its own still
//! goes to its converter. The bytes are the same; a message that is too short or too long is found by who reads it as a whole.
//!
//! The handle of an object is copied when the call is made, behind its arguments: one that cannot cross leaves no copy behind.

use std::collections::BTreeSet;
use std::fmt::Write as _;

const CONVERTER: &str = "_UniffiFfiConverter";

/// One field of a record and what converts it: `String`, `Int64`, `TypeDueLight`, …
struct Field<'a> {
    name: &'a str,
    kind: &'a str,
}

/// What the flat code needs from the module: one unpacking for each run of numbers, one packing for each number, one table for
/// each enumeration.
#[derive(Default)]
struct Needs {
    unpacked: BTreeSet<String>,
    packed: BTreeSet<char>,
    variants: BTreeSet<String>,
}

/// The flat module; one without any record or call is of another generator.
pub(crate) fn flat(text: &str) -> Result<String, String> {
    let mut lines = text.lines().peekable();
    let mut needs = Needs::default();
    let (mut made, mut records, mut calls) = (String::with_capacity(text.len() * 2), 0, 0);
    let (mut clone, mut arguments) = (String::new(), None);
    while let Some(line) = lines.next() {
        let starts = lines.peek().copied().unwrap_or_default();
        if let Some(function) = cloning(line) {
            clone = format!("_UniffiLib.{function}(self._handle, ");
            keep(
                &mut made,
                &format!("        return {clone}_UniffiRustCallStatus())"),
            );
            continue;
        }
        let words = line.trim_start();
        let indent = line.strip_suffix(words).unwrap_or_default();
        if words == "_uniffi_lowered_args = (" {
            let end = format!("{indent})");
            let given = lines.by_ref().take_while(|line| *line != end).map(str::trim);
            if arguments.replace(given.collect()).is_some() {
                return Err(uncalled());
            }
            continue;
        }
        if words == "_uniffi_ffi_result = _uniffi_rust_call_with_error(" {
            let arguments: Vec<_> = arguments.take().ok_or_else(uncalled)?;
            call_flat(&mut made, &mut lines, indent, &clone, &arguments)?;
            calls += 1;
            continue;
        }
        keep(&mut made, line);
        if line == "    def read(buf):"
            && let Some(record) = record_read(starts)
        {
            lines.next();
            let fields = taken(&mut lines, read_field);
            if lines.next() != Some("        )") {
                return Err(format!("the fields of {record} are not read one by one"));
            }
            read_flat(&mut made, record, &fields, text, &mut needs);
            records += 1;
        } else if line == "    def write(value, buf):" && write_field(starts).is_some() {
            let fields = taken(&mut lines, write_field);
            write_flat(&mut made, &fields, &mut needs);
        } else if line == "    def check_lower(value):" && check_field(starts).is_some() {
            let fields = taken(&mut lines, check_field);
            check_flat(&mut made, &fields);
        }
    }
    if arguments.is_some() {
        return Err(uncalled());
    }
    if records == 0 || calls == 0 {
        return Err("no record is read field by field, or no call is made".to_owned());
    }
    needs.defined(&mut made);
    made.push_str(include_str!("quick/short.py"));
    Ok(made)
}

fn uncalled() -> String {
    "the arguments of a call are made, and it is not called as any other".to_owned()
}

/// The record that a `read` gives field by field.
fn record_read(line: &str) -> Option<&str> {
    let name = line.strip_prefix("        return ")?.strip_suffix('(')?;
    is_name(name).then_some(name)
}

/// The function that copies a handle. It cannot fail: nobody asks how it went.
fn cloning(line: &str) -> Option<&str> {
    let call = line.strip_prefix("        return _uniffi_rust_call(_UniffiLib.")?;
    let (function, _) = call.split_once(", self._handle)")?;
    function.contains("_fn_clone_").then_some(function)
}

/// One call: what crosses is made first, then the library itself is asked, with a status that is all zeros: success.
fn call_flat(
    made: &mut String,
    lines: &mut std::iter::Peekable<std::str::Lines<'_>>,
    indent: &str,
    clone: &str,
    arguments: &[&str],
) -> Result<(), String> {
    let mut next = || lines.next().map(str::trim_start).unwrap_or_default();
    let (converter, function) = (next(), next());
    let (given, end) = (next(), next());
    let function = function.strip_suffix(',').unwrap_or_default();
    let is_known = converter == "_uniffi_error_converter," && given == "*_uniffi_lowered_args," && end == ")";
    if !is_known || function.is_empty() {
        return Err(format!("the call of {function} has another shape"));
    }
    let mut crossing = String::new();
    for (n, argument) in arguments.iter().enumerate() {
        match argument.strip_suffix(',') {
            Some("self._uniffi_clone_handle()") => crossing.push_str(&format!("{clone}_uniffi_status), ")),
            Some(lowered) => {
                keep(made, &format!("{indent}_uniffi_arg{n} = {lowered}"));
                crossing.push_str(&format!("_uniffi_arg{n}, "));
            }
            None => return Err(format!("an argument of {function} has another shape")),
        }
    }
    keep(made, &format!("{indent}_uniffi_status = _UniffiRustCallStatus()"));
    keep(
        made,
        &format!("{indent}_uniffi_ffi_result = {function}({crossing}_uniffi_status)"),
    );
    keep(made, &format!("{indent}if _uniffi_status.code:"));
    keep(
        made,
        &format!("{indent}    _uniffi_check_call_status(_uniffi_error_converter, _uniffi_status)"),
    );
    Ok(())
}

/// The lines of one record's fields.
fn taken<'a>(
    lines: &mut std::iter::Peekable<std::str::Lines<'a>>,
    field: fn(&'a str) -> Option<Field<'a>>,
) -> Vec<Field<'a>> {
    std::iter::from_fn(|| {
        let found = lines.peek().copied().and_then(field)?;
        lines.next();
        Some(found)
    })
    .collect()
}

/// `name=_UniffiFfiConverterString.read(buf),`
fn read_field(line: &str) -> Option<Field<'_>> {
    let (name, converter) = line.strip_prefix("            ")?.split_once('=')?;
    let kind = converter.strip_prefix(CONVERTER)?.strip_suffix(".read(buf),")?;
    (is_name(name) && is_name(kind)).then_some(Field { name, kind })
}

/// `_UniffiFfiConverterString.write(value.name, buf)`
fn write_field(line: &str) -> Option<Field<'_>> {
    let call = line.strip_prefix("        ")?.strip_prefix(CONVERTER)?;
    let (kind, name) = call.strip_suffix(", buf)")?.split_once(".write(value.")?;
    (is_name(name) && is_name(kind)).then_some(Field { name, kind })
}

/// `_UniffiFfiConverterString.check_lower(value.name)`
fn check_field(line: &str) -> Option<Field<'_>> {
    let call = line.strip_prefix("        ")?.strip_prefix(CONVERTER)?;
    let (kind, name) = call.strip_suffix(')')?.split_once(".check_lower(value.")?;
    (is_name(name) && is_name(kind)).then_some(Field { name, kind })
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// How a number looks in the bytes; none for what is no number.
fn format_of(kind: &str) -> Option<char> {
    Some(match kind {
        "Int8" => 'b',
        "UInt8" | "Boolean" => 'B',
        "Int16" => 'h',
        "UInt16" => 'H',
        "Int32" => 'i',
        "UInt32" => 'I',
        "Int64" => 'q',
        "UInt64" => 'Q',
        "Float" => 'f',
        "Double" => 'd',
        _ => return None,
    })
}

fn size_of(format: char) -> usize {
    match format {
        'b' | 'B' => 1,
        'h' | 'H' => 2,
        'q' | 'Q' | 'd' => 8,
        _ => 4,
    }
}

/// The enumeration without fields that a converter is for; its variant is a number from 1.
fn enumeration<'a>(kind: &'a str, text: &str) -> Option<&'a str> {
    let name = kind.strip_prefix("Type")?;
    text.contains(&format!("\nclass {name}(enum.Enum):\n"))
        .then_some(name)
}

fn read_flat(made: &mut String, record: &str, fields: &[Field<'_>], text: &str, needs: &mut Needs) {
    keep(made, "        at = buf.offset");
    let mut fields = fields.iter().enumerate().peekable();
    let mut values = Vec::new();
    while let Some((n, field)) = fields.next() {
        let number = |kind| format_of(kind).or_else(|| enumeration(kind, text).map(|_| 'I'));
        if field.kind == "String" {
            keep(made, "        begin = at + 4");
            keep(made, "        at = begin + _uniffi_unpack_I(buf, at)[0]");
            keep(made, &format!("        v{n} = buf[begin:at].decode()"));
            values.push((field.name, format!("v{n}")));
        } else if let Some(format) = number(field.kind) {
            let mut run = vec![(n, field, format)];
            while let Some((n, field, format)) = fields
                .peek()
                .and_then(|(n, field)| number(field.kind).map(|format| (*n, *field, format)))
            {
                run.push((n, field, format));
                fields.next();
            }
            let formats: String = run.iter().map(|(_, _, format)| *format).collect();
            let size: usize = formats.chars().map(size_of).sum();
            let names: Vec<_> = run.iter().map(|(n, _, _)| format!("v{n},")).collect();
            let names = names.join(" ");
            keep(
                made,
                &format!("        {names} = _uniffi_unpack_{formats}(buf, at)"),
            );
            keep(made, &format!("        at += {size}"));
            needs.unpacked.insert(formats);
            for (n, field, _) in run {
                let value = match enumeration(field.kind, text) {
                    Some(name) => {
                        needs.variants.insert(name.to_owned());
                        format!("_uniffi_variants_{name}[v{n}]")
                    }
                    None if field.kind == "Boolean" => format!("v{n} != 0"),
                    None => format!("v{n}"),
                };
                values.push((field.name, value));
            }
        } else {
            read_by_converter(made, n, field.kind);
            values.push((field.name, format!("v{n}")));
        }
    }
    needs.unpacked.insert("I".to_owned());
    keep(made, "        buf.offset = at");
    keep(made, &format!("        made = object.__new__({record})"));
    let pairs: Vec<_> = values
        .iter()
        .map(|(name, value)| format!("\"{name}\": {value}"))
        .collect();
    keep(made, &format!("        made.__dict__ = {{{}}}", pairs.join(", ")));
    keep(made, "        return made");
}

/// What has a shape of its own; where it is left out, that is one byte.
fn read_by_converter(made: &mut String, n: usize, kind: &str) {
    let indent = if kind.starts_with("Optional") {
        keep(made, "        if buf[at] == 0:");
        keep(made, &format!("            v{n} = None"));
        keep(made, "            at += 1");
        keep(made, "        else:");
        "            "
    } else {
        "        "
    };
    keep(made, &format!("{indent}buf.offset = at"));
    keep(made, &format!("{indent}v{n} = {CONVERTER}{kind}.read(buf)"));
    keep(made, &format!("{indent}at = buf.offset"));
}

fn write_flat(made: &mut String, fields: &[Field<'_>], needs: &mut Needs) {
    for Field { name, kind } in fields {
        if *kind == "String" {
            keep(made, &format!("        text = _uniffi_utf8(value.{name})"));
            keep(made, "        buf += _uniffi_pack_i(len(text))");
            keep(made, "        buf += text");
            needs.packed.insert('i');
        } else if let Some(format) = format_of(kind) {
            keep(
                made,
                &format!("        buf += _uniffi_pack_{format}(value.{name})"),
            );
            needs.packed.insert(format);
        } else if kind.starts_with("Optional") {
            keep(made, &format!("        if value.{name} is None:"));
            keep(made, "            buf.append(0)");
            keep(made, "        else:");
            keep(
                made,
                &format!("            {CONVERTER}{kind}.write(value.{name}, buf)"),
            );
        } else {
            keep(
                made,
                &format!("        {CONVERTER}{kind}.write(value.{name}, buf)"),
            );
        }
    }
}

/// Only what is not plainly right is shown to its converter.
fn check_flat(made: &mut String, fields: &[Field<'_>]) {
    for Field { name, kind } in fields {
        let doubt = match *kind {
            "String" => format!("value.{name}.__class__ is not str"),
            "Boolean" => format!("value.{name}.__class__ is not bool"),
            kind if kind.starts_with("Optional") => format!("value.{name} is not None"),
            _ => "True".to_owned(),
        };
        keep(made, &format!("        if {doubt}:"));
        keep(
            made,
            &format!("            {CONVERTER}{kind}.check_lower(value.{name})"),
        );
    }
}

impl Needs {
    /// At the end of the module: by then every enumeration is there, and nothing was read yet.
    fn defined(&self, made: &mut String) {
        for format in &self.unpacked {
            keep(
                made,
                &format!("_uniffi_unpack_{format} = struct.Struct(\">{format}\").unpack_from"),
            );
        }
        for format in &self.packed {
            keep(
                made,
                &format!("_uniffi_pack_{format} = struct.Struct(\">{format}\").pack"),
            );
        }
        for name in &self.variants {
            keep(
                made,
                &format!("_uniffi_variants_{name} = dict(enumerate({name}, 1))"),
            );
        }
    }
}

fn keep(made: &mut String, line: &str) {
    // A String takes every line.
    let _written = writeln!(made, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = "\
import enum

class Light(enum.Enum):
    RED = 0

class _UniffiFfiConverterTypeTask(_UniffiConverterRustBuffer):
    @staticmethod
    def read(buf):
        return Task(
            no=_UniffiFfiConverterString.read(buf),
            due=_UniffiFfiConverterInt64.read(buf),
            light=_UniffiFfiConverterTypeLight.read(buf),
            late=_UniffiFfiConverterBoolean.read(buf),
            reason=_UniffiFfiConverterOptionalString.read(buf),
        )

    @staticmethod
    def check_lower(value):
        _UniffiFfiConverterString.check_lower(value.no)

    @staticmethod
    def write(value, buf):
        _UniffiFfiConverterString.write(value.no, buf)
        _UniffiFfiConverterInt64.write(value.due, buf)
        _UniffiFfiConverterTypeLight.write(value.light, buf)
        _UniffiFfiConverterBoolean.write(value.late, buf)
        _UniffiFfiConverterOptionalString.write(value.reason, buf)

class Book:
    def _uniffi_clone_handle(self):
        return _uniffi_rust_call(_UniffiLib.uniffi_fn_clone_book, self._handle)

    def count(self, draft):
        _uniffi_lowered_args = (
            self._uniffi_clone_handle(),
            _UniffiFfiConverterTypeTask.lower(draft),
        )
        _uniffi_ffi_result = _uniffi_rust_call_with_error(
            _uniffi_error_converter,
            _UniffiLib.fn_count,
            *_uniffi_lowered_args,
        )

    def made(cls):
        _uniffi_lowered_args = (
        )
        _uniffi_ffi_result = _uniffi_rust_call_with_error(
            _uniffi_error_converter,
            _UniffiLib.fn_made,
            *_uniffi_lowered_args,
        )

def explain(error):
    _uniffi_lowered_args = (
        _UniffiFfiConverterTypeTask.lower(error),
    )
    _uniffi_ffi_result = _uniffi_rust_call_with_error(
        _uniffi_error_converter,
        _UniffiLib.fn_explain,
        *_uniffi_lowered_args,
    )
";

    #[test]
    fn a_call_goes_to_the_library_itself_and_copies_the_handle_last() {
        let made = flat(MODULE).unwrap();
        for lines in [
            "        return _UniffiLib.uniffi_fn_clone_book(self._handle, _UniffiRustCallStatus())\n",
            "        _uniffi_arg1 = _UniffiFfiConverterTypeTask.lower(draft)\n        _uniffi_status = ",
            "_UniffiLib.fn_count(_UniffiLib.uniffi_fn_clone_book(self._handle, _uniffi_status), _uniffi_arg1, _uniffi_status)\n",
            "\n    _uniffi_ffi_result = _UniffiLib.fn_explain(_uniffi_arg0, _uniffi_status)\n    if",
            "_UniffiLib.fn_made(_uniffi_status)\n        if _uniffi_status.code:\n",
        ] {
            assert!(made.contains(lines), "{lines} is not in\n{made}");
        }
        assert!(!made.contains("_uniffi_rust_call"), "{made}");
        let other = MODULE.replace("            *_uniffi_lowered_args,\n", "            *args,\n");
        assert!(flat(&other).unwrap_err().contains("fn_count"));
        for awaited in [
            MODULE.replacen(
                "_uniffi_ffi_result = _uniffi_rust_call_with_error(",
                "await _uniffi_rust_call_async(",
                1,
            ),
            MODULE.replace(
                "    _uniffi_ffi_result = _uniffi_rust_call_with_error(\n        _uniffi_e",
                "    await _uniffi_rust_call_async(\n        _uniffi_e",
            ),
        ] {
            assert_eq!(flat(&awaited), Err(uncalled()));
        }
    }

    #[test]
    fn texts_are_slices_numbers_beside_each_other_one_piece_and_the_rest_asks_its_converter() {
        let made = flat(MODULE).unwrap();
        for line in [
            "        v0 = buf[begin:at].decode()\n",
            "        v1, v2, v3, = _uniffi_unpack_qIB(buf, at)\n        at += 13\n",
            "            v4 = _UniffiFfiConverterOptionalString.read(buf)\n",
            "\"due\": v1, \"light\": _uniffi_variants_Light[v2], \"late\": v3 != 0, \"reason\": v4}\n",
            "        buf += _uniffi_pack_q(value.due)\n",
            "        _UniffiFfiConverterTypeLight.write(value.light, buf)\n",
            "_uniffi_unpack_qIB = struct.Struct(\">qIB\").unpack_from\n",
            "_uniffi_variants_Light = dict(enumerate(Light, 1))\n",
        ] {
            assert!(made.contains(line), "{line} is not in\n{made}");
        }
        assert!(!made.contains("read(buf),"), "{made}");
    }

    #[test]
    fn what_another_generator_writes_is_an_error() {
        assert!(flat("class Task:\n").is_err());
        let told = flat(&MODULE.replace("Int64.read(buf)", "Int64.read(buf, 8)")).unwrap_err();
        assert!(told.contains("Task"), "{told}");
    }
}
