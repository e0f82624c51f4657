//! The disk as tests hold it, and the fake of the store's file system on it. Never outlives its last handle.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};

use grid_store::{Disk, DiskFile, DiskLock, Open};

use crate::NodeId;
use crate::content::Content;
use crate::faults::{Fault, Op, Repeat};
use crate::locks::Locks;
use crate::power;
use crate::subset::Subset;
use crate::tree::{File, Tree};
use crate::vfs::{self, SharedMemories, VFS};
use crate::volume::{Names, Volume};

static DISKS: RwLock<BTreeMap<u64, Weak<Shared>>> = RwLock::new(BTreeMap::new());
static NEXT_DISK: AtomicU64 = AtomicU64::new(1);
const PREFIX: &str = "/sim-";

/// What all handles of one disk share.
pub(crate) struct Shared {
    id: u64,
    volume: Mutex<Volume>,
    locked: Mutex<BTreeSet<NodeId>>,
    pub(crate) locks: Mutex<Locks>,
    pub(crate) memories: Mutex<SharedMemories>,
}

impl Shared {
    pub(crate) fn volume(&self) -> MutexGuard<'_, Volume> {
        held(&self.volume)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        DISKS
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.id);
    }
}

/// A lock whose holder panicked is taken over: a failed test does not make others fail.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The disk that a path lies on, and the path below its root.
pub(crate) fn located(path: &str) -> Option<(Arc<Shared>, &Path)> {
    let (id, below) = path.strip_prefix(PREFIX)?.split_once('/')?;
    let id: u64 = id.parse().ok()?;
    let disks = DISKS.read().unwrap_or_else(PoisonError::into_inner);
    Some((disks.get(&id)?.upgrade()?, Path::new(below)))
}

/// What a disk holds at one moment, synced or not; copies share it. Faults, locks and open files are not in it.
#[derive(Clone)]
pub struct Image(Arc<Tree>);

impl Image {
    /// Whether both show the same files with the same bytes.
    pub fn same_files(&self, other: &Self) -> bool {
        self.0.same_files(&other.0)
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} files)", self.0.files.len())
    }
}

/// A disk in memory; a clone is another handle of the same disk.
///
/// Operations are counted from 0 since the last `mark` (or since the disk was made): the index given to `cut_power_at`
/// counts those that change something, the one given to `fail_at` counts all.
#[derive(Clone)]
pub struct SimDisk(Arc<Shared>);

impl fmt::Debug for SimDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimDisk({})", self.root().display())
    }
}

impl Default for SimDisk {
    fn default() -> Self {
        Self::empty()
    }
}

impl SimDisk {
    /// A disk without files that works.
    pub fn empty() -> Self {
        Self::of(Tree::default())
    }

    /// A disk that works and holds what was on another; costs microseconds, whatever its size.
    pub fn from_snapshot(image: &Image) -> Self {
        Self::of(Tree::clone(&image.0))
    }

    fn of(tree: Tree) -> Self {
        vfs::register();
        let id = NEXT_DISK.fetch_add(1, Ordering::Relaxed);
        let plan = Default::default();
        let shared = Arc::new(Shared {
            id,
            volume: Mutex::new(Volume { tree, plan }),
            locked: Mutex::default(),
            locks: Mutex::default(),
            memories: Mutex::default(),
        });
        let mut disks = DISKS.write().unwrap_or_else(PoisonError::into_inner);
        disks.insert(id, Arc::downgrade(&shared));
        drop(disks);
        Self(shared)
    }

    /// The folder under which everything on this disk lies; there from the start, its own for each disk.
    pub fn root(&self) -> PathBuf {
        PathBuf::from(format!("{PREFIX}{}", self.0.id))
    }

    /// The disk as a vault takes it.
    pub fn shared(&self) -> Arc<dyn Disk> {
        Arc::new(self.clone())
    }

    /// What the disk holds now, as after the process is killed: the unsynced is shown, and still unsynced.
    pub fn snapshot(&self) -> Image {
        Image(Arc::new(self.0.volume().tree.clone()))
    }

    /// The disk that the next start finds after a power cut now: all that was durable, and of the rest what `subset`
    /// keeps. Its faults are gone, its capacity too. This disk stays as it is, so many subsets may be taken of it.
    pub fn after_power_cut(&self, subset: Subset) -> Self {
        let tree = power::after_cut(&self.0.volume().tree, subset);
        Self::of(tree)
    }

    /// Counts from here, and forgets the planned cut and the planned fault.
    pub fn mark(&self) {
        self.0.volume().plan.mark();
    }

    /// Operations since the mark that change something: the indexes at which the power can be cut.
    pub fn ops(&self) -> u64 {
        self.0.volume().plan.ops
    }

    /// All operations since the mark, reading, opening and looking too: the indexes at which one can fail.
    pub fn points(&self) -> u64 {
        self.0.volume().plan.points
    }

    /// Cuts the power in the n-th changing operation: it fails with EIO and may be torn, and all after it fail.
    pub fn cut_power_at(&self, n: u64) {
        self.0.volume().plan.cut_at(n);
    }

    /// Fails the n-th operation of all. A fault that cannot befall that operation does nothing: see `fired`.
    pub fn fail_at(&self, n: u64, fault: Fault, repeat: Repeat) {
        self.0.volume().plan.fail_at(n, fault, repeat);
    }

    /// How often the planned cut or fault has struck since the mark.
    pub fn fired(&self) -> u64 {
        self.0.volume().plan.fired
    }

    /// Effects that a power cut now could take; with 0 all subsets are the same.
    pub fn unsynced(&self) -> usize {
        self.0.volume().tree.unsynced()
    }

    /// Makes everything durable that is not yet, without an operation.
    pub fn settle(&self) {
        self.0.volume().tree.sync_all();
    }

    /// Gives the disk room for this many bytes in all; what does not fit fails for lack of space.
    pub fn set_capacity(&self, bytes: u64) {
        self.0.volume().plan.capacity = bytes;
    }

    /// Bytes that all files together take.
    pub fn used(&self) -> u64 {
        self.0.volume().tree.used()
    }

    /// With `false` syncing says that all is well and does nothing.
    pub fn set_honest_sync(&self, honest: bool) {
        self.0.volume().plan.honest_sync = honest;
    }

    /// With `true` whatever would change something fails with EIO and changes nothing; reading goes on.
    pub fn set_read_only(&self, read_only: bool) {
        self.0.volume().plan.read_only = read_only;
    }

    /// Keeps what each operation was from now on, for `trace`.
    pub fn keep_trace(&self) {
        self.0.volume().plan.steps = Some(Vec::new());
    }

    /// What the operations since the mark were, by index as of `fail_at`, each with its path below the root: of a
    /// creation the folder, of a renaming the old name, empty where there is none.
    pub fn trace(&self) -> Vec<(Op, PathBuf)> {
        self.0.volume().plan.steps.clone().unwrap_or_default()
    }

    /// Every file, sorted, with its whole path. Not an operation.
    pub fn files(&self) -> Vec<PathBuf> {
        let paths = self.0.volume().tree.paths();
        paths
            .into_iter()
            .map(|(path, _)| self.root().join(path))
            .collect()
    }

    /// What a file holds, past all faults; `None` when there is none.
    pub fn read_file(&self, path: &Path) -> Option<Vec<u8>> {
        let volume = self.0.volume();
        let node = volume.tree.find(self.below(path).ok()?)?;
        volume.tree.files.get(&node).map(|file| file.live.to_vec())
    }

    /// Damages or makes a file, past all faults: the bytes are durable at once, under a durable name.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let path = self.below(path)?;
        let mut volume = self.0.volume();
        let plan = std::mem::take(&mut volume.plan);
        let made = match path.parent() {
            Some(folder) => volume.create_dir_all(folder),
            None => Ok(()),
        };
        let opened = made.and_then(|()| volume.open(path, true));
        volume.plan = plan;
        let node = opened?;
        volume.tree.files.insert(node, File::holding(Content::of(bytes)));
        volume.tree.sync_name(node);
        Ok(())
    }

    /// Takes a file away, past all faults and for good; whether it was there.
    pub fn remove_file(&self, path: &Path) -> io::Result<bool> {
        let path = self.below(path)?;
        let tree = &mut self.0.volume().tree;
        let there = tree.find(path).is_some_and(|node| tree.files.contains_key(&node));
        if let (true, Some(at)) = (there, tree.entry(path)) {
            tree.remove(at.clone());
            tree.sync_removal(&at);
        }
        Ok(there)
    }

    /// The path below the root, of a whole path or of one that is so already.
    fn below<'p>(&self, path: &'p Path) -> io::Result<&'p Path> {
        if path.is_relative() {
            return Ok(path);
        }
        let below = path.strip_prefix(self.root());
        below.map_err(|_| io::Error::new(io::ErrorKind::NotFound, "a path on another disk"))
    }
}

struct SimFile {
    disk: Arc<Shared>,
    node: NodeId,
    writable: bool,
}

impl SimFile {
    fn volume(&self, changing: bool) -> io::Result<MutexGuard<'_, Volume>> {
        if changing && !self.writable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        Ok(self.disk.volume())
    }
}

impl DiskFile for SimFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.volume(false)?.read_at(self.node, offset, buffer)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.volume(true)?.write_at(self.node, offset, bytes)
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.volume(true)?.set_len(self.node, bytes)
    }

    fn len(&mut self) -> io::Result<u64> {
        self.volume(false)?.file_len(self.node)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.volume(false)?.sync(self.node, Names::Apart)
    }
}

struct SimLock {
    disk: Arc<Shared>,
    /// The locked file until it is let go.
    node: Option<NodeId>,
}

impl SimLock {
    fn let_go(&mut self) {
        if let Some(node) = self.node.take() {
            held(&self.disk.locked).remove(&node);
        }
    }
}

impl DiskLock for SimLock {
    fn unlock(&mut self) -> io::Result<()> {
        self.let_go();
        Ok(())
    }
}

impl Drop for SimLock {
    fn drop(&mut self) {
        self.let_go();
    }
}

impl Disk for SimDisk {
    fn vfs(&self) -> Option<&str> {
        Some(VFS)
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        let node = self.0.volume().open(self.below(path)?, how == Open::Create)?;
        Ok(Box::new(SimFile {
            disk: self.0.clone(),
            node,
            writable: how != Open::Read,
        }))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        self.0.volume().create_dir_all(self.below(path)?)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.volume().rename(self.below(from)?, self.below(to)?)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.volume().remove(self.below(path)?)
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        self.0.volume().size(self.below(path)?)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.volume().list(self.below(folder)?)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        self.0.volume().sync_dir(self.below(folder)?)
    }

    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        self.0.volume().free_bytes()
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let node = self.0.volume().open(self.below(path)?, true)?;
        if !held(&self.0.locked).insert(node) {
            return Ok(None);
        }
        let disk = self.0.clone();
        let node = Some(node);
        Ok(Some(Box::new(SimLock { disk, node })))
    }
}
