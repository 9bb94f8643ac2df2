//! The folder of compiled plugins.
//!
//! It is a cache: whatever is missing, damaged, of another engine or not sealed by our key is compiled again, and the
//! folder can be thrown away at any time. Gateways of one installation may share it.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::PathBuf;

use crate::artifact::{self, Artifact, Origin};

/// Compiled plugins by component and engine.
pub(crate) struct Cache {
    folder: PathBuf,
    key: [u8; 32],
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, key: [u8; 32]) -> Self {
        Self { folder, key }
    }

    /// The artifact of that origin, if there is one that may be loaded.
    pub(crate) fn get(&self, origin: &Origin) -> Option<Artifact> {
        let mut sealed = Vec::new();
        let longest = artifact::BYTES_MAX as u64 + 1;
        File::open(self.path(origin)).ok()?.take(longest).read_to_end(&mut sealed).ok()?;
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
    }

    /// Writes beside and renames, so that another process sees all of the file or nothing.
    fn write(&self, origin: &Origin, sealed: &[u8]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let path = self.path(origin);
        let unfinished = path.with_extension(format!("{}.unfinished", std::process::id()));
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
        self.folder.join(format!("{component}-{engine}.cwasm"))
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
