//! Paths of this machine and their `file:` URIs (RFC 8089).

use std::path::{Component, Path, PathBuf};

const SCHEME: &str = "file://";

/// The URI of an absolute path; all but unreserved characters and `/` are percent-encoded (RFC 3986).
pub fn of(path: &Path) -> String {
    let mut uri = SCHEME.to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}

/// The path of a `file:` URI on this host, without `.` and `..`; nothing for other schemes and other hosts.
pub fn path(uri: &str) -> Option<PathBuf> {
    let rest =
        uri.get(..SCHEME.len()).filter(|scheme| scheme.eq_ignore_ascii_case(SCHEME)).map(|_| &uri[SCHEME.len()..])?;
    let rest = rest.strip_prefix("localhost").unwrap_or(rest);
    let rest = rest.split(['?', '#']).next().filter(|rest| rest.starts_with('/'))?;
    let mut bytes = Vec::with_capacity(rest.len());
    let mut given = rest.bytes();
    while let Some(byte) = given.next() {
        let decoded = match byte {
            b'%' => hex(given.next()?)? << 4 | hex(given.next()?)?,
            other => other,
        };
        bytes.push(decoded);
    }
    (!bytes.contains(&0)).then(|| named(bytes).map(|path| plain(&path)))?
}

/// Names of files are bytes on Unix, and texts elsewhere.
#[cfg(unix)]
fn named(bytes: Vec<u8>) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    Some(std::ffi::OsString::from_vec(bytes).into())
}

#[cfg(not(unix))]
fn named(bytes: Vec<u8>) -> Option<PathBuf> {
    Some(String::from_utf8(bytes).ok()?.into())
}

/// A path without `.` and `..`, by its words alone.
pub fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if out.file_name().is_some() => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_comes_back_from_its_uri() {
        for text in ["/a/stockade.yaml", "/with blank/ü%#?.yaml", "/"] {
            assert_eq!(path(&of(Path::new(text))).as_deref(), Some(Path::new(text)));
        }
        assert_eq!(of(Path::new("/a b")), "file:///a%20b");
    }

    #[test]
    fn what_clients_write_is_understood() {
        let read = |uri| path(uri).map(|path| path.display().to_string());
        assert_eq!(read("file:///a/%3Ab/../c%2fd.yaml").as_deref(), Some("/a/c/d.yaml"));
        assert_eq!(read("FILE://localhost/x").as_deref(), Some("/x"));
        for other in
            ["untitled:Untitled-1", "file://host/x", "file:///%zz", "file:///%0", "file:///a%00b", "file:/", ""]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
