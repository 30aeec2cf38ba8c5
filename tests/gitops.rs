//! Many profiles in one run: which are found, what becomes of each, and what they all want.

use crate::support::session::Session;
use std::fs;
use std::os::unix::fs::symlink;

const NOTES: &str = include_str!("../golden/own-app/notes.system.yaml");

/// A profile that has its system two folders above.
fn profile(name: &str) -> String {
    format!(
        "version: 1\nname: {name}\nsystem: ../../notes.system.yaml\ndomain: {name}.example.com\nadmin: [10.8.0.0/24]\nproxy: {{tls: {{mode: self-signed}}}}\n"
    )
}

fn tree(names: &[&str]) -> Session {
    let session = Session::new().file("notes.system.yaml", NOTES);
    names.iter().for_each(|name| session.put(&format!("apps/{name}/stockade.yaml"), profile(name)));
    session
}

/// Profiles that `check` has looked at.
fn checked(session: &Session, line: &str) -> Vec<String> {
    let outcome = session.run(line);
    outcome.out.lines().filter_map(|line| Some(line.strip_suffix(": no findings")?.to_owned())).collect()
}

#[test]
fn folders_are_searched_as_git_sees_them() {
    let session = tree(&["a", "b"]);
    for path in [
        "apps/b/c.stockade.yaml",
        "build/x/stockade.yaml",
        ".hidden/x/stockade.yaml",
        "node_modules/x/stockade.yaml",
        "vendor/x/stockade.yaml",
        "apps/a/bundle/stockade.yaml.d/stockade.yaml",
    ] {
        session.put(path, profile("c"));
    }
    session.put("apps/a/bundle/stockade.lock", "{}");
    session.put(".gitignore", "/build/\n");
    symlink(session.path("build"), session.path("apps/link")).expect("linked");
    let expected = ["./apps/a/stockade.yaml", "./apps/b/c.stockade.yaml", "./apps/b/stockade.yaml"];
    assert_eq!(checked(&session, "check ."), expected);
    // Outside of a repository files above have no say, inside of one they have.
    let below = ["apps/a/stockade.yaml", "apps/b/c.stockade.yaml", "apps/b/stockade.yaml"];
    assert_eq!(checked(&session, "check apps"), below);
    session.put(".gitignore", "/build/\n/apps/b/\n");
    assert_eq!(checked(&session, "check apps apps/a").len(), 3);
    fs::create_dir(session.path(".git")).expect("made");
    assert_eq!(checked(&session, "check apps apps/a/stockade.yaml apps/b/stockade.yaml"), [below[0], below[2]]);
    // What is named is searched, whatever Git makes of it.
    session.run("check build").exits(0).prints("build/x/stockade.yaml: no findings");
}

#[test]
fn one_failure_stops_no_other_and_the_worst_is_told() {
    let session = tree(&["a", "b", "c"]);
    session.put("apps/b/stockade.yaml", profile("b").replace("admin", "amdin"));
    let done = session.run("generate .").exits(2).says("apps/b/stockade.yaml:5");
    done.prints("3 profiles: 2 bundles written, 0 up to date; 1 with findings:\n  ./apps/b/stockade.yaml\n");
    for (name, written) in [("a", true), ("b", false), ("c", true)] {
        assert_eq!(session.path(&format!("apps/{name}/bundle/compose.yaml")).exists(), written, "{name}");
    }
    session.put("apps/b/stockade.yaml", profile("b"));
    session.run("generate .").exits(0).prints("3 profiles: 1 bundle written, 2 up to date\n");
    // What a run over all has written is what a run over one would.
    session.run("generate apps/a/stockade.yaml --check").exits(0);
    for _ in 0..2 {
        session.run("generate . --check").exits(0).prints("3 profiles: 0 bundles differ, 3 up to date\n");
    }
    session.put("apps/c/bundle/compose.yaml", "mine");
    session.run("generate . --check").exits(1).prints("1 bundle differs, 2 up to date");
    let document = session.run("generate . --check --format json").exits(1).json();
    assert_eq!(document["bundles"].as_array().map(Vec::len), Some(3), "{document:#}");
}

#[test]
fn neighbours_have_folders_of_their_own() {
    let session = Session::new().file("notes.system.yaml", NOTES);
    for name in ["one", "two"] {
        session.put(&format!("apps/all/{name}.stockade.yaml"), profile(name));
    }
    session.run("generate .").exits(0);
    assert!(session.path("apps/all/bundle/one/stockade.lock").exists());
    session.run("generate . --check").exits(0);
    // Where one goes, the other one stays where it is.
    fs::remove_file(session.path("apps/all/one.stockade.yaml")).expect("removed");
    session.put("apps/more/stockade.yaml", profile("more"));
    session.run("generate .").exits(0).prints("2 profiles: 1 bundle written, 1 up to date");
    assert!(!session.path("apps/all/bundle/stockade.lock").exists());
    session.put("apps/all/three.stockade.yaml", profile("two"));
    session.run("generate .").exits(2).says("two profiles would be written to").says("apps/all/two.stockade.yaml:2");
}

#[test]
fn what_can_be_had_once_is_had_by_one() {
    let session = tree(&["a", "b"]);
    session.run("check .").exits(0);
    session.run("check . --one-host").exits(1).says("both want port 443/tcp of one host").says("profile-clash");
    session.put("apps/b/stockade.yaml", profile("b").replace("b.example.com", "a.example.com"));
    // The same domain leads to the same host.
    let done =
        session.run("check .").exits(1).says("both want the domain `a.example.com`").says("port 443/tcp of one host");
    done.says("./apps/b/stockade.yaml:4:9").says("./apps/a/stockade.yaml:4:9");
    session.run("generate .").exits(1).says("both want the domain `a.example.com`");
    // A run that remembers that nothing differs tells it as well.
    for _ in 0..2 {
        session.run("generate . --check").exits(1).says("both want the domain `a.example.com`");
    }
    let found = session.run("check . --format json").exits(1).json();
    assert!(found["diagnostics"].as_array().is_some_and(|found| found.len() > 1), "{found:#}");
}

/// Ten stacks of one host behind one proxy: names, bridges and addresses are apart without a word on them. Their names begin
/// alike, so that bridges, which have 15 characters, differ by a digest alone.
#[test]
fn ten_stacks_share_a_host_and_a_proxy() {
    let session = Session::new();
    session.put(
        "edge/stockade.yaml",
        "version: 1\nname: edge\nadmin: [10.8.0.0/24]\nproxy: {shared: true, bind: [\"::\"]}\n",
    );
    for number in 0..10 {
        let name = format!("customer-{number}");
        let own = |text: String, service: &str| {
            text.replace(
                &format!("  {service}:\n    title"),
                &format!("  {service}:\n    container_name: {name}-{service}\n    title"),
            )
        };
        let system = own(own(NOTES.to_owned(), "app"), "database");
        session.put(&format!("apps/{name}/own.system.yaml"), system);
        let text = profile(&name).replace("../../notes.system.yaml", "./own.system.yaml");
        session.put(
            &format!("apps/{name}/stockade.yaml"),
            text.replace("proxy: {", "proxy: {join: edge, bind: [\"::\"], "),
        );
    }
    session.run("check edge apps --one-host").exits(0).prints("11 profiles: 0 errors");
    // The same system twice has the same containers, which is said with a way out.
    let again = fs::read_to_string(session.path("apps/customer-0/own.system.yaml")).expect("there");
    session.put("apps/customer-1/own.system.yaml", again);
    session
        .run("check edge apps --one-host")
        .exits(1)
        .says("the container `customer-0-app` of one host")
        .says("under `systems`");
}

#[test]
fn a_folder_that_cannot_be_entered_is_told_and_the_others_are_looked_at() {
    let session = tree(&["a"]);
    let done = session.run("check apps nothing").exits(2).says("there is no file `nothing`");
    done.prints("apps/a/stockade.yaml: no findings");
    fs::create_dir(session.path("empty")).expect("made");
    session
        .run("check apps empty")
        .exits(2)
        .says("there is no profile in `empty`")
        .prints("1 profile: 0 errors, 0 warnings");
}

#[test]
fn junit_tells_what_failed() {
    let session = tree(&["a", "b"]);
    session.put("apps/b/stockade.yaml", profile("b").replace("admin", "am&<din\""));
    let text = session.run("check . --format junit").exits(2).out;
    assert!(text.contains("<testsuite name=\"./apps/a/stockade.yaml\" tests=\"1\" failures=\"0\""), "{text}");
    assert!(text.contains("<failure type=\"unknown-key\" message=\"unknown key `am&amp;&lt;din"), "{text}");
    let one = session.run("check apps/a --format junit").exits(0).out;
    assert!(
        one.contains("tests=\"1\" failures=\"0\" errors=\"0\">\n  <testsuite name=\"apps/a/stockade.yaml\""),
        "{one}"
    );
}
