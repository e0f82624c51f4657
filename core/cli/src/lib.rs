//! `grid`, the terminal field app: the same field book as on a phone, for support staff and scripts. Never invents a
//! rule of its own: what it may do, [`FieldBook`](grid_fieldbook::FieldBook) decides; what it says, `grid-screens` says.
//!
//! Exit codes: 0 done · 1 refused, or the input cannot be taken · 2 wrong usage · 3 no usable link, nothing is lost, try
//! again later · 4 the vault cannot be read or written · 5 a fault of the program.
//!
//! The vault is `--vault`, else `$GRID_VAULT`, else `grid-fieldbook/vault` in the user's data folder. The key that wraps
//! the vault's own key lies beside the vault's folder, not in it: `<vault>.key`, readable by its owner only, so a copy of
//! the vault alone opens nowhere. `--key-file` or `$GRID_KEY_FILE` puts it elsewhere. Vaults that lie in one folder are
//! vaults of one phone: the file `phone` there holds its id.

mod amend;
mod answer;
mod args;
mod attach;
mod case;
mod completions;
mod count;
mod desk;
mod doctor;
mod enroll;
mod exit;
mod extend;
mod failure;
mod help;
mod help_zh;
mod json;
mod patrol;
mod pick;
mod place;
mod progress;
mod records;
mod recover;
mod report;
mod run;
mod say;
mod setting;
mod status;
mod sync;
mod table;
mod tasks;
mod terms;
mod urgent;
mod usage;

pub use exit::Exit;
pub use run::{main, run};
pub use setting::{Setting, Terminal};
