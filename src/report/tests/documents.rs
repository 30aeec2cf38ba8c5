//! What the documents say, and in which form.

use super::*;

#[test]
fn what_works_differently_is_a_chapter() {
    let none = run(stack(Vec::new())).1;
    assert!(none.contains("own compose file\n\nThe system's file names nothing.\n"), "{none}");
    let difference = Difference {
        system: None,
        kind: crate::format::system::DifferenceKind::Limit,
        vendor: "`PLAYERS` is 100".to_owned(),
        here: "`PLAYERS` is 10".to_owned(),
        because: "of <memory>".to_owned(),
        restore: vec![parse("settings: {players: 100}"), parse("level: baseline")],
    };
    let (report, markdown, json, _) = run(Stack { differences: vec![difference], ..stack(Vec::new()) });
    let row = "| Limit | `PLAYERS` is 100 | `PLAYERS` is 10 | `settings: {players: 100}`, `level: baseline`";
    assert!(markdown.contains(row), "{markdown}");
    let page = page(&report).unwrap();
    assert!(page.contains("<li>Why: of &lt;memory&gt;</li>"), "{page}");
    assert!(page.contains(
        "<li>To have the vendor's: <code>settings: {players: 100}</code>, <code>level: baseline</code></li>"
    ));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["differences"][0]["kind"], &json["differences"][0]["vendor"]),
        (&"limit".into(), &"`PLAYERS` is 100".into())
    );
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "x\n\n# Owned\n\n<script>alert(1)</script> | [a](javascript:b) ` ``` {{ 1 }}\n```\n# why: hsts";
    let mut hostile_stack = stack(vec![Recommendation {
        because: Some(hostile.to_owned()),
        verify: Some(hostile.to_owned()),
        ..recommendation("X-1", Declared::Manual, &[], &[])
    }]);
    waive(&mut hostile_stack, "hsts", None);
    hostile_stack.waivers[0].reason = hostile.to_owned();
    hostile_stack.limitations = vec![hostile.to_owned()];
    hostile_stack.runbook = vec![Steps {
        title: "Start".into(),
        steps: vec![(hostile.to_owned(), Some(format!("{hostile}\nanother")), Some(hostile.to_owned()))],
    }];
    let (_, markdown, _, _) = run(hostile_stack);
    let mut fence: Option<usize> = None;
    let mut blocks = 0;
    for line in markdown.lines() {
        let ticks = line.trim_start().bytes().take_while(|b| *b == b'`').count();
        match fence {
            Some(open) if ticks >= open && line.trim_start().len() == ticks => fence = None,
            None if ticks >= 3 => {
                fence = Some(ticks);
                blocks += 1;
            }
            Some(_) => {}
            None => {
                assert!(!line.trim_start().starts_with("# ") || line == "# Hardening report: demo", "{line}");
                assert!(!line.contains("<script") && !line.contains("[a]("), "{line}");
            }
        }
    }
    assert_eq!((fence, blocks), (None, 1), "a command with blank lines has a fence that it cannot close");
}

/// A command without blank lines is indented, and nothing in it ends the block.
#[test]
fn a_command_is_a_block_of_its_own() {
    let command = "a ```\n# b\n- c\n\td";
    let list = Steps {
        title: "Start".into(),
        steps: (1..=10).map(|number| (format!("Do {number}"), Some(format!("{command} {number}")), None)).collect(),
    };
    let (_, markdown, _, _) = run(Stack { runbook: vec![list], ..stack(Vec::new()) });
    let at = |step: &str, number: usize| {
        format!("{step}. Do {number}\n\n        a ```\n        # b\n        - c\n        \td {number}\n")
    };
    assert!(markdown.contains(&at("\n 9", 9)) && markdown.contains(&at("\n10", 10)), "{markdown}");
}

#[test]
fn the_json_is_deterministic_and_follows_its_schema() {
    let lines = || vec![recommendation("X-1", Declared::Enforced, &["read-only-root"], &["data/"])];
    let (_, markdown, json, _) = run(stack(lines()));
    let (_, again, json_again, _) = run(stack(lines()));
    assert_eq!((&markdown, &json), (&again, &json_again));
    assert!(json.ends_with("}\n"));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["version"], 1);
    assert_eq!(value["recommendations"][0]["places"][0]["key"], "services.app.read_only");
    assert_eq!(value["summary"]["enforced"], 1);
    let schema = serde_json::to_value(schema()).unwrap();
    jsonschema::validate(&schema, &value).unwrap();
}

#[test]
fn a_command_says_what_it_shows() {
    let with = |verify: &str, expect: Option<&str>| Recommendation {
        verify: Some(verify.to_owned()),
        expect: expect.map(str::to_owned),
        because: Some("so".to_owned()),
        ..recommendation("X-1", Declared::Compensated, &[], &[])
    };
    let lines = vec![with("show", Some("a `word`")), with("test -e x", None), with("show", Some("a `word`"))];
    let (report, markdown, json, _) = run(stack(lines));
    let page = page(&report).unwrap();
    let shown = |command: &str, expect: &str| {
        page.contains(&format!("<pre><code>{command}</code></pre>\n<span class=\"expect\">Expect: {expect}</span>"))
    };
    assert!(shown("show", "a <code>word</code>") && shown("test -e x", "exit status 0"), "{page}");
    assert_eq!(page.matches("<code>show</code>").count(), 1, "a command is shown once");
    assert!(!markdown.contains("test -e x"), "checks are in the page and in report.json");
    assert_eq!(json.matches("\"expect\": \"a `word`\"").count(), 2);
}

#[test]
fn places_are_drawn_together() {
    let place = |artifact: &str, line, key: Option<&str>| Place {
        artifact: artifact.to_owned(),
        line,
        key: key.map(str::to_owned),
    };
    let seen = view::seen(&[
        place("compose.yaml", Some(4), Some("services.a.user")),
        place("compose.yaml", Some(9), Some("services.b.user")),
        place("compose.yaml", Some(8), Some("services.c.user")),
        place("install.sh", None, None),
        place("x.nft", Some(1), None),
    ]);
    let shown: Vec<_> = seen.iter().map(|s| (s.file.as_str(), s.lines.as_str(), s.several, s.key.as_deref())).collect();
    assert_eq!(
        shown,
        [("compose.yaml", "4, 8-9", true, Some("user")), ("install.sh", "", false, None), ("x.nft", "1", false, None)]
    );
}

#[test]
fn a_system_that_starts_the_stack_itself_is_not_told_twice() {
    let titles = |stack: Stack| {
        let (_, _, json, _) = run(stack);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let runs =
            |list: &serde_json::Value| list["steps"].as_array().unwrap().iter().map(|s| s["run"].to_string()).collect();
        json["runbook"].as_array().unwrap().iter().map(runs).collect::<Vec<Vec<String>>>()
    };
    let up = |lists: &[Vec<String>]| lists.concat().iter().filter(|run| run.contains("compose up")).count();
    let plain = titles(stack(Vec::new()));
    assert_eq!(up(&plain), 1);
    let own = Steps {
        title: "First start".into(),
        steps: vec![("Start it".to_owned(), Some("docker compose up -d app".to_owned()), None)],
    };
    let told = titles(Stack { runbook: vec![own], ..stack(Vec::new()) });
    assert_eq!((told.len(), up(&told)), (plain.len() + 1, 1));
    assert!(up(&told[..1]) == 0 && told[0].len() + 1 == plain[0].len(), "{told:?}");
}
