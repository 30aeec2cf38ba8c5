//! `check --fix`: what it mends, what it leaves, and that it never does harm.

use crate::support::session::Session;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// A profile with a comment on every line, so that a lost one is seen.
const WRONG: &str = "\
# the game server
version: 1 # of the format
nmae: hyos # a slip
system: 'hyoss' # in quotes
domain: play.example.com
admin: 10.8.0.0/24, 10.9.0.0/24 # the office
level: # nothing yet
tls: {mode: acme} # it belongs under proxy
proxy.kind: trafik # a path
players: 8 # a setting
";

const RIGHT: &str = "\
# the game server
version: 1 # of the format
name: hyos # a slip
system: 'hyos' # in quotes
domain: play.example.com
admin: [10.8.0.0/24, 10.9.0.0/24] # the office
# nothing yet
proxy:
  tls: {mode: acme} # it belongs under proxy
  kind: traefik # a path
settings:
  players: 8 # a setting
";

#[test]
fn what_the_file_meant_anyway_is_written() {
    let session = Session::with_profile(WRONG);
    let shown = session.run("check --diff").exits(1).prints("-nmae: hyos # a slip").prints("+name: hyos # a slip");
    shown.prints("would be mended: stockade.yaml:3: write `name` for `nmae` [unknown-key]");
    assert_eq!(session.read("stockade.yaml"), WRONG, "--diff writes nothing");
    let run = session.run("check --fix").exits(0).prints("mended: stockade.yaml:3: write `name`");
    run.prints("no findings");
    assert_eq!(session.read("stockade.yaml"), RIGHT);
    session.run("check --diff").exits(0);
    session.run("check --fix").exits(0);
    assert_eq!(session.read("stockade.yaml"), RIGHT, "a second time changes nothing");
}

#[test]
fn findings_say_that_they_can_be_mended() {
    let session = Session::with_profile(WRONG);
    let run = session.run("check").exits(2).says("fix: write `name` for `nmae`");
    run.prints("can be mended: `stockade check --fix`");
    let json = session.run("check --format json").exits(2).json();
    let found = json["diagnostics"].as_array().expect("a list");
    let slip = found.iter().find(|it| it["message"] == "unknown key `nmae`").expect("it is found");
    let fix = &slip["fixes"][0];
    assert_eq!((&fix["title"], &fix["grade"]), (&"write `name` for `nmae`".into(), &"safe".into()), "{slip:#}");
    let edit = &fix["edits"][0];
    let number = |key: &str| edit[key].as_u64().expect("a number") as usize;
    assert_eq!(&WRONG[number("startByte")..number("endByte")], "nmae");
    assert_eq!((number("line"), number("column"), number("endColumn")), (3, 1, 5));
    assert_eq!(edit["text"], "name");
    let sarif = session.run("check --format sarif").exits(2).json();
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let fixes: Vec<_> = results.iter().filter_map(|result| result["fixes"].as_array()).flatten().collect();
    assert!(fixes.len() > 3, "{sarif:#}");
    for fix in fixes {
        assert!(fix["description"]["text"].is_string() && fix["properties"]["grade"].is_string(), "{fix:#}");
        for change in fix["artifactChanges"].as_array().expect("a list") {
            assert_eq!(change["artifactLocation"]["uri"], "stockade.yaml");
            let replaced = change["replacements"].as_array().expect("a list");
            assert!(replaced.iter().all(|one| one["deletedRegion"]["startLine"].is_u64()), "{fix:#}");
        }
    }
}

#[test]
fn what_is_not_sure_is_left() {
    let head = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";
    for (text, said) in [
        // Required, so that removing it makes another mistake.
        ("version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin:\n".to_owned(), "expected"),
        // The key is there already.
        (format!("{head}proxy: {{kind: nginx, knd: caddy}}\n"), "unknown key `knd`"),
        // Nothing is near.
        (format!("{head}frobnicate: 1\n"), "unknown key `frobnicate`"),
    ] {
        let session = Session::with_profile(&text);
        session.run("check --fix=all").exits(2).says(said);
        assert_eq!(session.read("stockade.yaml"), text);
    }
}

#[test]
fn the_file_keeps_its_mode_its_link_its_mark_and_its_line_ends() {
    let text = format!("\u{feff}{}", WRONG.replace('\n', "\r\n"));
    let session = Session::new().file("real/profile.yaml", &text);
    symlink("real/profile.yaml", session.path("stockade.yaml")).expect("linked");
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(session.path("real/profile.yaml"), mode).expect("the mode is set");
    session.run("check --fix").exits(0);
    assert_eq!(session.read("real/profile.yaml"), format!("\u{feff}{}", RIGHT.replace('\n', "\r\n")));
    assert_eq!(session.mode("real/profile.yaml"), 0o640);
    assert!(session.path("stockade.yaml").is_symlink());
}

#[test]
fn a_system_file_of_ones_own_is_mended_and_a_built_in_one_is_not() {
    let session = Session::new();
    session.run("systems new my-app").exits(0);
    let file = "my-app.system.yaml";
    let right = session.read(file);
    let wrong = right.replacen("summary:", "sumary:", 1);
    assert_ne!(right, wrong);
    session.put(file, &wrong);
    session.run("check --fix").prints("my-app.system.yaml");
    assert_eq!(session.read(file), right);
}

const HEAD: &str = "version: 1\nname: hyos\nsystem: hyos\ndomain: play.example.com\nadmin: [10.8.0.0/24]\n";

/// Title and grade of the fixes of a code's first finding.
fn offered(text: &str, code: &str) -> Vec<(String, String)> {
    let session = Session::with_profile(text);
    let json = session.run("check --format json").json();
    let found = json["diagnostics"].as_array().expect("a list");
    let finding = found.iter().find(|it| it["code"] == code).unwrap_or_else(|| panic!("no {code} in {found:#?}"));
    let word = |fix: &serde_json::Value, key: &str| fix[key].as_str().expect("a text").to_owned();
    let fixes = finding["fixes"].as_array().into_iter().flatten();
    fixes.map(|fix| (word(fix, "title"), word(fix, "grade"))).collect()
}

#[test]
fn changes_of_what_a_file_asks_for_are_made_when_all_are_wanted() {
    for (wrong, right) in [
        // Without effect.
        (
            "proxy: {tls: {mode: self-signed, certificate: /a.pem}} # ours\n",
            "proxy: {tls: {mode: self-signed}} # ours\n",
        ),
        (
            "firewall:\n  kind: none # another has them\n  confirm: 60s\n",
            "firewall:\n  kind: none # another has them\n",
        ),
        // What has ended, with what is left.
        (
            "waivers:\n  - {control: pids-limit, service: hyos-server, reason: It forks., until: 2026-10-01}\n  \
             - {control: read-only-root, service: hyos-server, reason: It writes., until: 2027-03-31}\n",
            "waivers:\n  - {control: read-only-root, service: hyos-server, reason: It writes., until: 2027-03-31}\n",
        ),
        (
            "waivers:\n  - {control: pids-limit, service: hyos-server, reason: It forks., until: 2036-10-01}\n",
            "waivers:\n  - {control: pids-limit, service: hyos-server, reason: It forks., until: 2028-11-21}\n",
        ),
        // The version that the system is made for.
        (
            "services:\n  hyos-server: {image: 'ghcr.io/editmysave/hyos/server:latest'}\n",
            "services:\n  hyos-server: {image: 'ghcr.io/editmysave/hyos/server:0.0.24'}\n",
        ),
    ] {
        let session = Session::with_profile(&format!("{HEAD}{wrong}"));
        session.run("check --fix");
        assert_eq!(session.read("stockade.yaml"), format!("{HEAD}{wrong}"), "it is not what the file meant anyway");
        let run = session.run("check --fix=all");
        assert_eq!(session.read("stockade.yaml"), format!("{HEAD}{right}"), "{}{}", run.out, run.err);
    }
}

#[test]
fn of_a_key_written_twice_one_goes_where_both_say_the_same() {
    for wrong in ["level: strict\n# why\nlevel: strict\n", "\"level\": strict\n# why\nlevel: strict # again\n"] {
        let session = Session::with_profile(&format!("{HEAD}{wrong}"));
        let run = session.run("check --fix");
        let text = session.read("stockade.yaml");
        assert_eq!(text.matches("level").count(), 1, "{text}\n{}{}", run.out, run.err);
        assert!(text.contains("# why") && text.matches("again").count() == wrong.matches("again").count(), "{text}");
    }
    let text = format!("{HEAD}level: strict\nlevel: hardened\n");
    let titles = [("remove the second `level`", "shown"), ("remove the first `level`", "shown")];
    assert_eq!(offered(&text, "duplicate-key"), titles.map(|(title, grade)| (title.to_owned(), grade.to_owned())));
    let session = Session::with_profile(&text);
    session.run("check --fix=all").exits(2);
    assert_eq!(session.read("stockade.yaml"), text, "only a person knows which");
}

#[test]
fn words_of_settings_are_mended_and_what_only_a_person_knows_is_offered() {
    let session = Session::with_profile(&format!("{HEAD}settings: {{csp: guid}}\n"));
    session.run("check --fix").prints("write `guide` for `guid`");
    assert_eq!(session.read("stockade.yaml"), format!("{HEAD}settings: {{csp: guide}}\n"));
    let waiver = format!("{HEAD}waivers:\n  - {{control: pids-limit, service: hyos-server}}\n");
    let fixes = offered(&waiver, "missing-key");
    assert!(fixes.iter().any(|(title, grade)| title == "add `reason`" && grade == "shown"), "{fixes:?}");
    let waiver = format!("{HEAD}waivers:\n  - {{control: pids-limit, service: hyos-server, reason: It forks.}}\n");
    assert_eq!(offered(&waiver, "missing-key"), [("add `until: 2027-02-19`".to_owned(), "shown".to_owned())]);
    // Without it the next mistake would be that it is missing.
    let empty = HEAD.replace("admin: [10.8.0.0/24]", "admin:");
    assert!(offered(&empty, "wrong-type").iter().all(|(_, grade)| grade == "shown"));
    let optional = format!("{HEAD}level:\n");
    assert!(offered(&optional, "wrong-type").iter().any(|(_, grade)| grade == "safe"));
}

/// What stands in quotes is written without them where it is what is wanted, and only there.
#[test]
fn a_number_in_quotes_is_mended_where_it_is_one() {
    let session = Session::new();
    for (line, mended) in [
        ("version: \"1\"", true),
        ("version: \"3.8\"", false),
        ("version: \"-1\"", false),
        ("version: \"4294967296\"", false),
    ] {
        session.put(
            "stockade.yaml",
            format!("name: hyos\nsystem: hyos\ndomain: a.example.com\nadmin: [10.8.0.0/24]\n{line}\n"),
        );
        let run = session.run("check").exits(2);
        assert_eq!(run.err.contains("fix: write"), mended, "{line}\n{}", run.err);
    }
}
