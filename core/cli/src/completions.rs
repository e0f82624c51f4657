//! Completions for a shell.

use clap_complete::Shell;
use serde_json::json;

use crate::answer::Answer;

/// Prints completions.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// Which shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, mut command: clap::Command) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "grid", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        let json = json!({ "shell": self.shell.to_string(), "script": script });
        Answer::new(script, json)
    }
}
