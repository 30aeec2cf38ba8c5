//! An operator's own certificate, looked at where its files lie on this host. Where they do not, the stack's host is another
//! one, and its `install.sh` looks.

use crate::certs::{self, Flaw};
use crate::compile::Bundle;
use crate::diagnostics::{Diagnostic, Diagnostics, Severity, codes};
use crate::secrets::Secret;
use crate::stack::CertificateFiles;
use crate::values::User;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use time::UtcDateTime;
use zeroize::Zeroizing;

/// Largest file that is read, in bytes.
const MOST: u64 = 1 << 20;

/// A file of a certificate or key, as far as this process sees it.
#[derive(Debug)]
pub enum Read {
    /// There is none.
    Absent,
    /// It is there, and not ours to read.
    Closed(Access),
    /// It cannot be a certificate or key.
    Strange(&'static str),
    /// Its text.
    Text(Secret, Access),
    /// What came through standard input.
    Piped(Secret),
}

/// User and group id, permission bits.
pub type Access = (u32, u32, u32);

/// Reads a file, over symbolic links: certificate clients keep the current one behind such.
pub fn read(path: &Path) -> Read {
    let Ok(stat) = std::fs::metadata(path) else { return Read::Absent };
    let access = (stat.uid(), stat.gid(), stat.mode() & 0o7777);
    if !stat.is_file() {
        return Read::Strange("it is no file");
    }
    if stat.len() > MOST {
        return Read::Strange("it has more than 1 MiB");
    }
    let Ok(file) = std::fs::File::open(path) else { return Read::Closed(access) };
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(stat.len()).unwrap_or(0) + 1));
    match file.take(MOST).read_to_end(&mut bytes) {
        Err(_) => Read::Closed(access),
        Ok(_) => match Secret::from_bytes(std::mem::take(&mut *bytes)) {
            Ok(text) => Read::Text(text, access),
            Err(_) => Read::Strange("it is not text, and so not PEM"),
        },
    }
}

/// Reads standard input, which has no owner that would matter.
pub fn read_input() -> Read {
    let mut bytes = Zeroizing::new(Vec::new());
    match std::io::stdin().lock().take(MOST + 1).read_to_end(&mut bytes) {
        Err(_) => Read::Strange("it cannot be read"),
        Ok(_) if bytes.is_empty() => Read::Strange("nothing came"),
        Ok(length) if length as u64 > MOST => Read::Strange("it has more than 1 MiB"),
        Ok(_) => match Secret::from_bytes(std::mem::take(&mut *bytes)) {
            Ok(text) => Read::Piped(text),
            Err(_) => Read::Strange("it is not text, and so not PEM"),
        },
    }
}

impl Read {
    /// Its text.
    pub fn text(&self) -> Option<&Secret> {
        match self {
            Self::Text(text, _) | Self::Piped(text) => Some(text),
            _ => None,
        }
    }

    /// Its owner and mode.
    pub fn access(&self) -> Option<Access> {
        match self {
            Self::Text(_, access) | Self::Closed(access) => Some(*access),
            _ => None,
        }
    }
}

/// Whether a user without privileges may read what has this owner and mode.
pub fn may_read(user: User, (uid, gid, mode): Access) -> bool {
    match (user.uid == uid, user.gid == gid) {
        (true, _) => mode & 0o400 != 0,
        (false, true) => mode & 0o040 != 0,
        (false, false) => mode & 0o004 != 0,
    }
}

/// What is wrong with the certificates that profiles name, each at its line.
pub fn findings(bundles: &[Bundle], now: UtcDateTime) -> Diagnostics {
    let mut found = Diagnostics::new();
    for files in bundles.iter().filter_map(|bundle| bundle.certificate_files.as_ref()) {
        of(files, now).into_iter().for_each(|finding| found.push_new(finding));
    }
    for path in bundles.iter().filter_map(|bundle| bundle.client_authority.as_ref()?.as_ref().err()) {
        let why = match read(Path::new(path.value.as_str())) {
            Read::Strange(why) => why,
            Read::Text(text, _) | Read::Piped(text) if certs::inspect(text.expose()).is_err() => {
                "it holds no certificate in PEM"
            }
            Read::Absent | Read::Closed(_) | Read::Text(..) | Read::Piped(_) => continue,
        };
        let says = format!("`{}` cannot vouch for clients: {why}", path.value);
        found.push_new(Diagnostic::error(codes::BAD_CERTIFICATE, says).at(path.span, "").help("name the right file"));
    }
    found
}

fn of(files: &CertificateFiles, now: UtcDateTime) -> Vec<Diagnostic> {
    let certificate = read(Path::new(files.certificate.value.as_str()));
    let key = read(Path::new(files.key.value.as_str()));
    let names: Vec<&str> = files.names.iter().map(crate::values::Domain::as_str).collect();
    let mut found = Vec::new();
    for (path, it) in [(&files.certificate, &certificate), (&files.key, &key)] {
        if let Read::Strange(why) = it {
            let says = format!("`{}` cannot be used: {why}", path.value);
            found.push(Diagnostic::error(codes::BAD_CERTIFICATE, says).at(path.span, "").help("name the right file"));
        }
    }
    if let Some(text) = certificate.text() {
        found.extend(certs::judge(text.expose(), key.text(), &names, now).iter().map(|flaw| finding(files, flaw)));
    }
    for (path, it) in [(&files.certificate, &certificate), (&files.key, &key)] {
        let closed = |reader: &User| it.access().is_some_and(|access| !may_read(*reader, access));
        if let (Some(reader), Some((uid, gid, mode))) = (files.reader.filter(closed), it.access()) {
            let quoted = shlex::try_quote(path.value.as_str()).unwrap_or_default();
            let says = format!("the proxy, user {}:{}, cannot read `{}`", reader.uid, reader.gid, path.value);
            found.push(
                Diagnostic::warning(codes::BAD_CERTIFICATE, says)
                    .at(path.span, "")
                    .with_note(format!("it is {mode:04o} of {uid}:{gid}"))
                    .help(format!("`sudo chgrp {} {quoted} && sudo chmod g+r {quoted}`", reader.gid)),
            );
        }
    }
    found
}

fn finding(files: &CertificateFiles, flaw: &Flaw) -> Diagnostic {
    let path = if flaw.is_of_key() { &files.key } else { &files.certificate };
    let severity = if flaw.is_fatal() { Severity::Error } else { Severity::Warning };
    let says = format!("`{}` will not do: {flaw}", path.value);
    Diagnostic::new(codes::BAD_CERTIFICATE, severity, says).at(path.span, "").help(flaw.way_out())
}
