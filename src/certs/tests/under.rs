//! What an authority that exists signs, judged by openssl and by webpki, which browsers' libraries are built like.

use std::time::Duration as Span;

use rustls_pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::*;

const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[webpki::ring::ECDSA_P256_SHA256];

fn ders(pem: &str) -> Vec<CertificateDer<'static>> {
    pem::parse_many(pem).unwrap().into_iter().map(|block| CertificateDer::from(block.into_contents())).collect()
}

/// Whether webpki takes a chain that begins with its leaf, for an authority and a use, at a time.
fn takes(authority: &str, chain: &str, usage: KeyUsage, name: Option<&str>, when: UtcDateTime) -> bool {
    let (authority, chain) = (ders(authority), ders(chain));
    let anchors = [anchor_from_trusted_cert(&authority[0]).unwrap()];
    let leaf = EndEntityCert::try_from(&chain[0]).unwrap();
    let when = UnixTime::since_unix_epoch(Span::from_secs(u64::try_from(when.unix_timestamp()).unwrap()));
    leaf.verify_for_usage(ALGORITHMS, &anchors, &chain[1..], when, usage, None, None).is_ok()
        && name.is_none_or(|name| leaf.verify_is_valid_for_subject_name(&ServerName::try_from(name).unwrap()).is_ok())
}

fn server(authority: &str, chain: &str, name: &str, when: UtcDateTime) -> bool {
    takes(authority, chain, KeyUsage::server_auth(), Some(name), when)
}

fn opened(pair: &Issued) -> Authority {
    Authority::open(&pair.ca_cert, &pair.ca_key).unwrap()
}

fn wish(dns: &[&str], when: UtcDateTime) -> CertRequest {
    CertRequest::new(dns[0], names(dns, &[]), when, 366).unwrap()
}

#[test]
fn who_trusts_the_authority_takes_a_renewed_certificate() {
    let pair = issued(&["play.example.com"], &[], 89);
    let later = now() + Duration::days(300);
    assert!(server(&pair.ca_cert, &pair.fullchain, "play.example.com", now()));
    assert!(!server(&pair.ca_cert, &pair.fullchain, "play.example.com", later));
    assert!(!server(&pair.ca_cert, &pair.fullchain, "other.example.com", now()));
    let new = opened(&pair).issue(wish(&["play.example.com"], later), &mut Seeded(2)).unwrap();
    assert!(server(&pair.ca_cert, &new.chain, "play.example.com", later));
    assert_ne!(new.key.expose(), pair.server_key.expose());
    let folder = written(&pair);
    std::fs::write(folder.path().join("new.crt"), &new.chain).unwrap();
    std::fs::write(folder.path().join("new.key"), new.key.expose()).unwrap();
    let at = later.unix_timestamp();
    made(folder.path(), &format!("verify -attime {at} -x509_strict -purpose sslserver -CAfile ca.crt new.crt"));
    // Not for names that the authority may not sign for.
    assert!(permits(&pair.ca_cert, &names(&["play.example.com", "a.play.example.com"], &[])));
    for refused in ["example.com", "notplay.example.com", "x.example"] {
        assert!(!permits(&pair.ca_cert, &names(&[refused], &[])), "{refused}");
        let beyond = opened(&pair).issue(wish(&[refused], now()), &mut Seeded(3)).unwrap();
        assert!(!server(&pair.ca_cert, &beyond.chain, refused, now()), "{refused}");
    }
}

#[test]
fn a_prolonged_authority_is_the_same_to_who_trusts_the_earlier_one() {
    let pair = issued(&["play.example.com"], &[], 89);
    let late = now() + Duration::days(3500);
    assert!(!is_due(&pair.ca_cert, now()) && is_due(&pair.ca_cert, late));
    // Under an authority that ends soon nothing lasts longer than that.
    let short = opened(&pair).issue(wish(&["play.example.com"], late), &mut Seeded(4)).unwrap();
    let end = facts(&short.chain, late).unwrap();
    assert_eq!(end[0].until, end[1].until);
    let longer = opened(&pair).prolong(&wish(&["play.example.com"], late), &mut Seeded(5)).unwrap();
    assert!(!is_due(longer.pem(), late));
    let new = longer.issue(wish(&["play.example.com"], late), &mut Seeded(6)).unwrap();
    for trusted in [pair.ca_cert.as_str(), longer.pem()] {
        assert!(server(trusted, &new.chain, "play.example.com", late));
    }
    // Both in one list, as on a machine that was given the new one.
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("both.crt"), format!("{}{}", pair.ca_cert, longer.pem())).unwrap();
    std::fs::write(folder.path().join("new.crt"), &new.chain).unwrap();
    made(folder.path(), &format!("verify -attime {} -x509_strict -CAfile both.crt new.crt", late.unix_timestamp()));
    assert!(distrust(longer.pem(), &new.chain).is_none());
}

#[test]
fn an_authority_without_its_key_signs_nothing() {
    let (pair, other) = (issued(&["a.example"], &[], 9), issued(&["a.example"], &[], 9));
    assert_eq!(Authority::open(&pair.ca_cert, &other.ca_key).err(), Some(Distrust::KeyMismatch));
    assert_eq!(Authority::open(&pair.server_cert, &pair.server_key).err(), Some(Distrust::NoAuthority));
    // One that somebody else has made has a name that is not repeated byte for byte.
    let folder = tempfile::tempdir().unwrap();
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.crt -days 9 -subj /C=DE/O=x/CN=y";
    made(folder.path(), new);
    let foreign = Authority::open(&read(folder.path(), "ca.crt"), &Secret::new(read(folder.path(), "ca.key"))).unwrap();
    let refused = foreign.issue(wish(&["a.example"], now()), &mut Seeded(1));
    assert!(matches!(refused, Err(CertError::ForeignAuthority(_))), "{refused:?}");
}

#[test]
fn a_client_is_known_under_its_authority_and_is_no_server() {
    let (cert, key) = client_authority("play", now(), &mut Seeded(1)).unwrap();
    let authority = Authority::open(&cert, &key).unwrap();
    let pair = client(&authority, &"laptop".parse().unwrap(), (now(), 90), &mut Seeded(2)).unwrap();
    assert!(takes(&cert, &pair.chain, KeyUsage::client_auth(), None, now()));
    assert!(!takes(&cert, &pair.chain, KeyUsage::server_auth(), None, now()));
    assert!(!takes(&cert, &pair.chain, KeyUsage::client_auth(), None, now() + Duration::days(91)));
    // The authority of the server vouches for no client, and that of clients for no server.
    let own = issued(&["play.example.com"], &[], 90);
    assert!(!takes(&own.ca_cert, &pair.chain, KeyUsage::client_auth(), None, now()));
    let server = authority.issue(wish(&["play.example.com"], now()), &mut Seeded(3)).unwrap();
    assert!(!takes(&cert, &server.chain, KeyUsage::server_auth(), None, now()));
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("ca.crt", cert.as_str()),
        ("it.crt", &pair.chain),
        ("it.key", pair.key.expose()),
        ("server.crt", &server.chain),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    made(folder.path(), "verify -no_check_time -x509_strict -purpose sslclient -CAfile ca.crt it.crt");
    assert!(!openssl(folder.path(), "verify -no_check_time -purpose sslserver -CAfile ca.crt server.crt").0);
    assert_eq!(judge_alone(&pair.chain, Some(&pair.key), now()), []);
    assert!(matches!(
        client(&authority, &"x".parse().unwrap(), (now(), 367), &mut Seeded(4)),
        Err(CertError::Days(367))
    ));
}
