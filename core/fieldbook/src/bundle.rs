//! The support bundle: what a support desk needs to judge a vault, without a word of what it holds, sealed to the platform.

use std::path::Path;

use grid_vault::{key_id, seal_to};
use grid_wire::support_bytes;

use crate::{Check, FieldBook, FieldError};

impl FieldBook {
    /// A support bundle, sealed to the platform this vault is enrolled with (`grid-platform admin support` opens it): the self-check, sizes of files, counts and
    /// versions, as text. No name, no place, no record. `NotFound` before enrolment: there is nobody to seal it to.
    pub fn support_bundle(&self) -> Result<Vec<u8>, FieldError> {
        self.support_bundle_of(&self.self_check()?, self.store.folder())
    }

    /// The same from checks that were made before, with the files of this folder.
    pub(crate) fn support_bundle_of(&self, checks: &[Check], folder: &Path) -> Result<Vec<u8>, FieldError> {
        let enrolment = self
            .enrolment()?
            .ok_or(FieldError::NotFound { what: "enrolment" })?;
        let text = self.support_text(checks, folder)?;
        let sealed = seal_to(&enrolment.sealing_key, self.host.random()?, text.as_bytes())?;
        Ok(support_bytes(&key_id(&enrolment.sealing_key), &sealed))
    }

    /// What goes into a support bundle.
    fn support_text(&self, checks: &[Check], folder: &Path) -> Result<String, FieldError> {
        let mut lines = vec![
            format!("app {}", env!("CARGO_PKG_VERSION")),
            format!("device {}", self.device()),
        ];
        let status = self.status()?;
        lines.push(format!(
            "records saved {} received {} parked {} · photos waiting {} stored {} failed {}",
            status.saved,
            status.received,
            status.parked,
            status.photos_waiting,
            status.photos_stored,
            status.photos_failed
        ));
        for check in checks {
            let verdict = if check.ok { "ok" } else { "NOT OK" };
            // What the system says may name the folder, and a folder a person.
            let detail = check.detail.replace(&folder.display().to_string(), "<vault>");
            lines.push(format!("{} {verdict}: {detail}", check.name));
        }
        for inner in ["", "lifeboat", "quarantine"] {
            for name in self.store.disk().list(&folder.join(inner))? {
                if let Some(bytes) = self.store.disk().size(&folder.join(inner).join(&name))? {
                    lines.push(format!("{inner}/{name} {bytes} bytes"));
                }
            }
        }
        Ok(lines.join("\n") + "\n")
    }
}
