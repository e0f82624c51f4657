//! What surrounds a run: host, environment and terminal. Injected, so that a test owns all of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use grid_fieldbook::Host;
use grid_screens::Lang;

/// What the terminal can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Standard output takes colours.
    pub colour_out: bool,
    /// Standard error takes colours.
    pub colour_err: bool,
    /// Standard error is a terminal: a progress bar may move there.
    pub bar: bool,
    /// Columns for help texts; the terminal is asked when nothing is given.
    pub columns: Option<usize>,
}

/// What surrounds a run.
#[derive(Clone)]
pub struct Setting {
    /// Clocks and randomness.
    pub host: Host,
    /// The environment's variables.
    pub environment: BTreeMap<String, OsString>,
    /// What the terminal can do.
    pub terminal: Terminal,
    /// What this machine is called.
    pub machine: String,
    /// How long to wait for another program to close the vault, ms.
    pub patience_ms: u64,
}

impl Setting {
    /// The surroundings of this process.
    pub fn of_process() -> Self {
        let environment: BTreeMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .collect();
        let plain = environment.get("NO_COLOR").is_some_and(|value| !value.is_empty())
            || environment.get("TERM").is_some_and(|term| term == "dumb");
        let (out, err) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        Self {
            host: Host::system(),
            environment,
            terminal: Terminal {
                colour_out: out && !plain,
                colour_err: err && !plain,
                bar: err,
                columns: None,
            },
            machine: machine.trim().chars().take(40).collect(),
            patience_ms: 3_000,
        }
    }

    /// The language of the environment: `LC_ALL`, then `LC_MESSAGES`, then `LANG`.
    pub(crate) fn lang(&self) -> Lang {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(|name| self.text(name));
        set.map(|locale| Lang::of_locale(&locale))
            .next()
            .unwrap_or(Lang::En)
    }

    /// The folder of the vault; `None` when nothing says where the user's data lies.
    pub(crate) fn vault(&self, given: Option<&Path>) -> Option<PathBuf> {
        let named = given.map(Path::to_path_buf).or_else(|| self.path("GRID_VAULT"));
        let own = || Some(self.path("HOME")?.join(".local/share"));
        named.or_else(|| {
            let data = self.path("XDG_DATA_HOME").or_else(own)?;
            Some(data.join("grid-fieldbook/vault"))
        })
    }

    /// The file of the key that wraps the vault's own: beside the vault's folder, so that no copy of it holds the key.
    pub(crate) fn key_file(&self, given: Option<&Path>, vault: &Path) -> PathBuf {
        let named = given
            .map(Path::to_path_buf)
            .or_else(|| self.path("GRID_KEY_FILE"));
        named.unwrap_or_else(|| {
            let mut name = vault.file_name().unwrap_or("vault".as_ref()).to_owned();
            name.push(".key");
            beside(vault).join(name)
        })
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        let value = self.environment.get(name)?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    fn text(&self, name: &str) -> Option<String> {
        let value = self.environment.get(name)?.to_str()?;
        (!value.is_empty()).then(|| value.to_owned())
    }
}

/// The folder in which the vault's folder lies.
pub(crate) fn beside(vault: &Path) -> PathBuf {
    match vault.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(variables: &[(&str, &str)]) -> Setting {
        Setting {
            host: Host::system(),
            environment: variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), OsString::from(value)))
                .collect(),
            terminal: Terminal::default(),
            machine: String::new(),
            patience_ms: 0,
        }
    }

    #[test]
    fn the_vault_is_where_the_user_says_and_else_in_his_data() {
        let all = [
            ("HOME", "/home/w"),
            ("XDG_DATA_HOME", "/data"),
            ("GRID_VAULT", "/v/one"),
        ];
        let vault = |from: usize, given: Option<&str>| setting(&all[..from]).vault(given.map(Path::new));
        assert_eq!(vault(3, Some("here")), Some(PathBuf::from("here")));
        assert_eq!(vault(3, None), Some(PathBuf::from("/v/one")));
        assert_eq!(vault(2, None), Some(PathBuf::from("/data/grid-fieldbook/vault")));
        assert_eq!(
            vault(1, None),
            Some(PathBuf::from("/home/w/.local/share/grid-fieldbook/vault"))
        );
        assert_eq!(vault(0, None), None);
    }

    #[test]
    fn the_key_lies_beside_the_vault_and_never_in_it() {
        let none = setting(&[]);
        assert_eq!(
            none.key_file(None, Path::new("/v/one")),
            PathBuf::from("/v/one.key")
        );
        assert_eq!(none.key_file(None, Path::new("one")), PathBuf::from("./one.key"));
        let stick = setting(&[("GRID_KEY_FILE", "/stick/key")]);
        assert_eq!(
            stick.key_file(None, Path::new("/v/one")),
            PathBuf::from("/stick/key")
        );
    }

    #[test]
    fn the_language_comes_from_the_locale() {
        assert_eq!(setting(&[("LANG", "zh_CN.UTF-8")]).lang(), Lang::Zh);
        assert_eq!(
            setting(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C")]).lang(),
            Lang::En
        );
        assert_eq!(setting(&[("LANG", "zh_CN"), ("LC_ALL", "")]).lang(), Lang::Zh);
        assert_eq!(setting(&[]).lang(), Lang::En);
    }
}
