//! The authority's key, wherever it is kept.

use crate::cli::exit::Failure;
use crate::cli::secrets::{ask, value};
use crate::cli::terminal::shown;
use crate::diagnostics::codes;
use crate::secrets::Secret;
use clap::builder::{PathBufValueParser, TypedValueParser as _};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Where it is, and where a new one goes.
#[derive(Debug, Clone, clap::Args)]
pub struct Kept {
    /// The authority's key, where it is kept outside the bundle; `-` for standard input
    #[arg(long, value_name = "FILE")]
    ca_key: Option<PathBuf>,
    /// Where the key of a new authority goes, instead of the bundle
    #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(file))]
    ca_key_out: Option<PathBuf>,
}

/// A private key goes into a file, and not to a terminal or among what is printed.
fn file(path: PathBuf) -> Result<PathBuf, &'static str> {
    if path == Path::new("-") { Err("the key is written to a file alone; name one") } else { Ok(path) }
}

impl Kept {
    /// The key that was named, or that a person names now. `typed` is the command, `lost` what helps where there is none.
    ///
    /// # Errors
    /// There is none, or nobody to ask.
    pub fn read(&self, typed: &str, lost: &str) -> Result<Secret, Failure> {
        let asked;
        let path = match &self.ca_key {
            Some(path) => path,
            None => {
                asked = ask::path("file of the authority's key", || {
                    Failure::input(
                        codes::BAD_CERTIFICATE,
                        "the authority's key is not in the bundle",
                        format!("name its file: `{typed} --ca-key FILE`; where it is lost, {lost}"),
                    )
                })?;
                &asked
            }
        };
        let from = if path == Path::new("-") { value::From::Input } else { value::From::File(path) };
        let bytes = value::read("the authority's key", &from)?;
        Secret::from_bytes(bytes)
            .map_err(|_| Failure::input(codes::BAD_CERTIFICATE, "this is no key in PEM", "name the authority's key"))
    }

    /// Fails where one file would be that of several authorities.
    ///
    /// # Errors
    /// Several are meant, and one file.
    pub fn is_for(&self, authorities: usize) -> Result<(), Failure> {
        if authorities < 2 || (self.ca_key.is_none() && self.ca_key_out.is_none()) {
            return Ok(());
        }
        Err(Failure::input(
            codes::BAD_CERTIFICATE,
            format!("there are {authorities} hosts, each with an authority of its own, and one file"),
            "name one after `--host`",
        ))
    }

    /// Fails where a key is brought, and there is no authority that it could be of.
    ///
    /// # Errors
    /// One is brought.
    pub fn brings_none(&self) -> Result<(), Failure> {
        let Some(path) = &self.ca_key else { return Ok(()) };
        let says = format!("there is no authority yet, so `{}` is the key of none", path.display());
        Err(Failure::input(codes::BAD_CERTIFICATE, says, "`--ca-key-out FILE` says where the key of a new one goes"))
    }

    /// Fails where a place for a new key is named, and there is an authority.
    ///
    /// # Errors
    /// A place is named.
    pub fn makes_none(&self) -> Result<(), Failure> {
        let Some(path) = &self.ca_key_out else { return Ok(()) };
        let says = format!("there is an authority already, so no key is made for `{}`", path.display());
        Err(Failure::input(codes::BAD_CERTIFICATE, says, "leave `--ca-key-out` out; its key stays where it is"))
    }

    /// Fails where a key is brought, and it is in the bundle.
    ///
    /// # Errors
    /// One is brought.
    pub fn is_not_needed(&self, there: &str) -> Result<(), Failure> {
        let Some(path) = &self.ca_key else { return Ok(()) };
        let says = format!("the authority's key is in `{there}`, so `{}` is not looked at", shown(path));
        Err(Failure::input(codes::BAD_CERTIFICATE, says, "leave `--ca-key` out"))
    }

    /// Where a new one goes.
    pub fn out(&self) -> Option<&Path> {
        self.ca_key_out.as_deref()
    }

    /// Writes a new one outside the bundle, where nothing is yet.
    ///
    /// # Errors
    /// There is a file, or the disk refused.
    pub fn write(&self, key: &Secret) -> Result<(), Failure> {
        let Some(path) = self.out() else { return Ok(()) };
        let failed = |error: std::io::Error| {
            Failure::machine(
                format!("cannot write the authority's key to `{}`: {error}", path.display()),
                "nothing was changed; name a file that is not there yet, in a folder that is",
            )
        };
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let mut file = file.map_err(failed)?;
        file.write_all(key.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }
}
