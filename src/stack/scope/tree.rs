//! Trees and lists of words, with every text in them computed.

use super::{OMIT, Scope};
use crate::format::system::{Computed, When};
use crate::text::{Span, Spanned};
use crate::values::amounts;
use minijinja::Value;

impl Scope {
    /// A tree with every text computed. A text that is one expression keeps the expression's type, and entries that
    /// become `omit` are left out.
    pub fn tree(&mut self, value: &serde_json::Value, span: Span) -> Option<serde_json::Value> {
        use serde_json::Value as Json;
        if !self.spend(span, 0) {
            return None;
        }
        Some(match value {
            Json::String(text) => {
                let text = Spanned::new(text.clone(), span);
                let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
                match inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}")) {
                    Some(inner) => {
                        let value = self.value(&Spanned::new(inner.trim().to_owned(), span))?;
                        if value.as_str() == Some(OMIT) {
                            return None;
                        }
                        match value.kind() {
                            // Amounts print as text; their attributes are numbers.
                            minijinja::value::ValueKind::Map if amounts::is_amount(&value) => {
                                Json::String(value.to_string())
                            }
                            _ => serde_json::to_value(&value).unwrap_or_else(|_| Json::String(value.to_string())),
                        }
                    }
                    None => Json::String(self.text(&text)?),
                }
            }
            Json::Array(items) => {
                let mut all = Vec::new();
                for item in items {
                    match Each::of(item).filter(|_| item.get("$key").is_none()) {
                        Some(each) => all.extend(self.each(&each, span, |scope| scope.tree(each.tree, span))),
                        None => all.extend(self.tree(item, span)),
                    }
                }
                Json::Array(all)
            }
            Json::Object(entries) => {
                if let Some(Json::String(condition)) = entries.get("$when")
                    && !self.holds(&Some(When(Spanned::new(condition.clone(), span))))
                {
                    return None;
                }
                match (Each::of(value), entries.get("$key")) {
                    (Some(each), Some(Json::String(key))) => {
                        let key = Spanned::new(key.clone(), span);
                        let pair = |scope: &mut Self| Some((scope.text(&key)?, scope.tree(each.tree, span)?));
                        return Some(Json::Object(self.each(&each, span, pair).into_iter().collect()));
                    }
                    (Some(each), _) => {
                        return Some(Json::Array(self.each(&each, span, |scope| scope.tree(each.tree, span))));
                    }
                    (None, _) => {}
                }
                let entries = entries.iter().filter(|(key, _)| *key != "$when");
                Json::Object(entries.filter_map(|(key, value)| Some((key.clone(), self.tree(value, span)?))).collect())
            }
            plain => plain.clone(),
        })
    }

    /// The words of a command: a text that is one expression over a list becomes all of its items.
    pub fn words(&mut self, texts: &[Computed<String>]) -> Vec<String> {
        let mut words = Vec::new();
        for text in texts {
            let inner = text.text.value.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
            let inner = inner.filter(|inner| !inner.contains("{{") && !inner.contains("}}"));
            let value = inner.map(|inner| self.value(&Spanned::new(inner.trim().to_owned(), text.text.span)));
            match value {
                Some(None) => {}
                Some(Some(list)) if list.kind() == minijinja::value::ValueKind::Seq => {
                    words.extend(list.try_iter().into_iter().flatten().map(|item| item.to_string()));
                }
                _ => words.extend(self.string(text)),
            }
        }
        words
    }

    /// What a list or map that stands for many holds: something computed for each item of a fact.
    fn each<T>(&mut self, each: &Each, span: Span, mut one: impl FnMut(&mut Self) -> Option<T>) -> Vec<T> {
        let mut all = Vec::new();
        for (index, item) in self.items(&Spanned::new(each.of.to_owned(), span)) {
            all.extend(
                self.with("index", Value::from(index + 1), |scope| scope.with(each.name, item, |scope| one(scope))),
            );
        }
        all
    }
}

/// `{$each: LIST, $as: NAME, $item: TREE}`: an item of a list that stands for as many as the list has, or the value of a key
/// that is such a list, with `$key: NAME` such a map.
struct Each<'a> {
    of: &'a str,
    name: &'a str,
    tree: &'a serde_json::Value,
}

impl<'a> Each<'a> {
    fn of(value: &'a serde_json::Value) -> Option<Self> {
        let name = value.get("$as").and_then(serde_json::Value::as_str).unwrap_or("item");
        Some(Self { of: value.get("$each")?.as_str()?, name, tree: value.get("$item")? })
    }
}
