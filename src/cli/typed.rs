//! Paths as a shell takes them.

use std::borrow::Cow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A path as one word of a command: bare, in quotes, or as `$'…'` where it has bytes that no terminal shows as they are.
pub(super) fn path(path: &Path) -> String {
    let plain = path.to_str().filter(|text| !text.chars().any(|c| c.is_control() || crate::values::is_invisible(c)));
    let word = match plain.and_then(|text| shlex::try_quote(text).ok()) {
        Some(Cow::Borrowed(text)) => text.to_owned(),
        Some(Cow::Owned(text)) => text,
        None => bytes(path.as_os_str().as_bytes()),
    };
    // What begins with a hyphen is an option otherwise.
    if path.as_os_str().as_bytes().starts_with(b"-") { format!("./{word}") } else { word }
}

/// Bytes in the quotes that bash, zsh, ksh and POSIX.1-2024 know.
fn bytes(text: &[u8]) -> String {
    let mut word = "$'".to_owned();
    for byte in text {
        match byte {
            b'\'' | b'\\' => word.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => word.push(char::from(*byte)),
            // Three digits of the base 8 end by themselves, whatever follows.
            _ => word.push_str(&format!("\\{byte:03o}")),
        }
    }
    word.push('\'');
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn a_shell_reads_the_very_path() {
        for (bytes, word) in [
            (&b"bundle"[..], "bundle"),
            (b"a b", "'a b'"),
            (b"-x", "./-x"),
            (b"a\x1b[31mb", "$'a\\033[31mb'"),
            (b"n\xff1'\\", "$'n\\3771\\'\\\\'"),
            ("gr\u{fc}n".as_bytes(), "'gr\u{fc}n'"),
        ] {
            let read = path(Path::new(OsStr::from_bytes(bytes)));
            assert_eq!(read, word);
            let said = std::process::Command::new("bash").args(["-c", &format!("printf %s {read}")]).output();
            let said = said.expect("bash runs").stdout;
            assert_eq!(said.strip_prefix(b"./").unwrap_or(&said), bytes, "{read}");
        }
    }
}
