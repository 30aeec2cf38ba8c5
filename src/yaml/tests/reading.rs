use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::{line, read, sources, tree};
use crate::diagnostics::codes;
use crate::text::{SourceFile, SourceId};
use crate::yaml::reader::read_all;
use crate::yaml::{MAX_ENTRIES, Node, NodeKind, Style, Tags, read_with};

fn refusal(text: &str) -> String {
    let (sources, id) = sources(text);
    let error = read(sources.get(id).unwrap(), id).expect_err(text);
    assert!(error.help.is_some(), "{error:?} shows no way out");
    line(&error, &sources)
}

#[test]
fn each_refusal_names_its_place() {
    for (text, expected) in [
        ("", "1:1 empty-file the file is empty"),
        ("# only this\n\n", "1:1 empty-file"),
        ("---\n", "1:1 empty-file"),
        ("a: 1\n---\nb: 2\n", "2:1 several-documents"),
        ("a: 1\nb: 2\na: 3\n", "3:1 duplicate-key the key `a` is written twice"),
        ("a: {x: 1, \"x\": 2}\n", "1:11 duplicate-key"),
        ("[a]: 1\n", "1:1 complex-key"),
        ("? {a: b}\n: 1\n", "1:3 complex-key"),
        ("a: {{ name }}\n", "1:5 complex-key"),
        ("a: !secret x\n", "1:12 unknown-tag"),
        ("a: !!binary x\n", "1:13 unknown-tag"),
        ("a: &x [1, *x]\n", "1:11 recursive-alias"),
        ("a: &x\n  b: *x\n", "2:6 recursive-alias"),
        ("a: *nope\n", "1:4 yaml-syntax no anchor of this name"),
        ("a:\n  <<: 1\n", "2:7 bad-merge"),
        ("a: &x 1\nb:\n  <<: [*x]\n", "3:8 bad-merge"),
        ("a: 1\n\tb: 2\n", "2:1 yaml-syntax a tab is used for indentation"),
        ("a:\n\tb: 2\n", "2:1 yaml-syntax a tab"),
        ("a:\n  \tb: 2\n", "2:3 yaml-syntax a tab"),
        ("a:\r\n  - 1\r\n b: 2\r\n", "3:2 yaml-syntax"),
        ("a: b: c\n", "1:5 yaml-syntax a `:` is not allowed here"),
        ("a: 'x\nb: 1\n", "1:4 yaml-syntax the quote opened here"),
        ("a: @x\n", "1:4 yaml-syntax text cannot begin with `@`"),
        ("é: [ü, ö}\n", "1:9 yaml-syntax"),
        ("- a\nb: c\n", "2:1 yaml-syntax this line does not continue the list"),
    ] {
        let found = refusal(text);
        assert!(found.starts_with(expected), "{text:?}\n   found {found}\nexpected {expected}");
    }
}

#[test]
fn a_duplicate_key_shows_both_places() {
    let error = tree("a: 1\nb: 2\na: 3\n").unwrap_err();
    let starts: Vec<(usize, bool)> = error.labels.iter().map(|label| (label.span.start, label.primary)).collect();
    assert_eq!(starts, [(10, true), (0, false)]);
}

#[test]
fn nesting_of_every_kind_is_refused_without_exhausting_anything() {
    let mut mappings = String::new();
    for depth in 0..1_300 {
        let _ = writeln!(mappings, "{:1$}k:", "", depth);
    }
    let mut aliases = String::from("a0: &a0 [x]\n");
    for n in 1..100 {
        let _ = writeln!(aliases, "a{n}: &a{n} [*a{}]", n - 1);
    }
    let started = Instant::now();
    for text in
        ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000), mappings, aliases]
    {
        let error = tree(&text).unwrap_err();
        assert_eq!(error.code, codes::TOO_DEEP, "{}: {}", &text[..20], error.message);
    }
    // Far above what is needed; a quadratic reader needs minutes.
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn the_depth_limit_is_exact() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(tree(&nested(64)).is_ok());
    assert_eq!(tree(&nested(65)).unwrap_err().code, codes::TOO_DEEP);
}

#[test]
fn a_billion_laughs_are_counted_not_expanded() {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..10 {
        let uses = vec![format!("*a{}", n - 1); 10].join(", ");
        let _ = writeln!(text, "a{n}: &a{n} [{uses}]");
    }
    let started = Instant::now();
    assert!(refusal(&text).contains("too-many-aliases"));
    let merged = text.replace("[x, x, x, x, x, x, x, x, x, x]", "{x: 1}");
    assert!(refusal(&merged).contains("too-many-aliases"));
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn too_many_plain_values_are_refused() {
    assert!(refusal(&format!("[{}]", "a,".repeat(100_001))).contains("too-many-nodes"));
}

fn flat(node: &Node) -> String {
    match &node.kind {
        NodeKind::Scalar { text, style: Style::Plain } => text.to_string(),
        NodeKind::Scalar { text, .. } => format!("{text:?}"),
        NodeKind::Seq { items, .. } => {
            format!("[{}]", items.iter().map(|item| flat(item)).collect::<Vec<_>>().join(","))
        }
        NodeKind::Map { entries, .. } => {
            let all: Vec<String> =
                entries.iter().map(|entry| format!("{}:{}", entry.name(), flat(&entry.value))).collect();
            format!("{{{}}}", all.join(","))
        }
    }
}

#[test]
fn merge_keys_follow_yaml_1_1() {
    let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  a: 9\nw: &w {<<: *y, c: 0}\nv: {<<: *w}\nq: {\"<<\": 1}\n";
    let root = tree(text).unwrap();
    for (key, expected) in [("z", "{a:9,b:1,c:2}"), ("w", "{c:0,b:2}"), ("v", "{c:0,b:2}"), ("q", "{<<:1}")] {
        assert_eq!(flat(root.get(key).unwrap()), expected, "{key}");
    }
}

#[test]
fn line_ends_and_byte_order_mark_change_nothing() {
    let text = "a: |\n  one\n  two\nb: \"x\n  y\"\nc:\n  - 1.10\n  -\n";
    let expected = flat(&tree(text).unwrap());
    assert_eq!(expected, r#"{a:"one\ntwo\n",b:"x y",c:[1.10,]}"#);
    assert_eq!(flat(&tree(&text.replace('\n', "\r\n")).unwrap()), expected);
    assert_eq!(flat(&tree(&format!("\u{feff}{text}")).unwrap()), expected);
}

#[test]
fn spans_cover_the_value_and_nothing_else() {
    let text = "é: ü  # c\nk: &x !!str  'q'\nl:\n  - a\n  - {b: c}\nm:\n  n: one\n   two\no: *x\n";
    let (sources, id) = sources(text);
    let root = read(sources.get(id).unwrap(), id).unwrap();
    for (key, expected) in [("é", "ü"), ("k", "'q'"), ("l", "a\n  - {b: c}"), ("m", "n: one\n   two"), ("o", "'q'")] {
        assert_eq!(sources.text(root.get(key).unwrap().span), expected, "{key}");
    }
    let alias = root.entry("o").unwrap().value.alias.unwrap();
    assert_eq!(sources.text(alias), "*x");
}

#[test]
fn foreign_tags_are_kept_when_asked() {
    let (sources, id) = sources("a: !reset null\n");
    let root = read_with(sources.get(id).unwrap(), id, Tags::Keep).unwrap();
    assert_eq!(root.get("a").unwrap().tag.as_deref(), Some("!reset"));
}

#[test]
fn a_list_and_a_mapping_have_so_many_entries_and_no_more() {
    let text = |n: usize| {
        let names: Vec<String> = (0..n).map(|n| format!("  k{n}: {n}")).collect();
        let items: Vec<String> = (0..n).map(|n| n.to_string()).collect();
        format!("list: [{}]\nmap: &map\n{}\nmerged: {{<<: *map, a: 1}}\n", items.join(", "), names.join("\n"))
    };
    let read = |text: String| {
        let file = SourceFile::new("big.yaml", text);
        let (root, found) = read_all(&file, SourceId::new(0), Tags::Refuse);
        let lines: Vec<_> = found.iter().filter_map(|it| Some(file.position(it.primary()?.span.start).line)).collect();
        let root = root.unwrap();
        let sizes = ["list", "map", "merged"].map(|key| root.get(key).unwrap());
        (sizes.map(|node| node.items().len().max(node.entries().len())), lines)
    };
    assert_eq!(read(text(MAX_ENTRIES - 1)), ([MAX_ENTRIES - 1, MAX_ENTRIES - 1, MAX_ENTRIES], vec![]));
    // The list, the first entry too many of the mapping, and what is merged.
    let (sizes, lines) = read(text(MAX_ENTRIES + 1));
    assert_eq!(sizes, [MAX_ENTRIES; 3]);
    assert_eq!(lines, [1, 2 + MAX_ENTRIES + 1, MAX_ENTRIES + 4]);
}
