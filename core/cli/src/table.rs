//! Text in columns. A Chinese character takes two columns of a terminal, so widths are counted, not characters.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What a piece of text should look like where colours are to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    Plain,
    Strong,
    Faint,
    Good,
    Warn,
    Bad,
}

/// Puts colours on, or leaves them off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint(pub(crate) bool);

impl Paint {
    pub(crate) fn tint(self, text: &str, tint: Tint) -> String {
        let code = match tint {
            Tint::Plain => return text.to_owned(),
            Tint::Strong => "1",
            Tint::Faint => "2",
            Tint::Good => "32",
            Tint::Warn => "33",
            Tint::Bad => "31",
        };
        if self.0 && !text.is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }
}

/// One cell.
#[derive(Clone, Debug)]
pub(crate) struct Cell(String, Tint);

impl Cell {
    pub(crate) fn new(text: &str, tint: Tint) -> Self {
        Self(clean(text), tint)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(&text, Tint::Plain)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Tint::Plain)
    }
}

/// The text without control characters: what others wrote may not steer this terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Rows whose columns stand below each other; the last column is never padded.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table(Vec<Vec<Cell>>);

impl Table {
    /// A table that begins with a faint row of names.
    pub(crate) fn headed(names: &[&str]) -> Self {
        let head = names.iter().map(|name| Cell::new(name, Tint::Faint));
        Self(vec![head.collect()])
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.0.push(cells.into_iter().collect());
    }

    /// A name and its value; nothing when there is no value.
    pub(crate) fn pair(&mut self, name: &str, value: impl Into<Cell>) {
        let value = value.into();
        if !value.0.is_empty() {
            self.row([Cell::new(name, Tint::Faint), value]);
        }
    }

    pub(crate) fn render(&self, paint: Paint) -> String {
        let columns = self.0.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.0.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.0.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.0 {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(&paint.tint(&cell.0, cell.1));
                if column + 1 < row.len() {
                    line.push_str(&" ".repeat(widths[column] - cell.0.width() + 2));
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A text of one line and at most this many columns; what is cut off is marked.
pub(crate) fn clip(text: &str, columns_max: usize) -> String {
    let text = clean(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.width() <= columns_max {
        return line;
    }
    let mut clipped = String::new();
    let mut columns = 0;
    for letter in line.chars() {
        columns += letter.width().unwrap_or_default();
        if columns >= columns_max {
            break;
        }
        clipped.push(letter);
    }
    clipped.push('…');
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_latin_columns_stand_below_each_other() {
        let mut table = Table::headed(&["编号", "标题", "状态"]);
        table.row(["DL-1", "楼道", "待签收"].map(Cell::from));
        table.row(["DL-2024", "ab", "x"].map(Cell::from));
        assert_eq!(
            table.render(Paint(false)),
            "编号     标题  状态\nDL-1     楼道  待签收\nDL-2024  ab    x\n"
        );
    }

    #[test]
    fn colours_do_not_move_columns() {
        let mut table = Table::default();
        table.row([Cell::new("好", Tint::Good), "一".into()]);
        table.row(["ab c".into(), "二".into()]);
        assert_eq!(
            table.render(Paint(true)),
            "\u{1b}[32m好\u{1b}[0m    一\nab c  二\n"
        );
    }

    #[test]
    fn long_text_is_cut_at_its_width_and_marked() {
        assert_eq!(clip("东口缆绳松动", 12), "东口缆绳松动");
        assert_eq!(clip("东口缆绳松动了", 12), "东口缆绳松…");
        assert_eq!(clip("a\nb\u{1b}[2J", 99), "a b [2J");
    }
}
