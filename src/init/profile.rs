//! Answers become the text of a profile, once.

use super::questions::source;
use super::{Key, Offer, Value, Wizard};
use crate::grammar::{Grammar, Unprintable, print};
use crate::values::{AnswerKey, Domain, TlsMode};
use serde_json::Value as Json;

/// Where comments begin, as long as there is room before them.
const COLUMN: usize = 28;

/// A profile to be written.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its text.
    pub text: String,
    /// What is still missing in it, each as a line of the profile with what it is for.
    pub missing: Vec<Missing>,
}

/// Something the profile needs before anything can be generated.
#[derive(Debug, Clone)]
pub struct Missing {
    /// The key of the answer.
    pub key: String,
    /// The question.
    pub question: String,
}

/// The lines of a section, and what is commented out among them.
#[derive(Default)]
struct Section {
    lines: Vec<String>,
    later: Vec<String>,
}

impl Wizard {
    /// The profile of all that is decided.
    ///
    /// # Errors
    /// A value that YAML cannot hold.
    pub fn draft(&self) -> Result<Draft, Unprintable> {
        let mut lines =
            vec!["# yaml-language-server: $schema=.stockade/profile.schema.json".to_owned(), "version: 1".to_owned()];
        let is = |key: &Key| self.value(key);
        let Some(offer) = self.offer() else { return Ok(Draft { text: String::new(), missing: Vec::new() }) };
        if let Some(Value::Name(name)) = is(&Key::Name) {
            lines.push(format!("name: {}", yaml(name.as_str())?));
        }
        lines.push(line(&format!("system: {}", yaml(&offer.reference)?), &about(offer)));
        if let Some(Value::Variant(name)) = is(&Key::Variant).filter(|_| offer.variants.len() > 1) {
            let others: Vec<&str> =
                offer.variants.iter().map(|it| it.name.as_str()).filter(|other| *other != name).collect();
            lines.push(line(&format!("variant: {}", yaml(&name)?), &format!("or {}", others.join(", "))));
        }
        if let Some(Value::Domain(domain)) = is(&Key::Domain).filter(|_| offer.web) {
            lines.push(format!("domain: {}", yaml(domain.as_str())?));
        }
        if let Some(Value::Admin(networks)) = is(&Key::Admin) {
            let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
            lines.push(line(
                &format!("admin: {}", flow(&networks.into())?),
                &self.why(&Key::Admin, "who may reach admin surfaces"),
            ));
        }
        lines.extend(self.proxy(offer)?);
        lines.extend(self.firewall());
        let mut missing = Vec::new();
        let (settings, images) = self.own(&mut missing)?;
        lines.extend(section("settings", &settings));
        lines.extend(section("services", &images));
        Ok(Draft { text: lines.join("\n") + "\n", missing })
    }

    /// The comment of a default that was seen; else of what the key is.
    fn why(&self, key: &Key, else_: &str) -> String {
        let proposed = self.default(key).filter(|proposed| Some(&proposed.value) == self.value(key).as_ref());
        proposed.and_then(|proposed| proposed.from).unwrap_or_else(|| else_.to_owned())
    }

    fn proxy(&self, offer: &Offer) -> Result<Option<String>, Unprintable> {
        let mut parts = Vec::new();
        let mut comment = String::new();
        let kind = self.value(&Key::Proxy).filter(|_| offer.proxy);
        let mode = self.value(&Key::Certificate).filter(|_| offer.proxy);
        if let (Some(Value::Proxy(kind)), Some(Value::Certificate(mode))) = (kind, mode) {
            parts.push(format!("kind: {kind}"));
            parts.push(tls(mode, self.value(&Key::Domain))?);
            comment = match mode {
                TlsMode::Files => "correct the paths: the chain with the leaf first, and its key".to_owned(),
                mode => source(mode).to_owned(),
            };
        }
        if let Some(Value::Bind(addresses)) = self.value(&Key::Own(AnswerKey::Bind)) {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            parts.push(format!("bind: {}", flow(&addresses.into())?));
            if comment.is_empty() {
                comment = self.why(&Key::Own(AnswerKey::Bind), "where ports are published");
            }
        }
        Ok((!parts.is_empty()).then(|| line(&format!("proxy: {{{}}}", parts.join(", ")), &comment)))
    }

    fn firewall(&self) -> Option<String> {
        let mut parts = Vec::new();
        let mut why = Vec::new();
        if let Some(Value::Firewall(kind)) = self.value(&Key::Firewall) {
            parts.push(format!("kind: {kind}"));
            why.push(self.why(&Key::Firewall, "what loads the rules"));
        }
        if let Some(Value::SshPort(port)) = self.value(&Key::SshPort) {
            parts.push(format!("ssh: {{port: {port}}}"));
            why.push(self.why(&Key::SshPort, "where SSH listens"));
        }
        (!parts.is_empty()).then(|| line(&format!("firewall: {{{}}}", parts.join(", ")), &why.join("; ")))
    }

    /// Settings and images, with what is left for later.
    fn own(&self, missing: &mut Vec<Missing>) -> Result<(Section, Section), Unprintable> {
        let (mut settings, mut images) = (Section::default(), Section::default());
        for (key, value) in self.decided() {
            match (&key, &value) {
                (Key::Own(AnswerKey::Setting(name)), Value::Setting(json)) => {
                    settings.lines.push(line(&format!("{name}: {}", flow(json)?), &self.why(&key, "")));
                }
                (Key::Own(AnswerKey::Image(name)), Value::Image(image)) => {
                    let image = yaml(&image.to_string())?;
                    images.lines.push(format!("{}: {{image: {image}}}", yaml(name.as_str())?));
                }
                _ => {}
            }
        }
        for ask in self.asks() {
            let key = Key::Own(ask.key.value.clone());
            if self.value(&key).is_some_and(|value| value != Value::Later) {
                continue;
            }
            for (name, given) in &ask.otherwise {
                if self.answers().get(&Key::Own(AnswerKey::Setting(name.value.clone()))).is_none() {
                    settings.lines.push(format!("{}: {}", name.value, flow(&given.value.to_json())?));
                }
            }
            if !ask.otherwise.is_empty() {
                continue;
            }
            missing.push(Missing { key: key.to_string(), question: ask.question.to_string() });
            let example = yaml(ask.example.as_str())?;
            match &ask.key.value {
                AnswerKey::Setting(name) => settings.later.push(format!("{name}: {example}")),
                AnswerKey::Image(name) => images.later.push(format!("{name}: {{image: {example}}}")),
                AnswerKey::Bind => settings.later.push(format!("proxy: {{bind: [{example}]}}")),
            }
        }
        Ok((settings, images))
    }

    /// The same run without questions.
    pub fn command(&self, folder: Option<&str>) -> String {
        let mut words = vec!["stockade".to_owned(), "init".to_owned()];
        words.extend(folder.map(quoted));
        words.push("--yes".to_owned());
        for (key, value) in self.decided() {
            words.push("--set".to_owned());
            words.push(format!("{key}={}", quoted(&value.text())));
        }
        words.join(" ")
    }
}

/// A word of the shell.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| String::new(), std::borrow::Cow::into_owned)
}

fn about(offer: &Offer) -> String {
    match offer.built_in {
        true => format!("{}; `stockade systems {}` lists its settings", offer.title, offer.reference),
        false => offer.title.clone(),
    }
}

fn tls(mode: TlsMode, domain: Option<Value>) -> Result<String, Unprintable> {
    let [certificate, key] = letsencrypt(domain.as_ref());
    Ok(match mode {
        TlsMode::Files => format!("tls: {{mode: files, certificate: {}, key: {}}}", yaml(&certificate)?, yaml(&key)?),
        mode => format!("tls: {{mode: {mode}}}"),
    })
}

/// Where chain and key of a name usually are, as a start.
pub(super) fn letsencrypt(domain: Option<&Value>) -> [String; 2] {
    let name = match domain {
        Some(Value::Domain(domain)) => Domain::as_str(domain),
        _ => "localhost",
    };
    ["fullchain.pem", "privkey.pem"].map(|file| format!("/etc/letsencrypt/live/{name}/{file}"))
}

/// Networks or addresses as a list of YAML; those of IPv6 need quotes in one.
pub(super) fn networks_of(all: &[impl ToString]) -> String {
    let all: Vec<Json> = all.iter().map(|one| Json::from(one.to_string())).collect();
    flow(&all.into()).unwrap_or_default()
}

/// The lines of a map; where all of it waits, one comment that can be made a line.
fn section(name: &str, section: &Section) -> Vec<String> {
    let Section { lines, later } = section;
    if lines.is_empty() {
        return later
            .iter()
            .map(|one| match one.starts_with("proxy: ") {
                true => format!("# TODO {one}"),
                false => format!("# TODO {name}: {{{one}}}"),
            })
            .collect();
    }
    let mut all = vec![format!("{name}:")];
    all.extend(lines.iter().map(|one| format!("  {one}")));
    all.extend(later.iter().map(|one| format!("  # TODO {one}")));
    all
}

/// A line with its comment behind it.
fn line(text: &str, comment: &str) -> String {
    match comment {
        "" => text.to_owned(),
        comment => format!("{text:<width$}# {comment}", width = COLUMN.max(text.chars().count() + 3)),
    }
}

fn yaml(text: &str) -> Result<String, Unprintable> {
    flow(&Json::from(text))
}

fn flow(value: &Json) -> Result<String, Unprintable> {
    let mut out = String::new();
    print(Grammar::Yaml, &minijinja::Value::from(minijinja::value::Serde(value)), &mut out)?;
    Ok(out)
}
