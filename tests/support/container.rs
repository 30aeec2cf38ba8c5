//! One service of a bundle, started as Docker would start it, without Docker: a root of its own that holds nothing but
//! the program and what `compose.yaml` mounts, the service's user, no capability, no network but loopback.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::tools::{self, Verdict};

/// A service of a bundle.
pub struct Container<'a> {
    /// What Docker Compose reads.
    compose: &'a Value,
    /// Folder of the bundle.
    bundle: PathBuf,
    /// Name of the service.
    service: &'a str,
    /// Files that stand for others of the bundle or of the host, by path.
    stands_for: Vec<(String, PathBuf)>,
}

impl<'a> Container<'a> {
    /// A service of a bundle.
    pub fn new(compose: &'a Value, bundle: PathBuf, service: &'a str) -> Self {
        Self { compose, bundle, service, stands_for: Vec::new() }
    }

    /// Mounts another file wherever one of this path would be mounted.
    pub fn with(mut self, path: &str, file: PathBuf) -> Self {
        self.stands_for.push((path.to_owned(), file));
        self
    }

    /// Words of the entrypoint and the command.
    pub fn process(&self) -> Vec<String> {
        ["entrypoint", "command"].iter().flat_map(|key| strings(&self.service()[*key])).collect()
    }

    /// Makes the root and runs a script in which `enter PROGRAM …` starts a program in the container.
    pub fn run(&self, script: &str) -> Verdict {
        let text = format!("{}\n{script}", self.prepare());
        tools::apart(&self.bundle, &text)
    }

    fn service(&self) -> &Value {
        &self.compose["services"][self.service]
    }

    fn prepare(&self) -> String {
        let program = self.process().first().cloned().expect("the service starts a program");
        let name = Path::new(&program).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let binary = std::fs::canonicalize(tools::tool(&name)).expect("the tool exists");
        let user = self.service()["user"].as_str().unwrap_or("0:0");
        let mut text = String::from(
            "mount -t tmpfs tmpfs /mnt; root=/mnt/root; mkdir $root\nmount -t tmpfs -o mode=0755 tmpfs \"$root\"\ncd \"$root\"\n\
             mkdir -p dev proc etc usr/bin tmp run\nmount -t proc proc proc\n\
             for device in null urandom random; do touch dev/$device; mount --bind /dev/$device dev/$device; done\n\
             ln -s /proc/self/fd dev/fd; ln -s fd/1 dev/stdout; ln -s fd/2 dev/stderr\n\
             printf 'nameserver 127.0.0.11\\n' >etc/resolv.conf; printf '127.0.0.1 localhost\\n' >etc/hosts\n\
             bind() { mkdir -p \"$root$(dirname \"$2\")\"; if [[ -d $1 ]]; then mkdir -p \"$root$2\"; else touch \"$root$2\"; fi\n\
             mount --bind \"$1\" \"$root$2\"; if [[ $3 == ro ]]; then mount -o remount,bind,ro \"$root$2\"; fi; }\n",
        );
        // The image's own files, which the configuration includes.
        let authorities = "/etc/ssl/certs/ca-certificates.crt";
        let known = self.stands_for.iter().find(|(end, _)| authorities.ends_with(end.as_str()));
        let _ = writeln!(
            text,
            "if [[ -e /etc/nginx/mime.types ]]; then bind /etc/nginx/mime.types /etc/nginx/mime.types ro; fi; \
             bind {} {authorities} ro",
            quoted(&known.map_or(authorities.into(), |(_, file)| file.to_string_lossy()))
        );
        let _ = writeln!(text, "bind {} /usr/bin/{name} ro", quoted(&binary.to_string_lossy()));
        self.mounts(&mut text, user);
        if self.service()["read_only"] == true {
            text.push_str("mount -o remount,ro \"$root\"\n");
        }
        let environment: String = self.service()["environment"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some(format!(" {}", quoted(&format!("{name}={}", value.as_str()?)))))
            .collect();
        // As the engine does, standard output and error are given to the container's user, who may open them again.
        let _ = writeln!(
            text,
            "start() {{ : >/mnt/out; : >/mnt/err; chown {user} /mnt/out /mnt/err; \
             env -i PATH=/usr/bin{environment} /usr/sbin/chroot --userspec={user} --groups= \"$root\" \"$@\" \
             </dev/null >>/mnt/out 2>>/mnt/err; }}\n\
             enter() {{ local code=0; start \"$@\" || code=$?; cat /mnt/out; cat /mnt/err >&2; return $code; }}",
        );
        text
    }

    fn mounts(&self, text: &mut String, user: &str) {
        for entry in strings(&self.service()["tmpfs"]) {
            let (target, options) = entry.split_once(':').unwrap_or((&entry, "rw"));
            let _ = writeln!(
                text,
                "mkdir -p \"$root\"{0}; mount -t tmpfs -o {1} tmpfs \"$root\"{0}",
                quoted(target),
                quoted(options)
            );
        }
        for mount in self.service()["volumes"].as_array().into_iter().flatten() {
            let target = mount["target"].as_str().expect("a mount has a target");
            if mount["type"] == "volume" {
                let _ = writeln!(
                    text,
                    "mkdir -p \"$root\"{0}; mount -t tmpfs tmpfs \"$root\"{0}; chown {user} \"$root\"{0}; chmod 0700 \"$root\"{0}",
                    quoted(target)
                );
            } else {
                let source = self.found(mount["source"].as_str().expect("a bind mount has a source"));
                let access = if mount["read_only"] == true { "ro" } else { "rw" };
                let _ = writeln!(text, "bind {} {} {access}", quoted(&source.to_string_lossy()), quoted(target));
            }
        }
        for secret in self.service()["secrets"].as_array().into_iter().flatten() {
            let name = secret["source"].as_str().expect("a secret has a source");
            let target = secret["target"].as_str().unwrap_or(name);
            let target = if target.starts_with('/') { target.to_owned() } else { format!("/run/secrets/{target}") };
            let file = self.compose["secrets"][name]["file"].as_str().expect("a secret is a file");
            let _ = writeln!(text, "bind {} {} ro", quoted(&self.found(file).to_string_lossy()), quoted(&target));
        }
    }

    /// Where a file of the bundle is now: a self-contained compose file names it by its place on another host.
    fn found(&self, path: &str) -> PathBuf {
        if let Some((_, file)) = self.stands_for.iter().find(|(end, _)| path.ends_with(end.as_str())) {
            return file.clone();
        }
        let parts: Vec<_> = path.split('/').collect();
        (0..parts.len())
            .map(|from| self.bundle.join(parts[from..].join("/")))
            .find(|candidate| candidate.exists() && *candidate != self.bundle.join(""))
            .unwrap_or_else(|| panic!("compose.yaml mounts `{path}`, which the bundle does not hold"))
    }
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| Some(item.as_str()?.to_owned())).collect(),
        _ => Vec::new(),
    }
}

fn quoted(text: &str) -> String {
    shlex::try_quote(text).expect("no NUL in a path").into_owned()
}
