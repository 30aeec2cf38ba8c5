//! The answer to each recommendation, with waivers, levels and places.

use super::evidence::{self, Evidence};
use super::files::{Files, parse_route};
use super::marks::Marks;
use super::{Line, Place, Status, Waived};
use crate::controls::{Hardened, Id, catalogue};
use crate::diagnostics::{Diagnostic, Diagnostics, codes, nearest_or_allowed};
use crate::format::system::Status as Declared;
use crate::stack::{Covered, Recommendation, Waiver};
use crate::text::Spanned;

/// Answers every recommendation of the stack, in order.
pub(super) fn answer(stack: &Hardened, files: &Files, marks: &Marks, diagnostics: &mut Diagnostics) -> Vec<Line> {
    let mut said = Diagnostics::default();
    let lines = stack.recommendations.iter().map(|recommendation| {
        // What is wrong with an answer was said where it is written.
        let again = recommendation.same_as.is_some();
        line(stack, recommendation, files, marks, if again { &mut said } else { diagnostics })
    });
    lines.collect()
}

fn line(
    stack: &Hardened,
    recommendation: &Recommendation,
    files: &Files,
    marks: &Marks,
    diagnostics: &mut Diagnostics,
) -> Line {
    let Recommendation {
        id,
        guide,
        boundary,
        status,
        controls,
        places: _,
        because,
        verify,
        expect,
        from,
        changes,
        evidence: _,
        deviation,
        compared,
        same_as,
        span: _,
    } = recommendation;
    let Evidence { mut places, mut more, best } = evidence::of(recommendation, files, marks);
    let declared = declared_places(recommendation, files, diagnostics);
    let broken = declared.len() < recommendation.places.len();
    // Whoever wrote the guide's answer knows best where it is seen; a line says more than a file.
    let line = declared.iter().find(|place| place.line.is_some());
    let mut best = line.cloned().or(best).or_else(|| declared.first().cloned());
    places.extend(declared);
    places.sort_by(evidence::order);
    places.dedup();
    // What has no object here claims nothing that could be shown or checked.
    let claims = *status != Declared::NotApplicable;
    if !claims {
        (places, more, best) = (Vec::new(), 0, None);
    }

    let mut line = Line {
        id: id.clone(),
        guide: guide.clone(),
        boundary: *boundary,
        status: match status {
            Declared::Enforced => Status::Enforced,
            Declared::Compensated => Status::Compensated,
            Declared::Manual => Status::Manual,
            Declared::NotApplicable => Status::NotApplicable,
        },
        controls: controls.iter().copied().filter(|_| claims).collect(),
        places,
        best,
        more,
        because: because.clone(),
        verify: verify.clone().filter(|_| claims),
        expect: expect.clone().filter(|_| claims),
        from: *from,
        changes: *changes,
        deviation: deviation.clone().filter(|_| claims),
        compared: compared.clone(),
        same_as: same_as.clone(),
        waived: None,
        notes: Vec::new(),
    };
    if !line.status.is_met() {
        return line;
    }
    let partial: Vec<&Waiver> =
        stack.waivers.iter().filter(|w| w.service.is_some() && controls.contains(&w.control)).collect();
    line.notes = partial.iter().filter_map(|waiver| note(waiver)).collect();
    line.waived = controls.iter().find_map(|id| switched_off(stack, id));
    // Waived for the only service it speaks of, nothing is left of it.
    if line.waived.is_none() && line.places.is_empty() && line.status == Status::Enforced {
        line.waived = partial.first().map(|waiver| waived(waiver));
    }
    if line.waived.is_some() {
        line.status = Status::Waived;
    } else if line.compared.iter().any(|value| value.weaker) {
        // Nothing may be left to show of it: a header that the profile takes away.
        line.status = Status::Relaxed;
    } else if line.status == Status::Enforced && line.places.is_empty() && !broken {
        diagnostics.push(
            Diagnostic::error(
                codes::INVALID_SYSTEM,
                format!("`{id}` is called enforced but nothing in the bundle shows it"),
            )
            .at(recommendation.span, "")
            .help(match controls.as_slice() {
                [] => "name the control or the place that enforces it, or give another status".to_owned(),
                _ => format!(
                    "no line carries the mark of {}; give a `when` under which it applies, a place, or another status",
                    quoted(controls)
                ),
            }),
        );
    }
    line
}

/// Why a control is off for everything, where it is.
fn switched_off(stack: &Hardened, id: Id) -> Option<Waived> {
    if let Some(waiver) = stack.waivers.iter().find(|w| w.control == id && w.service.is_none()) {
        return Some(waived(waiver));
    }
    let meta = catalogue::find(id)?.meta();
    (!stack.active().contains(&id)).then(|| Waived {
        control: id,
        service: None,
        reason: format!("level {} leaves `{id}` out; level {} turns it on", stack.level, meta.level),
        until: None,
    })
}

fn waived(waiver: &Waiver) -> Waived {
    let Waiver { control, service, reason, until } = waiver;
    Waived { control, service: service.clone(), reason: reason.clone(), until: Some(*until) }
}

fn note(waiver: &Waiver) -> Option<String> {
    let Waiver { control, service, reason, until } = waiver;
    Some(format!("`{control}` is waived for `{}` until {until}: {reason}", service.as_ref()?))
}

/// The places a system file names itself, as far as they exist.
/// Adds the places where the system's own reverse proxy does what controls do elsewhere.
pub(super) fn covered(stack: &Hardened, files: &Files, marks: &mut Marks, diagnostics: &mut Diagnostics) {
    for Covered { control, places } in &stack.covered {
        let found = existing(places, control, files, diagnostics);
        marks.entry((*control).to_owned()).or_default().extend(found);
    }
}

fn declared_places(recommendation: &Recommendation, files: &Files, diagnostics: &mut Diagnostics) -> Vec<Place> {
    existing(&recommendation.places, recommendation.id.as_str(), files, diagnostics)
}

fn existing(texts: &[Spanned<String>], of: &str, files: &Files, diagnostics: &mut Diagnostics) -> Vec<Place> {
    let mut places = Vec::new();
    for text in texts {
        match resolve(text, files) {
            Ok(place) => places.push(place),
            Err((reason, help)) => diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, format!("`{of}` points at {reason}"))
                    .at(text.span, "")
                    .help(help),
            ),
        }
    }
    places
}

fn resolve(text: &str, files: &Files) -> Result<Place, (String, String)> {
    let (artifact, key) = text.split_once('#').map_or((text, None), |(artifact, key)| (artifact, Some(key)));
    if !files.exists(artifact) && ![super::MARKDOWN, super::JSON].contains(&artifact) {
        let reason = format!("`{}`, which is not in the bundle", artifact.escape_debug());
        return Err((reason, nearest_or_allowed(artifact, files.paths())));
    }
    let Some(key) = key else {
        return Ok(Place { artifact: artifact.to_owned(), line: None, key: None });
    };
    let line = parse_route(key).zip(files.get(artifact)).and_then(|(route, file)| file.line_of(&route));
    if line.is_none() {
        let reason = format!("the key `{}`, which `{}` does not have", key.escape_debug(), artifact.escape_debug());
        return Err((
            reason,
            "a key is written as `services.app.ports[0]`; see the generated file for its keys".into(),
        ));
    }
    Ok(Place { artifact: artifact.to_owned(), line, key: Some(key.to_owned()) })
}

fn quoted(ids: &[Id]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}
