//! The rooms of `src/` stand in one order, that of `src/lib.rs`, and each imports only rooms above it.

use std::fs;
use std::path::Path;

/// The rooms in the order in which `lib.rs` declares them.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string("src/lib.rs").expect("the crate has a root");
    let name = |line: &str| Some(line.split_once("mod ")?.1.strip_suffix(';')?.to_owned());
    text.lines().filter(|line| line.starts_with("mod ") || line.starts_with("pub mod ")).filter_map(name).collect()
}

/// Every Rust file below a folder.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        match path.extension() {
            None => files(&path, found),
            Some(end) if end == "rs" => found.push(path.to_str().expect("names are ASCII").to_owned()),
            Some(_) => {}
        }
    }
}

/// The rooms that a file names behind `crate::`, alone or as a list; comments may point anywhere.
fn named(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| [l, " "]).collect();
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let behind = code.split("crate::").skip(1).flat_map(|rest| {
        let Some(list) = rest.strip_prefix('{') else { return vec![word(rest)] };
        let mut depth = 0;
        let first = |c: char| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            (c == ',' && depth == 0) || depth < 0
        };
        list.split(first).map_while(|part| Some(word(part)).filter(|word: &String| !word.is_empty())).collect()
    });
    behind.collect()
}

#[test]
fn every_import_points_upwards_in_the_list() {
    let rooms = rooms();
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let mut all = Vec::new();
    files(Path::new("src"), &mut all);
    assert!(rooms.len() > 10 && all.len() > 200, "{rooms:?}, {} files", all.len());
    let mut wrong = Vec::new();
    for file in all.iter().filter(|file| !["src/lib.rs", "src/main.rs"].contains(&file.as_str())) {
        let own = file["src/".len()..].split(['/', '.']).next().expect("a name has a beginning");
        let here = place(own).unwrap_or_else(|| panic!("{file} is in no room that lib.rs names"));
        let text = fs::read_to_string(file).expect("a source file is text");
        let below = named(&text).into_iter().filter(|room| place(room).is_some_and(|there| there > here));
        wrong.extend(below.map(|room| format!("{file}: `{own}` comes before `{room}`")));
    }
    assert!(wrong.is_empty(), "these imports point down the list of src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn the_page_lists_the_rooms_in_their_order() {
    let page = fs::read_to_string("docs/architecture.md").expect("the page is there");
    let first = page.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
    let names = first.flat_map(|cell| cell.split(',')).map(|name| name.trim().trim_matches('`'));
    let names: Vec<_> = names.map(|name| name.trim_end_matches('/').trim_end_matches(".rs")).collect();
    assert_eq!(names, rooms(), "docs/architecture.md and src/lib.rs differ");
}
