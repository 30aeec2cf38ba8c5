//! In: the profile's values for a system's own settings, and the system's defaults.
//! Out: the fact `settings`, every value of its setting's type; mistakes with the place of the very part that is wrong.

mod check;
mod scalar;

use super::Scope;
use crate::diagnostics::{Diagnostic, codes};
use crate::format::misplaced_keys;
use crate::format::profile::Profile;
use crate::format::system::{Given, Setting, SettingType, System};
use crate::text::Spanned;
use crate::values::{Day, Invalid};
use check::{Problem, Typed};
use minijinja::Value;
use std::collections::BTreeMap;

/// Checks the profile's settings and gives all of them as the fact `settings`.
pub fn resolve(profile: &Profile, system: &System, scope: &mut Scope, today: Day) {
    for key in profile.settings.keys() {
        if !system.settings.keys().any(|known| known.value == key.value) {
            let names = system.settings.keys().map(|name| name.value.as_str());
            let finding = Diagnostic::error(
                codes::UNKNOWN_KEY,
                format!("`{}` has no setting `{}`", system.name.value, key.value),
            )
            .at(key.span, "");
            scope.diagnostics.push(match misplaced_keys::home_of(key.as_str()) {
                Some(home) => finding.help(home),
                None => finding.meant(key.as_str(), names),
            });
        }
    }
    for (key, given) in &profile.settings {
        let kind = system.settings.iter().find(|(name, _)| name.value == key.value).map(|(_, setting)| &setting.kind);
        if let (Some(SettingType::LastDay), Given::Value(serde_json::Value::String(text))) = (kind, &given.value)
            && text.parse::<Day>().is_ok_and(|day| day < today)
        {
            scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_VALUE, format!("setting `{}`: this day has passed", key.value))
                    .at(given.span, format!("today is {today}"))
                    .help("write a later day, and note to come back before it"),
            );
        }
    }
    let mut values: BTreeMap<String, Value> = BTreeMap::new();
    for (name, setting) in &system.settings {
        let given = profile.settings.iter().find(|(key, _)| key.value == name.value).map(|(_, value)| value);
        let may_be_null = given.is_none() || setting.default.is_null();
        let value = match typed(setting, given.unwrap_or(&setting.default), may_be_null) {
            Ok(value) => value,
            Err(problems) => {
                for Problem { within, span, reason, help, words } in problems {
                    let within = within.map(|field| format!(", `{field}`")).unwrap_or_default();
                    let message = format!("setting `{}`{within}: {reason}", name.value);
                    let mut diagnostic = Diagnostic::error(codes::INVALID_VALUE, message).at(span, "");
                    if let Some((word, names)) = words {
                        diagnostic = diagnostic.meant(&word, names.iter().map(String::as_str));
                    }
                    if let Some(help) = help {
                        diagnostic = diagnostic.help(help);
                    }
                    scope.diagnostics.push(diagnostic);
                }
                // A stand-in, so that what depends on the setting is not reported as well.
                let Ok(stand_in) = typed(setting, &setting.default, true) else {
                    scope.give_up(format!("settings.{}", name.value));
                    continue;
                };
                stand_in
            }
        };
        values.insert(name.value.to_string(), value);
    }
    scope.set("settings", Value::from_pairs(values));
}

/// Whether a value is one of a type.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn judge(kind: &SettingType, given: Given) -> Result<(), Invalid> {
    match check::value(kind, &given.into(), false) {
        Ok(_) => Ok(()),
        Err(problems) => Err(problems.into_iter().next().map_or_else(
            || Invalid::new("this is no such value"),
            |Problem { reason, help, .. }| Invalid { reason, help },
        )),
    }
}

fn typed(setting: &Setting, given: &Spanned<Given>, may_be_null: bool) -> Typed {
    check::value(&setting.kind, given, may_be_null)
}

#[cfg(test)]
mod tests;
