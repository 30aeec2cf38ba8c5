//! Which certificates belong to a file, a bundle or a profile.

use super::look::{Asked, INPUT, Look, Role, look, look_at};
use crate::artifact::CertificatePart;
use crate::certs;
use crate::cli::own_chain::{Read, may_read, read, read_input};
use crate::cli::secrets::place::Place;
use crate::values::Mode;
use crate::writer::certificates::{artifact, names};
use crate::writer::{Identity, fits, settle};
use std::path::{Path, PathBuf};
use time::UtcDateTime;

/// Any file in PEM; `-` is standard input.
pub fn of_file(path: &Path, key: Option<&Path>, now: UtcDateTime) -> Look {
    let read = |path: &Path| if path == Path::new(INPUT) { read_input() } else { read(path) };
    let both = (read(path), key.map(read));
    let all = both.0.text().and_then(|text| certs::facts(text.expose(), now).ok()).unwrap_or_default();
    let authorities = !all.is_empty() && all.iter().all(|it| it.authority && it.names.is_empty());
    let role = match all.first() {
        Some(_) if authorities => Role::Authority,
        Some(first) if first.client => Role::Client,
        _ => Role::Server,
    };
    let asked = Asked {
        name: named(path),
        path: path.to_owned(),
        role,
        key: key.map(Path::to_owned),
        may_lack_key: false,
        names: Vec::new(),
        reader: None,
        renew: None,
    };
    look_at(asked, both, now)
}

fn named(path: &Path) -> String {
    if path == Path::new(INPUT) { "standard input".to_owned() } else { crate::cli::terminal::shown(path) }
}

/// What lies in a bundle's folder, without a word from its profile.
pub fn of_folder(folder: &Path, now: UtcDateTime) -> Vec<Look> {
    let own = [("server", Role::Server), ("ca", Role::Authority)];
    let mut looks = Vec::new();
    for (name, role) in own {
        let at = |end: &str| folder.join(format!("certs/{name}.{end}"));
        if at("crt").exists() || at("key").exists() {
            looks.push(look(
                Asked {
                    name: format!("certs/{name}.crt"),
                    path: at("crt"),
                    role,
                    key: Some(at("key")),
                    may_lack_key: role == Role::Authority,
                    names: Vec::new(),
                    reader: None,
                    renew: None,
                },
                now,
            ));
        }
    }
    looks.extend(clients(folder, "", now));
    looks
}

fn clients(folder: &Path, prefix: &str, now: UtcDateTime) -> Vec<Look> {
    let entries = std::fs::read_dir(folder.join("certs/clients")).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "crt"));
    paths.sort();
    let one = |path: PathBuf| {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let renew = match stem.as_str() {
            "ca" => "move `certs/clients` away, and issue another one to each client".to_owned(),
            name => format!("move it away, then `stockade certs issue --client {name}`"),
        };
        look(
            Asked {
                name: format!("{prefix}certs/clients/{stem}.crt"),
                role: if stem == "ca" { Role::Authority } else { Role::Client },
                key: Some(path.with_extension("key")),
                may_lack_key: true,
                names: Vec::new(),
                reader: None,
                renew: Some(renew),
                path,
            },
            now,
        )
    };
    paths.into_iter().map(one).collect()
}

/// Everything that a profile says of certificates. `several`: the host's name goes in front.
pub fn of_place(place: &Place, several: bool, now: UtcDateTime) -> Vec<Look> {
    let prefix = place.bundle.host.as_ref().filter(|_| several).map(|host| format!("{host}: ")).unwrap_or_default();
    let mut looks = Vec::new();
    if let Some(files) = &place.bundle.certificate_files {
        let path = PathBuf::from(files.certificate.value.as_str());
        let mut seen = look(
            Asked {
                name: format!("{prefix}{}", path.display()),
                path,
                role: Role::Server,
                key: Some(files.key.value.as_str().into()),
                may_lack_key: false,
                names: files.names.iter().map(crate::values::Domain::as_str).collect(),
                reader: files.reader,
                renew: None,
            },
            now,
        );
        if let (Some(false), Some(user)) = (seen.readable, files.reader) {
            let ways = [seen.access, seen.key.as_ref().and_then(|key| key.access)];
            let closed = ways.iter().zip([&files.certificate, &files.key]);
            for (_, path) in closed.filter(|(access, _)| access.is_some_and(|access| !may_read(user, access))) {
                let quoted = shlex::try_quote(path.value.as_str()).unwrap_or_default().into_owned();
                let way = format!("`sudo chgrp {} {quoted} && sudo chmod g+r {quoted}`", user.gid);
                seen.problems.push((format!("the proxy cannot read `{}`", path.value), way));
            }
        }
        looks.push(seen);
    }
    if let Some(wanted) = &place.bundle.certificate {
        looks.extend(own(place, wanted, &prefix, now));
    }
    looks.extend(clients(&place.folder, &prefix, now));
    looks
}

/// The bundle's own.
fn own(place: &Place, wanted: &crate::stack::Certificate, prefix: &str, now: UtcDateTime) -> Vec<Look> {
    let file = |part| artifact(&place.bundle, part);
    let at = |part| file(part).map(|file| place.folder.join(file.path.as_str()));
    let mut looks = Vec::new();
    let pairs = [
        (Role::Server, CertificatePart::ServerCertificate, CertificatePart::ServerKey),
        (Role::Authority, CertificatePart::AuthorityCertificate, CertificatePart::AuthorityKey),
    ];
    for (role, certificate, key) in pairs {
        let (Some(path), Some(shown)) = (at(certificate), file(certificate)) else { continue };
        let renew = if place.is_generated() { "`stockade certs renew`" } else { "`stockade generate` makes it" };
        let is_server = role == Role::Server;
        let mut seen = look(
            Asked {
                name: format!("{prefix}{}", shown.path),
                path,
                role,
                key: at(key),
                may_lack_key: !is_server,
                names: if is_server {
                    wanted.names.iter().map(crate::values::Domain::as_str).collect()
                } else {
                    Vec::new()
                },
                reader: is_server.then_some(wanted.reader),
                renew: Some(renew.to_owned()),
            },
            now,
        );
        let identity = Identity::current();
        let accesses = [(certificate, seen.access), (key, seen.key.as_ref().and_then(|key| key.access))];
        for (part, found) in accesses {
            let (Some(artifact), Some((uid, gid, mode))) = (file(part), found) else { continue };
            if !fits(artifact.access, identity, (uid, gid, Mode(mode))) {
                let wanted = settle(artifact.access, identity);
                let owner = wanted.owner.map(|user| format!(" of {}:{}", user.uid, user.gid)).unwrap_or_default();
                seen.problems.push((
                    format!(
                        "`{}` is {mode:04o} of {uid}:{gid} and should be {:04o}{owner}",
                        artifact.path, wanted.mode.0
                    ),
                    "`stockade generate` or `install.sh` mends it".to_owned(),
                ));
            }
        }
        if is_server {
            further(&mut seen, place, wanted, now)
        } else {
            vouches(&mut seen, place)
        }
        looks.push(seen);
    }
    looks
}

/// What only the profile can tell of the server's certificate.
fn further(seen: &mut Look, place: &Place, wanted: &crate::stack::Certificate, now: UtcDateTime) {
    let Some(text) = read(&seen.path).text().map(|text| text.expose().to_owned()) else { return };
    let lacks = names(wanted).is_ok_and(|names| certs::lacks(&text, &names));
    let more = seen.certificates.first().is_some_and(|it| it.names.len() != wanted.names.len()) && !lacks;
    if more {
        seen.problems
            .push(("it is for other names than the profile's".to_owned(), "`stockade certs renew`".to_owned()));
    }
    if certs::outlasts(&text, now, wanted.days) {
        seen.problems.push((format!("it lasts longer than {} days", wanted.days), "`stockade certs renew`".to_owned()));
    }
    let ready = place.folder.join("certs/.next");
    if ready.exists() {
        let way = "`stockade generate` finishes it".to_owned();
        seen.problems.push(("new ones lie ready, and were not put in place to the end".to_owned(), way));
    }
}

/// Whether the authority is that of the server's certificate.
fn vouches(seen: &mut Look, place: &Place) {
    let server =
        artifact(&place.bundle, CertificatePart::ServerCertificate).map(|file| place.folder.join(file.path.as_str()));
    let texts = (read(&seen.path), server.map(|path| read(&path)));
    if let (Read::Text(own, _), Some(Read::Text(server, _))) = texts
        && let Some(why) = certs::distrust(own.expose(), server.expose())
    {
        seen.problems
            .push((why.to_string(), "move it away: `stockade generate` takes it out of `certs/server.crt`".to_owned()));
    }
}
