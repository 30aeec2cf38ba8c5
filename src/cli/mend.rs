//! `--fix`: applies fixes of findings in memory, round by round, each proven before it counts.

use crate::diagnostics::{Code, Diagnostic, Diagnostics, Fix, Grade, Severity, codes};
use crate::text::{Edit, SourceId, Span, apply};
use crate::yaml::{Sources, patch};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Most rounds; what was mended may show something else that can be.
const ROUNDS: usize = 10;

/// Changed texts of files, by the path under which they are read.
pub type Texts = BTreeMap<PathBuf, String>;

/// What a look at the files found.
pub struct Seen {
    /// The files as they were read.
    pub sources: Sources,
    /// What is wrong in them.
    pub diagnostics: Diagnostics,
}

/// What was mended.
#[derive(Default)]
pub struct Mended {
    /// Files with another text.
    pub texts: Texts,
    /// The same files as they were read.
    pub before: Texts,
    /// One line for each fix: file, line, what was done, and why.
    pub done: Vec<String>,
}

/// Applies the fixes of at least a grade until there are none left; `look` reads the files with changed texts in place of
/// those on disk. The last look is given as well.
pub fn mend(least: Grade, look: &dyn Fn(&Texts) -> Seen) -> (Mended, Seen) {
    let mut mended = Mended::default();
    let mut seen = look(&mended.texts);
    for _ in 0..ROUNDS {
        let candidates = candidates(&seen, least);
        let Some((applied, texts, after)) = round(&seen, &candidates, least, &mended.texts, look) else { break };
        mended.done.extend(applied.iter().map(|(finding, fix)| line(&seen.sources, finding, fix)));
        for (path, text) in texts {
            let file = seen.sources.iter().find(|(_, file)| path.as_os_str() == file.name());
            if let Some((_, file)) = file {
                mended.before.entry(path.clone()).or_insert_with(|| file.text().to_owned());
            }
            mended.texts.insert(path, text);
        }
        seen = after;
    }
    (mended, seen)
}

type Candidate<'a> = (&'a Diagnostic, &'a Fix);

/// The best fix of every finding, those left out that change what an earlier one does.
fn candidates(seen: &Seen, least: Grade) -> Vec<Candidate<'_>> {
    let mut chosen: Vec<Candidate<'_>> = Vec::new();
    for finding in &seen.diagnostics {
        let Some(fix) = finding.fixes.first().filter(|fix| fix.grade >= least) else { continue };
        let with: Vec<_> = chosen.iter().copied().chain([(finding, fix)]).collect();
        if changed(&seen.sources, &with).is_some() {
            chosen = with;
        }
    }
    chosen
}

/// All of them at once, or those that can be proven one after the other.
fn round<'a>(
    seen: &'a Seen,
    candidates: &[Candidate<'a>],
    least: Grade,
    texts: &Texts,
    look: &dyn Fn(&Texts) -> Seen,
) -> Option<(Vec<Candidate<'a>>, Texts, Seen)> {
    let attempt = |chosen: &[Candidate<'a>]| {
        let mut texts = texts.clone();
        texts.extend(changed(&seen.sources, chosen)?);
        let after = look(&texts);
        is_proven(seen, chosen, &after, least).then_some((texts, after))
    };
    if candidates.is_empty() {
        return None;
    }
    if let Some((texts, after)) = attempt(candidates) {
        return Some((candidates.to_vec(), texts, after));
    }
    let mut best: Option<(Vec<Candidate<'a>>, Texts, Seen)> = None;
    for candidate in candidates {
        let earlier = best.as_ref().map(|(chosen, ..)| chosen.clone()).unwrap_or_default();
        let with = [earlier, vec![*candidate]].concat();
        if let Some((texts, after)) = attempt(&with) {
            best = Some((with, texts, after));
        }
    }
    best
}

/// The edits of all fixes, by file.
fn by_file(chosen: &[Candidate<'_>]) -> BTreeMap<SourceId, Vec<Edit>> {
    let mut all: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    for edit in chosen.iter().flat_map(|(_, fix)| &fix.edits) {
        all.entry(edit.span.source).or_default().push(edit.clone());
    }
    all
}

/// The texts that fixes lead to; `None` where they cannot be applied together.
fn changed(sources: &Sources, chosen: &[Candidate<'_>]) -> Option<Texts> {
    by_file(chosen)
        .into_iter()
        .map(|(id, edits)| {
            let file = sources.get(id)?;
            Some((PathBuf::from(file.name()), apply(file.text(), &edits).ok()?))
        })
        .collect()
}

/// Mistakes that a fix never makes, wherever they are.
const SLIPS: [Code; 4] = [codes::YAML_SYNTAX, codes::DUPLICATE_KEY, codes::MISSING_KEY, codes::SEVERAL_DOCUMENTS];

/// Whether the findings are gone, nothing else changed, and nothing new is wrong where something was written. What comes to
/// light elsewhere because more can be read was wrong before.
fn is_proven(before: &Seen, chosen: &[Candidate<'_>], after: &Seen, least: Grade) -> bool {
    let count = |seen: &Seen, one: &Diagnostic| {
        seen.diagnostics.iter().filter(|it| it.code == one.code && it.message == one.message).count()
    };
    let gone = chosen.iter().all(|(finding, _)| {
        let mended = chosen.iter().filter(|(it, _)| it.code == finding.code && it.message == finding.message).count();
        count(after, finding) + mended <= count(before, finding)
    });
    let mut written: Vec<(&str, std::ops::Range<usize>)> = Vec::new();
    for (id, mut edits) in by_file(chosen) {
        let Some(file) = before.sources.get(id) else { return false };
        let Some((new, _)) = after.sources.iter().find(|(_, new)| new.name() == file.name()) else { return false };
        if let (Some(old), Some(new)) = (before.sources.tree(id), after.sources.tree(new))
            && !patch::untouched(old, new, &edits)
        {
            return false;
        }
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let places = patch::written(&edits.iter().collect::<Vec<_>>());
        written.extend(places.into_iter().map(|place| (file.name(), place)));
    }
    let touches = |span: Span| {
        let name = after.sources.get(span.source).map(crate::text::SourceFile::name);
        written.iter().any(|(file, new)| {
            Some(*file) == name
                && new.start < new.end
                && span.start < new.end
                && new.start < span.end.max(span.start + 1)
        })
    };
    let fresh =
        after.diagnostics.iter().filter(|it| it.severity == Severity::Error && count(after, it) > count(before, it));
    // What stands wrong in a new place is mended there next.
    let mendable = |it: &Diagnostic| it.fixes.first().is_some_and(|fix| fix.grade >= least);
    let spoilt = fresh
        .into_iter()
        .any(|it| SLIPS.contains(&it.code) || (!mendable(it) && it.primary().is_some_and(|label| touches(label.span))));
    gone && !spoilt
}

/// What was done, for people.
fn line(sources: &Sources, finding: &Diagnostic, fix: &Fix) -> String {
    let place = finding.primary().map(|label| label.span).or(fix.edits.first().map(|edit| edit.span));
    let place = place.and_then(|span| {
        let file = sources.get(span.source)?;
        Some(format!("{}:{}: ", super::terminal::shown(file.name().as_ref()), file.position(span.start).line))
    });
    format!("{}{} [{}]", place.unwrap_or_default(), fix.title, finding.code)
}
