//! The ledger as text: columns that line up in a terminal, where a Chinese character is two columns wide.

use super::{Ledger, Line};

const HEADINGS: [(&str, &str); 8] = [
    ("项目", "line"),
    ("应有", "recorded"),
    ("实收", "received"),
    ("缺失", "missing"),
    ("重复", "duplicated"),
    ("多出", "unexpected"),
    ("相符", "ok"),
    ("说明", "note"),
];

const NOTE_CHARS_MAX: usize = 150;

pub(super) fn render(ledger: &Ledger) -> String {
    let chinese = HEADINGS.map(|(chinese, _)| chinese.to_owned());
    let english = HEADINGS.map(|(_, english)| english.to_owned());
    let mut rows = vec![chinese, english];
    rows.extend(ledger.lines.iter().map(row));
    let widths: Vec<usize> = (0..HEADINGS.len())
        .map(|at| rows.iter().map(|row| columns(&row[at])).max().unwrap_or_default())
        .collect();
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        if index == 2 {
            let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            text.push_str(&rules.join("  "));
            text.push('\n');
        }
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(at, cell)| padded(cell, widths[at], at))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    let verdict = if ledger.ok {
        "账实相符 / the tally agrees"
    } else {
        "账实不符 / the tally does not agree"
    };
    text.push_str(&format!("{}\n{verdict}\n", ledger.summary_line()));
    text
}

fn row(line: &Line) -> [String; 8] {
    [
        format!("{} {}", line.name_zh, line.name),
        line.recorded.to_string(),
        line.received.to_string(),
        line.missing.to_string(),
        line.doubled.to_string(),
        line.unexpected.to_string(),
        if line.ok { "是 yes" } else { "否 NO" }.to_owned(),
        clipped(&line.note),
    ]
}

/// A note as far as a terminal shows it well; the ledger itself keeps all of it.
fn clipped(note: &str) -> String {
    let mut short: String = note.chars().take(NOTE_CHARS_MAX).collect();
    if short.len() < note.len() {
        short.push('…');
    }
    short
}

/// Names and words lean left, numbers right.
fn padded(cell: &str, width: usize, at: usize) -> String {
    let room = " ".repeat(width.saturating_sub(columns(cell)));
    if (1..=5).contains(&at) {
        format!("{room}{cell}")
    } else {
        format!("{cell}{room}")
    }
}

/// How many columns a terminal gives a text.
fn columns(text: &str) -> usize {
    let wide = |letter: char| matches!(letter as u32, 0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xfe30..=0xfe4f | 0xff00..=0xff60);
    text.chars().map(|letter| if wide(letter) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::super::Group;
    use super::*;

    #[test]
    fn columns_line_up_with_chinese_in_them() {
        let lines = vec![
            Line::new(Group::Record, "counted", 1700, 1700),
            Line::new(Group::Order, "order:patrol", 150, 149)
                .with(1, 0, 1)
                .noted("例 e.g."),
        ];
        let text = Ledger::of(lines).render();
        let ends: Vec<usize> = text
            .lines()
            .filter(|line| line.contains("yes") || line.contains("NO"))
            .map(|line| columns(line.split(['是', '否']).next().unwrap_or_default()))
            .collect();
        assert_eq!(ends.len(), 2);
        assert_eq!(ends[0], ends[1], "{text}");
        assert!(
            text.contains("recorded 1700 received 1700 missing 0 duplicated 0"),
            "{text}"
        );
        assert!(text.contains("does not agree"));
    }
}
