//! The README does what it says: its YAML blocks are profiles that compile, and its `stockade` commands run.

use crate::support::library;
use crate::support::session::Session;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Code blocks of a language, with the line each begins on.
fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let Some(word) = line.trim_start().strip_prefix("```") else { continue };
        let body: Vec<_> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| !line.trim_start().starts_with("```")).collect();
        if word.split([' ', ',']).next() == Some(language) {
            found.push((number, body.join("\n") + "\n"));
        }
    }
    found
}

#[test]
fn every_profile_in_the_readme_compiles() {
    let text = std::fs::read_to_string(README).expect("the package has a README");
    let profiles: Vec<_> = blocks(&text, "yaml").into_iter().filter(|(_, body)| body.contains("version: 1")).collect();
    assert!(!profiles.is_empty(), "the README shows a profile");
    for (line, body) in profiles {
        let compiled = library::profile(&body);
        assert!(!compiled.bundles.is_empty(), "README.md:{line}: {:#?}", library::findings(&compiled));
    }
}

/// Commands are run one after the other in one folder that holds the README's first profile.
#[test]
fn every_stockade_command_in_the_readme_runs() {
    let text = std::fs::read_to_string(README).expect("the package has a README");
    let profile = blocks(&text, "yaml").into_iter().map(|(_, body)| body).find(|body| body.contains("version: 1"));
    let session = Session::with_profile(&profile.expect("the README shows a profile"));
    let mut ran = 0;
    for (line, body) in blocks(&text, "sh") {
        let commands = body.lines().filter_map(|line| line.trim().trim_start_matches("$ ").strip_prefix("stockade "));
        for command in commands {
            let command = command.split(" #").next().unwrap_or(command).trim();
            let outcome = session.run(command);
            assert!(outcome.status <= 1, "README.md:{line}: {}\n{}\n{}", outcome.line, outcome.out, outcome.err);
            ran += 1;
        }
    }
    assert!(ran > 0, "the README shows a command");
}
