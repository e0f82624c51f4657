//! The division table: CSV, `code,name,level,parent`; codes of 12 digits, levels 1 (province) to 5 (village).

use grid_hub::DivisionRow;

use super::{AdminError, ListFile};

const HEAD: [&str; 4] = ["code", "name", "level", "parent"];

/// The rows, each with its line.
pub(super) fn read(file: &ListFile) -> Result<(Vec<usize>, Vec<DivisionRow>), AdminError> {
    let mut rows = Vec::new();
    for (line, text) in file.lines() {
        let fields = fields(text)
            .ok_or_else(|| file.fault(line, "", "a quotation mark is not closed", "引号没有闭合"))?;
        if rows.is_empty() && fields == HEAD {
            continue;
        }
        let [code, name, level, parent]: [String; 4] = fields.try_into().map_err(|_| {
            file.fault(
                line,
                "",
                "must have four fields: code,name,level,parent",
                "应有四列：code,name,level,parent",
            )
        })?;
        let level = self::level(&level).ok_or_else(|| {
            let zh = "应为 1（省）、2（市）、3（县）、4（乡镇）、5（村）";
            file.fault(
                line,
                "level",
                "must be 1 (province), 2 (city), 3 (county), 4 (town) or 5 (village)",
                zh,
            )
        })?;
        let parent = (!parent.is_empty()).then_some(parent);
        rows.push((
            line,
            DivisionRow {
                code,
                name,
                level,
                parent,
            },
        ));
    }
    Ok(rows.into_iter().unzip())
}

fn level(text: &str) -> Option<u8> {
    match text {
        "1" | "province" => Some(1),
        "2" | "city" => Some(2),
        "3" | "county" => Some(3),
        "4" | "town" => Some(4),
        "5" | "village" => Some(5),
        _ => None,
    }
}

/// The fields of one line of CSV (RFC 4180, no line breaks inside); `None` when a quotation mark is not closed.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let field = fields.last_mut()?;
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => field.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => field.push(other),
        }
    }
    (!quoted).then(|| fields.into_iter().map(|field| field.trim().to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_a_head_and_quoted_names_reads() {
        let file = ListFile::of(
            "divisions.csv",
            "code,name,level,parent\n210681000000,\"东港市\",3,\n\n210681101210,\"a,\"\"b\"\"\",village,210681101000\n",
        );
        let (lines, rows) = read(&file).unwrap();
        assert_eq!(lines, [2, 4]);
        assert_eq!(
            (rows[0].name.as_str(), rows[0].level, &rows[0].parent),
            ("东港市", 3, &None)
        );
        assert_eq!((rows[1].name.as_str(), rows[1].level), ("a,\"b\"", 5));
    }

    #[test]
    fn a_fault_names_file_line_and_field() {
        let file = ListFile::of(
            "divisions.csv",
            "code,name,level,parent\n210681000000,东港市,county,\n1,x,9,",
        );
        let sentence = read(&file).unwrap_err().sentence();
        assert!(
            sentence
                .en
                .starts_with("divisions.csv line 3, field level: must be 1"),
            "{}",
            sentence.en
        );
        assert!(
            sentence.zh.starts_with("divisions.csv 第 3 行，字段 level：应为"),
            "{}",
            sentence.zh
        );
    }
}
