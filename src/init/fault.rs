//! Which question an error of the drafted profile belongs to.

use super::{Key, Wizard};
use crate::diagnostics::{Diagnostics, Severity};
use crate::text::SourceId;
use crate::values::AnswerKey;
use crate::yaml::{Sources, Step, route_at};

impl Wizard {
    /// The answer that the first error is about; nothing where no answer stands at its place.
    pub fn at_fault(&self, found: &Diagnostics, sources: &Sources, profile: SourceId) -> Option<Key> {
        let root = sources.tree(profile)?;
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error);
        let places = errors.filter_map(|finding| Some(finding.primary()?.span)).filter(|span| span.source == profile);
        places.map(|span| route_at(root, span.start)).find_map(|route| self.decides(route.steps()))
    }

    /// The answer that says what stands at a route of the profile.
    fn decides(&self, route: &[Step]) -> Option<Key> {
        let names: Vec<&str> = route
            .iter()
            .filter_map(|step| if let Step::Key(name) = step { Some(name.as_str()) } else { None })
            .collect();
        let key = match names.as_slice() {
            ["system", ..] => Key::System,
            ["variant", ..] => Key::Variant,
            ["name", ..] => Key::Name,
            ["domain", ..] => Key::Domain,
            ["admin", ..] => Key::Admin,
            ["proxy", "bind", ..] => Key::Own(AnswerKey::Bind),
            ["proxy", "tls", ..] => Key::Certificate,
            ["proxy", ..] => Key::Proxy,
            ["firewall", "ssh", ..] => Key::SshPort,
            ["firewall", ..] => Key::Firewall,
            ["settings", name, ..] => Key::Own(AnswerKey::Setting(name.parse().ok()?)),
            ["services", name, ..] => Key::Own(AnswerKey::Image(name.parse().ok()?)),
            _ => return None,
        };
        self.answers().get(&key).map(|_| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{Diagnostic, codes};
    use crate::init::{Facts, Offer, Value};
    use crate::text::SourceFile;

    #[test]
    fn the_question_of_an_error_is_opened_and_the_others_are_not() {
        let mut sources = Sources::new();
        let (name, text) = crate::systems::builtins().into_iter().next().expect("systems are built in");
        let id = sources.add(SourceFile::new(name, text));
        let system = crate::systems::read(&sources, id).0.expect("it can be read");
        let mut wizard = Wizard::new(vec![Offer::of(name, &system, true)], Facts::default());
        for (key, text) in
            [(Key::System, name), (Key::Domain, "play.example.com"), (Key::Admin, "10.8.0.0/24"), (Key::Proxy, "nginx")]
        {
            let value = wizard.judge(&key, text).expect("an answer");
            wizard.choose(vec![(key, value)]);
        }
        let profile = sources.add(SourceFile::new("p", "domain: play.example.com\nadmin: [0.0.0.0/0]\n"));
        let admin = sources.tree(profile).and_then(|root| Some(root.get("admin")?.items().first()?.span));
        let mut found = Diagnostics::default();
        let at = admin.expect("it is written");
        found.push(Diagnostic::error(codes::PUBLIC_ADMIN, "open").at(at, ""));
        let key = wizard.at_fault(&found, &sources, profile);
        assert_eq!(key, Some(Key::Admin));
        assert!(wizard.reopen(&Key::Admin) && wizard.answers().get(&Key::Admin).is_none());
        assert!(wizard.answers().get(&Key::Proxy).is_some_and(|it| matches!(it, Value::Proxy(_))));
        assert_eq!(wizard.answers().count(), 3);
        assert!(!wizard.reopen(&Key::Admin), "it is open");
    }
}
