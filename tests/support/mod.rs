//! What the tests share: a session at the command line, the compiler as a function of a folder, the real tools.

pub mod container;
pub mod generated;
pub mod kept;
pub mod library;
pub mod session;
pub mod tools;
pub mod tree;

use std::path::PathBuf;

/// The day on which every test runs.
pub const TODAY: &str = "2026-11-21";

/// The folder of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Folders of `golden/` that hold a case, by name.
pub fn cases() -> Vec<(String, PathBuf)> {
    let mut all: Vec<_> = std::fs::read_dir(root().join("golden"))
        .expect("golden/ is part of the package")
        .map(|entry| entry.expect("golden/ can be listed").path())
        .filter(|path| path.join("profile.yaml").is_file())
        .map(|path| (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), path))
        .collect();
    all.sort();
    assert!(!all.is_empty(), "golden/ holds no case");
    all
}
