//! Commands of reports that read the bundle alone, really run: each shows what its report says it shows.

use serde_json::Value;

use crate::support::generated::Generated;
use crate::support::{cases, tools};

/// Tests run as whoever owns the bundle, so nothing has to be refused.
const SUDO: &str = "sudo() { \"$@\"; }\n";

/// How the commands begin whose expectations name in backticks what is printed.
const READERS: [&str; 6] = ["sudo grep -", "sudo cut ", "sudo wc ", "grep -", "jq '", "sudo sh -c 'test -d secrets"];

/// What only a running stack has, or a person writes.
const ELSEWHERE: [&str; 5] = ["logs", "docker", "podman", "curl", "reviews.txt"];

/// Whole cases: their systems name in backticks, and nothing else, what must be there.
fn is_told(case: &str) -> bool {
    case.starts_with("proactions-hub")
}

#[test]
fn commands_that_read_the_bundle_show_what_the_report_says() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    let told = cases().into_iter().filter(|(name, _)| is_told(name));
    for case in told.flat_map(|(name, folder)| Generated::hosts(&name, &folder)) {
        let report: Value = serde_json::from_str(&case.read("report.json")).expect("the report is JSON");
        for line in report["recommendations"].as_array().expect("a list") {
            let (Some(verify), Some(expect)) = (line["verify"].as_str(), line["expect"].as_str()) else { continue };
            let reads = READERS.iter().any(|start| verify.starts_with(start));
            if !reads || ELSEWHERE.iter().any(|word| verify.contains(word)) {
                continue;
            }
            seen += 1;
            let said = tools::shell(&case.folder(), &format!("{SUDO}{verify}"));
            if let Some(missing) = missing(expect, &said.out).or((!said.err.is_empty()).then(|| said.err.clone())) {
                wrong.push(format!("{}: {}: `{verify}` lacks `{missing}`: {}", case.name, line["id"], said.out));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen > 150, "{seen} commands were run");
}

/// The first thing in backticks that is not printed, up to where the expectation goes on to explain; `nothing` is literal.
fn missing(expect: &str, out: &str) -> Option<String> {
    if expect.starts_with("nothing") {
        return (!out.is_empty()).then(|| "nothing".to_owned());
    }
    let told = [";", ": ", ", which", ", the name", ", because"].iter().fold(expect, |told, end| {
        let outside = |at: &usize| told[..*at].matches('`').count() % 2 == 0;
        let at = told.match_indices(end).map(|(at, _)| at).find(outside);
        at.map_or(told, |at| &told[..at])
    });
    let terms = told.split('`').skip(1).step_by(2).flat_map(|term| term.split('…'));
    terms.map(str::trim).find(|term| !out.contains(term)).map(str::to_owned)
}

#[test]
fn what_is_missing_is_seen() {
    assert_eq!(missing("`a: true` and `b`; never `c`", "x: 1\na: true\nb"), None);
    assert_eq!(missing("`a: true` and `b`", "a: true").as_deref(), Some("b"));
    assert_eq!(missing("`0`: no value shows `1`", "0\n"), None);
    assert_eq!(missing("nothing", "x").as_deref(), Some("nothing"));
}
