//! A key and its certificate change together, whatever ends the run.

use super::*;
use crate::certs;
use crate::secrets::Secret;
use crate::writer::{certificates, exchange};

const FILES: [&str; 4] = ["certs/ca.crt", "certs/ca.key", "certs/server.crt", "certs/server.key"];

fn new() -> Vec<(CertificatePart, Secret)> {
    certificates::anew(full().certificate.as_ref().unwrap(), now(), &mut Seeded(9)).unwrap()
}

fn texts(out: &Path) -> Vec<String> {
    FILES.map(|path| read(&out.join(path))).into()
}

#[test]
fn whatever_ends_an_exchange_the_next_run_has_all_of_it_or_none() {
    let home = TempDir::new().unwrap();
    let start = home.path().join("start");
    generate(&full(), &start).unwrap();
    let before = texts(&start);
    let new = new();
    let after: Vec<String> = new.iter().map(|(_, text)| text.expose().to_owned()).collect();
    let (mut none, mut all) = (0, 0);
    for steps in 0.. {
        let out = home.path().join(format!("ended-{steps}"));
        let copied = std::process::Command::new("cp").arg("-a").arg(&start).arg(&out).status().unwrap();
        assert!(copied.success());
        fault::after(Some(steps));
        let outcome = exchange::exchange(&full(), &Folder::claim(&out).unwrap(), &new);
        let over = fault::after(None).is_some();
        assert_eq!(outcome.is_ok(), over, "{steps}");
        generate(&full(), &out).unwrap();
        let (certificate, key) = (read(&out.join(FILES[2])), Secret::new(read(&out.join(FILES[3]))));
        let names = certificates::names(full().certificate.as_ref().unwrap()).unwrap();
        assert_eq!(certs::needs_renewal(&certificate, &key, now(), &names), None, "{steps}");
        match texts(&out) {
            found if found == before => none += 1,
            found if found == after => all += 1,
            _ => panic!("a mix after {steps} steps"),
        }
        let left: Vec<_> =
            tree(&out).into_iter().map(|(path, _)| path).filter(|it| it.starts_with("certs/.")).collect();
        let kept = left.iter().filter(|path| path.starts_with("certs/.earlier/")).count();
        assert!(left.len() == kept && (kept == 0 || kept == 4), "{steps}: {left:?}");
        if over {
            break;
        }
    }
    assert!(none > 5 && all > 4, "{none} {all}");
}

#[test]
fn what_was_there_is_kept_and_comes_back() {
    let home = TempDir::new().unwrap();
    let out = home.path();
    generate(&full(), out).unwrap();
    let before = texts(out);
    let folder = Folder::claim(out).unwrap();
    exchange::exchange(&full(), &folder, &new()).unwrap();
    assert_ne!(texts(out), before);
    let earlier = exchange::earlier(&full(), &folder).unwrap();
    assert_eq!(earlier.len(), 4);
    exchange::exchange(&full(), &folder, &earlier).unwrap();
    assert_eq!(texts(out), before);
    let path = "certs/clients/x.crt".parse().unwrap();
    exchange::add(&folder, &path, Access::PUBLIC, b"x").unwrap();
    assert!(exchange::add(&folder, &path, Access::PUBLIC, b"y").is_err(), "nothing is written over");
    assert_eq!(read(&out.join("certs/clients/x.crt")), "x");
}
