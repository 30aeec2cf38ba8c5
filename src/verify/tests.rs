//! Verdicts of hosts that answer as they are told.

use super::*;
use crate::checks::{Ask, Claim, Expect, Subject};
use crate::values::Boundary;
use serde_json::json;

struct Told(Answer);

impl Host for Told {
    fn answer(&self, _: &Check) -> Answer {
        self.0.clone()
    }
}

fn check() -> Check {
    let subject = Subject::Service { service: "app".to_owned(), container: "app".to_owned() };
    let claim =
        Claim::new(subject, "`app` cannot write", Ask::inspect("/HostConfig/ReadonlyRootfs"), Expect::equals(true));
    claim.by("read-only-root", Boundary::ContainerInside, "docker")
}

#[test]
fn what_is_not_seen_is_never_proven() {
    let check = check();
    let verdict = |answer| Proof::of(&check, &Told(answer)).verdict;
    assert_eq!(verdict(Answer::Is(json!(true))), Verdict::Proven);
    assert_eq!(verdict(Answer::Is(json!(false))), Verdict::Broken("false".to_owned()));
    assert_eq!(verdict(Answer::Is(json!(null))), Verdict::Broken("nothing".to_owned()));
    assert_eq!(verdict(Answer::Absent("gone".to_owned())), Verdict::NotProven("gone".to_owned()));
    assert_eq!(verdict(Answer::Unseen("no root".to_owned())), Verdict::NotProven("no root".to_owned()));
}

#[test]
fn what_changes_something_or_is_asked_elsewhere_is_left_out() {
    let told = Told(Answer::Is(json!(true)));
    let changing = Check { changes: true, ..check() };
    assert!(matches!(Proof::of(&changing, &told).verdict, Verdict::LeftOut(_)));
    let elsewhere = Told(Answer::Elsewhere("it is asked outside".to_owned()));
    assert_eq!(Proof::of(&check(), &elsewhere).verdict, Verdict::LeftOut("it is asked outside".to_owned()));
}

#[test]
fn a_check_is_found_by_what_it_is_about() {
    let check =
        Check { recommendations: vec!["X-1".to_owned()], controls: vec!["read-only-root".to_owned()], ..check() };
    for word in ["read-only-root", "read-only-root/app", "x-1", "app", "container-inside"] {
        assert!(is_named(&check, word), "{word}");
    }
    for word in ["read-only", "X-11", "ap", ""] {
        assert!(!is_named(&check, word), "{word}");
    }
}

#[test]
fn the_command_is_made_from_what_is_asked() {
    assert_eq!(check().run, "docker inspect -f '{{json .HostConfig.ReadonlyRootfs}}' app");
    assert_eq!(check().shows, "true");
}

#[test]
fn a_report_without_checks_says_so() {
    assert!(matches!(read(b"[]"), Err(NotAsked::NoReport(_))));
    assert!(matches!(read(br#"{"recommendations": []}"#), Err(NotAsked::Older)));
    let other = br#"{"recommendations": [], "verification": {"project": "a", "engine": "sh", "checks": []}}"#;
    assert!(matches!(read(other), Err(NotAsked::UnknownEngine(_))));
}
