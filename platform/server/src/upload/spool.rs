//! Bytes on disk while they arrive, and the step that makes a whole file an attachment.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use grid_hub::{Hasher, UploadId, UploadState};

use crate::folder::{PlatformFolder, sync_folder};

/// What the spool says about bytes that should be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// They are durable.
    Durable,
    /// The file is shorter than the hub believes: somebody took it away. The upload has to begin again.
    Lost,
}

/// Where the bytes of an upload lie while they arrive.
pub(crate) fn place(folder: &PlatformFolder, id: UploadId) -> PathBuf {
    folder.spool().join(id.to_string())
}

/// Makes room for an upload that begins; what is there stays.
pub(crate) fn open(folder: &PlatformFolder, id: UploadId) -> io::Result<()> {
    let place = place(folder, id);
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place)
        .map(drop)
}

/// Writes `bytes` at `from` and flushes. What lies behind `from` was never promised and is cut off first.
pub(crate) fn append(place: &Path, from: u64, bytes: &[u8]) -> io::Result<Kept> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(place)?;
    let found = file.metadata()?.len();
    if found < from {
        return Ok(Kept::Lost);
    }
    if found > from {
        file.set_len(from)?;
    }
    file.seek(SeekFrom::Start(from))?;
    file.write_all(bytes)?;
    file.sync_data()?;
    if from == 0 {
        sync_folder(place.parent().unwrap_or(Path::new(".")))?;
    }
    Ok(Kept::Durable)
}

/// Cuts off what lies behind `from`, which was never promised.
pub(crate) fn cut(place: &Path, from: u64) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(place)?;
    if file.metadata()?.len() > from {
        file.set_len(from)?;
    }
    Ok(())
}

/// Makes a whole upload an attachment, durably; says whether its bytes have the hash they should. A file that was moved
/// before a crash is found at its new place.
pub(crate) fn finish(folder: &PlatformFolder, state: &UploadState) -> io::Result<bool> {
    let place = place(folder, state.id);
    let blob = folder.blob(state.sha256);
    if state.bytes == 0 {
        append(&place, 0, &[])?;
    }
    if !place.exists() && blob.exists() {
        return is(&blob, state);
    }
    if !place.exists() || !is(&place, state)? {
        return Ok(false);
    }
    let shelf = blob.parent().unwrap_or(Path::new("."));
    if !shelf.exists() {
        fs::create_dir_all(shelf)?;
        sync_folder(&folder.blobs())?;
    }
    fs::rename(&place, &blob)?;
    sync_folder(shelf)?;
    Ok(true)
}

/// Takes away the bytes of an upload that begins again.
pub(crate) fn discard(folder: &PlatformFolder, id: UploadId) -> io::Result<()> {
    File::create(place(folder, id)).map(drop)
}

/// Takes away the bytes of an upload that ends, durably.
pub(crate) fn remove(folder: &PlatformFolder, id: UploadId) -> io::Result<()> {
    match fs::remove_file(place(folder, id)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => sync_folder(&folder.spool()),
    }
}

fn is(path: &Path, state: &UploadState) -> io::Result<bool> {
    let mut file = File::open(path)?;
    if file.metadata()?.len() != state.bytes {
        return Ok(false);
    }
    let mut hasher = Hasher::default();
    let mut piece = vec![0; 64 * 1024];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish() == state.sha256),
            read => hasher.update(&piece[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use grid_hub::UploadId;
    use grid_hub::sha256;

    fn whole(bytes: &[u8]) -> UploadState {
        let length = bytes.len() as u64;
        UploadState {
            id: UploadId([7; 16]),
            sha256: sha256(bytes),
            bytes: length,
            offset: length,
            complete: false,
        }
    }

    #[test]
    fn bytes_that_were_not_promised_are_cut_off_and_lost_ones_are_noticed() {
        let temp = tempfile::tempdir().unwrap();
        let place = temp.path().join("x");
        assert_eq!(append(&place, 0, b"hello wor").unwrap(), Kept::Durable);
        assert_eq!(append(&place, 5, b"!").unwrap(), Kept::Durable);
        assert_eq!(fs::read(&place).unwrap(), b"hello!");
        assert_eq!(append(&place, 7, b"?").unwrap(), Kept::Lost);
        cut(&place, 2).unwrap();
        cut(&place, 4).unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"he", "nothing is added by a cut");
    }

    #[test]
    fn a_whole_file_moves_once_and_a_wrong_one_never() {
        let temp = tempfile::tempdir().unwrap();
        let folder = PlatformFolder::make(temp.path()).unwrap();
        let state = whole(b"photo");
        append(&place(&folder, state.id), 0, b"phot0").unwrap();
        assert!(!finish(&folder, &state).unwrap());
        discard(&folder, state.id).unwrap();
        assert!(!finish(&folder, &state).unwrap());
        append(&place(&folder, state.id), 0, b"photo").unwrap();
        assert!(finish(&folder, &state).unwrap());
        // The hub was not told before a crash: it asks again and finds the attachment.
        assert!(finish(&folder, &state).unwrap());
        assert_eq!(fs::read(folder.blob(state.sha256)).unwrap(), b"photo");
        assert!(finish(&folder, &whole(b"")).unwrap());
    }
}
