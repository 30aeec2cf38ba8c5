//! What the real parsers see of a bundle, as trees.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use stockade::Compiled;
use stockade::Content;
use stockade::inside::report;

use crate::support::{root, tools};

/// Files of many bundles, each under the bundle's number, read by as few calls of tools as possible.
#[derive(Default)]
pub struct Seen {
    /// What was read: of a bundle by number, the trees of its files by path.
    pub trees: BTreeMap<usize, BTreeMap<String, Value>>,
    waiting: Vec<(usize, String)>,
}

impl Seen {
    /// Writes the files of a bundle and reads those that need a call each.
    pub fn add(&mut self, number: usize, compiled: &Compiled, folder: &Path) {
        let bundle = compiled.bundles.first().expect("it compiles");
        let own = folder.join(number.to_string());
        let mut trees = BTreeMap::new();
        let put = |path: &str, text: &str| {
            let at = own.join(path);
            std::fs::create_dir_all(at.parent().expect("a folder")).expect("made");
            std::fs::write(at, text).expect("written");
        };
        put("report.html", &report::page(&bundle.report).expect("a page"));
        self.waiting.push((number, "report.html".to_owned()));
        for artifact in &bundle.artifacts {
            let (path, Content::Text(text)) = (artifact.path.as_str(), &artifact.content) else { continue };
            // The file of users is a secret, which only a real run has.
            let text: String = match path {
                "proxy/Caddyfile" => {
                    let kept = text.lines().filter(|line| !line.trim().starts_with("import /run/"));
                    kept.map(|line| format!("{line}\n")).collect()
                }
                _ => text.clone(),
            };
            put(path, &text);
            let tool = |name: &str, arguments: &[&str]| tools::run(&own, name, arguments).accepted(path);
            let read = match path {
                "compose.yaml" => Some(tool("docker-compose", &["-f", path, "config", "--format", "json"])),
                "proxy/nginx.conf" => Some(tool("crossplane", &["parse", "--no-catch", "--single-file", path])),
                "proxy/Caddyfile" => Some(tool("caddy", &["adapt", "--config", path])),
                "firewall/stockade.nft" => {
                    let script = format!("nft -f {path}\nnft -j list table inet stockade");
                    Some(tools::apart(&own, &script).accepted(path))
                }
                _ if path.ends_with(".json") => Some(text.clone()),
                _ => None,
            };
            if path.starts_with("proxy/dynamic/") {
                assert!(!text.contains("{{"), "Traefik would read a template: {text}");
            }
            if path.ends_with(".md") || text.starts_with("#!") && !text.starts_with("#!/usr/sbin/nft") {
                self.waiting.push((number, path.to_owned()));
            } else if let Some(read) = read {
                // Compose says where files lie.
                let read = read.replace(own.to_str().expect("UTF-8"), ".");
                let mut tree = serde_json::from_str(&read).unwrap_or_else(|error| panic!("{path}: {error}"));
                strip(&mut tree, &["line", "comment", "handle", "metainfo"]);
                if path == "proxy/nginx.conf" {
                    let known = [("dollar_sign", "$"), ("end_of_line", "\n")];
                    join(&mut tree, &known.map(|(name, held)| (name.to_owned(), held.to_owned())).into());
                }
                trees.insert(path.to_owned(), tree);
            } else if path.ends_with(".yaml") || path.ends_with(".yml") {
                trees.insert(path.to_owned(), serde_yaml::from_str(&text).expect("YAML"));
            } else {
                let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
                trees.insert(path.to_owned(), json!(lines.collect::<Vec<_>>()));
            }
        }
        self.trees.insert(number, trees);
    }

    /// Reads what was left for one call.
    pub fn finish(&mut self, folder: &Path) {
        let script = root().join("tests/hostile/trees.py");
        let paths: Vec<_> = self.waiting.iter().map(|(number, path)| format!("{number}/{path}")).collect();
        let mut arguments = vec![script.to_str().expect("UTF-8")];
        arguments.extend(paths.iter().map(String::as_str));
        let read = tools::run(folder, "python3", &arguments).accepted("documents and scripts");
        let read: Vec<Value> = serde_json::from_str(&read).expect("JSON");
        for ((number, path), tree) in std::mem::take(&mut self.waiting).into_iter().zip(read) {
            let flat = if path.ends_with(".md") || path.ends_with(".html") { flat(&tree) } else { tree };
            self.trees.entry(number).or_default().insert(path, flat);
        }
    }
}

fn strip(value: &mut Value, keys: &[&str]) {
    match value {
        Value::Object(map) => {
            map.retain(|key, _| !keys.contains(&key.as_str()));
            map.values_mut().for_each(|value| strip(value, keys));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, keys)),
        _ => {}
    }
}

/// Puts what nginx's variables of fixed answers hold into the answers: a text with dollar signs is spelled with more of them.
fn join(tree: &mut Value, known: &BTreeMap<String, String>) {
    let Value::Array(items) = tree else {
        if let Value::Object(map) = tree {
            map.values_mut().for_each(|value| join(value, known));
        }
        return;
    };
    let mut known = known.clone();
    items.retain_mut(|item| {
        let words: Vec<&str> = item["args"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let joined = |text: &str| {
            let held =
                text.split('$').skip(1).map(|name| known.get(name).map(String::as_str)).collect::<Option<String>>();
            held.filter(|_| text.starts_with('$')).unwrap_or_else(|| text.to_owned())
        };
        match (item["directive"].as_str(), words.as_slice()) {
            (Some("geo"), ["$dollar_sign"]) => return false,
            (Some("set"), [name, value]) if name.contains("_answer") => {
                known.insert(name.trim_start_matches('$').to_owned(), joined(value));
                return false;
            }
            (Some("return"), [status, text]) => item["args"] = json!([status, joined(text)]),
            _ => join(item, &known),
        }
        true
    });
}

/// A document as a row of elements and texts. Code and line breaks belong to the text: they are how a text shows words
/// between backticks and its lines.
fn flat(tree: &Value) -> Value {
    let mut row = Vec::new();
    flatten(tree, &mut row);
    row.iter_mut().for_each(|part| {
        if let Value::String(text) = part {
            *text = unnumbered(text);
        }
    });
    Value::Array(row)
}

/// Lines of the proxy's file without their numbers, which move where an answer takes more lines.
fn unnumbered(text: &str) -> String {
    ["proxy/nginx.conf line", "proxy/Caddyfile line"].iter().fold(text.to_owned(), |text, place| {
        let mut parts = text.split(place);
        let first = parts.next().unwrap_or_default().to_owned();
        let rest = |part: &str| part.trim_start_matches(|c: char| "s ,-".contains(c) || c.is_ascii_digit()).to_owned();
        parts.fold(first, |text, part| text + place + &rest(part))
    })
}

fn flatten(tree: &Value, row: &mut Vec<Value>) {
    if let Value::String(text) = tree {
        match row.last_mut() {
            Some(Value::String(last)) => last.push_str(text),
            _ => row.push(text.as_str().into()),
        }
        return;
    }
    let own = tree[0].as_str().unwrap_or_default();
    // An address of mail is a link for readers, whatever stands before its `@`.
    let mail = || tree[1]["href"] == json!(format!("mailto:{}", tree[2][0].as_str().unwrap_or_default()));
    let inline = own == "code" || own == "br" || own == "a" && mail();
    if !inline {
        let mut attributes = tree[1].clone();
        // A drawing makes room for its words.
        strip(&mut attributes, &["width", "height", "x", "y", "d", "viewBox", "transform", "points"]);
        row.push(json!({ "element": own, "attributes": attributes }));
    }
    tree[2].as_array().into_iter().flatten().for_each(|child| flatten(child, row));
    if !inline {
        row.push(json!({ "end": own }));
    }
}
