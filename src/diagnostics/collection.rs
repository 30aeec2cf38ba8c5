use super::{Diagnostic, Severity, codes};

/// Findings of one run, collected so that one run tells everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// No findings.
    pub const fn new() -> Self {
        Self { items: Vec::new() }
    }

    /// Takes over the findings of a stage and gives its outcome.
    pub fn absorb<T>(&mut self, (outcome, found): (Option<T>, Self)) -> Option<T> {
        self.extend(found);
        outcome
    }

    /// As [`absorb`](Self::absorb), without findings that are there already: several hosts share most of a profile.
    pub fn absorb_new<T>(&mut self, (outcome, found): (Option<T>, Self)) -> Option<T> {
        for finding in found {
            self.push_new(finding);
        }
        outcome
    }

    /// Adds one finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds a finding unless one of the same code, words and primary place is there.
    pub fn push_new(&mut self, diagnostic: Diagnostic) {
        let key = |item: &Diagnostic| (item.code, item.primary().map(|label| label.span));
        let known = |item: &&Diagnostic| key(item) == key(&diagnostic) && item.message == diagnostic.message;
        if !self.items.iter().any(|item| known(&item)) {
            self.items.push(diagnostic);
        }
    }

    /// Whether a finding forbids to go on.
    pub fn has_errors(&self) -> bool {
        self.max_severity() == Some(Severity::Error)
    }

    /// The worst finding's severity.
    pub fn max_severity(&self) -> Option<Severity> {
        self.items.iter().map(|item| item.severity).max()
    }

    /// Number of findings.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The findings in their present order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// The findings, to be changed in place.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.items.iter_mut()
    }

    /// Sorts by file and place (findings without a place last, in order of arrival) and drops repetitions.
    pub fn sort(&mut self) {
        self.items.sort_by_key(|item| item.primary().map_or((1, None), |label| (0, Some((label.span, item.code)))));
        self.items.dedup();
    }

    /// Keeps so many findings, errors before others, and says how many were left out. They are sorted.
    pub fn keep(&mut self, most: usize) {
        let Some(beyond) = self.items.len().checked_sub(most).filter(|beyond| *beyond > 0) else { return };
        let errors = self.items.iter().filter(|item| item.severity == Severity::Error).count();
        let (mut errors, mut others) = (most.min(errors), most.saturating_sub(errors));
        self.items.retain(|item| {
            let left = if item.severity == Severity::Error { &mut errors } else { &mut others };
            let keep = *left > 0;
            *left = left.saturating_sub(1);
            keep
        });
        self.items.push(
            Diagnostic::note(codes::TOO_MANY_ERRORS, format!("{beyond} further findings are not shown"))
                .help("correct these and run again"),
        );
    }

    /// Drops what is said about a value that could not be read: what stands in its place is no mistake of its own.
    pub fn drop_consequences(&mut self) {
        let start = |item: &Diagnostic| item.primary().map(|label| (label.span.source, label.span.start));
        let unread = |item: &Diagnostic| item.code == codes::YAML_SYNTAX;
        let broken: Vec<_> = self.items.iter().filter(|item| unread(item)).filter_map(start).collect();
        self.items.retain(|item| unread(item) || start(item).is_none_or(|at| !broken.contains(&at)));
    }

    /// The value when no finding is an error, else the sorted findings; warnings beside a value go to `warnings`.
    pub fn into_result<T>(mut self, value: T, warnings: &mut Self) -> Result<T, Self> {
        if self.has_errors() {
            self.sort();
            return Err(self);
        }
        warnings.items.append(&mut self.items);
        Ok(value)
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, items: I) {
        self.items.extend(items);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(item: Diagnostic) -> Self {
        Self { items: vec![item] }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::codes;
    use crate::text::{SourceId, Span};

    fn at(source: u32, start: usize) -> Diagnostic {
        Diagnostic::error(codes::UNKNOWN_KEY, "x").at(Span::new(SourceId::new(source), start, start + 1), "")
    }

    #[test]
    fn sort_orders_by_file_then_place_and_drops_repetitions() {
        let placeless = Diagnostic::warning(codes::MISSING_KEY, "no place");
        let mut all: Diagnostics = [placeless.clone(), at(1, 0), at(0, 9), at(0, 2), at(0, 9)].into_iter().collect();
        all.sort();
        let expected: Diagnostics = [at(0, 2), at(0, 9), at(1, 0), placeless].into_iter().collect();
        assert_eq!(all, expected);
    }

    #[test]
    fn errors_are_kept_before_others() {
        let warning = |start| Diagnostic { severity: Severity::Warning, ..at(0, start) };
        let mut all: Diagnostics = [warning(0), at(0, 1), warning(2), at(0, 3), at(0, 4)].into_iter().collect();
        all.keep(5);
        assert_eq!(all.len(), 5);
        all.keep(4);
        let starts: Vec<_> = all.iter().filter_map(|item| Some(item.primary()?.span.start)).collect();
        assert_eq!(starts, [0, 1, 3, 4]);
        assert_eq!(all.iter().last().map(|item| item.message.as_str()), Some("1 further findings are not shown"));
        let mut all: Diagnostics = [warning(0), at(0, 1), at(0, 3)].into_iter().collect();
        all.keep(1);
        assert!(all.has_errors());
    }

    #[test]
    fn only_errors_stop_a_run() {
        let mut kept = Diagnostics::new();
        let warned = Diagnostics::from(Diagnostic::warning(codes::MISSING_KEY, "w"));
        assert_eq!(warned.into_result(7, &mut kept), Ok(7));
        assert_eq!(kept.len(), 1);
        assert!(Diagnostics::from(at(0, 0)).into_result(7, &mut kept).is_err());
    }
}
