//! The operations of the disk, each counted, and failed or cut short where the plan says so. Never knows a handle or a lock.

use std::io;
use std::path::Path;

use crate::NodeId;
use crate::faults::{Fault, Op, Plan, Verdict};
use crate::tree::{ROOT, SECTOR, Tree};

#[derive(Clone, Debug, Default)]
pub(crate) struct Volume {
    pub(crate) tree: Tree,
    pub(crate) plan: Plan,
}

/// What a sync of a file makes durable besides its bytes and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// All names in its folder, as SQLite sees to at the first sync of a journal or log.
    OfFolder,
    /// None: names are the folder's affair.
    Apart,
}

impl Volume {
    pub(crate) fn open(&mut self, path: &Path, create: bool) -> io::Result<NodeId> {
        match self.tree.find(path) {
            Some(node) => {
                self.step(Op::Open, node, |_| ())?;
                if self.tree.folders.contains_key(&node) {
                    return Err(io::ErrorKind::IsADirectory.into());
                }
                Ok(node)
            }
            None if create => {
                let at = self.tree.entry(path).ok_or(io::ErrorKind::NotFound)?;
                self.has_room(0)?;
                let folder = at.0;
                self.step(Op::Create, folder, |tree| tree.create_file(at))
            }
            None => {
                self.step(Op::Look, ROOT, |_| ())?;
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    pub(crate) fn read_at(&mut self, node: NodeId, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let offset = place(offset)?;
        let wanted = match self.enter(Op::Read, node) {
            Verdict::Goes => buffer.len(),
            Verdict::Fails(Fault::ShortRead) => buffer.len() / 2,
            _ => return Err(broken()),
        };
        let file = self.tree.files.get(&node);
        Ok(file.map_or(0, |file| file.live.read_at(offset, &mut buffer[..wanted])))
    }

    pub(crate) fn write_at(&mut self, node: NodeId, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = place(offset)?;
        let fits = self.fits(node, offset, bytes.len());
        let (written, result) = match self.enter(Op::Write, node) {
            Verdict::Goes if fits < bytes.len() => (fits, Err(full())),
            Verdict::Goes => (bytes.len(), Ok(())),
            Verdict::Interrupted => (bytes.len(), Err(broken())),
            Verdict::Dark => (0, Err(broken())),
            Verdict::Fails(fault) => (fits.min(half(bytes.len())), Err(error_of(fault))),
        };
        if written > 0 {
            self.tree.write(node, offset, &bytes[..written]);
        }
        result
    }

    pub(crate) fn set_len(&mut self, node: NodeId, len: u64) -> io::Result<()> {
        let more = len.saturating_sub(self.tree.len(node));
        let len = place(len)?;
        if more > 0 {
            self.has_room(more)?;
        }
        self.step(Op::SetLen, node, |tree| tree.set_len(node, len))
    }

    pub(crate) fn sync(&mut self, node: NodeId, names: Names) -> io::Result<()> {
        match self.enter(Op::Sync, node) {
            Verdict::Goes if self.plan.honest_sync => {
                self.tree.sync(node);
                if names == Names::OfFolder {
                    self.tree.sync_folder_of(node);
                }
                Ok(())
            }
            Verdict::Goes => Ok(()),
            Verdict::Fails(Fault::SyncFails) => {
                self.tree.lose(node);
                Err(broken())
            }
            _ => Err(broken()),
        }
    }

    pub(crate) fn file_len(&mut self, node: NodeId) -> io::Result<u64> {
        self.step(Op::Look, node, |tree| tree.len(node))
    }

    pub(crate) fn size(&mut self, path: &Path) -> io::Result<Option<u64>> {
        self.step(Op::Look, ROOT, |tree| tree.find(path).map(|node| tree.len(node)))
    }

    pub(crate) fn list(&mut self, path: &Path) -> io::Result<Vec<String>> {
        self.step(Op::Look, ROOT, |tree| {
            let folder = tree.find(path).and_then(|node| tree.folders.get(&node));
            folder.map_or_else(Vec::new, |folder| folder.live.keys().cloned().collect())
        })
    }

    pub(crate) fn create_dir_all(&mut self, path: &Path) -> io::Result<()> {
        let above: Vec<&Path> = path.ancestors().collect();
        for folder in above.into_iter().rev().filter(|folder| *folder != Path::new("")) {
            match self.tree.find(folder) {
                Some(node) if self.tree.folders.contains_key(&node) => {}
                Some(_) => return Err(io::ErrorKind::AlreadyExists.into()),
                None => {
                    let at = self.tree.entry(folder).ok_or(io::ErrorKind::NotFound)?;
                    self.has_room(0)?;
                    let parent = at.0;
                    self.step(Op::Create, parent, |tree| tree.create_folder(at))?;
                }
            }
        }
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        let (node, source) = self.existing(from)?;
        let target = self.tree.entry(to).ok_or(io::ErrorKind::NotFound)?;
        let moves_folder = self.tree.folders.contains_key(&node);
        if moves_folder && to.starts_with(from) && to != from {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if let Some(there) = self.tree.find(to).filter(|there| *there != node) {
            match (moves_folder, self.tree.folders.get(&there)) {
                (true, Some(folder)) if folder.live.is_empty() => {}
                (true, Some(_)) => return Err(io::ErrorKind::DirectoryNotEmpty.into()),
                (true, None) => return Err(io::ErrorKind::NotADirectory.into()),
                (false, Some(_)) => return Err(io::ErrorKind::IsADirectory.into()),
                (false, None) => {}
            }
        }
        if source == target {
            return self.step(Op::Look, node, |_| ());
        }
        self.step(Op::Rename, node, |tree| tree.rename(source, target, node))
    }

    pub(crate) fn remove(&mut self, path: &Path) -> io::Result<()> {
        let (node, at) = self.existing(path)?;
        if self.tree.folders.contains_key(&node) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        self.step(Op::Remove, node, |tree| tree.remove(at))
    }

    pub(crate) fn sync_dir(&mut self, path: &Path) -> io::Result<()> {
        let node = self.tree.find(path).ok_or(io::ErrorKind::NotFound)?;
        if !self.tree.folders.contains_key(&node) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        match self.enter(Op::SyncDir, node) {
            Verdict::Goes => {
                if self.plan.honest_sync {
                    self.tree.sync_folder(node);
                }
                Ok(())
            }
            _ => Err(broken()),
        }
    }

    pub(crate) fn free_bytes(&mut self) -> io::Result<u64> {
        let capacity = self.plan.capacity;
        self.step(Op::Look, ROOT, |tree| capacity.saturating_sub(tree.used()))
    }

    fn existing(&mut self, path: &Path) -> io::Result<(NodeId, (NodeId, String))> {
        let found = self.tree.find(path).zip(self.tree.entry(path));
        match found {
            Some(found) => Ok(found),
            None => {
                self.step(Op::Look, ROOT, |_| ())?;
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    /// An operation that happens whole or not at all; one that the power cut interrupts is among the unsynced effects.
    fn step<R>(&mut self, op: Op, node: NodeId, effect: impl FnOnce(&mut Tree) -> R) -> io::Result<R> {
        match self.enter(op, node) {
            Verdict::Goes => Ok(effect(&mut self.tree)),
            Verdict::Interrupted => {
                effect(&mut self.tree);
                Err(broken())
            }
            Verdict::Dark => Err(broken()),
            Verdict::Fails(fault) => Err(error_of(fault)),
        }
    }

    fn enter(&mut self, op: Op, node: NodeId) -> Verdict {
        if self.plan.traces() {
            let path = self.tree.path(node);
            self.plan.note(op, path);
        }
        self.plan.enter(op)
    }

    /// How many of these bytes still have room.
    fn fits(&self, node: NodeId, offset: usize, len: usize) -> usize {
        let growth = (offset + len) as u64;
        let growth = growth.saturating_sub(self.tree.len(node));
        if growth == 0 || !self.plan.limited() {
            return len;
        }
        let free = self.plan.capacity.saturating_sub(self.tree.used());
        let lacking = usize::try_from(growth.saturating_sub(free)).unwrap_or(len);
        len.saturating_sub(lacking)
    }

    /// Whether this much more has room, and anything at all.
    fn has_room(&mut self, more: u64) -> io::Result<()> {
        if !self.plan.dark && self.plan.limited() && self.tree.used() + more.max(1) > self.plan.capacity {
            self.step(Op::Look, ROOT, |_| ())?;
            return Err(full());
        }
        Ok(())
    }
}

fn place(offset: u64) -> io::Result<usize> {
    usize::try_from(offset).map_err(io::Error::other)
}

fn half(len: usize) -> usize {
    len / 2 / SECTOR * SECTOR
}

fn error_of(fault: Fault) -> io::Error {
    match fault {
        Fault::Full => full(),
        Fault::Io | Fault::ShortRead | Fault::SyncFails => broken(),
    }
}

fn full() -> io::Error {
    io::ErrorKind::StorageFull.into()
}

/// EIO.
fn broken() -> io::Error {
    io::Error::from_raw_os_error(5)
}
