//! The five kinds of caller.

use grid_model::terms::Role;

/// Who may call a route. There is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everybody, for this reason.
    Open(&'static str),
    /// An enrolled device: the request carries the device's signature, which the hub checks before anything else.
    Device,
    /// Whoever holds an enrolment code; the hub counts wrong ones and makes their source wait.
    Enrolling,
    /// A device with a grant of its last exchange (`Authorization: Grid …`).
    UploadGrant,
    /// A signed-in supervisor in one of these roles, for this purpose.
    Console {
        /// The roles that may call.
        roles: &'static [Role],
        /// What the answer is for; written to the documentation of the route.
        purpose: &'static str,
    },
}

impl Access {
    /// One line for the documentation of a route.
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Open(reason) => format!("Open to everybody: {reason}."),
            Self::Device => "For enrolled devices; the body carries the device's signature.".to_owned(),
            Self::Enrolling => "For whoever holds a single-use enrolment code.".to_owned(),
            Self::UploadGrant => "For a device with an upload grant of its last exchange.".to_owned(),
            Self::Console { roles, purpose } => {
                let names: Vec<_> = roles.iter().map(|role| grid_model::Coded::name(*role)).collect();
                format!("For {}. Purpose: {purpose}.", names.join(" and "))
            }
        }
    }
}
