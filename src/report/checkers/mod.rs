//! What third-party checkers say about the bundle, and why each line of it is right as it is. Read from the files
//! themselves and computed from the stack, so that nothing is explained which is not there.

mod compose;
mod nginx;
mod served;

use super::Place;
use super::files::Files;
use crate::controls::Hardened;
use crate::yaml::Route;
use std::collections::BTreeMap;

/// One rule of one checker, with all its places that are right for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The checker.
    pub checker: &'static str,
    /// Its rule, in its own words.
    pub rule: &'static str,
    /// Whether it reports the places; `false` names what it passes over.
    pub raised: bool,
    /// Where.
    pub places: Vec<Place>,
    /// Why it is right as it is.
    pub reason: String,
}

/// Everything the checkers say, grouped by checker, rule and reason.
pub(super) fn findings(stack: &Hardened, files: &Files) -> Vec<Finding> {
    let mut said = Said { files, findings: BTreeMap::new() };
    compose::look(stack, files, &mut said);
    nginx::look(stack, files, &mut said);
    served::look(stack, files, &mut said);
    said.finish()
}

type Key = (&'static str, &'static str, bool, String);

/// Findings by checker, rule and reason.
struct Said<'a> {
    files: &'a Files,
    findings: BTreeMap<Key, Vec<Place>>,
}

impl Said<'_> {
    /// At a key of a file.
    fn at_key(&mut self, key: Key, artifact: &str, at: &Route) {
        let line = self.files.get(artifact).and_then(|file| file.line_of(at));
        self.at(key, Place { artifact: artifact.to_owned(), line, key: Some(at.to_string()) });
    }

    /// At a line of a file.
    fn at_line(&mut self, key: Key, artifact: &str, line: Option<usize>) {
        self.at(key, Place { artifact: artifact.to_owned(), line, key: None });
    }

    fn at(&mut self, key: Key, place: Place) {
        self.findings.entry(key).or_default().push(place);
    }

    fn finish(self) -> Vec<Finding> {
        let finding = |((checker, rule, raised, reason), mut places): (Key, Vec<Place>)| {
            places.sort();
            places.dedup();
            Finding { checker, rule, raised, places, reason }
        };
        let mut findings: Vec<_> = self.findings.into_iter().map(finding).collect();
        findings.sort_by_key(|finding| !finding.raised);
        findings
    }
}
