//! Operators' own chains, made by openssl and spoilt in every way that `judge` knows.

use super::*;

/// A root, an intermediate and a leaf that openssl has made, and keys.
struct Chain {
    folder: TempDir,
}

const LEAF: &str = "subjectAltName=DNS:*.example.com,DNS:example.com";

impl Chain {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let it = Self { folder };
        let ca = "-addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign";
        it.made(&format!("req -x509 {EC} -keyout root.key -out root.pem -days 900 -subj /CN=root {ca}"));
        it.made(&format!(
            "req -x509 -CA root.pem -CAkey root.key {EC} -keyout middle.key -out middle.pem -days 800 -subj /CN=middle {ca}"
        ));
        it.leaf("leaf", EC, &format!("-days 90 -addext {LEAF}"));
        it
    }

    fn made(&self, line: &str) {
        made(self.folder.path(), line);
    }

    fn leaf(&self, name: &str, key: &str, more: &str) {
        self.made(&format!(
            "req -x509 -CA middle.pem -CAkey middle.key {key} -keyout {name}.key -out {name}.pem -subj /CN=x \
             -addext basicConstraints=CA:false -addext extendedKeyUsage=serverAuth {more}"
        ));
    }

    fn text(&self, names: &[&str]) -> String {
        names.iter().map(|name| read(self.folder.path(), &format!("{name}.pem"))).collect()
    }

    fn key(&self, name: &str) -> Secret {
        Secret::new(read(self.folder.path(), &format!("{name}.key")))
    }
}

const EC: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
const NAMES: &[&str] = &["example.com", "www.example.com"];

fn today() -> UtcDateTime {
    UtcDateTime::now()
}

#[test]
fn a_good_chain_has_no_flaw() {
    let it = Chain::new();
    for chain in [&["leaf", "middle"][..], &["leaf", "middle", "root"], &["leaf"]] {
        assert_eq!(judge(&it.text(chain), Some(&it.key("leaf")), NAMES, today()), [], "{chain:?}");
    }
    let all = facts(&it.text(&["leaf", "middle", "root"]), today()).unwrap();
    assert_eq!(all[0].names, ["*.example.com", "example.com"]);
    assert_eq!((all[0].authority, all[1].authority), (false, true));
    assert!((89..=90).contains(&all[0].days_left), "{}", all[0].days_left);
    let (_, said) = openssl(it.folder.path(), "x509 -in leaf.pem -noout -fingerprint -sha256");
    assert_eq!(said.trim().rsplit('=').next(), Some(all[0].sha256.as_str()));
}

#[test]
fn every_flaw_is_found_and_is_the_only_one() {
    let it = Chain::new();
    let ask = |chain: &[&str], key: &Secret, names: &[&str], when| judge(&it.text(chain), Some(key), names, when);
    let leaf = it.key("leaf");
    assert_eq!(ask(&["leaf", "root", "middle"], &leaf, NAMES, today()), [Flaw::Order(1, Some(2))]);
    assert_eq!(ask(&["leaf", "root"], &leaf, NAMES, today()), [Flaw::Order(1, None)]);
    assert_eq!(ask(&["middle", "leaf"], &leaf, NAMES, today()), [Flaw::LeafNotFirst(Some(1))]);
    assert_eq!(ask(&["leaf", "middle"], &it.key("middle"), NAMES, today()), [Flaw::OtherKey]);
    let nonsense = Secret::new("nonsense".into());
    assert_eq!(ask(&["leaf", "middle"], &nonsense, NAMES, today()), [Flaw::UnreadableKey]);
    it.made("pkey -in leaf.key -aes256 -passout pass:x -out locked.key");
    assert_eq!(ask(&["leaf", "middle"], &it.key("locked"), NAMES, today()), [Flaw::EncryptedKey]);
    let other = ["a.b.example.com", "example.org", "www.example.com"];
    let lacks = Flaw::Lacks(vec!["a.b.example.com".into(), "example.org".into()]);
    assert_eq!(ask(&["leaf", "middle"], &leaf, &other, today()), [lacks]);
    let after = |days| ask(&["leaf", "middle"], &leaf, NAMES, today() + Duration::days(days));
    assert!(matches!(after(61)[..], [Flaw::Due { days: 28 | 29 }]), "{:?}", after(61));
    assert_eq!(after(59), []);
    assert_eq!(after(91), [Flaw::Expired(0)]);
    assert_eq!(after(-1), [Flaw::NotYetValid(0), Flaw::NotYetValid(1)]);
    // Of the same name, and still somebody else.
    it.made(&format!("req -x509 {EC} -keyout false.key -out false.pem -days 9 -subj /CN=middle"));
    assert_eq!(ask(&["leaf", "false"], &leaf, NAMES, today()), [Flaw::Order(1, None)]);
    assert!(matches!(judge("nothing", Some(&leaf), NAMES, today())[..], [Flaw::Unreadable(_)]));
}

#[test]
fn weak_rare_and_misused_certificates_are_found() {
    let it = Chain::new();
    let one = |name: &str| judge(&it.text(&[name, "middle"]), Some(&it.key(name)), NAMES, today());
    let names = format!("-days 90 -addext {LEAF}");
    it.leaf("weak", "-newkey rsa:1024 -nodes", &names);
    assert_eq!(one("weak"), [Flaw::WeakKey(0, KeyType::Rsa(1024))]);
    it.leaf("rare", "-newkey ed25519 -nodes", &names);
    assert_eq!(one("rare"), [Flaw::RareKey(KeyType::Other("1.3.101.112".into()))]);
    it.leaf("large", "-newkey rsa:3072 -nodes", &names);
    assert_eq!(one("large"), []);
    it.leaf("sha1", EC, &format!("{names} -sha1"));
    assert_eq!(one("sha1"), [Flaw::WeakSignature(0, "SHA-1 with ECDSA".into())]);
    it.leaf("public", EC, &format!("{names} -addext authorityInfoAccess=caIssuers;URI:http://x.example/"));
    assert_eq!(one("public"), []);
    assert_eq!(judge(&it.text(&["public"]), None, NAMES, today()), [Flaw::Incomplete]);
    it.made(&format!(
        "req -x509 -CA middle.pem -CAkey middle.key {EC} -keyout client.key -out client.pem -subj /CN=x {names} \
         -addext basicConstraints=CA:false -addext extendedKeyUsage=clientAuth"
    ));
    assert_eq!(one("client"), [Flaw::NotForServers]);
    it.made(&format!(
        "req -x509 {EC} -keyout own.key -out own.pem -subj /CN=x {names} -addext basicConstraints=CA:false"
    ));
    assert_eq!(judge(&it.text(&["own"]), Some(&it.key("own")), NAMES, today()), [Flaw::SelfSigned]);
    assert_eq!(judge_alone(&it.text(&["root"]), Some(&it.key("root")), today()), []);
    assert_eq!(judge_alone(&it.text(&["root"]), Some(&it.key("leaf")), today()), [Flaw::OtherKey]);
}
