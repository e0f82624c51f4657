//! The file system below a vault, as few calls. Injected, so that a test can cut the power, fill the disk or fail any one
//! operation. Never knows what the bytes mean.
//!
//! **Invariant:** nothing is durable before `DiskFile::sync` (bytes and length) or `Disk::sync_dir` (names) has returned.

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// One open file. Positions are bytes from the start.
#[allow(
    clippy::len_without_is_empty,
    reason = "a file is read to its end, nobody asks whether it is empty"
)]
pub trait DiskFile: Send {
    /// Reads into the buffer from `offset`; fewer bytes than asked only at the end of the file.
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all bytes at `offset`, growing the file as needed.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Cuts or grows the file; new bytes read as zero.
    fn set_len(&mut self, bytes: u64) -> io::Result<()>;
    /// Length, bytes.
    fn len(&mut self) -> io::Result<u64>;
    /// Makes bytes and length durable; on Apple systems down to the medium.
    fn sync(&mut self) -> io::Result<()>;
}

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// For reading; `NotFound` when it is not there.
    Read,
    /// For reading and writing; `NotFound` when it is not there.
    Write,
    /// For reading and writing; made when it is not there, private to this application.
    Create,
}

/// A lock on a file, let go when dropped.
pub trait DiskLock: Send {
    /// Lets go now; an error means that the lock may still be held.
    fn unlock(&mut self) -> io::Result<()>;
}

/// The file system below a vault.
pub trait Disk: Send + Sync + fmt::Debug {
    /// Name of the SQLite VFS whose databases lie on this disk; `None` for the system's own.
    fn vfs(&self) -> Option<&str>;
    /// Opens a file.
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>>;
    /// Makes a folder and those above it; fine when it is there.
    fn create_dir_all(&self, path: &Path) -> io::Result<()>;
    /// Gives a file or folder another name, replacing a file of that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file; `NotFound` when it is not there.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Length of a file in bytes, `None` when there is none.
    fn size(&self, path: &Path) -> io::Result<Option<u64>>;
    /// Names in a folder, sorted; none when the folder is not there.
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;
    /// Makes the names in a folder durable: what was created, renamed or removed there.
    fn sync_dir(&self, folder: &Path) -> io::Result<()>;
    /// Bytes that an application may still write in this folder.
    fn free_bytes(&self, folder: &Path) -> io::Result<u64>;
    /// Takes the exclusive lock on a file, which is made when it is not there; `None` when it is held elsewhere.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>>;
}

/// The whole content of a file. A read that brings less than was asked for is no end of the file: it is asked again.
pub fn read_all(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u8>> {
    read_within(disk, path, u64::MAX)
}

/// The whole content of a file that is no longer than this; a longer one is `FileTooLarge`, whatever it was before.
pub fn read_within(disk: &dyn Disk, path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut file = disk.open(path, Open::Read)?;
    let length = file.len()?;
    if length > bytes_max {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    match fill_from(&mut *file, 0, &mut bytes)? {
        read if read == bytes.len() => Ok(bytes),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Fills a buffer from a place of a file, as far as the file goes. Answers how many bytes there were.
pub(crate) fn fill_from(file: &mut dyn DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while read < buffer.len() {
        match file.read_at(offset + read as u64, &mut buffer[read..])? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

/// Writes a file so that afterwards, whatever happens in between, it has its old content or all of the new.
pub fn write_durably(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file = disk.open(&draft, Open::Create)?;
    file.set_len(0)?;
    file.write_at(0, bytes)?;
    file.sync()?;
    drop(file);
    disk.rename(&draft, path)?;
    path.parent().map_or(Ok(()), |folder| disk.sync_dir(folder))
}

/// The phone's own file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl SystemDisk {
    /// The disk as it is handed around.
    pub fn shared() -> Arc<dyn Disk> {
        Arc::new(Self)
    }
}

struct SystemFile(std::fs::File);

impl DiskFile for SystemFile {
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use io::{Read as _, Seek as _};
        self.0.seek(io::SeekFrom::Start(offset))?;
        let mut read = 0;
        while read < buffer.len() {
            match self.0.read(&mut buffer[read..]) {
                Ok(0) => break,
                Ok(more) => read += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    }

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        use io::{Seek as _, Write as _};
        self.0.seek(io::SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }

    fn set_len(&mut self, bytes: u64) -> io::Result<()> {
        self.0.set_len(bytes)
    }

    fn len(&mut self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

struct SystemLock(std::fs::File);

impl DiskLock for SystemLock {
    fn unlock(&mut self) -> io::Result<()> {
        // Dropping is not enough: a child process that is just being started may hold a copy of the handle.
        self.0.unlock()
    }
}

impl Drop for SystemLock {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            ::log::warn!("letting go of a vault's lock: {error}");
        }
    }
}

impl Disk for SystemDisk {
    fn vfs(&self) -> Option<&str> {
        None
    }

    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        let mut options = std::fs::File::options();
        options.read(true).write(how != Open::Read);
        if how == Open::Create {
            options.create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        Ok(Box::new(SystemFile(options.open(path)?)))
    }

    fn create_dir_all(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        match std::fs::metadata(path) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = entries
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<io::Result<Vec<_>>>()?;
        names.sort();
        Ok(names)
    }

    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        std::fs::File::open(folder)?.sync_all()
    }

    #[cfg(unix)]
    fn free_bytes(&self, folder: &Path) -> io::Result<u64> {
        let found = rustix::fs::statvfs(folder)?;
        Ok(found.f_bavail.saturating_mul(found.f_frsize))
    }

    #[cfg(not(unix))]
    fn free_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let file = std::fs::File::options().create(true).append(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(SystemLock(file)))),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(error),
        }
    }
}
