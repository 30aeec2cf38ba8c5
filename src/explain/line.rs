//! A line of a generated file: the controls marked on it, or on what it belongs to.

use super::control::{detail, waiver};
use crate::backends::orchestrator::{LABEL, PURPOSE};
use crate::controls::catalogue;
use crate::text::{SourceFile, SourceId};
use crate::yaml::{self, Route, Step, Tags};
use serde_json::Value;

/// What stands before the ids of controls at the end of a line.
const MARK: &str = "# why: ";

/// A file of a bundle.
#[derive(Debug)]
pub struct File<'a> {
    /// Its name for people.
    pub name: &'a str,
    /// What stands in it.
    pub text: &'a str,
    /// Whether only its owner may read it.
    pub secret: bool,
}

impl File<'_> {
    /// Controls, boundary, recommendations and way out of a line, by the bundle's report; nothing where there is no such line.
    pub fn explain(&self, line: usize, report: Option<&Value>) -> Option<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let shown = lines.get(line.checked_sub(1)?)?;
        let shown_text =
            if self.secret { "(withheld: only its owner may read this file)".to_owned() } else { clean(shown.trim()) };
        let mut out = format!("{}:{line}  {shown_text}\n", self.name);
        let route = route(self.name, self.text, line);
        if let Some(route) = &route {
            out.push_str(&format!("  key  {route}\n"));
        }
        let service = route.as_ref().and_then(service);
        let Some((at, ids)) = marked(&lines, line).or_else(|| shared(&lines, line)) else {
            if shown.trim_start().starts_with("labels:") && shown.contains(LABEL) {
                out.push_str(&format!("  no control set this line: it is {PURPOSE}\n"));
                return Some(out);
            }
            match from_image(report, route.as_ref()) {
                Some(text) => out.push_str(&text),
                None => out.push_str("  no control set this line: it says what the application itself needs\n"),
            }
            if let Some(header) = header(&lines) {
                out.push_str(&format!("  the file says: {header}\n"));
            }
            return Some(out);
        };
        if at != line && !self.secret {
            out.push_str(&format!("  it belongs to line {at}:  {}\n", clean(lines[at - 1].trim())));
        }
        out.push_str(&from_image(report, route.as_ref()).unwrap_or_default());
        for id in ids {
            out.push('\n');
            match catalogue::find(&id) {
                None => out.push_str(&format!("{}: not a control of this version\n", clean(&id))),
                Some(control) => {
                    out.push_str(&detail(control.meta()));
                    out.push_str(&recommendations(report, &id));
                    out.push_str(&waiver(control.meta(), service));
                }
            }
        }
        Some(out)
    }
}

/// The line with the mark that counts for a line, and its ids: on itself or on the comments right above it; else on the
/// nearest line above that is indented less, in the same way.
fn marked(lines: &[&str], line: usize) -> Option<(usize, Vec<String>)> {
    let mut at = line;
    loop {
        if let Some(found) = own(lines, at) {
            return Some(found);
        }
        let depth = indent(lines[at - 1]);
        let is_parent = |text: &str| !text.trim().is_empty() && !is_comment(text) && indent(text) < depth;
        at = (1..at).rev().find(|above| is_parent(lines[above - 1]))?;
    }
}

/// Where a line names a block for others, as `&name`, or stands for one, as `*name`: the first line of that block and the
/// ids of all of it.
fn shared(lines: &[&str], line: usize) -> Option<(usize, Vec<String>)> {
    let name = lines[line - 1].trim().split_once(": ").and_then(|(_, value)| value.strip_prefix(['&', '*']))?;
    let begins = |text: &&str| text.split_once(": &").is_some_and(|(_, named)| named.trim() == name);
    let at = lines.iter().position(begins)?;
    let below = lines[at + 1..].iter().take_while(|text| indent(text) > indent(lines[at]));
    let mut all = Vec::new();
    for id in below.filter_map(|text| ids(text)).flatten() {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    (!all.is_empty()).then_some((at + 1, all))
}

/// The mark at the end of a line, or in the comments right above it.
fn own(lines: &[&str], line: usize) -> Option<(usize, Vec<String>)> {
    let comments = (1..line).rev().take_while(|at| is_comment(lines[at - 1]));
    std::iter::once(line).chain(comments).find_map(|at| Some((at, ids(lines[at - 1])?)))
}

fn is_comment(text: &str) -> bool {
    text.trim_start().starts_with('#')
}

/// Blanks before the text.
fn indent(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

fn ids(text: &str) -> Option<Vec<String>> {
    let (_, ids) = text.rsplit_once(MARK)?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-, ".contains(&b);
    let ids: Vec<String> =
        ids.trim_end().split(',').map(|id| id.trim().to_owned()).filter(|id| !id.is_empty()).collect();
    (!ids.is_empty() && ids.iter().all(|id| id.bytes().all(plain))).then_some(ids)
}

/// The first comment of a file.
fn header(lines: &[&str]) -> Option<String> {
    let text = lines.iter().take(5).find_map(|text| text.strip_prefix("# "))?;
    Some(clean(text.trim()))
}

/// The key of a line, in files of the YAML family.
fn route(name: &str, text: &str, line: usize) -> Option<Route> {
    [".yaml", ".yml", ".json"].iter().find(|end| name.ends_with(*end))?;
    let file = SourceFile::new(name, text);
    let root = yaml::read_with(&file, SourceId::new(0), Tags::Keep).ok()?;
    yaml::value_at_line(&root, &file, line)
}

/// The service that a key of a compose file belongs to.
fn service(route: &Route) -> Option<&str> {
    match route.steps() {
        [Step::Key(section), Step::Key(name), ..] if section == "services" => Some(name),
        _ => None,
    }
}

/// What a key of a compose file has from what is known of the service's image, by the bundle's report.
fn from_image(report: Option<&Value>, route: Option<&Route>) -> Option<String> {
    let [Step::Key(section), Step::Key(service), Step::Key(key), rest @ ..] = route?.steps() else { return None };
    let given = report?["images"].as_array()?.iter().find(|it| section == "services" && it["service"] == **service)?;
    let ours: &[&str] = match &**key {
        "user" => &["user"],
        "tmpfs" => &["tmpfs"],
        "healthcheck" => &["healthcheck"],
        "cap_add" => &["capabilities"],
        "read_only" => &["writable_root"],
        "shm_size" => &["limits.shared_memory"],
        "mem_limit" | "memswap_limit" => &["limits.memory"],
        "cpus" => &["limits.cpus"],
        "pids_limit" => &["limits.pids"],
        "deploy" => match rest.last() {
            Some(Step::Key(last)) if last == "memory" => &["limits.memory"],
            Some(Step::Key(last)) if last == "cpus" => &["limits.cpus"],
            Some(Step::Key(last)) if last == "pids" => &["limits.pids"],
            _ => &["limits.memory", "limits.cpus", "limits.pids"],
        },
        "stop_signal" => &["stop.signal"],
        "stop_grace_period" => &["stop.grace"],
        _ => return None,
    };
    let from = given["keys"].as_array()?.iter().any(|known| ours.iter().any(|it| *known == **it));
    let word = |key: &str| clean(given[key].as_str().unwrap_or_default());
    from.then(|| {
        format!(
            "  its value is known of the image {}: stockade images show {}; what the system file says wins\n",
            word("image"),
            word("family")
        )
    })
}

/// The guide's recommendations that name a control, as the bundle's report answers them.
fn recommendations(report: Option<&Value>, id: &str) -> String {
    let all = report.and_then(|report| report["recommendations"].as_array()).map_or(&[][..], Vec::as_slice);
    let names = |it: &&Value| it["controls"].as_array().is_some_and(|ids| ids.iter().any(|known| known == id));
    let word = |it: &Value, key: &str| clean(it[key].as_str().unwrap_or_default());
    let lines: String = all
        .iter()
        .filter(names)
        .map(|it| format!("  {}  {} ({})\n", word(it, "id"), word(it, "guide"), word(it, "status")))
        .collect();
    if lines.is_empty() { lines } else { format!("recommendations behind it\n{lines}") }
}

/// A file may have been changed by anybody: nothing of it reaches the terminal raw.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || crate::values::is_invisible(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const LINES: [&str; 9] = [
        "# A compose file.",
        "services:",
        "  app:",
        "    cap_drop: # why: least-capabilities",
        "      - ALL",
        "    image: x",
        "    # why: bounded-logs, healthcheck",
        "    logging:",
        "      driver: local",
    ];

    fn at(line: usize) -> Option<(usize, String)> {
        marked(&LINES, line).map(|(at, ids)| (at, ids.join("+")))
    }

    #[test]
    fn a_line_is_explained_by_its_own_mark_or_its_parents() {
        assert_eq!(at(4), Some((4, "least-capabilities".into())));
        assert_eq!(at(5), Some((4, "least-capabilities".into())));
        assert_eq!(at(8), Some((7, "bounded-logs+healthcheck".into())));
        assert_eq!(at(9), Some((7, "bounded-logs+healthcheck".into())));
        assert_eq!(at(6), None);
        assert_eq!(at(3), None);
    }

    #[test]
    fn a_line_that_stands_for_others_is_explained_by_them() {
        let lines = [
            "x-a: &a",
            "  b: 1  # why: one, two",
            "  c: 2",
            "  d: 3  # why: one",
            "e:",
            "  f:",
            "    <<: *a",
            "    g: 1",
        ];
        let found = |line| shared(&lines, line).map(|(at, ids)| (at, ids.join("+")));
        assert_eq!(found(1), Some((1, "one+two".into())));
        assert_eq!(found(7), Some((1, "one+two".into())));
        assert_eq!(found(8), None);
    }

    /// Keys of a compose file that hardening sets; what stands below them belongs to them.
    const HARDENED: [&str; 18] = [
        "image",
        "read_only",
        "cap_drop",
        "cap_add",
        "security_opt",
        "ipc",
        "cgroup",
        "tmpfs",
        "devices",
        "ports",
        "healthcheck",
        "deploy",
        "memswap_limit",
        "logging",
        "restart",
        "stop_grace_period",
        "internal",
        "<<",
    ];

    /// Every line has an answer, and hardening is never taken for a need of the application.
    #[test]
    fn every_line_of_the_golden_compose_files_is_explained() {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let files = std::fs::read_dir(golden).unwrap().map(|case| case.unwrap().path().join("expected/compose.yaml"));
        let (mut lines_seen, mut explained) = (0, 0);
        for path in files.filter(|path| path.is_file()) {
            let text = std::fs::read_to_string(&path).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let mut hard = None;
            for (line, text) in (1..).zip(&lines) {
                let key = text.trim().split(':').next().unwrap_or_default();
                hard = hard.filter(|depth| indent(text) > *depth);
                if HARDENED.contains(&key) && (2..=4).contains(&indent(text)) {
                    hard = Some(indent(text));
                }
                let found = marked(&lines, line).or_else(|| shared(&lines, line));
                // Limits lie two keys deeper than what they belong to.
                let inside = key == "deploy" || key == "resources";
                assert!(found.is_some() || hard.is_none() || inside, "{}:{line}: {text}", path.display());
                explained += usize::from(found.is_some());
            }
            lines_seen += lines.len();
            let last = File { name: "compose.yaml", text: &text, secret: false };
            assert!(last.explain(lines.len(), None).unwrap().contains("  key  "), "{}", path.display());
        }
        assert!(lines_seen > 1000 && explained * 3 > lines_seen, "{explained} of {lines_seen} lines");
    }

    #[test]
    fn a_value_that_is_known_of_an_image_says_so() {
        let text = "services:\n  db:\n    user: \"999:999\"  # why: non-root-user\n    stop_signal: SIGINT\n    \
                    stop_grace_period: 1m  # why: stop-grace\n    deploy:\n      resources:\n        limits: {memory: 512m, cpus: \
                    \"1.0\", pids: 128}\n";
        let given = serde_json::json!({"service": "db", "image": "postgres:17", "family": "postgres", "keys": [
            "user", "stop.signal", "limits.cpus"
        ]});
        let report = serde_json::json!({ "images": [given] });
        let file = File { name: "compose.yaml", text, secret: false };
        let known = |line, report| file.explain(line, report).unwrap().contains("stockade images show postgres");
        assert_eq!([3, 4, 5, 8].map(|line| known(line, Some(&report))), [true, true, false, true]);
        assert!(file.explain(4, Some(&report)).unwrap().contains("of the image postgres:17"));
        assert!(!known(4, None) && !known(4, Some(&serde_json::json!({}))));
    }

    #[test]
    fn a_comment_that_only_looks_like_a_mark_is_none() {
        assert_eq!(ids("x: 1 # why: because I say so!"), None);
        assert_eq!(ids("x: 1 # why: "), None);
    }
}
