//! The words of the search index: what a text is filed under, and what a query asks for. Pure: knows no database.
//!
//! Each pair of neighbouring characters is one word: the initials of both, then a short hash of each. So one word serves
//! who types the two characters, and its first two letters serve who types their pinyin initials. The index only
//! proposes; [`Query::is_in`] decides on the real text, so a hash that meets another costs time and no truth.

use std::fmt::Write as _;

use pinyin::ToPinyin as _;

/// Names this way of making words. An index made another way is not asked and is made anew.
pub(super) const VERSION: i64 = 1;
/// Pairs asked for at most; what a longer query holds besides is left to the check of the text.
const PAIRS_ASKED_MAX: usize = 6;
/// Stands in a word for what is no letter, no digit and has no pinyin.
const OTHER: u8 = b'_';
/// Stands in a word for the end of a run of searchable characters.
const END: u8 = b'.';
/// Ends a word that files a pair under its second reading.
const SECOND: char = '~';
/// Every first letter of a word, and with `END` every second one.
const INITIALS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789_";
/// Base of the hash's digits: what the index's tokenizer takes for a letter, in one case.
const BASE: u32 = 36;
/// How far the letters of full width lie above the plain ones.
const FULL_WIDTH: u32 = 0xFEE0;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    wanted: Vec<char>,
    /// Its letters may stand for the pinyin initials of characters.
    initials: bool,
}

impl Query {
    /// A query for this text, without the space around it. Letters are taken without regard to case or width. Where
    /// there are two letters at least and nothing but ASCII, a letter also stands for a character whose pinyin begins with it.
    pub fn new(text: &str) -> Self {
        let wanted = folded(text.trim());
        let letters = wanted.iter().filter(|c| c.is_ascii_lowercase()).count();
        Self {
            initials: letters >= 2 && wanted.iter().all(char::is_ascii),
            wanted,
        }
    }

    /// Whether `text` holds what is looked for. An empty query is in every text.
    pub fn is_in(&self, text: &str) -> bool {
        let text = folded(text);
        self.wanted.is_empty()
            || text.windows(self.wanted.len()).any(|part| {
                part.iter()
                    .zip(&self.wanted)
                    .all(|(is, asked)| self.same(*is, *asked))
            })
    }

    fn same(&self, is: char, asked: char) -> bool {
        is == asked
            || self.initials && asked.is_ascii_lowercase() && is_indexed(is) && {
                let (first, second) = initials(is);
                char::from(first) == asked || second.is_some_and(|second| char::from(second) == asked)
            }
    }

    fn may_be_initials(&self, first: char, second: Next) -> bool {
        self.initials && (first.is_ascii_lowercase() || second.initial().is_ascii_lowercase())
    }

    /// What to ask the index, in FTS5's language. Every text that holds the query has these words; `None` when nothing
    /// in it is indexed.
    pub(super) fn expression(&self) -> Option<String> {
        let mut asked = String::new();
        let told = pairs(&self.wanted).filter(|(_, second)| *second != Next::Unknown);
        let told: Vec<_> = told.collect();
        // Numbers and addresses go from the general to the particular: the last pairs are the rare ones.
        for (first, second) in &told[told.len().saturating_sub(PAIRS_ASKED_MAX)..] {
            let (first, second) = (*first, *second);
            let word = word(first, second);
            let _ = if self.may_be_initials(first, second) {
                write!(asked, "\"{}\"* ", &word[..2])
            } else {
                write!(asked, "\"{word}\" ")
            };
        }
        match self.wanted.last() {
            _ if !asked.is_empty() => Some(asked),
            Some(last) if is_indexed(*last) => Some(any_pair_of(*last)),
            _ => None,
        }
    }
}

/// What follows a searchable character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Char(char),
    /// Something that is not searched for, or nothing more.
    End,
    /// Not told: a query ends here, its text may go on.
    Unknown,
}

impl Next {
    fn initial(self) -> u8 {
        match self {
            Self::Char(c) => initials(c).0,
            Self::End | Self::Unknown => END,
        }
    }
}

/// The words of one text, each followed by a space.
pub(super) fn words(text: &str, to: &mut String) {
    let text = folded(text);
    for (first, second) in pairs(&text) {
        let second = if second == Next::Unknown {
            Next::End
        } else {
            second
        };
        to.push_str(&word(first, second));
        to.push(' ');
        second_readings(first, second, to);
    }
}

fn pairs(text: &[char]) -> impl Iterator<Item = (char, Next)> {
    text.iter()
        .enumerate()
        .filter(|(_, c)| is_indexed(**c))
        .map(|(at, c)| {
            let next = text.get(at + 1).map_or(Next::Unknown, |next| {
                if is_indexed(*next) {
                    Next::Char(*next)
                } else {
                    Next::End
                }
            });
            (*c, next)
        })
}

fn word(first: char, second: Next) -> String {
    let mut word = String::with_capacity(6);
    word.push(initials(first).0.into());
    word.push(second.initial().into());
    push_hash(first, &mut word);
    if let Next::Char(second) = second {
        push_hash(second, &mut word);
    }
    word
}

/// Files a pair under the other readings of its characters, by initials alone.
fn second_readings(first: char, second: Next, to: &mut String) {
    let of_second = |c| match c {
        Next::Char(c) => initials(c),
        Next::End | Next::Unknown => (END, None),
    };
    let ((a, other_a), (b, other_b)) = (initials(first), of_second(second));
    let other = [(other_a, Some(b)), (Some(a), other_b), (other_a, other_b)];
    for (a, b) in other.into_iter().filter_map(|(a, b)| a.zip(b)) {
        to.extend([a.into(), b.into(), SECOND, ' ']);
    }
}

/// Any pair that begins with this character.
fn any_pair_of(c: char) -> String {
    let mut hash = String::new();
    push_hash(c, &mut hash);
    let first = char::from(initials(c).0);
    let mut asked = String::new();
    for second in INITIALS.iter().chain(&[END]).copied().map(char::from) {
        let or = if asked.is_empty() { "" } else { " OR " };
        let _ = write!(asked, "{or}\"{first}{second}{hash}\"*");
    }
    asked
}

/// Two digits that tell apart most characters of one initial.
fn push_hash(c: char, to: &mut String) {
    let mixed = u32::from(c).wrapping_mul(0x9E37_79B1) >> 12;
    for digit in [mixed / BASE % BASE, mixed % BASE] {
        to.extend(char::from_digit(digit, BASE));
    }
}

/// The letter or digit itself, or the first letter of the character's pinyin, and that of a second reading.
fn initials(c: char) -> (u8, Option<u8>) {
    if c.is_ascii_alphanumeric() {
        return (u8::try_from(c).unwrap_or(OTHER), None);
    }
    if let Some((first, second)) = two_readings(c) {
        return (first, Some(second));
    }
    let read = c.to_pinyin().and_then(|read| read.plain().bytes().next());
    (read.filter(u8::is_ascii_lowercase).unwrap_or(OTHER), None)
}

/// The first and the second initial of common characters that are read in two ways.
const fn two_readings(c: char) -> Option<(u8, u8)> {
    Some(match c {
        '长' | '藏' | '朝' | '传' | '曾' | '查' => (b'c', b'z'),
        '重' => (b'z', b'c'),
        '行' => (b'x', b'h'),
        '乐' => (b'l', b'y'),
        '还' => (b'h', b'x'),
        '调' | '弹' => (b'd', b't'),
        '系' | '校' => (b'x', b'j'),
        '参' => (b'c', b's'),
        '单' => (b'd', b's'),
        '降' | '解' => (b'j', b'x'),
        '卡' => (b'k', b'q'),
        '盛' => (b's', b'c'),
        '尾' => (b'w', b'y'),
        '厦' => (b's', b'x'),
        '车' => (b'c', b'j'),
        '会' => (b'h', b'k'),
        '堡' | '泊' => (b'b', b'p'),
        '圈' => (b'q', b'j'),
        '给' => (b'g', b'j'),
        '仇' => (b'c', b'q'),
        '翟' => (b'z', b'd'),
        _ => return None,
    })
}

/// Letters in lower case, those of full width as the plain ones.
fn folded(text: &str) -> Vec<char> {
    let mut folded = Vec::with_capacity(text.len() / 2);
    for c in text.chars() {
        match c {
            '\0'..='\x7f' => folded.push(c.to_ascii_lowercase()),
            // Most of every text: no case, no width.
            '\u{3400}'..='\u{9fff}' => folded.push(c),
            '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
                let plain = char::from_u32(u32::from(c) - FULL_WIDTH).unwrap_or(c);
                folded.push(plain.to_ascii_lowercase());
            }
            _ => folded.extend(c.to_lowercase()),
        }
    }
    folded
}

/// Whether a character begins words: all but spaces, controls and punctuation.
fn is_indexed(c: char) -> bool {
    match c {
        '\0'..='\x7f' => c.is_ascii_alphanumeric(),
        '々' | '〆' | '〇' => true,
        '\u{2000}'..='\u{206f}'
        | '\u{3000}'..='\u{303f}'
        | '\u{ff00}'..='\u{ff0f}'
        | '\u{ff1a}'..='\u{ff20}' => false,
        _ => !c.is_whitespace() && !c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(query: &str, text: &str) -> bool {
        let query = Query::new(query);
        let found = query.is_in(text);
        if found {
            proposed(&query, text);
        }
        found
    }

    /// What the index is asked for is among the words of the text.
    fn proposed(query: &Query, text: &str) {
        let mut all = String::new();
        words(text, &mut all);
        let Some(asked) = query.expression() else { return };
        let is_filed = |asked: &str| {
            let word = asked.trim_end_matches('*').trim_matches('"');
            all.split(' ')
                .any(|filed| filed == word || asked.ends_with('*') && filed.starts_with(word))
        };
        let filed = if asked.contains(" OR ") {
            asked.split(" OR ").any(is_filed)
        } else {
            asked.split_whitespace().all(is_filed)
        };
        assert!(filed, "{query:?} is in {text:?}, filed under {all:?}");
    }

    #[test]
    fn two_characters_and_their_initials_share_a_word() {
        let mut filed = String::new();
        words("楼道", &mut filed);
        let (pair, end) = filed.trim().split_once(' ').expect("two words");
        assert!(pair.starts_with("ld") && pair.len() == 6);
        assert!(end.starts_with("d.") && end.len() == 4);
        assert_eq!(
            Query::new("楼道").expression().expect("indexed").trim(),
            format!("\"{pair}\"")
        );
        assert_eq!(Query::new("LD").expression().expect("indexed").trim(), "\"ld\"*");
    }

    #[test]
    fn texts_are_found_by_what_they_hold() {
        let text = "3号楼道杂物 K3+200 浙A12B34，长乐街";
        for query in [
            "杂物",
            "3号楼",
            "k3+2",
            "a12b",
            "Ｋ３",
            "物",
            "街",
            "，",
            "3",
            "b34，长",
            " K3 ",
        ] {
            assert!(finds(query, text), "{query}");
        }
        for query in ["楼杂", "道道", "4号", "K3200", "浙B"] {
            assert!(!finds(query, text), "{query}");
        }
    }

    #[test]
    fn texts_are_found_by_initials() {
        let text = "3号楼道杂物，长乐街12号";
        for query in ["ld", "LDZW", "3hldzw", "cl", "zl", "zyj", "clj12h"] {
            assert!(finds(query, text), "{query}");
        }
        for query in ["lz", "wc", "l", "楼d"] {
            assert!(!finds(query, text), "{query}");
        }
    }

    #[test]
    fn characters_beyond_the_basic_plane_are_text() {
        let text = "𠮷田𬭚A，🚒";
        for query in ["𠮷田", "田𬭚", "𬭚", "𬭚a", "🚒", "，🚒"] {
            assert!(finds(query, text), "{query}");
        }
        assert!(!finds("𠮶", text));
    }
}
