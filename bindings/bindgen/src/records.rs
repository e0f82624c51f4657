//! Records of the Python module, read and written in one go: no call for each field.
//!
//! A generated record asks a converter for every field, and each asks the stream. Of a page of 50 tasks that was two thirds of what
//! Python took. Here a text is a slice, numbers beside each other are one `unpack_from`, and only what has a shape of its own still
//! goes to its converter. The bytes are the same; a message that is too short or too long is found by who reads it as a whole.

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

/// The module with flat records; without any record it is of another generator.
pub(crate) fn flat(text: &str) -> Result<String, String> {
    let mut lines = text.lines().peekable();
    let mut needs = Needs::default();
    let (mut made, mut records) = (String::with_capacity(text.len() * 2), 0);
    while let Some(line) = lines.next() {
        keep(&mut made, line);
        let starts = lines.peek().copied().unwrap_or_default();
        if line == "    def read(buf):"
            && let Some(record) = starts
                .strip_prefix("        return ")
                .and_then(|rest| rest.strip_suffix('('))
                .filter(|name| is_name(name))
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
        }
    }
    if records == 0 {
        return Err("no record is read field by field".to_owned());
    }
    needs.defined(&mut made);
    Ok(made)
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
    keep(made, "        data, at = buf.data, buf.offset");
    let mut fields = fields.iter().enumerate().peekable();
    let mut values = Vec::new();
    while let Some((n, field)) = fields.next() {
        let number = |kind| format_of(kind).or_else(|| enumeration(kind, text).map(|_| 'I'));
        if field.kind == "String" {
            keep(made, "        begin = at + 4");
            keep(made, "        at = begin + _uniffi_unpack_I(data, at)[0]");
            keep(made, &format!("        v{n} = data[begin:at].decode()"));
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
                &format!("        {names} = _uniffi_unpack_{formats}(data, at)"),
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
        keep(made, "        if data[at] == 0:");
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
    keep(made, "        data = buf.data");
    for Field { name, kind } in fields {
        if *kind == "String" {
            keep(made, &format!("        text = _uniffi_utf8(value.{name})"));
            keep(made, "        data += _uniffi_pack_i(len(text))");
            keep(made, "        data += text");
            needs.packed.insert('i');
        } else if let Some(format) = format_of(kind) {
            keep(
                made,
                &format!("        data += _uniffi_pack_{format}(value.{name})"),
            );
            needs.packed.insert(format);
        } else if kind.starts_with("Optional") {
            keep(made, &format!("        if value.{name} is None:"));
            keep(made, "            data.append(0)");
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
    def write(value, buf):
        _UniffiFfiConverterString.write(value.no, buf)
        _UniffiFfiConverterInt64.write(value.due, buf)
        _UniffiFfiConverterTypeLight.write(value.light, buf)
        _UniffiFfiConverterBoolean.write(value.late, buf)
        _UniffiFfiConverterOptionalString.write(value.reason, buf)
";

    #[test]
    fn texts_are_slices_numbers_beside_each_other_one_piece_and_the_rest_asks_its_converter() {
        let made = flat(MODULE).unwrap();
        for line in [
            "        v0 = data[begin:at].decode()\n",
            "        v1, v2, v3, = _uniffi_unpack_qIB(data, at)\n        at += 13\n",
            "            v4 = _UniffiFfiConverterOptionalString.read(buf)\n",
            "\"due\": v1, \"light\": _uniffi_variants_Light[v2], \"late\": v3 != 0, \"reason\": v4}\n",
            "        data += _uniffi_pack_q(value.due)\n",
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
