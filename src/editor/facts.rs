//! What finished bundles show of their controls and recommendations.

use crate::compile::Bundle;
use crate::report::{Place, Status};
use crate::stack::Compared;
use std::collections::BTreeMap;

/// What the report of a profile's bundles says, by control and by recommendation.
#[derive(Debug, Default)]
pub struct Facts {
    /// Controls that are on, with the places of the bundles that they set.
    pub controls: BTreeMap<&'static str, Vec<Place>>,
    /// Every recommendation's answer; of several hosts the first.
    pub answers: BTreeMap<String, Status>,
    /// By key of the profile, what the guide asks of it.
    pub asked: BTreeMap<String, Vec<Asked>>,
}

/// What a recommendation asks of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The recommendation.
    pub by: String,
    /// The value here.
    pub chosen: String,
    /// The guide's.
    pub guide: String,
    /// Whether the one here is weaker.
    pub weaker: bool,
}

impl Facts {
    /// Gathers them.
    pub fn of(bundles: &[Bundle]) -> Self {
        let mut facts = Self::default();
        for bundle in bundles {
            for control in bundle.report.controls.iter().filter(|control| control.active) {
                facts.controls.entry(control.id).or_default().extend(control.places.iter().cloned());
            }
            for line in &bundle.report.lines {
                facts.answers.entry(line.id.to_string()).or_insert(line.status);
                for it in line.compared.iter().filter(|it| it.is_key) {
                    let Compared { chosen, guide, weaker, .. } = it.clone();
                    let asked = Asked { by: line.id.to_string(), chosen, guide, weaker };
                    let known = facts.asked.entry(it.what.clone()).or_default();
                    if !known.contains(&asked) {
                        known.push(asked);
                    }
                }
            }
        }
        facts
    }

    /// Controls that set something at or below a key of a compose file, in order of their ids.
    pub fn below(&self, key: &str) -> Vec<&'static str> {
        let within = |place: &Place| {
            let rest = place.key.as_deref().and_then(|known| known.strip_prefix(key));
            place.artifact == "compose.yaml" && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.controls.iter().filter(|(_, places)| places.iter().any(within)).map(|(id, _)| *id).collect()
    }
}
