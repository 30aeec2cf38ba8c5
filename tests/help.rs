//! What `-h` and `--help` say: the short one fits a screen, the long one has examples that run.

use std::process::Command;

use crate::support::session::Session;
use crate::support::tools;

const SYSTEM: &str = "hyos";
const RECOMMENDATION: &str = "HYOS-12";
const PROFILE: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

/// Rows and columns of the smallest terminal that counts.
const SCREEN: (usize, usize) = (24, 80);

fn help(session: &Session, command: &str, flag: &str, columns: usize) -> String {
    let mut asked = session.command(&format!("{command} {flag}"));
    let done = asked.env("COLUMNS", columns.to_string()).output().expect("the binary starts");
    assert!(done.status.success(), "{command} {flag}");
    String::from_utf8(done.stdout).expect("help is text")
}

/// Every command, the program itself as an empty word.
fn commands(session: &Session) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut at = 0;
    while let Some(command) = found.get(at).cloned() {
        let text = help(session, &command, "--help", 200);
        let below = text.split("\nCommands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
        let names =
            below.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(|it| !it.is_empty()));
        found.extend(names.filter(|name| *name != "help").map(|name| format!("{command} {name}").trim().to_owned()));
        at += 1;
    }
    assert!(found.len() > 12, "{found:?}");
    found
}

#[test]
fn short_help_fits_a_screen() {
    let session = Session::new();
    let mut wrong = Vec::new();
    for command in commands(&session) {
        let text = help(&session, &command, "-h", SCREEN.1);
        let rows = text.lines().count();
        let wide = text.lines().filter(|line| line.chars().count() > SCREEN.1).count();
        if rows > SCREEN.0 || wide > 0 {
            wrong.push(format!("`{command} -h`: {rows} rows, {wide} too wide\n{text}"));
        }
        let long = help(&session, &command, "--help", SCREEN.1);
        wrong.extend(
            long.lines()
                .filter(|line| line.chars().count() > SCREEN.1)
                .map(|line| format!("`{command} --help`: {line}")),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commands of a help text's examples, as they are typed.
fn examples(text: &str) -> Vec<String> {
    let part = text.split("\nExamples:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    let joined = part.replace("\\\n    ", "");
    let line = |line: &str| {
        let typed = &line[line.find("stockade")?..];
        // Behind two spaces follows what it does; a pipe or a parenthesis ends what is ours.
        let typed = typed.split("  ").next()?.split(['|', ')']).next()?.trim();
        Some(typed.replace("NAME", SYSTEM).replace(" ID", &format!(" {RECOMMENDATION}")))
    };
    joined.lines().filter_map(line).collect()
}

#[test]
fn every_command_has_examples_and_they_run() {
    let start = Session::new();
    let mut ran = 0;
    for command in commands(&start) {
        let text = help(&start, &command, "--help", 200);
        let examples = examples(&text);
        assert!(!examples.is_empty(), "`{command} --help` has no example");
        for example in examples {
            let first = example.split_whitespace().nth(1);
            // A wizard that makes a profile begins where there is none.
            let change = example.contains("proxy=caddy");
            let session =
                if first == Some("init") && !change { Session::new() } else { Session::with_profile(PROFILE) };
            // They speak of a bundle.
            if matches!(first, Some("explain" | "secrets" | "certs" | "verify")) {
                session.run("generate").exits(0);
            }
            session.put("answers.yaml", "system: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n");
            let kept = r#"{"version": 1, "time": "2026-11-30T12:00:00Z", "project": "hyos", "checks": []}"#;
            session.put("result.json", kept);
            let mut asked = Command::new(tools::tool("bash"));
            let bin = std::path::Path::new(env!("CARGO_BIN_EXE_stockade")).parent().expect("it lies in a folder");
            // No registry is asked: what would do it is not found.
            let others = if first == Some("images") { "" } else { ":/usr/bin:/bin" };
            asked.env_clear().env("PATH", format!("{}{others}", bin.display())).env("HOME", session.path(""));
            asked.env("STOCKADE_TODAY", crate::support::TODAY).args(["-c", &format!("{example} </dev/null")]);
            let done = asked.current_dir(session.path("")).output().expect("bash starts");
            let said = String::from_utf8_lossy(&done.stderr);
            let well = match done.status.code() {
                Some(0 | 1) => true,
                // Nothing of it runs here.
                Some(4) if first == Some("verify") => true,
                // A value, a file or a registry that is not there; the words are understood.
                Some(2 | 3) if matches!(first, Some("secrets" | "images" | "certs")) => !said.contains("Usage:"),
                // Without a terminal the wizard says which line needs none.
                _ => first == Some("init") && !example.contains("--") && said.contains("--set"),
            };
            assert!(well, "$ {example}\n{said}");
            ran += 1;
        }
    }
    assert!(ran > 30, "{ran} examples");
}
