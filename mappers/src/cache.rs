//! The folder of compiled plugins.
//!
//! It is a cache: whatever is missing, damaged, of another engine or not sealed by our key is compiled again, and the
//! folder can be thrown away at any time. Gateways of one installation may share it. What was used last longest ago is
//! removed where the folder grows beyond its bound, so that uploads do not fill the disk.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};

use crate::artifact::{self, Artifact, Origin};

/// Bytes of all files in the folder: some fifty interpreters' plugins, or thousands in Rust.
const BYTES_MAX: u64 = 1 << 30;
/// What the names of kept artifacts end with, and those of artifacts that are being written.
const KEPT: &str = "cwasm";
const UNFINISHED: &str = "unfinished";

/// Compiled plugins by component and engine.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
    bytes_max: u64,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, key: [u8; 32]) -> Self {
        Self { folder, key, bytes_max: BYTES_MAX }
    }

    /// The artifact of that origin, if there is one that may be loaded.
    pub(crate) fn get(&self, origin: &Origin) -> Option<Artifact> {
        let mut sealed = Vec::new();
        let longest = artifact::BYTES_MAX as u64 + 1;
        let file = File::open(self.path(origin)).ok()?;
        // Who may read the folder but not write to it keeps what others use as long as they use it.
        let _ = touch(&file);
        file.take(longest).read_to_end(&mut sealed).ok()?;
        let opened = Artifact::open(sealed, origin, &self.key);
        if opened.is_none() {
            tracing::warn!(
                component = %hex(&origin.component),
                "a compiled plugin was not made by this installation, or was changed; it is compiled again"
            );
        }
        opened
    }

    /// Keeps an artifact. Where that fails it is compiled again next time, so it is told and nothing else.
    pub(crate) fn put(&self, origin: &Origin, artifact: &Artifact) {
        if let Err(error) = self.write(origin, &artifact.seal(origin, &self.key)) {
            tracing::warn!(%error, "a compiled plugin could not be kept; it is compiled again at the next start");
        }
        if let Err(error) = self.trim() {
            tracing::warn!(%error, "the folder of compiled plugins cannot be looked through; it may grow");
        }
    }

    /// Removes what was used longest ago, until the rest is within the bound. What is loaded from a file does not need
    /// it any more.
    fn trim(&self) -> io::Result<()> {
        let mut files = files(&self.folder)?;
        let mut bytes: u64 = files.iter().map(|file| file.bytes).sum();
        files.sort_unstable_by_key(|file| file.used);
        for file in files {
            if bytes <= self.bytes_max {
                break;
            }
            // Another gateway may have removed it.
            let _ = fs::remove_file(&file.path);
            bytes -= file.bytes;
        }
        Ok(())
    }

    /// Writes beside and renames, so that another process sees all of the file or nothing.
    fn write(&self, origin: &Origin, sealed: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(origin);
        let unfinished = path.with_extension(format!("{}.{UNFINISHED}", std::process::id()));
        let mut file = File::create(&unfinished)?;
        let written = file.write_all(sealed).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            // What cannot be removed is written over next time.
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    fn path(&self, origin: &Origin) -> PathBuf {
        let (component, engine) = (hex(&origin.component), hex(&origin.engine[..8]));
        self.folder.join(format!("{component}-{engine}.{KEPT}"))
    }
}

/// A file of ours.
struct Found {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

/// The files of ours in the folder, those included that a gateway which was killed did not finish.
fn files(folder: &Path) -> io::Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.extension().is_some_and(|end| end == KEPT || end == UNFINISHED) {
            continue;
        }
        // One that is gone by now takes up nothing.
        if let Ok(about) = path.metadata() {
            found.push(Found { bytes: about.len(), used: about.modified()?, path });
        }
    }
    Ok(found)
}

/// Notes on the file that it was used now.
fn touch(file: &File) -> rustix::io::Result<()> {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    futimens(file, &Timestamps { last_access: now, last_modification: now })
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::inspect::inspect;
    use crate::plugin::STANDARD;

    const CODE_BYTES: usize = 1_000;

    fn artifact() -> Artifact {
        Artifact::compiled(inspect(STANDARD).unwrap(), vec![7; CODE_BYTES])
    }

    fn origin(component: u8) -> Origin {
        Origin { component: [component; 32], engine: [9; 32] }
    }

    /// Makes a file look as if it was used that many seconds ago.
    fn age(path: &Path, seconds: u64) {
        let file = File::options().write(true).open(path).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now - Duration::from_secs(seconds)).unwrap();
    }

    #[test]
    fn what_was_used_longest_ago_gives_way_and_what_is_not_ours_stays() {
        let folder = tempfile::tempdir().unwrap();
        let bytes_max = 4 * CODE_BYTES as u64;
        let cache = Cache { folder: folder.path().to_owned(), key: [1; 32], bytes_max };
        let is_kept = |component| cache.path(&origin(component)).exists();
        for (component, seconds) in [(1, 400), (2, 300), (3, 200)] {
            cache.put(&origin(component), &artifact());
            age(&cache.path(&origin(component)), seconds);
        }
        let left = folder.path().join("a.77.unfinished");
        fs::write(&left, vec![0; CODE_BYTES]).unwrap();
        age(&left, 500);
        let foreign = folder.path().join("README");
        fs::write(&foreign, vec![0; 10 * CODE_BYTES]).unwrap();
        age(&foreign, 900);

        assert!(cache.get(&origin(1)).is_some(), "used, so no longer the oldest");
        cache.put(&origin(4), &artifact());
        assert!(!left.exists() && foreign.exists());
        assert_eq!([1, 2, 3, 4].map(is_kept), [true, false, true, true]);
        cache.put(&origin(5), &artifact());
        assert_eq!([1, 3, 4, 5].map(is_kept), [true, false, true, true]);
    }
}
