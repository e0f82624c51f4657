//! Files and folders with two faces: what a running program sees, and what is on the medium. Never counts or fails.
//!
//! **Invariant:** unless a failed sync lost something, what a file shows is its durable content with its unsynced effects
//! applied in order; and what folders show is the durable names with the unsynced effects on names applied in order.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::NodeId;
use crate::content::Content;

/// Bytes that are written whole or not at all.
pub(crate) const SECTOR: usize = 512;

pub(crate) const ROOT: NodeId = 0;

/// A change of a file that is not yet on the medium.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    Write { offset: usize, bytes: Arc<[u8]> },
    SetLen(usize),
}

impl Effect {
    pub(crate) fn apply(&self, content: &mut Content) {
        match self {
            Self::Write { offset, bytes } => content.write_at(*offset, bytes),
            Self::SetLen(len) => content.set_len(*len),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    pub(crate) live: Content,
    pub(crate) durable: Content,
    /// With the moment of each, so that effects on several files have one order.
    pub(crate) unsynced: Vec<(u64, Effect)>,
    /// A failed sync took effects away: what is shown is no longer what the effects make.
    lost: bool,
}

impl File {
    pub(crate) fn holding(content: Content) -> Self {
        Self {
            live: content.clone(),
            durable: content,
            unsynced: Vec::new(),
            lost: false,
        }
    }

    fn sync(&mut self) {
        if self.lost {
            for (_, effect) in &self.unsynced {
                effect.apply(&mut self.durable);
            }
        } else {
            self.durable = self.live.clone();
        }
        self.unsynced.clear();
    }

    fn lose(&mut self) {
        self.lost = true;
        self.unsynced.clear();
    }
}

pub(crate) type Names = BTreeMap<String, NodeId>;

#[derive(Clone, Debug, Default)]
pub(crate) struct Folder {
    pub(crate) live: Names,
    pub(crate) durable: Names,
}

/// A name in a folder.
pub(crate) type Entry = (NodeId, String);

#[derive(Clone, Debug)]
pub(crate) enum Naming {
    Create { at: Entry, node: NodeId },
    Rename { from: Entry, to: Entry, node: NodeId },
    Remove { at: Entry },
}

impl Naming {
    fn node(&self) -> Option<NodeId> {
        match self {
            Self::Create { node, .. } | Self::Rename { node, .. } => Some(*node),
            Self::Remove { .. } => None,
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        let (first, second) = match self {
            Self::Create { at, .. } | Self::Remove { at } => (at, None),
            Self::Rename { from, to, .. } => (from, Some(to)),
        };
        std::iter::once(first).chain(second)
    }

    fn apply(&self, folders: &mut BTreeMap<NodeId, Folder>, face: fn(&mut Folder) -> &mut Names) {
        let mut put = |at: &Entry, node: Option<NodeId>| {
            if let Some(names) = folders.get_mut(&at.0).map(face) {
                match node {
                    Some(node) => names.insert(at.1.clone(), node),
                    None => names.remove(&at.1),
                };
            }
        };
        match self {
            Self::Create { at, node } => put(at, Some(*node)),
            Self::Remove { at } => put(at, None),
            Self::Rename { from, to, node } => {
                put(from, None);
                put(to, Some(*node));
            }
        }
    }

    pub(crate) fn apply_durably(&self, folders: &mut BTreeMap<NodeId, Folder>) {
        self.apply(folders, |folder| &mut folder.durable);
    }
}

/// A change of names that is not yet on the medium: all of it will be, or nothing.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) at: u64,
    pub(crate) naming: Naming,
    /// Folders that must be synced before it is durable.
    waits: BTreeSet<NodeId>,
}

#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) files: BTreeMap<NodeId, File>,
    pub(crate) folders: BTreeMap<NodeId, Folder>,
    pub(crate) names: Vec<Pending>,
    next_node: NodeId,
    now: u64,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            files: BTreeMap::new(),
            folders: BTreeMap::from([(ROOT, Folder::default())]),
            names: Vec::new(),
            next_node: ROOT + 1,
            now: 0,
        }
    }
}

impl Tree {
    /// The same counters and nothing else, so that no node of the next tree is mistaken for one of this.
    pub(crate) fn bare(&self) -> Self {
        Self {
            files: BTreeMap::new(),
            folders: BTreeMap::new(),
            names: Vec::new(),
            ..*self
        }
    }

    /// What lies at the end of these names, as seen by a running program.
    pub(crate) fn find(&self, path: &Path) -> Option<NodeId> {
        path.iter().try_fold(ROOT, |folder, name| {
            self.folders.get(&folder)?.live.get(name.to_str()?).copied()
        })
    }

    /// The entry of a path: its folder, which must be there, and its last name.
    pub(crate) fn entry(&self, path: &Path) -> Option<Entry> {
        let folder = self.find(path.parent()?)?;
        self.folders.get(&folder)?;
        Some((folder, path.file_name()?.to_str()?.to_owned()))
    }

    pub(crate) fn write(&mut self, node: NodeId, offset: usize, bytes: &[u8]) {
        let at = self.tick();
        if let Some(file) = self.files.get_mut(&node) {
            file.live.write_at(offset, bytes);
            let bytes = Arc::from(bytes);
            file.unsynced.push((at, Effect::Write { offset, bytes }));
        }
    }

    pub(crate) fn set_len(&mut self, node: NodeId, len: usize) {
        let at = self.tick();
        if let Some(file) = self.files.get_mut(&node) {
            file.live.set_len(len);
            file.unsynced.push((at, Effect::SetLen(len)));
        }
    }

    pub(crate) fn create_file(&mut self, at: Entry) -> NodeId {
        let node = self.made();
        self.files.insert(node, File::default());
        self.named(Naming::Create { at, node });
        node
    }

    pub(crate) fn create_folder(&mut self, at: Entry) -> NodeId {
        let node = self.made();
        self.folders.insert(node, Folder::default());
        self.named(Naming::Create { at, node });
        node
    }

    pub(crate) fn rename(&mut self, from: Entry, to: Entry, node: NodeId) {
        self.named(Naming::Rename { from, to, node });
    }

    pub(crate) fn remove(&mut self, at: Entry) {
        self.named(Naming::Remove { at });
    }

    pub(crate) fn sync(&mut self, node: NodeId) {
        if let Some(file) = self.files.get_mut(&node) {
            file.sync();
        }
    }

    /// What a failed sync does on Linux: the pages count as clean and are shown, but will never be written.
    pub(crate) fn lose(&mut self, node: NodeId) {
        if let Some(file) = self.files.get_mut(&node) {
            file.lose();
        }
    }

    /// Makes the names in a folder durable, and the folder itself with those above it, as journaled file systems do.
    pub(crate) fn sync_folder(&mut self, folder: NodeId) {
        for pending in &mut self.names {
            pending.waits.remove(&folder);
        }
        let above = self.chain(folder);
        self.settle(|pending| {
            pending.waits.is_empty() || pending.naming.node().is_some_and(|n| above.contains(&n))
        });
    }

    /// Like `sync_folder`, for the folder that a file lies in.
    pub(crate) fn sync_folder_of(&mut self, node: NodeId) {
        if let Some((folder, _)) = self.above(node) {
            self.sync_folder(folder);
        }
    }

    /// Makes the name of one file durable, and the folders above it.
    pub(crate) fn sync_name(&mut self, node: NodeId) {
        if self.names.is_empty() {
            return;
        }
        let above = self.chain(node);
        self.settle(|pending| pending.naming.node().is_some_and(|n| above.contains(&n)));
    }

    /// Makes the removal at one entry durable.
    pub(crate) fn sync_removal(&mut self, entry: &Entry) {
        self.settle(|pending| matches!(&pending.naming, Naming::Remove { at } if at == entry));
    }

    /// Makes everything durable.
    pub(crate) fn sync_all(&mut self) {
        for file in self.files.values_mut() {
            *file = File::holding(file.live.clone());
        }
        self.settle(|_| true);
    }

    /// Number of effects that a power cut may take.
    pub(crate) fn unsynced(&self) -> usize {
        let of_files: usize = self.files.values().map(|file| file.unsynced.len()).sum();
        of_files + self.names.len()
    }

    /// Bytes that files take, those that have no name any more apart.
    pub(crate) fn used(&self) -> u64 {
        self.paths().iter().map(|(_, file)| self.len(*file)).sum()
    }

    pub(crate) fn len(&self, node: NodeId) -> u64 {
        self.files.get(&node).map_or(0, |file| file.live.len() as u64)
    }

    /// Every file, by its path below the root, sorted.
    pub(crate) fn paths(&self) -> Vec<(PathBuf, NodeId)> {
        let mut found = Vec::new();
        let mut waiting = vec![(PathBuf::new(), ROOT)];
        while let Some((path, node)) = waiting.pop() {
            match self.folders.get(&node) {
                Some(folder) => {
                    waiting.extend(folder.live.iter().map(|(name, node)| (path.join(name), *node)));
                }
                None => found.push((path, node)),
            }
        }
        found.sort();
        found
    }

    /// Whether both show the same folders and files with the same bytes, whatever is durable of them.
    pub(crate) fn same_files(&self, other: &Self) -> bool {
        self.same_below(ROOT, other, ROOT)
    }

    fn same_below(&self, own: NodeId, other: &Self, theirs: NodeId) -> bool {
        match (self.folders.get(&own), other.folders.get(&theirs)) {
            (Some(own), Some(theirs)) => {
                let mut pairs = own.live.iter().zip(&theirs.live);
                own.live.len() == theirs.live.len()
                    && pairs.all(|((name, node), (other_name, other_node))| {
                        name == other_name && self.same_below(*node, other, *other_node)
                    })
            }
            (None, None) => {
                let files = self.files.get(&own).zip(other.files.get(&theirs));
                files.is_some_and(|(own, theirs)| own.live.same(&theirs.live))
            }
            _ => false,
        }
    }

    /// The path of a node below the root; empty when it has none any more.
    pub(crate) fn path(&self, node: NodeId) -> PathBuf {
        let mut names = Vec::new();
        let mut below = node;
        while let Some((above, name)) = self.above(below) {
            names.push(name);
            below = above;
        }
        names.into_iter().rev().collect()
    }

    fn above(&self, node: NodeId) -> Option<(NodeId, &str)> {
        self.folders.iter().find_map(|(above, folder)| {
            let found = folder.live.iter().find(|(_, child)| **child == node);
            found.map(|(name, _)| (*above, name.as_str()))
        })
    }

    /// A node and the folders above it.
    fn chain(&self, node: NodeId) -> BTreeSet<NodeId> {
        let mut chain = BTreeSet::from([node]);
        let mut below = node;
        while let Some((above, _)) = self.above(below) {
            chain.insert(above);
            below = above;
        }
        chain
    }

    /// Makes the chosen changes of names durable, and with each the earlier ones of the same names.
    fn settle(&mut self, chosen: impl Fn(&Pending) -> bool) {
        let picked = with_earlier(&self.names, |_, pending| chosen(pending));
        let mut picked = picked.into_iter();
        let folders = &mut self.folders;
        self.names.retain(|pending| {
            let now = picked.next().unwrap_or(false);
            if now {
                pending.naming.apply_durably(folders);
            }
            !now
        });
    }

    fn named(&mut self, naming: Naming) {
        let at = self.tick();
        naming.apply(&mut self.folders, |folder| &mut folder.live);
        let waits = naming.entries().map(|(folder, _)| *folder).collect();
        self.names.push(Pending { at, naming, waits });
    }

    fn made(&mut self) -> NodeId {
        let node = self.next_node;
        self.next_node += 1;
        node
    }

    fn tick(&mut self) -> u64 {
        self.now += 1;
        self.now
    }
}

/// Which changes are picked, when a picked one brings along all earlier ones of the same names: no file system writes
/// one entry's changes out of order, and so a renamed file always has one of its names.
pub(crate) fn with_earlier(names: &[Pending], chosen: impl Fn(usize, &Pending) -> bool) -> Vec<bool> {
    let mut picked = vec![false; names.len()];
    let mut touched: BTreeSet<&Entry> = BTreeSet::new();
    for (index, pending) in names.iter().enumerate().rev() {
        if chosen(index, pending) || pending.naming.entries().any(|entry| touched.contains(entry)) {
            picked[index] = true;
            touched.extend(pending.naming.entries());
        }
    }
    picked
}
