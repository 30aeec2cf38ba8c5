//! What the engine says of containers, networks and images: one call of its command line for all of them.

use super::child;
use crate::checks::{Ask, Check, Subject};
use crate::verify::Asked;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) const PROJECT: &str = "com.docker.compose.project";
pub(super) const SERVICE: &str = "com.docker.compose.service";

/// What is known of the engine's objects.
#[derive(Debug, Default)]
pub struct Objects {
    /// Containers of the project, by service.
    pub containers: BTreeMap<String, Value>,
    /// Names of those, by which networks list them, with their services.
    pub names: BTreeMap<String, String>,
    /// Containers that have the name of one of the project, and are none.
    pub strangers: BTreeSet<String>,
    /// All other containers of the host, where somebody wants to know.
    pub beside: Vec<Value>,
    /// Networks, by name.
    pub networks: BTreeMap<String, Value>,
    /// Images.
    images: Vec<Value>,
}

/// Whether a container runs, and was not made to wait.
pub fn runs(container: &Value) -> bool {
    container["State"]["Running"] == true && container["State"]["Paused"] != true
}

impl Objects {
    /// Asks the engine for all that checks are about.
    ///
    /// # Errors
    /// Why it does not answer.
    pub fn of(asked: &Asked, wanted: &[Check], folder: &Path) -> Result<Self, String> {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for check in &asked.checks {
            match &check.subject {
                Subject::Service { container, .. } => names.insert(container),
                Subject::Network { name } => names.insert(name),
                _ => false,
            };
            if let Ask::Image { reference } = &check.ask {
                names.insert(reference);
            }
        }
        let program = asked.engine.program();
        // All others are looked at for some checks alone.
        let others = wanted.iter().any(|check| matches!(check.ask, Ask::Unknown { .. } | Ask::Commanders));
        let list = ["ps", "--all", "--quiet", "--no-trunc"];
        let (known, ids) = rayon::join(
            || inspected(program, names.into_iter().collect(), folder),
            || if others { said(program, &list, folder) } else { Ok(Vec::new()) },
        );
        let (known, ids) = (known?, ids?);
        let ids = String::from_utf8_lossy(&ids);
        let is_known = |id: &&str| known.iter().any(|object| object["Id"] == *id);
        let ids: Vec<&str> = ids.split_whitespace().filter(|id| !is_known(id)).collect();
        let mut objects = Self::default();
        if !ids.is_empty() {
            objects.beside = inspected(program, ids, folder)?;
        }
        known.into_iter().for_each(|object| objects.add(object, &asked.project));
        Ok(objects)
    }

    fn add(&mut self, object: Value, project: &str) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        if object.get("HostConfig").is_some() {
            let labels = &object["Config"]["Labels"];
            let name = text(&object["Name"]).trim_start_matches('/').to_owned();
            match (labels[PROJECT].as_str() == Some(project), labels[SERVICE].as_str()) {
                (true, Some(service)) => {
                    self.names.insert(name, service.to_owned());
                    self.containers.insert(service.to_owned(), object);
                }
                _ => {
                    self.strangers.insert(name);
                    self.beside.push(object);
                }
            }
        } else if object.get("RepoTags").is_some() {
            self.images.push(object);
        } else {
            self.networks.insert(text(&object["Name"]), object);
        }
    }

    /// The id of what a reference names on this host.
    pub fn image(&self, reference: &str) -> Option<&str> {
        let named = |image: &&Value| {
            let holds =
                |key: &str, wanted: &str| {
                    image[key].as_array().into_iter().flatten().filter_map(Value::as_str).any(|known| {
                        known == wanted || known.strip_suffix(wanted).is_some_and(|rest| rest.ends_with('/'))
                    })
                };
            match reference.split_once('@') {
                // A tag beside a digest says nothing.
                Some((name, digest)) => {
                    let name =
                        name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')).map_or(name, |(name, _)| name);
                    holds("RepoDigests", &format!("{name}@{digest}"))
                }
                None => holds("RepoTags", reference),
            }
        };
        self.images.iter().find(named)?["Id"].as_str()
    }

    /// Services whose container runs.
    pub fn running(&self) -> impl Iterator<Item = &str> {
        self.containers.iter().filter(|(_, container)| runs(container)).map(|(service, _)| service.as_str())
    }
}

/// What the engine says of these objects.
fn inspected(program: &str, names: Vec<&str>, folder: &Path) -> Result<Vec<Value>, String> {
    let arguments: Vec<&str> = ["inspect", "--"].into_iter().chain(names).collect();
    let out = said(program, &arguments, folder)?;
    serde_json::from_slice(&out).map_err(|_| format!("`{program}` does not answer: nothing"))
}

/// What a command of the engine's prints. That some of what it is asked for is missing, is an answer.
fn said(program: &str, arguments: &[&str], folder: &Path) -> Result<Vec<u8>, String> {
    let ended =
        child::run(program, arguments, folder).map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let missing = |line: &str| line.starts_with("WARNING") || line.to_ascii_lowercase().contains("no such");
    let other = ended.said.lines().map(str::trim).find(|line| !line.is_empty() && !missing(line));
    match other {
        Some(line) if ended.status != Some(0) => Err(format!("`{program}` does not answer: {line}")),
        _ => Ok(ended.out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_is_found_by_its_name_alone() {
        let mut objects = Objects::default();
        let image =
            |id: &str, tags: &[&str], digests: &[&str]| json!({"Id": id, "RepoTags": tags, "RepoDigests": digests});
        objects.add(image("one", &["nginx:1", "ghcr.io/a/b:2"], &["nginx@sha256:1"]), "p");
        objects.add(image("two", &["localhost/c:3"], &[]), "p");
        let id = |reference| objects.image(reference);
        assert_eq!((id("nginx:1"), id("ghcr.io/a/b:2"), id("c:3")), (Some("one"), Some("one"), Some("two")));
        assert_eq!((id("nginx:1@sha256:1"), id("nginx@sha256:1")), (Some("one"), Some("one")));
        assert_eq!((id("inx:1"), id("nginx:2"), id("nginx@sha256:2")), (None, None, None));
    }

    #[test]
    fn a_container_with_the_name_alone_is_a_stranger() {
        let mut objects = Objects::default();
        let labels = json!({PROJECT: "p", SERVICE: "app"});
        let container = |name: &str, labels: &Value| json!({"Name": name, "HostConfig": {}, "Config": {"Labels": labels}, "State": {"Running": true}});
        objects.add(container("/app", &labels), "p");
        objects.add(container("/proxy", &json!({PROJECT: "other", SERVICE: "proxy"})), "p");
        assert_eq!(objects.running().collect::<Vec<_>>(), ["app"]);
        assert!(objects.strangers.contains("proxy") && objects.names["app"] == "app");
    }
}
