//! Files to begin a system of one's own with.

use crate::cli::exit::Failure;
use crate::cli::input::PROFILE;
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use crate::systems::{STARTER, builtin_templates};
use crate::values::SystemName;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// The name that stands in the starter.
const EXAMPLE: &str = "my-app";

/// Writes the starter under a name, and a profile for it where there is none.
///
/// # Errors
/// A file of that name, a folder that cannot be written.
pub(super) fn new(name: &SystemName, out: Option<&Path>, terminal: &Terminal) -> Result<(), Failure> {
    let path = out.map_or_else(|| PathBuf::from(format!("{name}.system.yaml")), Path::to_owned);
    create(&path, &STARTER.replace(EXAMPLE, name.as_str()))?;
    terminal.out(&format!("{} written\n", path.display()))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let profile = path.with_file_name(PROFILE);
    let text = format!(
        "version: 1\nname: \"{name}\"\nsystem: {}\ndomain: {name}.example.com\nadmin: [10.8.0.0/24]\n",
        serde_json::Value::from(format!("./{file}"))
    );
    if profile.symlink_metadata().is_ok() {
        terminal.out(&format!("{} is there and was left alone; its `system` is `./{file}`\n", profile.display()))?;
    } else {
        create(&profile, &text)?;
        terminal.out(&format!("{} written\n", profile.display()))?;
    }
    let shown = profile.display();
    terminal.out(&format!("next\n  stockade check {shown}\n  stockade schema --write   # completion in the editor\n"))
}

/// Prints a built-in system, or writes it with its templates.
///
/// # Errors
/// A file of that name, a folder that cannot be written.
pub(super) fn show(name: &str, text: &str, out: Option<&Path>, terminal: &Terminal) -> Result<(), Failure> {
    let Some(out) = out else { return terminal.out(text) };
    create(out, text)?;
    terminal.out(&format!("{} written\n", out.display()))?;
    for (template, text) in builtin_templates(name) {
        let path = out.with_file_name("templates").join(template);
        create(&path, text)?;
        terminal.out(&format!("{} written\n", path.display()))?;
    }
    Ok(())
}

/// Writes a new file and never over another.
fn create(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::input(
            codes::IO,
            format!("`{}` is there already", path.display()),
            "choose another name with `--out FILE`, or move the file away",
        ),
        _ => Failure::machine(format!("cannot write `{}`: {error}", path.display()), "choose another folder"),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
