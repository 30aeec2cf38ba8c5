//! Settings in the words of a rule, as they must be typed into the profile.

use crate::format::system::{SettingType, System};

/// A text whose code that names a setting, `smtp_host` or `game_udp: false`, says where it stands: `settings.smtp_host`,
/// `settings: {game_udp: false}`. `path` is that of the section.
pub(super) fn typed(text: &str, system: &System, path: &str) -> String {
    // What is also the field of a record may mean that.
    let is_field = |name: &str| system.settings.values().any(|setting| has_field(&setting.kind, name));
    let is_setting = |name: &str| system.settings.keys().any(|known| known.value.as_str() == name) && !is_field(name);
    // Where the code says the section, the words need not.
    let code = || text.split('`').skip(1).step_by(2).map(|part| part.split_once(": ").map_or(part, |(name, _)| name));
    let text = if code().any(is_setting) { text.replace(" under `settings`", "") } else { text.to_owned() };
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('`').enumerate().peekable();
    while let Some((at, part)) = parts.next() {
        if at > 0 {
            out.push('`');
        }
        // Code stands between two marks.
        if at % 2 == 0 || parts.peek().is_none() {
            out.push_str(part);
            continue;
        }
        match part.split_once(": ") {
            Some((name, _)) if is_setting(name) => {
                let (open, close) = (path.replace('.', ": {"), "}".repeat(path.matches('.').count()));
                out.push_str(&format!("{open}: {{{part}}}{close}"));
            }
            None if is_setting(part) => out.push_str(&format!("{path}.{part}")),
            _ => out.push_str(part),
        }
    }
    out
}

fn has_field(kind: &SettingType, name: &str) -> bool {
    match kind {
        SettingType::Records { fields, .. } => {
            fields.iter().any(|(field, it)| field.value == name || has_field(&it.kind, name))
        }
        SettingType::Items { of } => has_field(of, name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceFile;
    use crate::yaml::Sources;

    #[test]
    fn settings_are_named_as_they_are_typed() {
        let mut sources = Sources::new();
        let text = "format: 1\nname: a\ntitle: A\nsummary: A.\nservices: {}\nsettings:\n  host: {purpose: A., type: domain, default: null}\n  \
                    users:\n    purpose: A.\n    default: []\n    type: {records: {fields: {role: {purpose: A., type: name}}}}\n  \
                    role: {purpose: A., type: name, default: null}\n";
        let id = sources.add(SourceFile::new("a.system.yaml", text));
        let (system, found) = crate::systems::read(&sources, id);
        let system = system.unwrap_or_else(|| panic!("{found:?}"));
        for (given, path, wanted) in [
            ("set `host`, or `role: x`", "settings", "set `settings.host`, or `role: x`"),
            ("write `host: a.b`", "settings", "write `settings: {host: a.b}`"),
            ("write `host: a.b`", "systems.c.settings", "write `systems: {c: {settings: {host: a.b}}}`"),
            ("`hosts` and `proxy.host`, host", "settings", "`hosts` and `proxy.host`, host"),
            ("an open ` host", "settings", "an open ` host"),
            ("set `host` under `settings`", "systems.c.settings", "set `systems.c.settings.host`"),
            ("set `host` under `settings`", "settings", "set `settings.host`"),
            ("set `role` under `settings`", "settings", "set `role` under `settings`"),
        ] {
            assert_eq!(typed(given, &system, path), wanted);
        }
    }
}
