//! What is wrong with a scenario, as one sentence that names the file, the field and the way out. It is said in Chinese
//! and in English; the English one also repeats what the checks and the readers of TOML, JSON and GPX say.

use std::path::PathBuf;

/// Why a scenario cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// A file is missing or unreadable.
    #[error(
        "{file} 无法读取（由字段 `{field}` 指定），请放好该文件或改正路径 / \
         {file}: field `{field}` leads to this file, which cannot be read ({cause}); put the file there or correct the path"
    )]
    Unreadable {
        /// The file that cannot be read.
        file: PathBuf,
        /// The field that names it, or `path` for the scenario itself.
        field: String,
        /// What the system said.
        cause: String,
    },
    /// The scenario is no TOML.
    #[error(
        "{file} 第 {line} 行不是 TOML，请改正该行，其后的字段尚未读取 / \
         {file}: line {line} is not TOML ({cause}); correct that line, the fields after it are not read yet"
    )]
    NotToml {
        /// The scenario.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What the reader stumbled over.
        cause: String,
    },
    /// A field is missing, unknown, or says something that cannot be.
    #[error(
        "{file} 的字段 `{field}` 不能这样写，请对照 scenarios/README.md 改正 / \
         {file}: field `{field}` {problem}; {remedy}"
    )]
    Field {
        /// The file that holds the field.
        file: PathBuf,
        /// The field, with its tables: `windows.gap_s_min`.
        field: String,
        /// What is wrong with it.
        problem: String,
        /// What to do.
        remedy: String,
    },
}

/// A problem of one field, before its file is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

impl Fault {
    /// A fault of this field.
    pub(crate) fn of(
        field: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }

    /// The error once the file is known.
    pub(crate) fn in_file(self, file: PathBuf) -> ScenarioError {
        ScenarioError::Field {
            file,
            field: self.field,
            problem: self.problem,
            remedy: self.remedy,
        }
    }
}
