//! `stockade report`, as its users type it.

use std::collections::BTreeSet;

use crate::support::cases;
use crate::support::session::Session;

const PROFILE: &str = "version: 1\nname: hyos\nsystem: hyos\nadmin: [10.8.0.0/24]\ndomain: play.example.com\nsettings: {manager: false}\n";

#[test]
fn the_documents_are_those_of_the_bundle() {
    let session = Session::with_profile(PROFILE);
    session.run("generate").exits(0);
    for (format, file) in
        [("", "HARDENING.md"), ("--format markdown", "HARDENING.md"), ("--format json", "report.json")]
    {
        let outcome = session.run(&format!("report {format}")).exits(0);
        assert!(outcome.out == session.read(&format!("bundle/{file}")), "{format}: another {file}");
    }
}

#[test]
fn a_report_is_written_to_a_file_and_nothing_else_is() {
    let session = Session::with_profile(PROFILE);
    let outcome = session.run("report --format html --out report.html").exits(0);
    assert_eq!(outcome.out, "");
    assert_eq!(session.mode("report.html"), 0o644);
    let page = session.read("report.html");
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n") && page.contains("HYOS-77"));
    assert_eq!(session.run("report --format html --out -").exits(0).out, page, "the same page twice");
    let mut names: Vec<_> = std::fs::read_dir(session.path("")).expect("the folder is there").collect();
    names.sort_by_key(|entry| entry.as_ref().map(std::fs::DirEntry::file_name).ok());
    let names: Vec<_> = names.into_iter().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["report.html", "stockade.yaml"]);
    session.put("report.html", "old");
    session.run("report --format html --out report.html").exits(0);
    assert_eq!(session.read("report.html"), page);
}

/// As in `HARDENING.md`; elsewhere stands the number of the step, which leads there.
#[test]
fn the_page_prints_each_command_once() {
    let parts = |page: &str, open: &str, close: &str| -> Vec<String> {
        page.split(open).skip(1).filter_map(|rest| Some(rest.split_once(close)?.0.to_owned())).collect()
    };
    for name in ["hyos-nginx", "proactions-hub-everything"] {
        let (_, case) = cases().into_iter().find(|(known, _)| known == name).expect("there is such a case");
        let session = Session::with_case(&case);
        let page = session.run("report profile.yaml --format html").exits(0).out;
        let commands = parts(&page, "<pre><code>", "</code></pre>");
        let distinct: BTreeSet<_> = commands.iter().collect();
        assert_eq!(distinct.len(), commands.len(), "{name} prints a command twice");
        let document = session.run("report profile.yaml").exits(0).out;
        let fences = document.lines().filter(|line| line.trim_start().starts_with("```")).count();
        assert_eq!(commands.len() * 2, fences, "{name}: HARDENING.md prints others");
        let ids = parts(&page, " id=\"", "\"");
        let links = parts(&page, "href=\"#step-", "\"");
        assert!(links.len() > 20, "{name}: {links:?}");
        for link in &links {
            assert_eq!(ids.iter().filter(|id| **id == format!("step-{link}")).count(), 1, "{name}: {link}");
        }
        let more = "Steps and checks above show these as well";
        assert_eq!(page.contains(more), document.contains(more), "{name}");
    }
}

#[test]
fn only_files_are_replaced() {
    let session = Session::with_profile(PROFILE);
    session.put("folder/file", "");
    std::os::unix::fs::symlink("folder/file", session.path("link")).expect("a link can be made");
    for out in ["folder", "link"] {
        session.run(&format!("report --out {out}")).exits(2).says("is not a regular file");
    }
    assert_eq!(session.read("folder/file"), "");
    session.run("report --out none/report.md").exits(3).says("cannot write `none/report.md`");
}

#[test]
fn what_is_wrong_is_said_on_standard_error() {
    let session = Session::with_profile("version: 1\nname: hyos\nsystem: hyso\n");
    let outcome = session.run("report --format json").exits(2).says("`hyso`");
    assert_eq!(outcome.out, "");
    let session = Session::with_profile(PROFILE);
    session.run("report missing.yaml").exits(2).says("there is no file `missing.yaml`");
    session.run("--format sarif report").exits(2).says("a report has formats of its own");
    session.run("report --format sarif").exits(2).says("[possible values: markdown, json, html]");
    session.run("report --host panel").exits(2).says("the profile has no host `panel`");
}

#[test]
fn of_several_hosts_one_is_chosen() {
    let case = cases()
        .into_iter()
        .map(|(_, case)| case)
        .find(|case| std::fs::read_to_string(case.join("profile.yaml")).is_ok_and(|text| text.contains("\nhosts:")));
    let session = Session::with_case(&case.expect("a golden case has several hosts"));
    let outcome = session.run("report profile.yaml").exits(2).says("choose one with `--host`: ");
    let list = outcome.err.split("`--host`: ").nth(1).and_then(|rest| rest.lines().next()).expect("they are listed");
    for host in list.split(", ") {
        let page = session.run(&format!("report profile.yaml --host {host}")).exits(0).out;
        assert!(page.contains(&format!("`{host}`")), "{host}");
    }
}
