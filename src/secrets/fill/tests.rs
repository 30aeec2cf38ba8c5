use std::sync::Mutex;

use super::super::derive::verify;
use super::super::{BcryptPrefix, Broken, Cost, Flaw, HtpasswdUser, RandomBytes, Seeded, Separator};
use super::*;

fn request(name: &str, kind: Kind) -> Request {
    Request { name: name.into(), kind, title: None, shared: false, brought: false }
}

fn random(name: &str, bytes: u16) -> Request {
    request(name, Kind::Base64Url { bytes: RandomBytes::new(bytes).unwrap() })
}

fn supplied(name: &str) -> Request {
    request(name, Kind::Supplied { min_length: MinLength::new(8), begins: String::new() })
}

fn bcrypt(name: &str, of: &str) -> Request {
    request(name, Kind::Bcrypt { of: of.into(), prefix: BcryptPrefix::TwoA, cost: Cost::new(10).unwrap() })
}

fn htpasswd(name: &str, of: &str) -> Request {
    let user = HtpasswdUser::try_from("admin".to_owned()).unwrap();
    request(name, Kind::Htpasswd { user, of: of.into(), cost: Cost::new(10).unwrap(), separator: Separator::Colon })
}

fn existing(values: &[(&str, &str)]) -> Existing {
    values.iter().map(|(name, value)| ((*name).into(), Secret::new((*value).into()))).collect()
}

fn run(requests: &[Request], values: &[(&str, &str)]) -> Result<Filled, Vec<SecretError>> {
    fill(requests, existing(values), &mut Seeded(1), &|_, _| ())
}

fn origins(filled: &Filled) -> Vec<(&str, Origin)> {
    filled.values.iter().map(|(name, value)| (name.as_str(), value.origin)).collect()
}

const LONG: &str = "Vk9PT1J0ZXN0LXZhbHVlLW9mLTMyLWJ5dGVzLWhlcmU";

#[test]
fn what_exists_is_kept_and_only_gaps_are_filled() {
    let filled = run(&[random("one", 32), random("two", 32)], &[("one", LONG), ("old", "x")]).unwrap();
    assert_eq!(origins(&filled), [("one", Origin::Kept), ("two", Origin::Created)]);
    assert_eq!(filled.values["one"].secret.expose(), LONG);
    assert_eq!(filled.unrequested, ["old"]);
}

#[test]
fn a_text_holds_its_source_and_is_told_from_an_old_one() {
    let kind = Kind::Text { of: "key".into(), before: "redis://:".into(), after: "@store:6379/0".into() };
    let requests = [request("url", kind), random("key", 32)];
    let filled = run(&requests, &[]).unwrap();
    let key = filled.values["key"].secret.expose();
    assert_eq!(filled.values["url"].secret.expose(), format!("redis://:{key}@store:6379/0"));
    let value = |name: &str| filled.values.get(name).map(|value| &value.secret);
    assert_eq!(verify(&requests, value, &|_, _| ()), []);

    let old = format!("redis://:{LONG}@store:6379/0");
    let kept = run(&requests, &[("url", &old), ("key", LONG)]).unwrap();
    assert_eq!(kept.values["url"].origin, Origin::Kept);
    let other = existing(&[("url", &old), ("key", "another-value-that-is-long-enough-for-32-bytes")]);
    let mismatch = SecretError::Mismatch { name: "url".into(), of: "key".into() };
    assert_eq!(verify(&requests, |name| other.get(name), &|_, _| ()), [mismatch]);
    let unfit = SecretError::Unfit {
        name: "url".into(),
        flaw: Flaw::NotOfKind { expected: "its source between the texts of its kind" },
    };
    assert_eq!(run(&requests, &[("url", "redis://:@store:6379/0"), ("key", LONG)]).unwrap_err(), [unfit]);
}

#[test]
fn a_supplied_value_begins_as_it_must() {
    let kind = Kind::Supplied { min_length: None, begins: "rediss://".into() };
    let flaw = Flaw::WrongStart { expected: "rediss://".into() };
    let unfit = SecretError::Unfit { name: "url".into(), flaw };
    assert_eq!(run(&[request("url", kind.clone())], &[("url", "redis://plain")]).unwrap_err(), [unfit]);
    assert!(run(&[request("url", kind)], &[("url", "rediss://:pw@store")]).is_ok());
}

#[test]
fn hashes_come_after_their_sources_whatever_the_order_and_belong_to_them() {
    let requests = [bcrypt("hash", "key"), htpasswd("line", "key"), random("key", 32)];
    let calls = Mutex::new(vec![]);
    let filled = fill(&requests, Existing::new(), &mut Seeded(1), &|done, total| {
        calls.lock().unwrap().push((done, total));
    })
    .unwrap();
    assert_eq!(calls.into_inner().unwrap(), [(0, 2), (1, 2), (2, 2)]);
    assert!(filled.values["hash"].secret.expose().starts_with("$2a$10$"));
    assert!(filled.values["line"].secret.expose().starts_with("admin:$2y$10$"));
    let value = |name: &str| filled.values.get(name).map(|value| &value.secret);
    assert_eq!(verify(&requests, value, &|_, _| ()), []);

    let again: Vec<_> = filled.values.iter().map(|(name, value)| (name.as_str(), value.secret.expose())).collect();
    let second = run(&requests, &again).unwrap();
    assert!(second.values.values().all(|value| value.origin == Origin::Kept), "a second run changes nothing");

    let other = Secret::new("another value".into());
    let swapped = |name: &str| {
        if name == "key" { Some(&other) } else { value(name) }
    };
    let mismatch = |name: &str| SecretError::Mismatch { name: name.into(), of: "key".into() };
    assert_eq!(verify(&requests, swapped, &|_, _| ()), [mismatch("hash"), mismatch("line")]);
}

#[test]
fn a_missing_supplied_secret_is_reported_and_never_made_up() {
    let filled = run(&[supplied("api_key"), bcrypt("hash", "api_key"), random("other", 32)], &[]).unwrap();
    assert_eq!(origins(&filled), [("other", Origin::Created)]);
    assert_eq!(filled.missing[0].name, "api_key");
    assert_eq!(filled.missing[0].min_length, MinLength::new(8));
    assert_eq!(filled.blocked, [Blocked { name: "hash".into(), of: "api_key".into() }]);
}

#[test]
fn a_hash_whose_source_is_gone_is_not_kept_beside_a_new_source() {
    let hash = "$2a$10$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm";
    let errors = run(&[random("key", 32), bcrypt("hash", "key")], &[("hash", hash)]).unwrap_err();
    assert_eq!(errors, [SecretError::Orphaned { name: "hash".into(), of: "key".into() }]);
}

#[test]
fn requests_that_cannot_work_are_all_named() {
    let requests = [
        random("a", 32),
        random("a", 32),
        bcrypt("b", "nobody"),
        bcrypt("c", "d"),
        bcrypt("d", "c"),
        bcrypt("e", "e"),
        random("long", 64),
        bcrypt("f", "long"),
    ];
    let derived = |name: &str, of: &str| SecretError::SourceIsDerived { name: name.into(), of: of.into() };
    assert_eq!(
        run(&requests, &[]).unwrap_err(),
        [
            SecretError::Duplicate { name: "a".into() },
            SecretError::UnknownSource { name: "b".into(), of: "nobody".into() },
            derived("c", "d"),
            derived("d", "c"),
            derived("e", "e"),
            SecretError::Unhashable { name: "f".into(), of: "long".into(), flaw: Flaw::TooLongForBcrypt { bytes: 86 } },
        ]
    );
}

#[test]
fn a_supplied_source_that_bcrypt_would_cut_or_misread_is_refused() {
    for (value, flaw) in [("x1".repeat(37), Flaw::TooLongForBcrypt { bytes: 74 }), ("abcdefgh\0i".into(), Flaw::HasNul)]
    {
        let errors = run(&[supplied("key"), bcrypt("hash", "key")], &[("key", &value)]).unwrap_err();
        assert_eq!(errors, [SecretError::Unhashable { name: "hash".into(), of: "key".into(), flaw }]);
    }
}

#[test]
fn unfit_values_are_all_named_and_nothing_is_generated() {
    let hash = |kind: &str| format!("{kind}Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm");
    let newline = format!("{LONG}\n");
    for (request, value, flaw) in [
        (random("it", 48), LONG.to_owned(), Flaw::TooShort { found: 32, least: 48, unit: "bytes" }),
        (random("it", 16), "not base64!".into(), Flaw::NotOfKind { expected: "base64url without padding" }),
        (random("it", 16), newline, Flaw::TrailingNewline),
        (random("it", 16), String::new(), Flaw::Empty),
        (bcrypt("it", "key"), hash("$2y$10$"), Flaw::WrongPrefix { expected: "$2a$" }),
        (bcrypt("it", "key"), hash("$2a$04$"), Flaw::CostTooLow { found: 4, least: 10 }),
        (bcrypt("it", "key"), "secret".into(), Flaw::NotOfKind { expected: "a bcrypt hash" }),
        (htpasswd("it", "key"), format!("root:{}", hash("$2y$10$")), Flaw::WrongUser { expected: "admin".into() }),
        (htpasswd("it", "key"), format!("admin:{}", hash("$2b$10$")), Flaw::WrongPrefix { expected: "$2y$" }),
        (supplied("it"), "changeme123".into(), Flaw::Placeholder),
    ] {
        let requests = [request, random("key", 32), random("new", 32)];
        // A broken source shows that the values are judged before anything is drawn.
        let errors = fill(&requests, existing(&[("it", &value), ("key", LONG)]), &mut Broken, &|_, _| ()).unwrap_err();
        assert_eq!(errors, [SecretError::Unfit { name: "it".into(), flaw }], "{value}");
    }
}

#[test]
fn costlier_hashes_and_longer_values_may_stay() {
    let hash = "admin:$2y$14$Ro0CUfOqk6cXEKf3dyaM7OhSCvnwM9s4wIX9JeLapehKK5YdLxKcm\n";
    let filled = run(&[random("key", 16), htpasswd("line", "key")], &[("key", LONG), ("line", hash)]).unwrap();
    assert_eq!(origins(&filled), [("key", Origin::Kept), ("line", Origin::Kept)]);
}

#[test]
fn a_failing_entropy_source_is_an_error() {
    let errors = fill(&[random("key", 32)], Existing::new(), &mut Broken, &|_, _| ()).unwrap_err();
    assert!(matches!(errors[..], [SecretError::Entropy(_)]));
    let both = [random("key", 32), bcrypt("hash", "key")];
    let errors = fill(&both, existing(&[("key", LONG)]), &mut Broken, &|_, _| ()).unwrap_err();
    assert!(matches!(errors[..], [SecretError::Entropy(_)]), "no hash without a random salt");
}

#[test]
fn results_and_errors_never_show_a_value() {
    let filled = run(&[random("key", 32)], &[("key", LONG)]).unwrap();
    let errors = run(&[random("key", 48)], &[("key", LONG)]).unwrap_err();
    for shown in [format!("{filled:?}"), format!("{errors:?}"), errors[0].to_string()] {
        assert!(!shown.contains(LONG), "{shown}");
    }
}
