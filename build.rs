//! Watches the folders that are embedded whole, and parses the YAML among them ahead of every run.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const YAML: [&str; 2] = ["src/systems/builtin", "src/systems/components"];

fn main() -> io::Result<()> {
    for folder in ["templates", "schemas"].iter().chain(&YAML) {
        println!("cargo:rerun-if-changed={folder}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?).join("recorded");
    // What an earlier build left would pass for a file that cannot be parsed any more.
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    for folder in YAML {
        for file in fs::read_dir(folder)? {
            let path = file?.path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                record(&path, &out)?;
            }
        }
    }
    Ok(())
}

/// Writes the events of a file as `src/yaml/recorded.rs` reads them; one with a mistake is left to the program, which
/// says what is wrong.
fn record(path: &Path, out: &Path) -> io::Result<()> {
    let text = fs::read_to_string(path)?;
    let mut record = Record { text: &text, bytes: Vec::new(), start: 0, byte: 0, at: (0, 0) };
    for event in Parser::new_from_str(&text) {
        let Ok((event, span)) = event else { return Ok(()) };
        record.write(&event, span.start.index(), span.end.index());
    }
    let bytes = record.bytes;
    let name = path.file_stem().ok_or_else(|| io::Error::other("no name"))?;
    fs::write(out.join(name), bytes)
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
