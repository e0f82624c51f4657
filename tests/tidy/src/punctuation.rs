//! Chinese sentences have Chinese punctuation: `，`, `：` and `；` take the full width of a character. Half-width ones are
//! told from code by what stands beside them.

use crate::{Finding, Tree};

/// What people type is half-width in a Chinese sentence too.
const TYPED: [&str; 4] = ["纬度,经度,精度米", "纬度,经度", "主机:端口", "{host}:其他端口"];
/// Where texts that people read are written; documents are prose of their own.
const ENDINGS: [&str; 5] = [".rs", ".ts", ".tsx", ".html", ".sh"];

/// Finds half-width commas, colons and semicolons inside Chinese sentences.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, text)| speaks(path, text)) {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !is_comment(line)) {
            if let Some(mark) = half_width(line) {
                let fault = format!("has a half-width `{mark}` in a Chinese sentence");
                found.push(Finding::on_line(
                    path,
                    index + 1,
                    fault,
                    "write it full-width: ，：；",
                ));
            }
        }
    }
    found
}

fn speaks(path: &str, text: &str) -> bool {
    // This file holds the bad examples.
    !path.ends_with("tidy/src/punctuation.rs")
        && (ENDINGS.iter().any(|ending| path.ends_with(ending)) || text.starts_with("#!"))
}

fn is_comment(line: &str) -> bool {
    ["//", "#", "*", "/*"]
        .iter()
        .any(|sign| line.trim_start().starts_with(sign))
}

/// The first half-width mark with Chinese on one side, and on the other Chinese, a bracket, a placeholder or the edge of
/// the text.
fn half_width(line: &str) -> Option<char> {
    if !line.chars().any(is_han) {
        return None;
    }
    let line = TYPED
        .iter()
        .fold(line.to_owned(), |line, typed| line.replace(typed, "typed"));
    let characters: Vec<char> = line.chars().collect();
    characters.iter().enumerate().find_map(|(at, &mark)| {
        let before = at.checked_sub(1).and_then(|at| characters.get(at))?;
        let after = characters[at + 1..].iter().find(|c| **c != ' ')?;
        let sides = [*before, *after];
        let inside = matches!(mark, ',' | ':' | ';')
            && sides.into_iter().any(is_han)
            && sides.into_iter().all(|side| is_han(side) || is_edge(side));
        inside.then_some(mark)
    })
}

const fn is_han(character: char) -> bool {
    matches!(character, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}')
}

const fn is_edge(character: char) -> bool {
    matches!(
        character,
        '(' | ')' | '{' | '}' | '（' | '）' | '“' | '”' | '《' | '》' | '「' | '」' | '"' | '\'' | '`' | '$'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_width_mark_in_a_chinese_sentence_is_found() {
        let bad = [
            "say(\"请求无法读取,没有更改\");",
            "format!(\"无法读取({detail}),请重试\")",
            "format!(\"已派遣 {n} 项,{m} 项没有\")",
            "format!(\",字段 {field}\")",
            "'已过期;请重新登录'",
            "format!(\"密码:{password}\")",
        ];
        for line in bad {
            let tree = Tree::of(&[("a.rs", line)]);
            assert_eq!(check(&tree).len(), 1, "{line}");
        }
    }

    #[test]
    fn code_data_and_what_people_type_are_left_alone() {
        let good = [
            "(\"标题\", \"title\"), (\"地点\", \"place\"),",
            "{ name: '标题', place: '地点' }",
            "// 一个注释, 不是句子",
            "\"210681000000,东港市,county,\"",
            "\"写成“纬度,经度”\"",
            "say(\"请求无法读取，没有更改；请重试：{wait_s} 秒\");",
        ];
        for line in good {
            assert_eq!(check(&Tree::of(&[("a.ts", line)])), [], "{line}");
        }
        assert_eq!(check(&Tree::of(&[("a.md", "甲,乙")])), []);
    }
}
