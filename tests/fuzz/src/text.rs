//! Texts that people or other programs hand over: addresses, tickets, names, scenarios.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use grid_fieldbook::Ticket;
use grid_hub::UploadId;
use grid_model::{DeviceId, Sha256};
use grid_net::Address;
use grid_scenario::Scenario;
use tempfile::TempDir;

use crate::pieces::text;

/// A text as an address, as a ticket, and as each kind of name.
pub fn names(bytes: &[u8]) -> bool {
    let text = text(bytes);
    let mut read = 0;
    if let Ok(address) = Address::parse(&text) {
        let said = address.to_string();
        assert!(said.starts_with("https://") || said.starts_with("http://"));
        assert_eq!(address.is_tls(), said.starts_with("https://"));
        let again = Address::parse(&said);
        assert!(
            again.is_ok_and(|again| again.is_tls() == address.is_tls()),
            "{said}"
        );
        read += 1;
    }
    read += usize::from(Ticket::parse(&text).is_ok());
    if let Ok(id) = text.parse::<DeviceId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
        read += 1;
    }
    if let Ok(id) = text.parse::<UploadId>() {
        assert_eq!(id.to_string().parse(), Ok(id));
        read += 1;
    }
    if let Ok(hash) = text.parse::<Sha256>() {
        assert_eq!(hash.to_string().parse(), Ok(hash));
        read += 1;
    }
    read > 0
}

/// Which of a scenario's files an input is; the others are sound.
const PARTS: [&str; 3] = ["scenario.toml", "dalu_island.geojson", "track.gpx"];

/// A scenario, its outline or its track: loaded, or refused in one sentence. The first byte says which of them it is.
pub fn scenario(bytes: &[u8]) -> bool {
    let Some((part, bytes)) = bytes.split_first() else {
        return false;
    };
    let part = PARTS[usize::from(*part) % PARTS.len()];
    STORY.with(|story| {
        let loaded = match story {
            Ok(story) => story.with(part, bytes),
            Err(error) => panic!("no scenario can be made: {error}"),
        };
        loaded.unwrap_or_else(|error| panic!("the files of a scenario cannot be written: {error}"))
    })
}

thread_local! {
    static STORY: io::Result<Story> = Story::make();
}

/// A folder with a scenario that is sound.
struct Story {
    folder: TempDir,
    scenarios: PathBuf,
}

impl Story {
    fn make() -> io::Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let story = Self {
            folder: TempDir::new()?,
            scenarios: root.join("../../scenarios"),
        };
        for part in PARTS {
            story.put_back(part)?;
        }
        Ok(story)
    }

    /// The sound file of this name.
    fn sound(&self, part: &str) -> io::Result<Vec<u8>> {
        match part {
            "track.gpx" => {
                let point = |n: usize| format!("<trkpt lat=\"39.7{n:03}\" lon=\"123.7{n:03}\"/>");
                let points: String = (0..12).map(point).collect();
                Ok(format!("<gpx><trk><trkseg>{points}</trkseg></trk></gpx>").into_bytes())
            }
            "scenario.toml" => fs::read(self.scenarios.join("dalu-nine-days.toml")),
            other => fs::read(self.scenarios.join(other)),
        }
    }

    fn put_back(&self, part: &str) -> io::Result<()> {
        self.put(part, &self.sound(part)?)
    }

    fn put(&self, part: &str, bytes: &[u8]) -> io::Result<()> {
        let bytes = if part == "scenario.toml" {
            with_one_track(&String::from_utf8_lossy(bytes)).into_bytes()
        } else {
            bytes.to_vec()
        };
        fs::write(self.folder.path().join(part), bytes)
    }

    /// Loads the scenario with one part replaced.
    fn with(&self, part: &str, bytes: &[u8]) -> io::Result<bool> {
        self.put(part, bytes)?;
        let loaded = Scenario::load(self.folder.path().join(PARTS[0]));
        self.put_back(part)?;
        if let Err(error) = &loaded {
            let said = error.to_string();
            assert!(!said.trim().is_empty() && said.len() < 4_096, "{said}");
        }
        Ok(loaded.is_ok())
    }
}

/// Every recorded track is the short one, so that a scenario loads quickly.
fn with_one_track(text: &str) -> String {
    let lines = text.lines().map(|line| {
        if line.contains(".gpx") {
            "file = \"track.gpx\""
        } else {
            line
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
