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
    let mut bytes = Vec::new();
    for event in Parser::new_from_str(&text) {
        let Ok((event, span)) = event else { return Ok(()) };
        write(&event, span.start.index(), span.end.index(), &mut bytes);
    }
    let name = path.file_stem().ok_or_else(|| io::Error::other("no name"))?;
    fs::write(out.join(name), bytes)
}

fn write(event: &Event<'_>, start: usize, end: usize, out: &mut Vec<u8>) {
    let (kind, numbers, tag) = match event {
        Event::DocumentStart(_) => (b'd', [0; 2], None),
        Event::Alias(anchor) => (b'*', [*anchor, 0], None),
        Event::Scalar(_, style, anchor, tag) => {
            let style = match style {
                ScalarStyle::Plain => 0,
                ScalarStyle::SingleQuoted => 1,
                ScalarStyle::DoubleQuoted => 2,
                ScalarStyle::Literal => 3,
                ScalarStyle::Folded => 4,
            };
            (b's', [*anchor, style], tag.as_deref())
        }
        Event::SequenceStart(anchor, tag) => (b'[', [*anchor, 0], tag.as_deref()),
        Event::MappingStart(anchor, tag) => (b'{', [*anchor, 0], tag.as_deref()),
        Event::SequenceEnd => (b']', [0; 2], None),
        Event::MappingEnd => (b'}', [0; 2], None),
        Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => return,
    };
    out.push(kind);
    for number in [start, end].into_iter().chain(numbers) {
        push(number, out);
    }
    let Tag { handle, suffix } = tag.cloned().unwrap_or(Tag { handle: String::new(), suffix: String::new() });
    let text = if let Event::Scalar(text, ..) = event { text } else { "" };
    for part in [handle.as_str(), suffix.as_str(), text] {
        push(part.len(), out);
        out.extend(part.as_bytes());
    }
}

fn push(number: usize, out: &mut Vec<u8>) {
    out.extend(u32::try_from(number).expect("a built-in file is shorter than 4 GiB").to_le_bytes());
}
