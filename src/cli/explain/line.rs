//! A line of a generated file on disk.

use super::super::exit::Failure;
use crate::diagnostics::codes;
use crate::explain::File;
use crate::report::JSON;
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read.
const MAX_BYTES: u64 = 8 << 20;

/// Controls, boundary, recommendations and way out of one line.
///
/// # Errors
/// The file cannot be read, or has no such line.
pub fn explain(path: &Path, line: usize) -> Result<String, Failure> {
    let text = read(path)?;
    let name = path.display().to_string();
    let file = File { name: &name, text: &text, secret: holds_secret(path) };
    file.explain(line, report(path).as_ref()).ok_or_else(|| {
        Failure::input(
            codes::INVALID_VALUE,
            format!("`{name}` has {} lines, and so no line {line}", text.lines().count()),
            "count lines from 1",
        )
    })
}

/// Whether only its owner may read a file: what the bundle keeps secret, and what people keep so.
fn holds_secret(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let below = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "secrets");
    below || std::fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o044 == 0)
}

pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::input(
            codes::IO,
            format!("there is no file `{shown}`"),
            "name a file of a bundle, as in `bundle/compose.yaml:17`",
        ),
        _ => Failure::machine(format!("cannot read `{shown}`: {error}"), "look at its permissions"),
    };
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Failure::input(codes::IO, format!("`{shown}` is not a regular file"), "name a file of a bundle"));
    }
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    match String::from_utf8(bytes) {
        Ok(text) if text.len() as u64 <= MAX_BYTES => Ok(text),
        _ => Err(Failure::input(
            codes::NOT_UTF8,
            format!("`{shown}` is not text, or too long"),
            "name a file of a bundle",
        )),
    }
}

/// The report of the bundle a file lies in: beside it or in a folder above.
fn report(path: &Path) -> Option<Value> {
    let full = std::fs::canonicalize(path).ok()?;
    let found = full.ancestors().skip(1).take(8).map(|folder| folder.join(JSON)).find(|path| path.is_file())?;
    serde_json::from_str(&read(&found).ok()?).ok()
}
