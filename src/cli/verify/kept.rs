//! The result of a run, kept for who looks later: a document, and numbers for Prometheus.

use crate::verify::{Counts, Proof, Verdict};
use std::fmt::Write as _;

/// Prometheus' text format, with a time in seconds since 1970.
pub fn metrics(proofs: &[Proof<'_>], project: &str, time: u64) -> String {
    let project = escaped(project);
    let Counts { proven, broken, not_proven, left_out } = Counts::of(proofs);
    let mut text = String::from(
        "# HELP stockade_verify_checks Checks of the bundle, by what they came to.\n# TYPE stockade_verify_checks gauge\n",
    );
    let states = [("proven", proven), ("broken", broken), ("not-proven", not_proven), ("left-out", left_out)];
    for (state, count) in states {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "stockade_verify_checks{{project=\"{project}\",state=\"{state}\"}} {count}");
    }
    text.push_str(
        "# HELP stockade_verify_failing A check that is broken or not proven.\n# TYPE stockade_verify_failing gauge\n",
    );
    for proof in proofs {
        let state = match proof.verdict {
            Verdict::Broken(_) => "broken",
            Verdict::NotProven(_) => "not-proven",
            Verdict::Proven | Verdict::LeftOut(_) => continue,
        };
        let check = escaped(&proof.check.id);
        let _ =
            writeln!(text, "stockade_verify_failing{{project=\"{project}\",check=\"{check}\",state=\"{state}\"}} 1");
    }
    text.push_str(
        "# HELP stockade_verify_time_seconds When the host was asked.\n# TYPE stockade_verify_time_seconds gauge\n",
    );
    let _ = writeln!(text, "stockade_verify_time_seconds{{project=\"{project}\"}} {time}");
    text
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::{Ask, Claim, Expect, Subject};
    use crate::values::Boundary;

    #[test]
    fn a_label_holds_whatever_a_path_does() {
        let subject = Subject::File { path: "a\"b\\c\nd".to_owned() };
        let check =
            Claim::new(subject, "x", Ask::File, Expect::nothing()).by("file", Boundary::HostContainer, "docker");
        let proofs = [Proof { check: &check, verdict: Verdict::Broken("y".to_owned()) }];
        let text = metrics(&proofs, "p", 7);
        let line = r#"stockade_verify_failing{project="p",check="file/a\"b\\c\nd",state="broken"} 1"#;
        assert!(text.lines().any(|found| found == line), "{text}");
        assert!(text.contains("{project=\"p\",state=\"broken\"} 1\n") && text.ends_with("{project=\"p\"} 7\n"));
    }
}
