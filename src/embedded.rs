//! The files that are part of the program: templates, systems, facts of images, schemas. The build script lists them, deflates those that are
//! seldom read and, in the binary that is shipped, all; each is made plain once, when it is first asked for.

use std::sync::OnceLock;

/// One of them.
struct File {
    /// Its path below the folders that the build script names: `templates/report/report.html.j2`.
    path: &'static str,
    /// Its bytes, or what deflate made of them.
    stored: &'static [u8],
    /// How many bytes it has, where it is deflated.
    deflated: Option<usize>,
    plain: OnceLock<Vec<u8>>,
}

// By path.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

impl File {
    fn bytes(&'static self) -> &'static [u8] {
        let Some(size) = self.deflated else { return self.stored };
        // The build script has read it back: there is no other ending.
        self.plain
            .get_or_init(|| miniz_oxide::inflate::decompress_to_vec_with_limit(self.stored, size).unwrap_or_default())
    }
}

/// The bytes of a file.
pub fn bytes(path: &str) -> Option<&'static [u8]> {
    let at = FILES.binary_search_by(|file| file.path.cmp(path)).ok()?;
    Some(FILES[at].bytes())
}

/// The text of a file.
pub fn text(path: &str) -> Option<&'static str> {
    std::str::from_utf8(bytes(path)?).ok()
}

/// The paths of all files below a folder, which ends with a slash, in order.
pub fn below(folder: &str) -> impl Iterator<Item = &'static str> {
    let from = FILES.partition_point(|file| file.path < folder);
    FILES[from..].iter().map(|file| file.path).take_while(move |path| path.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_what_lies_on_the_disk() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in FILES.iter().filter(|file| !file.path.starts_with("recorded/")) {
            let folder = if file.path.starts_with("systems/") || file.path.starts_with("images/") {
                root.join("src")
            } else {
                root.to_owned()
            };
            let found = std::fs::read(folder.join(file.path)).expect("it lies there");
            assert!(found == file.bytes(), "{}", file.path);
            assert!(text(file.path).is_some(), "{} is no text", file.path);
        }
        assert!(FILES.is_sorted_by(|a, b| a.path < b.path));
        // Both ways of keeping a file are tried.
        assert!(FILES.iter().any(|file| file.deflated.is_some()));
        assert_eq!(text("schemas/nothing.json"), None);
        assert_eq!(below("schemas/").count(), 5);
    }
}
