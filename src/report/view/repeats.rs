//! Where each recommendation's command stands, and which commands stand there already: a command is printed once, and
//! named by its number everywhere else.

use super::View;
use serde::Serialize;
use std::collections::BTreeMap;

/// The first place of a command that is asked for again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in super::super) struct Repeat {
    /// Its number, such as `6.2.3` or `9.4`.
    pub place: String,
    /// Whether what it shows when all is well is the same too.
    pub same: bool,
}

/// Recommendations that a step or check shows besides what it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in super::super) struct Shown {
    /// Its number.
    pub place: String,
    /// The recommendations.
    pub ids: Vec<String>,
}

fn numbers(place: &str) -> Vec<usize> {
    place.split('.').filter_map(|number| number.parse().ok()).collect()
}

/// Commands so far, with their place and what they show.
#[derive(Default)]
struct Known(BTreeMap<String, (String, Option<String>)>);

impl Known {
    fn again(&mut self, run: Option<&str>, expect: Option<&str>, place: &str) -> Option<Repeat> {
        let run = run?;
        if let Some((place, known)) = self.0.get(run) {
            return Some(Repeat { place: place.clone(), same: known.as_deref() == expect });
        }
        self.0.insert(run.to_owned(), (place.to_owned(), expect.map(str::to_owned)));
        None
    }
}

/// Numbers everything as the documents print it. The short one has the first start and the runbook alone, so that no step of
/// these leads to what is not in it.
pub(super) fn refer(view: &mut View) {
    let mut known = Known::default();
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for (chapter, lists) in [(2, &mut view.start), (6, &mut view.runbook)] {
        for (list, steps) in lists.iter_mut().enumerate() {
            for (number, step) in steps.steps.iter_mut().enumerate() {
                let place = format!("{chapter}.{}.{}", list + 1, number + 1);
                step.number = format!("{:>2}", number + 1);
                step.again = known.again(step.run.as_deref(), step.expect.as_deref(), &place);
            }
        }
    }
    for (number, manual) in view.manual.iter_mut().enumerate() {
        let place = format!("3.{}", number + 1);
        manual.again = known.again(manual.verify.as_deref(), Some(&manual.expect), &place);
        places.insert(manual.id.clone(), place);
    }
    let mut number = 0;
    let mut shown: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for check in &mut view.checks {
        let place = format!("9.{}", number + 1);
        check.again = known.again(Some(&check.verify), Some(&check.expect), &place);
        let ids = || check.proves.iter().map(|proof| proof.id.clone());
        let place = match check.again.as_ref().filter(|again| again.same) {
            Some(again) => {
                shown.entry(again.place.clone()).or_default().extend(ids());
                again.place.clone()
            }
            None => {
                number += 1;
                check.number = Some(number);
                place
            }
        };
        places.extend(ids().map(|id| (id, place.clone())));
    }
    view.shown = shown.into_iter().map(|(place, ids)| Shown { place, ids }).collect();
    view.shown.sort_by_key(|row| numbers(&row.place));
    for entry in view.boundaries.iter_mut().flat_map(|section| &mut section.lines) {
        entry.place = places.get(&entry.id).cloned();
    }
}

#[cfg(test)]
mod tests {
    use super::super::procedure::{Check, Manual, Proof, Step, Steps};
    use super::*;

    fn step(run: &str, expect: &str) -> Step {
        Step {
            action: "Do it.".into(),
            run: Some(run.into()),
            expect: Some(expect.into()),
            number: String::new(),
            again: None,
        }
    }

    fn check(id: &str, verify: &str, expect: &str) -> Check {
        let proof = Proof { id: id.into(), guide: "Do it".into(), note: None };
        Check { verify: verify.into(), expect: expect.into(), number: None, again: None, proves: vec![proof] }
    }

    #[test]
    fn a_command_stands_once() {
        let manual = |verify: &str, expect: &str| Manual {
            id: "A-1".into(),
            guide: "Do it".into(),
            because: None,
            verify: Some(verify.into()),
            expect: expect.into(),
            again: None,
        };
        let mut view = View {
            runbook: vec![Steps {
                title: "Start".into(),
                steps: vec![step("a", "1"), step("b", "2"), step("a", "1")],
                proofs: false,
            }],
            manual: vec![manual("b", "another")],
            start: vec![Steps { title: "See".into(), steps: vec![step("c", "3")], proofs: false }],
            checks: vec![
                check("A-2", "a", "1"),
                check("A-3", "d", "4"),
                check("A-4", "b", "3"),
                check("A-5", "c", "3"),
            ],
            ..View::default()
        };
        refer(&mut view);
        let repeat = |place: &str, same| Some(Repeat { place: place.into(), same });
        let again: Vec<_> = view.runbook[0].steps.iter().map(|step| step.again.clone()).collect();
        assert_eq!(again, [None, None, repeat("6.1.1", true)]);
        assert_eq!(view.manual[0].again, repeat("6.1.2", false));
        let checks: Vec<_> = view.checks.iter().map(|check| (check.number, check.again.clone())).collect();
        assert_eq!(checks[0], (None, repeat("6.1.1", true)));
        assert_eq!(checks[1], (Some(1), None));
        assert_eq!(checks[2], (Some(2), repeat("6.1.2", false)));
        assert_eq!(checks[3], (None, repeat("2.1.1", true)));
        let shown = |place: &str, id: &str| Shown { place: place.into(), ids: vec![id.into()] };
        assert_eq!(view.shown, [shown("2.1.1", "A-5"), shown("6.1.1", "A-2")]);
    }
}
