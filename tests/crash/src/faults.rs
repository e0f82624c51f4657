//! What goes wrong, and at which operation. Counts operations; never touches a byte.

use std::path::PathBuf;

/// One kind of operation on the disk, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Bytes written to a file.
    Write,
    /// A file cut or grown.
    SetLen,
    /// Bytes and length of a file made durable.
    Sync,
    /// A file or folder made.
    Create,
    /// A file or folder given another name.
    Rename,
    /// A file removed.
    Remove,
    /// The names in a folder made durable.
    SyncDir,
    /// Bytes read.
    Read,
    /// A file opened that was there.
    Open,
    /// A length, a list of names or whether a file is there.
    Look,
}

impl Op {
    /// Whether the power can be cut in it: all but reading, opening and looking.
    pub fn mutates(self) -> bool {
        !matches!(self, Self::Read | Self::Open | Self::Look)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The operation fails with EIO; a write may have left its first half.
    Io,
    /// A write, growth, creation or renaming fails for lack of space; a write may have left its first half.
    Full,
    /// A read brings half of what it should.
    ShortRead,
    /// A sync fails with EIO, and what the file had not synced is lost for good although reads still show it, as on Linux.
    SyncFails,
}

impl Fault {
    /// Whether this fault can befall that operation.
    pub fn befalls(self, op: Op) -> bool {
        match self {
            Self::Io => true,
            Self::Full => matches!(op, Op::Write | Op::SetLen | Op::Create | Op::Rename),
            Self::ShortRead => op == Op::Read,
            Self::SyncFails => matches!(op, Op::Sync | Op::SyncDir),
        }
    }
}

/// How long a fault lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// For the one operation.
    Once,
    /// For this one and, if it struck there, all after it that it can befall.
    ForEver,
}

/// What an operation is told before it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Goes,
    /// The power is cut in the middle of it: its effect is among the unsynced ones, and its caller never hears of it.
    Interrupted,
    /// The power is off.
    Dark,
    Fails(Fault),
}

/// Bytes that a disk without a set capacity has.
const ROOMY: u64 = 1 << 40;

#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) ops: u64,
    pub(crate) points: u64,
    pub(crate) fired: u64,
    pub(crate) dark: bool,
    pub(crate) capacity: u64,
    pub(crate) honest_sync: bool,
    /// Whoever would change something gets EIO, and nothing of it happens.
    pub(crate) read_only: bool,
    pub(crate) steps: Option<Vec<(Op, PathBuf)>>,
    cut: Option<u64>,
    fault: Option<(u64, Fault, Repeat)>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            ops: 0,
            points: 0,
            fired: 0,
            dark: false,
            capacity: ROOMY,
            honest_sync: true,
            read_only: false,
            steps: None,
            cut: None,
            fault: None,
        }
    }
}

impl Plan {
    /// Counts from here; what was to go wrong is forgotten.
    pub(crate) fn mark(&mut self) {
        (self.ops, self.points, self.fired) = (0, 0, 0);
        (self.cut, self.fault) = (None, None);
        self.steps = self.steps.take().map(|_| Vec::new());
    }

    pub(crate) fn limited(&self) -> bool {
        self.capacity < ROOMY
    }

    pub(crate) fn cut_at(&mut self, n: u64) {
        self.cut = Some(n);
    }

    pub(crate) fn fail_at(&mut self, n: u64, fault: Fault, repeat: Repeat) {
        self.fault = Some((n, fault, repeat));
    }

    pub(crate) fn traces(&self) -> bool {
        self.steps.is_some() && !self.dark
    }

    pub(crate) fn note(&mut self, op: Op, path: PathBuf) {
        self.steps.get_or_insert_default().push((op, path));
    }

    /// Counts an operation and says what becomes of it.
    pub(crate) fn enter(&mut self, op: Op) -> Verdict {
        if self.dark || (self.read_only && op.mutates()) {
            return Verdict::Dark;
        }
        let (point, mutation) = (self.points, self.ops);
        self.points += 1;
        self.ops += u64::from(op.mutates());
        if op.mutates() && self.cut.is_some_and(|cut| mutation >= cut) {
            self.dark = true;
            self.fired += 1;
            return Verdict::Interrupted;
        }
        match self.fault {
            Some((at, fault, repeat))
                if fault.befalls(op) && (point == at || (repeat == Repeat::ForEver && self.fired > 0)) =>
            {
                self.fired += 1;
                Verdict::Fails(fault)
            }
            _ => Verdict::Goes,
        }
    }
}
