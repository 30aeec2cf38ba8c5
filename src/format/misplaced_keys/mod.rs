//! In: findings about unknown keys, the file's tree and the schema of what it should be.
//! Out: the same findings, whose way out names the place where the key belongs, or what stands in its place here.

mod compose;
mod habits;
mod moved;
mod places;

use super::File;
use crate::diagnostics::{Code, Diagnostic, Diagnostics, Fix, Grade, allowed, codes, nearest};
use crate::text::Edit;
use crate::text::SourceId;
use crate::yaml::{Node, Route, Sources, Step, find, route_at};

/// Said of what a profile cannot change.
const IN_THE_SYSTEM: &str = "the system file says this, not the profile; one of your own can say it";

/// The other file, and what is said of its keys.
fn other(file: File) -> (File, &'static str) {
    match file {
        File::Profile => (File::System, IN_THE_SYSTEM),
        File::System => (File::Profile, "the profile says this, not the system file"),
    }
}

/// Findings that may be about a key, about the version, or about where a secret comes from.
const VERSIONED: [Code; 5] =
    [codes::UNKNOWN_KEY, codes::MISSING_KEY, codes::WRONG_TYPE, codes::INVALID_VALUE, codes::UNKNOWN_VALUE];

/// Says of a file that it is one of Compose, where it can be no profile; everything else in it is a consequence.
pub fn compose_file(root: &Node) -> Option<Diagnostic> {
    let services = root.entry("services").filter(|_| root.get("system").is_none() && root.get("systems").is_none())?;
    let own =
        |key: &str| ["build", "ports", "volumes", "networks", "depends_on", "restart", "container_name"].contains(&key);
    let foreign = |service: &Node| service.entries().iter().any(|entry| own(entry.name()));
    let is_compose = services.value.entries().iter().any(|entry| foreign(&entry.value));
    is_compose.then(|| {
        Diagnostic::error(codes::MISSING_KEY, "this is a Compose file, no profile")
            .at(services.key.span, "services are described by a system")
            .help("`stockade systems` lists those that are built in; for others `stockade systems new NAME` writes a system file to fill from this one, and a profile")
    })
}

/// Says of each key that is not known where it is known.
pub fn explain(found: Diagnostics, sources: &Sources, root: &Node, file: File) -> Diagnostics {
    if !found.iter().any(|finding| VERSIONED.contains(&finding.code)) {
        return found;
    }
    let own = places::all(file.published());
    let (other, words) = other(file);
    let others = places::all(other.published());
    let say = |finding: Diagnostic| {
        let Some(label) = finding.primary().filter(|_| VERSIONED.contains(&finding.code)) else { return finding };
        let route = route_at(root, label.span.start);
        if let (File::Profile, [Step::Key(secrets), Step::Key(sources), Step::Key(name)]) = (file, route.steps())
            && (secrets.as_str(), sources.as_str()) == ("secrets", "sources")
            && finding.code != codes::UNKNOWN_KEY
            && find(root, &route).is_some_and(|found| found.span == label.span)
        {
            // The value may be the secret.
            let message = "a secret comes from `generate` or `supplied`".to_owned();
            let help = format!("write `{name}: supplied`, and the value into the file `secrets/{name}` of the bundle");
            return Diagnostic { message, ..finding }.help(help);
        }
        if finding.code == codes::MISSING_KEY {
            return choice(finding, file, route.steps());
        }
        if finding.code != codes::UNKNOWN_KEY {
            let help = match (file, route.steps()) {
                (File::Profile, [Step::Key(key)]) if key == "version" => {
                    Some("write `version: 1`: it is that of the profile's own format".to_owned())
                }
                (File::System, [Step::Key(key)]) if key == "format" => {
                    Some("write `format: 1`: it is that of the system file's own format".to_owned())
                }
                (File::System, [Step::Key(services), Step::Key(_), Step::Key(key), ..])
                    if services == "services" && finding.code == codes::WRONG_TYPE =>
                {
                    habits::of(root, &route, key)
                        .or_else(|| finding.help.as_deref().and_then(|help| kind(help, file, route.steps())))
                }
                (_, steps) => finding.help.as_deref().and_then(|help| kind(help, file, steps)),
            };
            return match help {
                Some(help) => word_of_kind(finding, file, route.steps()).help(help),
                None => finding,
            };
        }
        let Some((Step::Key(key), parent)) = route.steps().split_last() else { return finding };
        let at_home = || places::known(&others, parent, key).then(|| words.to_owned());
        // The bounds of one type are no keys of another.
        if matches!(parent, [.., Step::Key(key), Step::Key(_)] if key == "type") {
            return finding;
        }
        let finding = moved::home(finding, sources, root, &own, &route, file);
        let way = compose::way_out(file, parent, key)
            .or_else(|| dotted(&own, root, &route))
            .or_else(|| places::nearest(&own, parent, key).map(|ways| format!("write it as {ways}")))
            .or_else(at_home);
        match (way, finding.help.as_deref()) {
            (None, _) => finding,
            // A slip of the pen is as likely as a wrong place.
            (Some(way), Some(guess)) if guess.starts_with("did you mean") => {
                let help = format!("{guess} If `{key}` is meant: {way}");
                moved::unsure(finding).help(help)
            }
            (Some(way), _) => finding.help(way),
        }
    };
    found.into_iter().map(say).collect()
}

/// The key and the word of a section that was written as that word alone.
fn alone(help: &str) -> Option<(&str, &str)> {
    help.strip_prefix("write `{")?.strip_suffix("}`")?.split_once(": ").filter(|(_, word)| *word != "value")
}

/// The words that a key of a section knows.
fn words_of(file: File, steps: &[Step], key: &str) -> Vec<String> {
    places::words(file.published(), &[steps, &[Step::Key(key.to_owned())]].concat())
}

/// A section that was written as the word of its kind: only a word that is one can be typed.
fn kind(help: &str, file: File, steps: &[Step]) -> Option<String> {
    let (key, word) = alone(help)?;
    let kinds = words_of(file, steps, key);
    let kinds = || kinds.iter().map(String::as_str);
    Some(match nearest(word, kinds()) {
        Some(kind) => format!("write `{{{key}: {kind}}}`"),
        None if kinds().next().is_none() => return None,
        None => format!("write `{{{key}: …}}` with {}", allowed(kinds())),
    })
}

/// A key that is missed, with the words among which to choose.
fn choice(finding: Diagnostic, file: File, steps: &[Step]) -> Diagnostic {
    let Some(key) = finding.help.as_deref().and_then(|help| help.strip_prefix("add `")?.strip_suffix(": …`")) else {
        return finding;
    };
    let mapping = |steps: &[Step]| words_of(file, steps, key);
    // The place is that of the mapping, or of its first key.
    let mut words = mapping(steps);
    if let (true, Some((_, around))) = (words.is_empty(), steps.split_last()) {
        words = mapping(around);
    }
    let help = match words.as_slice() {
        [] => return finding,
        words => format!("add `{key}: …`, with {}", allowed(words.iter().map(String::as_str))),
    };
    finding.help(help)
}

/// The section in place of the word of its kind, where it is exactly one.
fn word_of_kind(finding: Diagnostic, file: File, steps: &[Step]) -> Diagnostic {
    let word = finding.help.as_deref().and_then(alone).map(|(key, word)| (key.to_owned(), word.to_owned()));
    let (Some((key, word)), Some(label)) = (word, finding.primary()) else { return finding };
    let kinds = words_of(file, steps, &key);
    let place = label.span;
    match kinds.contains(&word) {
        true => {
            let text = format!("{{{key}: {word}}}");
            finding.fix(Fix::new(format!("write `{text}`"), Grade::Safe, Edit::replace(place, text)))
        }
        false => finding,
    }
}

/// A path written as a key, `proxy.kind: nginx`, as the mappings that it means.
fn dotted(own: &[(Vec<places::Part>, String)], root: &Node, route: &Route) -> Option<String> {
    let (Step::Key(path), parent) = route.steps().split_last()? else { return None };
    let keys: Vec<&str> = path.split('.').collect();
    let (last, around) = keys.split_last()?;
    let first = around.first().filter(|first| places::known(own, parent, first))?;
    let value = find(root, route).and_then(|found| plain(found.node)).unwrap_or("…");
    let section = find(root, &Route::from(parent.to_vec())).is_some_and(|found| found.node.entry(first).is_some());
    let (start, inner) = if section { (1, &around[1..]) } else { (0, around) };
    let open: String = inner.iter().map(|key| format!("{key}: {{")).collect();
    let said = format!("`{open}{last}: {value}{}`", "}".repeat(inner.len()));
    Some(if start == 0 {
        format!("write {said}")
    } else {
        format!("write {said} under `{first}`, which is there already")
    })
}

/// A word that needs no quotes and is safe to repeat.
fn plain(node: &Node) -> Option<&str> {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    node.as_text().filter(|text| !text.is_empty() && text.len() <= 64 && text.chars().all(safe))
}

/// The settings of one system, and the path of the section that holds them.
#[derive(Debug)]
pub struct Settings {
    /// `settings`, or `systems.NAME.settings`.
    pub path: String,
    /// Their names.
    pub names: Vec<String>,
}

impl Settings {
    /// The section.
    fn route(&self) -> Route {
        self.path.split('.').collect()
    }

    /// A setting as it is typed.
    fn typed(&self, name: &str) -> String {
        let (open, close) = (self.path.replace('.', ": {"), "}".repeat(self.path.matches('.').count()));
        format!("{open}: {{{name}: …}}{close}")
    }
}

/// Says of each key of a profile that is not known and is a setting of its system that it is one. `file` is the profile's.
pub fn name_settings(found: &mut Diagnostics, sources: &Sources, root: &Node, file: SourceId, all: &[Settings]) {
    *found = std::mem::take(found)
        .into_iter()
        .map(|finding| {
            let label =
                finding.primary().filter(|label| finding.code == codes::UNKNOWN_KEY && label.span.source == file);
            let Some(label) = label else { return finding };
            let route = route_at(root, label.span.start);
            let Some(Step::Key(key)) = route.steps().last() else { return finding };
            let Some(of) = all.iter().find(|of| of.names.contains(key)) else {
                return match (route.steps(), &finding.help) {
                    ([_], Some(help)) if help.starts_with("allowed:") => misspelt(all, key, finding, |finding, to| {
                        moved::relocate(finding, sources, root, &route, to, Grade::Shown)
                    }),
                    _ => finding,
                };
            };
            let to = (of.route(), key.clone());
            let help = format!("it is a setting of the system: write it as `{}`", of.typed(key));
            let finding = Diagnostic { fixes: Vec::new(), ..finding };
            moved::relocate(finding, sources, root, &route, to, Grade::Safe).help(help)
        })
        .collect();
}

/// Says of each value that stands where the names of secrets belong, and is for none of the systems' secrets, that no file
/// is read for it. `names` are those of the secrets.
pub fn name_secrets(found: &mut Diagnostics, root: &Node, file: SourceId, names: &[String]) {
    let say = |finding: Diagnostic| {
        let label = finding.primary().filter(|label| finding.code == codes::UNKNOWN_KEY && label.span.source == file);
        let Some(route) = label.map(|label| route_at(root, label.span.start)) else { return finding };
        let [Step::Key(section), Step::Key(key)] = route.steps() else { return finding };
        if section != "secrets" || names.contains(key) {
            return finding;
        }
        // A slip in a key of the section.
        if let Some((guess, _)) = finding.help.as_deref().and_then(|help| help.split_once(" If `")) {
            let guess = guess.to_owned();
            return finding.help(guess);
        }
        let names = names.iter().map(String::as_str);
        finding.help(match nearest(key, names.clone()) {
            Some(name) => {
                format!("a profile holds no secrets: did you mean the secret `{name}`? Write its value into the file `secrets/{name}` of the bundle")
            }
            None => format!("a profile holds no secrets, and there is none of this name: remove it; there are {}", allowed(names)),
        })
    };
    *found = std::mem::take(found).into_iter().map(say).collect();
}

/// A key at the top level that is nearly a setting.
fn misspelt(
    all: &[Settings],
    key: &str,
    finding: Diagnostic,
    mend: impl Fn(Diagnostic, (Route, String)) -> Diagnostic,
) -> Diagnostic {
    let names = all.iter().flat_map(|of| of.names.iter().map(move |name| (of, name.as_str())));
    let Some(name) = nearest(key, names.clone().map(|(_, name)| name)) else { return finding };
    let Some((of, _)) = names.clone().find(|(_, known)| *known == name) else { return finding };
    let finding = mend(finding, (of.route(), name.to_owned()));
    finding.help(format!("did you mean the setting `{name}`? Write it as `{}`", of.typed(name)))
}

/// Warns of settings that end before a `#` which was meant: behind a blank it begins a comment, and comments begin with a
/// blank.
pub fn cut_by_comment(root: &Node, text: &str) -> Diagnostics {
    let parts = root.get("systems").into_iter().flat_map(Node::entries);
    let settings = root.get("settings").into_iter().chain(parts.filter_map(|part| part.value.get("settings")));
    let cut = settings.flat_map(Node::scalars).filter_map(|(value, span)| {
        let behind = text.get(span.end..)?.lines().next()?;
        let comment = behind.trim_start_matches([' ', '\t']);
        let meant =
            comment.len() < behind.len() && comment.strip_prefix('#')?.starts_with(|c: char| c.is_alphanumeric());
        let plain = text.get(span.start..span.end) == Some(value);
        (meant && plain && !value.is_empty()).then(|| {
            Diagnostic::warning(
                codes::INVALID_VALUE,
                format!("the text ends before `{}`", comment.trim_end().escape_debug()),
            )
            .at(span, "a blank and a `#` begin a comment")
            .help(format!("put quotes around it, `\"{value} {}\"`, or a blank behind the `#`", comment.trim_end()))
        })
    });
    cut.collect()
}

/// Where a profile has a key that was taken for a setting.
pub fn home_of(key: &str) -> Option<String> {
    let top = File::Profile.published()["properties"].get(key).is_some();
    top.then(|| format!("`{key}` stands at the top level of the profile, not under `settings`"))
}

#[cfg(test)]
mod tests;
