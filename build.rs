//! Lists the files that are part of the program, deflates some, and parses the YAML among them ahead of every run.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const YAML: [&str; 2] = ["src/systems/builtin", "src/systems/components"];

/// Folders that are embedded whole, and what they are called there.
const EMBEDDED: [(&str, &str); 6] = [
    ("templates", "templates"),
    ("schemas", "schemas"),
    ("src/images/builtin", "images/builtin"),
    ("src/systems/builtin", "systems/builtin"),
    ("src/systems/components", "systems/components"),
    ("examples", "examples"),
];

fn main() -> io::Result<()> {
    for (folder, _) in EMBEDDED {
        println!("cargo::rerun-if-changed={folder}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    // The optimisation of `dist`: every byte counts. Elsewhere every millisecond does.
    let small = env::var("OPT_LEVEL").is_ok_and(|level| level == "z" || level == "s");
    let mut files = Vec::new();
    for (folder, name) in EMBEDDED {
        collect(Path::new(folder), name, &mut files)?;
    }
    for folder in YAML {
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_yaml(&path));
            if let Some(events) = stem.map(|_| record(&path)).transpose()?.flatten() {
                files.push((format!("recorded/{}", stem.unwrap_or_default()), events));
            }
        }
    }
    embed(files, small, &out)
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// The files of a folder and of those in it.
fn collect(folder: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let last = path.file_name().and_then(|last| last.to_str()).ok_or_else(|| io::Error::other("no name"))?;
        let name = format!("{name}/{last}");
        if path.is_dir() {
            collect(&path, &name, files)?;
        } else if !name.starts_with("examples/") || name.ends_with(".system.yaml") {
            files.push((name, fs::read(&path)?));
        }
    }
    Ok(())
}

/// Writes the list that `src/embedded.rs` has, and the bytes to which it refers.
fn embed(mut files: Vec<(String, Vec<u8>)>, small: bool, out: &Path) -> io::Result<()> {
    files.sort();
    let mut list = format!("static FILES: [File; {}] = [\n", files.len());
    for (number, (path, bytes)) in files.iter().enumerate() {
        let name = format!("embedded-{number}");
        let deflated = small || path.starts_with("schemas/") || path.starts_with("examples/");
        if deflated {
            let packed = miniz_oxide::deflate::compress_to_vec(bytes, 10);
            let read = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, bytes.len());
            assert!(read.is_ok_and(|read| read == *bytes), "{path} is not what was deflated");
            fs::write(out.join(&name), packed)?;
        } else {
            fs::write(out.join(&name), bytes)?;
        }
        let size = if deflated { format!("Some({})", bytes.len()) } else { "None".to_owned() };
        let stored = format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\"))");
        let _ =
            writeln!(list, "File {{ path: {path:?}, stored: {stored}, deflated: {size}, plain: OnceLock::new() }},");
    }
    fs::write(out.join("embedded.rs"), list + "];\n")
}

/// The events of a file as `src/yaml/recorded.rs` reads them; one with a mistake is left to the program, which
/// says what is wrong.
fn record(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let text = fs::read_to_string(path)?;
    let mut record = Record { text: &text, bytes: Vec::new(), start: 0, byte: 0, at: (0, 0) };
    for event in Parser::new_from_str(&text) {
        let Ok((event, span)) = event else { return Ok(None) };
        record.write(&event, span.start.index(), span.end.index());
    }
    Ok(Some(record.bytes))
}

struct Record<'t> {
    text: &'t str,
    bytes: Vec<u8>,
    /// Where the last event began, in characters.
    start: usize,
    /// Where the last text that stands in the file began, in bytes.
    byte: usize,
    /// A place known as character and as byte.
    at: (usize, usize),
}

impl Record<'_> {
    fn write(&mut self, event: &Event<'_>, start: usize, end: usize) {
        let (kind, anchor, style, tag) = match event {
            Event::DocumentStart(_) => (0, 0, 0, None),
            Event::Alias(anchor) => (1, *anchor, 0, None),
            Event::Scalar(_, style, anchor, tag) => {
                let style = match style {
                    ScalarStyle::Plain => 0,
                    ScalarStyle::SingleQuoted => 1,
                    ScalarStyle::DoubleQuoted => 2,
                    ScalarStyle::Literal => 3,
                    ScalarStyle::Folded => 4,
                };
                (2, *anchor, style, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => (3, *anchor, 0, tag.as_deref()),
            Event::MappingStart(anchor, tag) => (4, *anchor, 0, tag.as_deref()),
            Event::SequenceEnd => (5, 0, 0, None),
            Event::MappingEnd => (6, 0, 0, None),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => return,
        };
        let text = if let Event::Scalar(text, ..) = event { Some(&**text) } else { None };
        let there = text.and_then(|text| self.find(text, start));
        let head = kind | style << 3 | u8::from(tag.is_some()) << 6 | u8::from(there.is_some()) << 7;
        self.bytes.push(head);
        let ahead = start.checked_sub(self.start).expect("events come in the order of the text");
        self.start = start;
        for number in [ahead, end.saturating_sub(start), anchor] {
            self.number(number);
        }
        if let Some(Tag { handle, suffix }) = tag {
            self.part(handle);
            self.part(suffix);
        }
        match (text, there) {
            (Some(text), Some(byte)) => {
                self.number(byte - self.byte);
                self.byte = byte;
                self.number(text.len());
            }
            (Some(text), None) => self.part(text),
            (None, _) => {}
        }
    }

    /// The byte at which a text stands in the file just so, at its place or behind a quote.
    fn find(&mut self, text: &str, start: usize) -> Option<usize> {
        let (character, byte) = self.at;
        let rest = &self.text[byte..];
        let ahead = rest.char_indices().nth(start.checked_sub(character)?).map_or(rest.len(), |(at, _)| at);
        self.at = (start, byte + ahead);
        let byte = byte + ahead;
        let found = (byte..byte + 2).find(|at| self.text.get(*at..).is_some_and(|rest| rest.starts_with(text)));
        found.filter(|at| *at >= self.byte && text.len() > 1)
    }

    fn part(&mut self, text: &str) {
        self.number(text.len());
        self.bytes.extend(text.as_bytes());
    }

    fn number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.bytes.push(0x80 | u8::try_from(number & 0x7f).expect("it has 7 bits"));
            number >>= 7;
        }
        self.bytes.push(u8::try_from(number).expect("it has 7 bits"));
    }
}
