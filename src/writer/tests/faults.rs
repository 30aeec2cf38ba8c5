//! A run may end at any step: the next one ends where an uninterrupted one would, and until then the folder is not
//! called up to date.

use super::*;

const FEW: [&str; 3] = ["a", "proxy/dynamic/a.yml", "secrets/token"];

/// A bundle of some files, and one secret with a file that holds it.
fn some(files: &[&str], mark: &str) -> Bundle {
    let mut all = full();
    all.certificate = None;
    all.secrets.truncate(1);
    all.artifacts.retain(|it| {
        ["secrets", "secrets/token", "config/app.json"].contains(&it.path.as_str())
            && !files.contains(&it.path.as_str())
    });
    if let Content::Pieces(pieces) =
        &mut all.artifacts.iter_mut().find(|it| it.path.as_str() == "config/app.json").unwrap().content
    {
        pieces.push(Piece::Text(mark.into()));
    }
    all.artifacts.extend(files.iter().map(|path| text(path, mark)));
    all.artifacts.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

fn copy(from: &Path, to: &Path) {
    assert!(std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// Everything but digests of what a file was before.
fn settled(out: &Path) -> Vec<(String, String)> {
    tree(out).into_iter().filter(|(path, _)| path != "secrets/.digests").collect()
}

#[test]
fn whatever_ends_a_run_the_next_one_heals() {
    let files = ["a", "b", "proxy/dynamic/a.yml", "proxy/dynamic/b.yml", "old/x/y"];
    let (first, second, third) =
        (some(&files, "1"), some(&["a", "c/d", "proxy/dynamic/a.yml"], "2"), some(&["a", "b"], "3"));
    let home = TempDir::new().unwrap();
    let start = home.path().join("start");
    generate(&first, &start).unwrap();
    // What runs that nobody ends leave.
    let done = |bundle: &Bundle, name: &str| {
        let out = home.path().join(name);
        copy(&start, &out);
        generate(bundle, &out).unwrap();
        settled(&out)
    };
    let (after_second, after_third, after_first) = (done(&second, "2"), done(&third, "3"), settled(&start));
    let mut ended = 0;
    for steps in 0.. {
        let out = home.path().join(format!("ended-{steps}"));
        copy(&start, &out);
        fault::after(Some(steps));
        let outcome = generate(&second, &out);
        if fault::after(None).is_some() {
            outcome.unwrap();
            break;
        }
        outcome.unwrap_err();
        ended += 1;
        assert!(!is_clean(&second, &out), "after {steps} steps it is called up to date");
        // Whatever is wanted then, nothing of it is taken for somebody's work.
        for (bundle, expected, name) in
            [(&second, &after_second, "same"), (&third, &after_third, "other"), (&first, &after_first, "back")]
        {
            let next = home.path().join(format!("next-{steps}-{name}"));
            copy(&out, &next);
            generate(bundle, &next).unwrap_or_else(|error| panic!("{name} after {steps} steps: {error}"));
            assert_eq!(&settled(&next), expected, "{name} after {steps} steps");
            assert!(is_clean(bundle, &next));
        }
    }
    assert!(ended > 15, "only {ended} steps were ended");
}

#[test]
fn a_first_run_that_was_ended_is_no_conflict_for_the_next() {
    let home = TempDir::new().unwrap();
    for steps in 0.. {
        let out = home.path().join(steps.to_string());
        fault::after(Some(steps));
        let outcome = generate(&some(&FEW[..2], "1"), &out);
        if fault::after(None).is_some() {
            outcome.unwrap();
            break;
        }
        outcome.unwrap_err();
        generate(&some(&FEW[..2], "2"), &out).unwrap_or_else(|error| panic!("after {steps} steps: {error}"));
        assert_eq!(read(&out.join("a")), "2");
    }
}

#[test]
fn whatever_ends_a_take_over_nothing_is_lost() {
    let home = TempDir::new().unwrap();
    for steps in 0.. {
        let out = home.path().join(steps.to_string());
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(out.join("a"), "precious").unwrap();
        fault::after(Some(steps));
        let outcome = generate_anyway(&some(&FEW[..2], "1"), &out);
        let left = fault::after(None);
        if left.is_none() {
            outcome.unwrap_err();
            let kept = |name: &str| std::fs::read_to_string(out.join(name)).is_ok_and(|text| text == "precious");
            assert!(kept("a") || kept("a.before-stockade"), "after {steps} steps");
            generate_anyway(&some(&FEW[..2], "1"), &out).unwrap();
        }
        assert_eq!((read(&out.join("a")), read(&out.join("a.before-stockade"))), ("1".into(), "precious".into()));
        assert!(!out.join("a.before-stockade.2").exists(), "it is kept once");
        if left.is_some() {
            break;
        }
    }
}

#[test]
fn whatever_ends_a_run_the_next_one_knows_what_it_changed() {
    let compose = |image: &str| format!("services: {{app: {{image: {image}}}}}\n");
    let with = |image: &str, files: &[&str]| {
        let mut bundle = some(files, image);
        bundle.artifacts.push(text("compose.yaml", &compose(image)));
        bundle.artifacts.push(text("firewall/stockade.nft", image));
        bundle
    };
    let (first, second) = (with("x", &["a", "b"]), with("y", &["a"]));
    let home = TempDir::new().unwrap();
    let start = home.path().join("start");
    generate(&first, &start).unwrap();
    let effect = |bundle: &Bundle, out: &Path| plan(bundle, &Folder::claim(out).unwrap()).unwrap().effect;
    let anew = effect(&second, &start);
    assert!(anew.anew.contains("app") && anew.firewall && !anew.first && !anew.unfinished);
    for steps in 0.. {
        let out = home.path().join(steps.to_string());
        copy(&start, &out);
        fault::after(Some(steps));
        let outcome = generate(&second, &out);
        if fault::after(None).is_some() {
            outcome.unwrap();
            break;
        }
        let next = effect(&second, &out);
        assert!(next.anew.contains("app") && next.firewall, "after {steps} steps: {next:?}");
        // Nor does a second one that is ended forget it.
        fault::after(Some(steps / 2));
        drop(generate(&second, &out));
        fault::after(None);
        if !is_clean(&second, &out) {
            let next = effect(&second, &out);
            assert!(next.anew.contains("app") && next.firewall, "after {steps} steps and more: {next:?}");
        }
        generate(&second, &out).unwrap();
        assert_eq!(effect(&second, &out), Effect::default(), "after {steps} steps it is not done");
    }
}

#[test]
fn a_first_run_that_was_ended_is_followed_by_a_first_start() {
    let home = TempDir::new().unwrap();
    for steps in 0.. {
        let out = home.path().join(steps.to_string());
        fault::after(Some(steps));
        let outcome = generate(&some(&FEW[..2], "1"), &out);
        if fault::after(None).is_some() {
            outcome.unwrap();
            break;
        }
        let folder = Folder::claim(&out).unwrap();
        assert!(plan(&some(&FEW[..2], "1"), &folder).unwrap().effect.first, "after {steps} steps");
    }
}
