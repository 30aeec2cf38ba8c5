//! What golden cases generate, made once for all tests of a build: their processes share it on disk.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

use super::tree;

/// Older than this, a folder is of another build, and nobody reads it any more.
const OLD: Duration = Duration::from_secs(2 * 60 * 60);

/// The folder that this build makes of a case, to be read and left as it is.
pub fn folder(case: &Path, make: impl FnOnce(&Path)) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated");
    fs::create_dir_all(&all).expect("the build's folder can be written");
    let place = all.join(key(case));
    let lock = File::create(place.with_extension("lock")).expect("a lock can be made");
    flock(&lock, FlockOperation::LockExclusive).expect("others end at some time");
    if !place.exists() {
        clear(&all);
        let new = place.with_extension("new");
        let _ = fs::remove_dir_all(&new);
        fs::create_dir(&new).expect("a folder can be made");
        make(&new);
        fs::rename(&new, &place).expect("nobody else makes it");
    }
    place
}

/// Both programs that make it, and all it is made of.
fn key(case: &Path) -> String {
    let mut hash = Sha256::new();
    for program in [PathBuf::from(env!("CARGO_BIN_EXE_stockade")), std::env::current_exe().expect("we run")] {
        let found = fs::metadata(&program).expect("the build has made it");
        let made = found.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok());
        hash.update(format!("{} {made:?} {}\n", program.display(), found.len()));
    }
    for (name, text) in tree::given(case) {
        hash.update(format!("{name} {}\n{text}\n", text.len()));
    }
    hash.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

fn clear(all: &Path) {
    for entry in fs::read_dir(all).expect("it can be listed").filter_map(Result::ok) {
        let old = |at: SystemTime| at.elapsed().is_ok_and(|age| age > OLD);
        if entry.metadata().and_then(|found| found.modified()).is_ok_and(old) {
            let path = entry.path();
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        }
    }
}
