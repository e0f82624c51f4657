//! A copy of a fixture in a folder of its own, and today's build on it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use grid_cli::{Exit, Setting, Terminal};
use grid_fieldbook::{
    Clock, FieldBook, FieldError, FileKeyVault, Host, KeyVault as _, Moment, SystemEntropy,
};
use grid_store::StoreLimits;
use grid_vault::DataKey;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The commands whose answers of then are in `expected.json`, by their key there.
const ASKED: [(&str, &[&str]); 6] = [
    ("status", &["status"]),
    ("tasks", &["tasks", "--all"]),
    ("records", &["records", "--limit", "1000"]),
    ("patrols", &["patrol", "list"]),
    ("cases", &["case", "list"]),
    ("posts", &["posts"]),
];

/// The schemas that have a fixture.
pub(crate) const SCHEMAS: [u32; 4] = [1, 4, 5, 6];

/// A clock that stands still where a test puts it, on another boot than the fixture's.
struct Standing(i64);

impl Clock for Standing {
    fn now(&self) -> Moment {
        Moment {
            wall_ms: self.0,
            mono_ms: 5_000,
            boot: 1,
        }
    }
}

/// A copy of a fixture.
pub(crate) struct Copy {
    folder: TempDir,
    /// What the old build said of it.
    pub(crate) expected: Value,
}

impl Copy {
    /// A copy of the fixture of this schema.
    pub(crate) fn of(schema: u32) -> Self {
        let fixture = grid_compat::fixture(schema);
        let folder = tempfile::tempdir().expect("a folder");
        copy_all(&fixture, folder.path());
        let expected = fs::read(fixture.join("expected.json")).expect("what the old build said");
        Self {
            folder,
            expected: serde_json::from_slice(&expected).expect("JSON"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn vault(&self) -> PathBuf {
        self.path("vault")
    }

    /// A little after the fixture was made.
    pub(crate) fn now_ms(&self) -> i64 {
        self.expected["made_at_ms"].as_i64().expect("a time")
    }

    pub(crate) fn host(&self, limits: StoreLimits) -> Host {
        let mut host = Host::new(Arc::new(Standing(self.now_ms())), Arc::new(SystemEntropy));
        host.storage.limits = limits;
        host
    }

    pub(crate) fn keys(&self) -> FileKeyVault {
        FileKeyVault::at(self.path("vault.key"))
    }

    pub(crate) fn try_open(&self, limits: StoreLimits) -> Result<FieldBook, FieldError> {
        FieldBook::open(&self.vault(), self.host(limits), &self.keys())
    }

    pub(crate) fn open(&self) -> FieldBook {
        self.try_open(StoreLimits::SMALL).expect("the vault opens")
    }

    pub(crate) fn data_key(&self) -> DataKey {
        let wrapped = fs::read(self.vault().join("key")).expect("the wrapped key");
        self.keys().unwrap(&wrapped).expect("the key")
    }

    /// The database as it is, without our code. Closing the last connection folds the WAL in.
    pub(crate) fn sql(&self) -> Connection {
        let sql = Connection::open(self.vault().join("fieldbook.db")).expect("a database");
        keyed(sql, &self.data_key())
    }

    /// What today's build says, in the shape of `expected.json`.
    pub(crate) fn said(&self) -> Value {
        let setting = Setting {
            host: self.host(StoreLimits::SMALL),
            environment: BTreeMap::new(),
            terminal: Terminal::default(),
            machine: "M1".to_owned(),
            patience_ms: 10_000,
        };
        let mut said = json!({ "made_at_ms": self.now_ms() });
        for (key, words) in ASKED {
            let mut arguments: Vec<OsString> = ["--json", "--lang", "en"].map(OsString::from).into();
            arguments.extend(["--vault".into(), self.vault().into_os_string()]);
            arguments.extend(["--key-file".into(), self.path("vault.key").into_os_string()]);
            arguments.extend(words.iter().map(OsString::from));
            let (mut out, mut err) = (Vec::new(), Vec::new());
            let exit = grid_cli::run(&arguments, &setting, &mut out, &mut err);
            assert_eq!(exit, Exit::Done, "{words:?}: {}", String::from_utf8_lossy(&out));
            said[key] = serde_json::from_slice(&out).expect("JSON");
        }
        let status = said["status"].as_object_mut().expect("an object");
        // The one names the folder, the other is worded anew in every build.
        status.remove("vault");
        status.remove("line");
        said
    }

    /// Every file of the vault with its bytes.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        walk(&self.vault(), &mut |path| {
            files.insert(path.to_owned(), fs::read(path).expect("a file"));
        });
        files
    }
}

/// A connection that was given its key.
pub(crate) fn keyed(sql: Connection, key: &DataKey) -> Connection {
    grid_store::wait_for_cipher();
    sql.pragma_update(None, "key", format!("x'{}'", hex::encode(key.expose())))
        .expect("keyed");
    sql
}

fn copy_all(from: &Path, to: &Path) {
    walk(from, &mut |path| {
        let copy = to.join(path.strip_prefix(from).expect("below it"));
        fs::create_dir_all(copy.parent().expect("a folder")).expect("made");
        fs::write(&copy, fs::read(path).expect("read")).expect("copied");
        // A repository does not keep that keys are private.
        #[cfg(unix)]
        fs::set_permissions(&copy, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("private");
    });
}

fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, visit);
        } else {
            visit(&path);
        }
    }
}
