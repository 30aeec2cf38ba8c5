//! What is issued, judged by ourselves and by `openssl`; what is brought, made by `openssl`.

use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;
use time::{Duration, UtcDateTime};

use super::issue::Issued;
use super::*;
use crate::secrets::{Broken, Secret, Seeded};

const DAY: i64 = 86_400;

fn now() -> UtcDateTime {
    // The first of November 2026, noon.
    UtcDateTime::from_unix_timestamp(1793534400).unwrap()
}

fn names(dns: &[&str], ips: &[&str]) -> Names {
    Names::new(dns, ips.iter().map(|ip| ip.parse::<IpAddr>().unwrap())).unwrap()
}

fn issued(dns: &[&str], ips: &[&str], days: u16) -> Issued {
    let first = dns.iter().chain(ips).next().unwrap();
    let request = CertRequest::new(first, names(dns, ips), now(), days).unwrap();
    issue(&request, &mut Seeded(1)).unwrap()
}

/// Runs openssl in a folder; its output and whether it was content.
fn openssl(folder: &Path, arguments: &str) -> (bool, String) {
    let output =
        Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl is installed");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.success(), text)
}

fn made(folder: &Path, arguments: &str) {
    let (fine, text) = openssl(folder, arguments);
    assert!(fine, "{arguments}: {text}");
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn written(issued: &Issued) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("ca.crt", issued.ca_cert.as_str()),
        ("ca.key", issued.ca_key.expose()),
        ("server.crt", &issued.server_cert),
        ("server.key", issued.server_key.expose()),
        ("fullchain.crt", &issued.fullchain),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const VERIFY: &str = "verify -no_check_time -x509_strict -purpose sslserver -CAfile ca.crt";

#[test]
fn descriptions_are_stable() {
    let pair = issued(&["play.example.com", "api.example.com"], &["10.8.0.1"], 366);
    assert_eq!(
        inspect(&pair.server_cert).unwrap().to_string(),
        "subject: CN=play.example.com\n\
         issuer: CN=Stockade development CA for play.example.com\n\
         key: ECDSA P-256\n\
         valid: 366 days\n\
         authority: no\n\
         names: api.example.com, play.example.com, 10.8.0.1\n\
         usage: Digital Signature\n\
         extended usage: server authentication\n"
    );
    assert_eq!(
        inspect(&pair.ca_cert).unwrap().to_string(),
        "subject: CN=Stockade development CA for play.example.com\n\
         issuer: CN=Stockade development CA for play.example.com\n\
         key: ECDSA P-256\n\
         valid: 3653 days\n\
         authority: yes, path length 0\n\
         usage: Key Cert Sign, CRL Sign\n\
         extended usage: server authentication\n\
         permitted: DNS api.example.com, DNS play.example.com, IP 10.8.0.1/32\n\
         excluded: IP ::/0\n"
    );
    let again = issued(&["play.example.com", "api.example.com"], &["10.8.0.1"], 366);
    assert_ne!(again.server_key.expose(), pair.server_key.expose());
    assert_eq!(inspect(&again.ca_cert), inspect(&pair.ca_cert));
}

#[test]
fn a_shorter_certificate_has_an_authority_that_outlives_it() {
    let pair = issued(&["play.example.com"], &[], 89);
    assert!(inspect(&pair.server_cert).unwrap().to_string().contains("valid: 89 days\n"));
    assert!(inspect(&pair.ca_cert).unwrap().to_string().contains("valid: 3653 days\n"));
}

#[test]
fn openssl_accepts_the_pair_for_its_names_only() {
    let folder = written(&issued(&["play.example.com"], &["10.8.0.1", "fd00::1"], 90));
    for check in ["-verify_hostname play.example.com", "-verify_ip 10.8.0.1", "-verify_ip fd00::1"] {
        made(folder.path(), &format!("{VERIFY} {check} server.crt"));
    }
    for check in ["-verify_hostname other.example.com", "-verify_ip 10.8.0.2"] {
        assert!(!openssl(folder.path(), &format!("{VERIFY} {check} server.crt")).0, "{check}");
    }
    let begin = now().unix_timestamp() - 3600;
    for (moment, fine) in [(begin - 1, false), (begin, true), (begin + 90 * DAY - 2, true), (begin + 90 * DAY, false)] {
        let verify = format!("verify -attime {moment} -CAfile ca.crt server.crt");
        assert_eq!(openssl(folder.path(), &verify).0, fine, "{moment}");
    }
    made(folder.path(), "pkey -in server.key -check -noout");
    assert!(read(folder.path(), "server.key").starts_with("-----BEGIN PRIVATE KEY-----"));
    let (_, text) = openssl(folder.path(), "x509 -in ca.crt -noout -text");
    for part in
        ["Name Constraints: critical", "Basic Constraints: critical", "CA:TRUE, pathlen:0", "Key Usage: critical"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let (_, text) = openssl(folder.path(), "x509 -in fullchain.crt -noout -text");
    for part in ["CA:FALSE", "Subject Key Identifier", "Authority Key Identifier", "Digital Signature", "Version: 3"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// Whoever steals the authority's key gains nothing: openssl refuses what it signs for other names.
#[test]
fn openssl_refuses_what_the_authority_signs_beyond_its_names() {
    let dns_only = written(&issued(&["play.example.com"], &[], 90));
    let v4_only = written(&issued(&["play.example.com"], &["10.8.0.1"], 90));
    let ip_only = written(&issued(&[], &["10.8.0.1"], 90));
    for (folder, san, fine) in [
        (&dns_only, "DNS:play.example.com", true),
        (&dns_only, "DNS:evil.example", false),
        (&dns_only, "DNS:example.com", false),
        (&dns_only, "DNS:notplay.example.com", false),
        (&dns_only, "IP:10.8.0.1", false),
        (&dns_only, "IP:fd00::1", false),
        (&v4_only, "IP:10.8.0.1", true),
        (&v4_only, "IP:10.8.0.2", false),
        (&v4_only, "IP:fd00::1", false),
        (&ip_only, "IP:10.8.0.1", true),
        (&ip_only, "DNS:evil.example", false),
    ] {
        let folder = folder.path();
        made(
            folder,
            &format!(
                "req -x509 -CA ca.crt -CAkey ca.key -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout x.key \
                 -out x.crt -days 9 -subj /O=x -addext subjectAltName={san} -addext basicConstraints=critical,CA:false"
            ),
        );
        let (accepted, text) = openssl(folder, "verify -no_check_time -CAfile ca.crt x.crt");
        assert_eq!(accepted, fine, "{san}: {text}");
        assert!(fine || text.contains("subtree violation"), "{san}: {text}");
    }
}

#[test]
fn openssl_accepts_a_pair_without_addresses_and_one_without_domains() {
    let dns_only = written(&issued(&["play.example.com"], &[], 90));
    made(dns_only.path(), &format!("{VERIFY} -verify_hostname play.example.com server.crt"));
    let ip_only = written(&issued(&[], &["10.8.0.1", "fd00::1"], 90));
    made(ip_only.path(), &format!("{VERIFY} -verify_ip 10.8.0.1 server.crt"));
    made(ip_only.path(), &format!("{VERIFY} -verify_ip fd00::1 server.crt"));
    let mixed = written(&issued(&["play.example.com"], &["10.8.0.1"], 90));
    made(mixed.path(), &format!("{VERIFY} -verify_ip 10.8.0.1 server.crt"));
}

#[test]
fn the_longest_domain_gets_a_certificate_without_common_name() {
    let label = "a".repeat(63);
    let domain = format!("{label}.{label}.{label}.example.com");
    let folder = written(&issued(&[&domain], &[], 30));
    made(folder.path(), &format!("{VERIFY} -verify_hostname {domain} server.crt"));
}

#[test]
fn wishes_that_cannot_be_met_are_refused() {
    let request = |days| CertRequest::new("a.example", names(&["a.example"], &[]), now(), days);
    assert_eq!(request(0), Err(CertError::Days(0)));
    assert_eq!(request(367), Err(CertError::Days(367)));
    let other = CertRequest::new("b.example", names(&["a.example"], &[]), now(), 9);
    assert_eq!(other, Err(CertError::CommonNameNotListed("b.example".into())));
    assert!(matches!(issue(&request(9).unwrap(), &mut Broken), Err(CertError::Entropy(_))));
}

#[test]
fn keys_do_not_show() {
    let pair = issued(&["a.example"], &[], 9);
    let shown = format!("{pair:?}");
    assert!(!shown.contains("PRIVATE KEY") && shown.contains("[redacted]"));
}

#[test]
fn renewal_names_the_gravest_reason() {
    let pair = issued(&["a.example"], &["10.8.0.1"], 90);
    let other = issued(&["a.example"], &["10.8.0.1"], 90);
    let same = names(&["a.example"], &["10.8.0.1"]);
    let after = |days: i64| now() + Duration::days(days);
    let ask = |key: &Secret, when, names: &Names| needs_renewal(&pair.server_cert, key, when, names);
    let key = &pair.server_key;
    assert_eq!(ask(key, now(), &same), None);
    assert_eq!(needs_renewal(&pair.fullchain, key, now(), &same), None);
    assert_eq!(ask(key, after(59), &same), None);
    assert_eq!(ask(key, after(60), &same), Some(RenewalReason::Due { days: 29 }));
    // A third of what is left of a year.
    let year = issued(&["a.example"], &["10.8.0.1"], 366);
    let year = |days| needs_renewal(&year.server_cert, &year.server_key, after(days), &same);
    assert_eq!((year(243), year(244)), (None, Some(RenewalReason::Due { days: 121 })));
    assert_eq!(ask(key, after(90), &same), Some(RenewalReason::Expired));
    assert_eq!(ask(key, after(-1), &same), Some(RenewalReason::NotYetValid));
    assert_eq!(ask(key, now(), &names(&["a.example"], &[])), Some(RenewalReason::NamesDiffer));
    assert_eq!(ask(key, now(), &names(&["a.example", "b.example"], &["10.8.0.1"])), Some(RenewalReason::NamesDiffer));
    assert_eq!(ask(&other.server_key, now(), &same), Some(RenewalReason::KeyMismatch));
    assert_eq!(ask(&Secret::new("x".into()), now(), &same), Some(RenewalReason::KeyMismatch));
    for broken in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &pair.server_cert[..200]]
    {
        assert_eq!(needs_renewal(broken, key, now(), &same), Some(RenewalReason::Unreadable), "{broken}");
    }
}

#[test]
fn keys_may_be_rsa_or_ecdsa_in_any_usual_format() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (algorithm, kind) in [
        ("rsa:2048", KeyType::Rsa(2048)),
        ("ec -pkeyopt ec_paramgen_curve:P-256", KeyType::P256),
        ("ec -pkeyopt ec_paramgen_curve:P-384", KeyType::P384),
    ] {
        made(
            folder,
            &format!(
                "req -x509 -newkey {algorithm} -nodes -keyout new.key -out it.crt -days 90 -subj /CN=x \
                 -addext subjectAltName=DNS:*.example.com,DNS:example.com -addext basicConstraints=CA:false"
            ),
        );
        made(folder, "pkey -in new.key -traditional -out old.key");
        let cert = parsed::Parsed::first(&read(folder, "it.crt")).unwrap();
        assert_eq!(cert.key, kind);
        assert_ne!(read(folder, "new.key"), read(folder, "old.key"));
        for key in ["new.key", "old.key"] {
            assert_eq!(key::public_half(&Secret::new(read(folder, key))), Ok(cert.public_key.clone()));
        }
    }
    made(folder, "genpkey -algorithm ed25519 -out ed.key");
    made(folder, "pkey -in ed.key -aes256 -passout pass:x -out locked.key");
    assert_eq!(key::public_half(&Secret::new(read(folder, "locked.key"))), Err(key::KeyFlaw::Encrypted));
    assert_eq!(key::public_half(&Secret::new(String::new())), Err(key::KeyFlaw::Unreadable));
}

proptest::proptest! {
    /// Whatever stands in the files: an answer, never a panic.
    #[test]
    fn broken_files_are_refused_without_a_panic(at in 0..1500_usize, byte: u8, text in "\\PC{0,200}") {
        let pair = &*PAIR;
        let corrupt = |pem: &str| {
            let block = pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
            let mut der = STANDARD.decode(block).unwrap();
            let length = der.len();
            der[at % length] ^= byte;
            let label = pem.lines().next().unwrap();
            format!("{label}\n{}\n{}\n", STANDARD.encode(der), label.replace("BEGIN", "END"))
        };
        let a = names(&["a.example"], &["10.8.0.1"]);
        for cert in [corrupt(&pair.server_cert), corrupt(&pair.ca_cert), text.clone()] {
            for key in [corrupt(pair.server_key.expose()), text.clone()] {
                let key = Secret::new(key);
                let _ = (inspect(&cert), needs_renewal(&cert, &key, now(), &a));
            }
        }
    }
}

#[path = "tests/chains.rs"]
mod chains;
#[path = "tests/under.rs"]
mod under;

static PAIR: LazyLock<Issued> = LazyLock::new(|| issued(&["a.example"], &["10.8.0.1"], 90));
