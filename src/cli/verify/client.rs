//! Requests to the proxy's sites, from addresses of this host: one in an admin network is what a client there is to the proxy, one in
//! none is what a client outside is. The firewall is not on that way.

use super::child::{self, first_line};
use crate::checks::Client;
use crate::values::HostIp;
use crate::verify::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

/// Seconds that one request may take.
const PATIENCE: &str = "10";
/// What a proxy says to whoever asks too often.
const TOO_OFTEN: u16 = 429;
/// A line behind each answer, which no header can be.
const END: &str = "-- the end of an answer --";
/// curl's exit status where somebody keeps it waiting.
const TOOK_TOO_LONG: i32 = 28;

/// Addresses of this host, without those of its containers' networks.
#[derive(Debug)]
pub struct Addresses(Vec<Ipv4Addr>);

impl Addresses {
    /// Asks the kernel.
    pub fn of_host() -> Self {
        let folder = Path::new("/");
        let ended = child::run("ip", &["-json", "-4", "address", "show", "up"], folder).ok();
        let links: Vec<Value> = ended.and_then(|ended| serde_json::from_slice(&ended.out).ok()).unwrap_or_default();
        let inner = |name: &str| ["br-", "docker", "podman", "veth"].iter().any(|start| name.starts_with(start));
        let links = links.iter().filter(|link| !inner(link["ifname"].as_str().unwrap_or_default()));
        let all = links.flat_map(|link| link["addr_info"].as_array().into_iter().flatten());
        let parsed = all.filter_map(|address| address["local"].as_str()?.parse().ok());
        Self(parsed.filter(|address: &Ipv4Addr| !address.is_loopback()).collect())
    }

    /// One that is to the proxy what a client is.
    fn like(&self, client: &Client) -> Option<Ipv4Addr> {
        let within = |networks: &[crate::values::Cidr], address: &Ipv4Addr| {
            networks.iter().any(|network| network.net().contains(&IpAddr::V4(*address)))
        };
        let mut all = self.0.iter().copied();
        match client {
            Client::Anybody => all.next(),
            Client::Within(networks) => all.find(|address| within(networks, address)),
            Client::Outside(networks) => all.find(|address| !within(networks, address)),
        }
    }
}

/// Where a site is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<'a> {
    /// Its name.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The address on which it is published, where it is one.
    pub address: Option<HostIp>,
}

impl At<'_> {
    fn destination(&self, own: Ipv4Addr) -> IpAddr {
        self.address.map_or(IpAddr::V4(own), |address| address.0)
    }
}

/// The status and headers of each answer, names in lower case. Of the requests, a method and a path each, all go over one connection.
pub fn requests(at: At<'_>, client: &Client, asked: &[(&str, &str)], addresses: &Addresses) -> Vec<Answer> {
    let Some(own) = addresses.like(client) else {
        let why = match client {
            Client::Anybody => "this host has no address on a network",
            Client::Within(_) => "no address of this host is in a network that may ask",
            Client::Outside(_) => "every address of this host may ask",
        };
        return asked.iter().map(|_| Answer::Elsewhere(why.to_owned())).collect();
    };
    let mut answers = Vec::new();
    // A program stops at what goes wrong, and the next one goes on behind it.
    while answers.len() < asked.len() {
        let (found, goes_on) = some(at, own, &asked[answers.len()..]);
        let last = found.last().cloned();
        answers.extend(found);
        if let (false, Some(last)) = (goes_on, last) {
            answers.resize(asked.len(), last);
        }
    }
    answers
}

/// Answers up to the first that fails, at least one, and whether it makes sense to ask on.
fn some(at: At<'_>, own: Ipv4Addr, asked: &[(&str, &str)]) -> (Vec<Answer>, bool) {
    let At { host, port, .. } = at;
    let resolve = format!("{host}:{port}:{}", at.destination(own));
    let own = own.to_string();
    let end = format!("\n{END}\n");
    let urls: Vec<String> = asked.iter().map(|(_, path)| format!("https://{host}:{port}{path}")).collect();
    let mut words = vec!["-q", "-sS", "--fail-early"];
    for ((method, _), url) in asked.iter().zip(&urls) {
        if words.len() > 3 {
            words.push("--next");
        }
        words.extend(["-k", "-o", "/dev/null", "-D", "-", "-w", &end, "--max-time", PATIENCE, "--noproxy", "*"]);
        words.extend(["--path-as-is", "--interface", &own, "--resolve", &resolve, "-X", method, url]);
    }
    let ended = match child::run("curl", &words, Path::new("/")) {
        Ok(ended) => ended,
        Err(error) => return (vec![Answer::Unseen(format!("`curl` cannot be started: {error}"))], false),
    };
    let text = String::from_utf8_lossy(&ended.out).replace("\r\n", "\n");
    let parts: Vec<&str> = text.split(&end).collect();
    // Behind the last end is nothing.
    let mut answers: Vec<Answer> = parts[..parts.len() - 1].iter().map(|part| judged(part)).take(asked.len()).collect();
    if ended.status != Some(0) {
        answers.pop();
        answers.push(Answer::Unseen(first_line(&ended.said)));
    }
    if answers.is_empty() {
        answers.push(Answer::Unseen("it answers no HTTP".to_owned()));
    }
    let goes_on = ended.status.is_some_and(|status| status != TOOK_TOO_LONG);
    (answers, goes_on)
}

fn judged(text: &str) -> Answer {
    match answer(text) {
        Some((TOO_OFTEN, _)) => Answer::Unseen("the proxy says that it was asked too often".to_owned()),
        Some((status, headers)) => Answer::Is(json!({ "status": status, "headers": headers })),
        None => Answer::Unseen("it answers no HTTP".to_owned()),
    }
}

/// Status and headers of the last answer.
fn answer(text: &str) -> Option<(u16, BTreeMap<String, Vec<String>>)> {
    let last = text.trim_end().rsplit("\n\n").next()?;
    let mut lines = last.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        headers.entry(name.trim().to_ascii_lowercase()).or_default().push(value.trim().to_owned());
    }
    Some((status, headers))
}

/// What OpenSSL is asked, and all that it says.
fn openssl(at: At<'_>, more: &[&str], bundle: &Path, addresses: &Addresses) -> Result<String, Answer> {
    let own = addresses.like(&Client::Anybody);
    let own = own.ok_or_else(|| Answer::Elsewhere("this host has no address on a network".to_owned()))?;
    let connect = match at.destination(own) {
        IpAddr::V6(address) => format!("[{address}]:{}", at.port),
        IpAddr::V4(address) => format!("{address}:{}", at.port),
    };
    let words = [&["s_client", "-connect", &connect, "-servername", at.host], more].concat();
    match child::run("openssl", &words, bundle) {
        Ok(ended) => Ok(format!("{}\n{}", String::from_utf8_lossy(&ended.out), ended.said)),
        Err(error) => Err(Answer::Unseen(format!("`openssl` cannot be started: {error}"))),
    }
}

/// Whether a version of TLS is spoken: `spoken` or `refused`. A client that cannot speak it itself proves nothing.
pub fn handshake(at: At<'_>, version: &str, bundle: &Path, addresses: &Addresses) -> Answer {
    let option = format!("-tls{}", version.replace('.', "_"));
    let said = match openssl(at, &[&option, "-cipher", "ALL:@SECLEVEL=0"], bundle, addresses) {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    let greeted = said.contains("CONNECTED");
    if said.contains("Cipher is ") && !said.contains("Cipher is (NONE)") {
        Answer::Is(json!("spoken"))
    } else if greeted && (said.contains("alert protocol version") || said.contains("alert handshake failure")) {
        Answer::Is(json!("refused"))
    } else if greeted {
        Answer::Unseen("OpenSSL of this host may not be able to speak it".to_owned())
    } else {
        Answer::Unseen(first_line(&said))
    }
}

/// What OpenSSL says of the certificate and its name.
pub fn certificate(at: At<'_>, authority: Option<&str>, bundle: &Path, addresses: &Addresses) -> Answer {
    let trusted: &[&str] = match authority {
        Some(file) => &["-CAfile", file],
        None => &[],
    };
    let words = [&["-verify_hostname", at.host], trusted].concat();
    let said = match openssl(at, &words, bundle, addresses) {
        Ok(said) => said,
        Err(answer) => return answer,
    };
    let code = said.lines().find_map(|line| line.trim().strip_prefix("Verify return code: "));
    match code {
        Some(code) if said.contains("-----BEGIN CERTIFICATE-----") => Answer::Is(json!(code)),
        _ => Answer::Unseen("it shows no certificate".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_its_last_one() {
        let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/2 401 \r\nX-A: b\r\nx-a: c: d\r\n\r\n";
        let (status, headers) = answer(&text.replace("\r\n", "\n")).expect("it is one");
        assert_eq!((status, &headers["x-a"][..]), (401, &["b".to_owned(), "c: d".to_owned()][..]));
        assert_eq!(answer("nothing"), None);
    }

    #[test]
    fn an_address_is_like_a_client() {
        let addresses = Addresses(vec!["198.51.100.1".parse().unwrap(), "10.8.0.1".parse().unwrap()]);
        let admin = vec!["10.8.0.0/24".parse().unwrap()];
        let like = |client| addresses.like(&client).map(|address| address.to_string());
        assert_eq!(like(Client::Within(admin.clone())).as_deref(), Some("10.8.0.1"));
        assert_eq!(like(Client::Outside(admin)).as_deref(), Some("198.51.100.1"));
        assert_eq!(like(Client::Within(vec!["192.0.2.0/24".parse().unwrap()])), None);
    }
}
