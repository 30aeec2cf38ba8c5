//! The pages of the book do what they say: what they show as a file is written, and their commands run, in order, in one
//! folder for each page. Blocks that need an engine, root or another host are marked `sh host`, and only read by the shell.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::root;
use crate::support::session::Session;

/// A block of code: the line it begins on, the words behind the backticks, and its text.
struct Block {
    line: usize,
    info: String,
    text: String,
}

impl Block {
    fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or_default()
    }

    /// The value of `name=VALUE` behind the language.
    fn said(&self, name: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((line, opening)) = lines.next() {
        let Some(info) = opening.trim_start().strip_prefix("```") else { continue };
        let body = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.trim_start().starts_with("```"));
        let text = body.map(|line| format!("{line}\n")).collect();
        found.push(Block { line, info: info.to_owned(), text });
    }
    found
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        match path.is_dir() {
            true => pages(&path, found),
            false if path.extension().is_some_and(|end| end == "md") => found.push(path),
            false => {}
        }
    }
}

fn all_pages() -> Vec<PathBuf> {
    let mut found = Vec::new();
    pages(&root().join("docs"), &mut found);
    found.sort();
    found
}

/// Runs a text with bash in the session's folder, where the program is on the path.
fn bash(session: &Session, text: &str, only_read: bool) -> Result<(), String> {
    let program = Path::new(env!("CARGO_BIN_EXE_stockade")).parent().expect("it lies in a folder");
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(if only_read { &["-n", "-c"][..] } else { &["-euo", "pipefail", "-c"][..] })
        .arg(text)
        .current_dir(session.path(""))
        .env("PATH", path)
        .env("HOME", session.path(""))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .expect("bash is there");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(()) } else { Err(said(&output.stdout) + &said(&output.stderr)) }
}

#[test]
fn every_command_of_the_book_runs() {
    let (mut ran, mut wrong) = (0, Vec::new());
    for page in all_pages() {
        let text = fs::read_to_string(&page).expect("the page can be read");
        let blocks = blocks(&text);
        if !blocks.iter().any(|block| block.language() == "sh") {
            continue;
        }
        let session = Session::new();
        std::os::unix::fs::symlink(root().join("examples"), session.path("examples")).expect("linked");
        for block in &blocks {
            if let Some(name) = block.said("file") {
                session.put(name, &block.text);
            }
            if block.language() != "sh" {
                continue;
            }
            if let Some(from) = block.said("with") {
                session.put("stockade.yaml", fs::read(root().join(from)).expect("it is in the repository"));
            }
            ran += 1;
            let on_host = block.info.split_whitespace().any(|word| word == "host");
            if let Err(said) = bash(&session, &block.text, on_host) {
                wrong.push(format!("{}:{}: {said}", page.display(), block.line));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 20, "{ran} blocks");
}

#[test]
fn every_page_is_in_the_book() {
    let summary = fs::read_to_string(root().join("docs/SUMMARY.md")).expect("the book has a list");
    let docs = root().join("docs");
    let missing: Vec<_> = all_pages()
        .into_iter()
        .filter_map(|page| Some(page.strip_prefix(&docs).ok()?.to_str()?.to_owned()))
        .filter(|page| page != "SUMMARY.md" && !summary.contains(&format!("({page})")))
        .collect();
    assert!(missing.is_empty(), "docs/SUMMARY.md does not list {missing:?}");
}
