//! A value from a terminal, standard input or a file; never from an argument, which every user of the host could read.

use super::ask;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::shown;
use crate::diagnostics::codes;
use std::io::Read as _;
use std::path::Path;
use zeroize::Zeroizing;

/// Largest value in bytes: far above any key or certificate.
pub const MOST: usize = 1 << 20;

/// Where it comes from.
pub enum From<'f> {
    Terminal,
    Input,
    File(&'f Path),
}

/// Reads it.
///
/// # Errors
/// Nobody to ask, no such file, too large.
pub fn read(name: &str, from: &From<'_>) -> Result<Vec<u8>, Failure> {
    match from {
        From::Terminal => ask::value(name).map(|typed| typed.as_bytes().to_vec()),
        From::Input => bounded(std::io::stdin().lock(), "standard input"),
        From::File(path) => of_file(path),
    }
}

/// The bytes of a file.
///
/// # Errors
/// It is not there, no regular file, too large.
pub fn of_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let name = shown(path);
    let failed = |error: std::io::Error| {
        let mut failure =
            Failure::machine(format!("cannot read `{name}`: {error}"), "look at the path and its permissions");
        if error.kind() == std::io::ErrorKind::NotFound {
            failure.exit = Exit::Input;
        }
        failure
    };
    // A look before opening: a FIFO would wait for a writer.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Failure::input(codes::IO, format!("`{name}` is no regular file"), "pipe it in with `--stdin`"));
    }
    bounded(std::fs::File::open(path).map_err(failed)?, &name)
}

fn bounded(from: impl std::io::Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4096));
    from.take(MOST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::machine(format!("cannot read {name}: {error}"), "look at what is piped in"))?;
    if bytes.len() > MOST {
        return Err(Failure::input(
            codes::FILE_TOO_LARGE,
            format!("{name} has more than 1 MiB, which is no secret"),
            "name the file you meant",
        ));
    }
    Ok(std::mem::take(&mut *bytes))
}
