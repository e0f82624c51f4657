//! The support bundle: what a support desk needs to judge a vault, without a word of what it holds, sealed to the platform.

use grid_vault::{key_id, seal_to};
use grid_wire::support_bytes;

use crate::{FieldBook, FieldError};

impl FieldBook {
    /// A support bundle, sealed to the platform this vault is enrolled with (`grid-platform admin support` opens it): the self-check, sizes of files, counts and
    /// versions, as text. No name, no place, no record. `NotFound` before enrolment: there is nobody to seal it to.
    pub fn support_bundle(&self) -> Result<Vec<u8>, FieldError> {
        let enrolment = self
            .enrolment()?
            .ok_or(FieldError::NotFound { what: "enrolment" })?;
        let text = self.support_text()?;
        let sealed = seal_to(&enrolment.sealing_key, self.host.random()?, text.as_bytes())?;
        Ok(support_bytes(&key_id(&enrolment.sealing_key), &sealed))
    }

    /// What goes into a support bundle.
    pub fn support_text(&self) -> Result<String, FieldError> {
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
        for check in self.self_check()? {
            let verdict = if check.ok { "ok" } else { "NOT OK" };
            lines.push(format!("{} {verdict}: {}", check.name, check.detail));
        }
        for folder in ["", "lifeboat", "quarantine"] {
            for name in self.store.disk().list(&self.store.folder().join(folder))? {
                let path = self.store.folder().join(folder).join(&name);
                if let Some(bytes) = self.store.disk().size(&path)? {
                    lines.push(format!("{folder}/{name} {bytes} bytes"));
                }
            }
        }
        Ok(lines.join("\n") + "\n")
    }
}
