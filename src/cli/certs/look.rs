//! One look at the files of a certificate: what it says, whose they are, and what is wrong.

use crate::certs::{self, Facts, Flaw};
use crate::cli::own_chain::{Access, Read, may_read, read};
use crate::secrets::Secret;
use crate::values::User;
use std::path::PathBuf;
use time::UtcDateTime;

/// The word for standard input.
pub const INPUT: &str = "-";

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Server,
    Authority,
    Client,
}

impl Role {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Authority => "authority",
            Self::Client => "client",
        }
    }
}

/// The key beside a certificate.
pub struct Key {
    pub path: PathBuf,
    pub there: bool,
    pub access: Option<Access>,
    /// Nothing where it is not there or could not be compared.
    pub fits: Option<bool>,
}

/// What was seen of one certificate with what belongs to it.
pub struct Look {
    /// As it is shown.
    pub name: String,
    pub path: PathBuf,
    pub role: Role,
    pub access: Option<Access>,
    pub certificates: Vec<Facts>,
    /// Whether each was signed by the next.
    pub in_order: Option<bool>,
    pub key: Option<Key>,
    /// Who has to read it.
    pub reader: Option<User>,
    pub readable: Option<bool>,
    /// What is wrong, and a way out.
    pub problems: Vec<(String, String)>,
}

/// What a look is told.
pub struct Asked<'a> {
    pub name: String,
    pub path: PathBuf,
    pub role: Role,
    pub key: Option<PathBuf>,
    /// That there is no key is nothing wrong.
    pub may_lack_key: bool,
    /// Names that it must have.
    pub names: Vec<&'a str>,
    pub reader: Option<User>,
    /// What mends it, where the bundle makes it.
    pub renew: Option<String>,
}

/// Looks.
pub fn look(asked: Asked<'_>, now: UtcDateTime) -> Look {
    let (certificate, key) = (read(&asked.path), asked.key.as_deref().map(read));
    look_at(asked, (certificate, key), now)
}

/// Looks at what was read already.
pub fn look_at(asked: Asked<'_>, (certificate, key): (Read, Option<Read>), now: UtcDateTime) -> Look {
    let mut problems = Vec::new();
    let mut look = Look {
        access: certificate.access(),
        certificates: Vec::new(),
        in_order: None,
        key: None,
        reader: asked.reader,
        readable: None,
        problems: Vec::new(),
        name: asked.name,
        role: asked.role,
        path: asked.path,
    };
    let secret = key.as_ref().and_then(Read::text);
    match &certificate {
        Read::Text(text, _) | Read::Piped(text) => {
            look.certificates = certs::facts(text.expose(), now).unwrap_or_default();
            let flaws = judged(&look, text, secret, &asked.names, now);
            let is = |kind: fn(&Flaw) -> bool| flaws.iter().any(kind);
            if look.role == Role::Server && !look.certificates.is_empty() {
                look.in_order = Some(!is(|flaw| matches!(flaw, Flaw::Order(..) | Flaw::LeafNotFirst(_))));
            }
            if let (Some(path), Some(key)) = (&asked.key, &key) {
                let compared = secret.is_some() && !look.certificates.is_empty();
                let fits = compared.then(|| !is(Flaw::is_of_key));
                look.key =
                    Some(Key { path: path.clone(), there: !matches!(key, Read::Absent), access: key.access(), fits });
            }
            let way = |flaw: &Flaw| match &asked.renew {
                Some(renew) if !matches!(flaw, Flaw::NotYetValid(_)) => renew.clone(),
                _ => flaw.way_out().to_owned(),
            };
            problems.extend(flaws.iter().map(|flaw| (flaw.to_string(), way(flaw))));
        }
        Read::Absent => {
            problems.push(("it is missing".to_owned(), asked.renew.unwrap_or_else(|| "put it there".to_owned())))
        }
        Read::Closed(_) => problems.push(("only its owner may look".to_owned(), "use `sudo`".to_owned())),
        Read::Strange(why) => problems.push(((*why).to_owned(), "name the right file".to_owned())),
    }
    match &key {
        Some(Read::Absent) if !asked.may_lack_key && !matches!(certificate, Read::Absent) => {
            problems.push(("its key is missing".to_owned(), "put it back".to_owned()));
        }
        Some(Read::Closed(_)) => {
            problems.push(("only its owner may look at its key".to_owned(), "use `sudo`".to_owned()))
        }
        Some(Read::Strange(why)) => {
            problems.push((format!("its key cannot be used: {why}"), "name the right file".to_owned()))
        }
        _ => {}
    }
    if let Some(user) = asked.reader {
        let all = [certificate.access(), key.as_ref().and_then(Read::access)];
        let all: Vec<Access> = all.into_iter().flatten().collect();
        look.readable = (all.len() == 2).then(|| all.iter().all(|access| may_read(user, *access)));
    }
    look.problems = problems;
    look
}

fn judged(look: &Look, text: &Secret, key: Option<&Secret>, names: &[&str], now: UtcDateTime) -> Vec<Flaw> {
    match look.role {
        Role::Server => certs::judge(text.expose(), key, names, now),
        Role::Authority | Role::Client => certs::judge_alone(text.expose(), key, now),
    }
}

impl Look {
    /// What is well, in words.
    pub fn said(&self) -> Vec<String> {
        let owner = |(uid, gid, mode): Access| format!("{mode:04o} of {uid}:{gid}");
        let unnamed = self.certificates.first().filter(|it| it.names.is_empty());
        let subject = unnamed.map(|it| it.subject.strip_prefix("CN=").unwrap_or(&it.subject).to_owned());
        let issuer = self.certificates.last().map(|it| match it.issuer == it.subject {
            true if self.certificates.len() == 1 => "issued by itself".to_owned(),
            true => format!("issued by {}", it.subject.strip_prefix("CN=").unwrap_or(&it.subject)),
            false => format!("issued by {}", it.issuer.strip_prefix("CN=").unwrap_or(&it.issuer)),
        });
        let mut said: Vec<String> = subject.into_iter().chain(issuer).chain(self.access.map(owner)).collect();
        match (self.certificates.len(), self.in_order) {
            (0, _) | (_, None) => {}
            (1, Some(_)) => said.push("one certificate".to_owned()),
            (count, Some(true)) => said.push(format!("{count} certificates in the right order")),
            (count, Some(false)) => said.push(format!("{count} certificates, not in the right order")),
        }
        if let Some(key) = &self.key {
            let name = match key.path.as_os_str() == INPUT {
                true => "standard input".to_owned(),
                false => format!("`{}`", key.path.file_name().unwrap_or_default().to_string_lossy()),
            };
            let is = key.access.map(|access| format!(", {}", owner(access))).unwrap_or_default();
            match (key.access, key.fits) {
                (None, _) if !key.there => said.push(format!("its key is not in {name}")),
                (_, Some(true)) => said.push(format!("its key, {name}{is}, fits")),
                (_, Some(false)) => said.push(format!("its key, {name}{is}, does not fit")),
                (_, None) => said.push(format!("its key, {name}{is}, was not compared")),
            }
        }
        if let (Some(user), Some(readable)) = (self.reader, self.readable) {
            let can = if readable { "can" } else { "cannot" };
            said.push(format!("the proxy, user {}:{}, {can} read both", user.uid, user.gid));
        }
        if said.is_empty() { vec!["no certificate".to_owned()] } else { said }
    }
}
