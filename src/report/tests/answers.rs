//! What becomes of recommendations, and where they are seen.

use super::*;

#[test]
fn marks_are_comments_and_nothing_else() {
    let artifacts = artifacts();
    let at = |file: &str, line, key: &str| (file.to_owned(), line, (!key.is_empty()).then(|| key.to_owned()));
    // Neither the quoted command nor the block text counts; behind the key of a list a mark is for its items.
    assert_eq!(places(&artifacts, "read-only-root"), [at("compose.yaml", 5, "services.app.read_only")]);
    assert_eq!(
        places(&artifacts, "least-capabilities"),
        [at("compose.yaml", 6, "services.app.cap_drop"), at("compose.yaml", 8, "services.app.cap_add[0]")]
    );
    assert_eq!(places(&artifacts, "bound-ports"), [at("compose.yaml", 14, "services.app.ports[0]")]);
    assert_eq!(places(&artifacts, "cpu-limit"), [at("compose.yaml", 17, "services.other")]);
    assert_eq!(places(&artifacts, "hsts"), [at("proxy/nginx.conf", 2, "")]);
}

#[test]
fn declared_places_must_exist() {
    let enforced = |places: &[&str]| recommendation("X-1", Declared::Enforced, &[], places);
    let (report, _, _, messages) = run(stack(vec![enforced(&[
        "compose.yaml#services.app.ports[0]",
        "data/config.json#clients[0].secret",
        "data/",
        "report.json",
    ])]));
    assert!(messages.is_empty(), "{messages:?}");
    let lines: Vec<_> = report.lines[0].places.iter().map(|place| place.line).collect();
    assert_eq!(lines, [Some(14), None, Some(3), None]);

    for (place, said) in [
        ("compose.yml", "`X-1` points at `compose.yml`, which is not in the bundle"),
        ("compose.yaml#services.app.ports[1]", "`X-1` points at the key `services.app.ports[1]`"),
        ("proxy/nginx.conf#a", "`X-1` points at the key `a`, which `proxy/nginx.conf` does not have"),
        ("compose.yaml#", "`X-1` points at the key ``"),
        ("dat", "`X-1` points at `dat`"),
    ] {
        let (_, _, _, messages) = run(stack(vec![enforced(&[place])]));
        assert!(matches!(messages.as_slice(), [one] if one.starts_with(said)), "{place}: {messages:?}");
    }
}

#[test]
fn enforced_without_a_place_is_an_error() {
    let (_, _, _, messages) = run(stack(vec![
        recommendation("X-1", Declared::Enforced, &["cookie-flags"], &[]),
        recommendation("X-2", Declared::Compensated, &["cookie-flags"], &[]),
        recommendation("X-3", Declared::Manual, &[], &[]),
    ]));
    assert_eq!(messages, ["`X-1` is called enforced but nothing in the bundle shows it"]);
}

#[test]
fn waivers_and_levels_change_the_answer() {
    let lines = || {
        vec![
            recommendation("X-1", Declared::Enforced, &["read-only-root"], &[]),
            recommendation("X-2", Declared::Enforced, &["cookie-flags"], &[]),
            recommendation("X-3", Declared::Manual, &["read-only-root"], &[]),
        ]
    };
    let mut whole = stack(lines());
    waive(&mut whole, "read-only-root", None);
    waive(&mut whole, "cookie-flags", None);
    let (report, markdown, json, messages) = run(whole);
    assert!(messages.is_empty(), "{messages:?}");
    let statuses: Vec<_> = report.lines.iter().map(|line| line.status).collect();
    assert_eq!(statuses, [Status::Waived, Status::Waived, Status::Manual]);
    assert!(markdown.contains("- **Waived** until 2027-01-31: `read-only-root` ("), "{markdown}");
    assert!(markdown.contains(" for everything; weakens X-1. Reason: a test\n"), "{markdown}");
    assert!(markdown.contains("- The waiver of `read-only-root` ends on 2027-01-31: renew or remove it"), "{markdown}");
    assert!(page(&report).unwrap().contains("Waiver: <code>read-only-root</code>, until 2027-01-31: a test"));
    assert!(json.contains("\"until\": \"2027-01-31\""));
    assert_eq!(summary(&report)[3], (Status::Waived, 2));

    let mut one = stack(lines()[..1].to_vec());
    waive(&mut one, "read-only-root", Some("proxy"));
    let (report, ..) = run(one);
    assert_eq!(report.lines[0].status, Status::Enforced);
    assert_eq!(report.lines[0].notes, ["`read-only-root` is waived for `proxy` until 2027-01-31: a test"]);

    let higher = crate::controls::catalogue::ALL
        .iter()
        .map(|control| control.meta())
        .find(|meta| meta.level > crate::values::Level::Baseline)
        .unwrap();
    let mut low = stack(vec![recommendation("X-1", Declared::Enforced, &[higher.id], &[])]);
    low.level = crate::values::Level::Baseline;
    let (report, ..) = run(low);
    assert_eq!(report.lines[0].status, Status::Waived);
    let waived = report.lines[0].waived.as_ref().unwrap();
    assert_eq!(waived.reason, format!("level baseline leaves `{}` out; level {} turns it on", higher.id, higher.level));
    assert_eq!(waived.until, None);
}

#[test]
fn a_value_weaker_than_the_guide_is_not_met() {
    let value = |chosen: &str, weaker| Compared {
        what: "settings.rate".to_owned(),
        is_key: true,
        chosen: chosen.to_owned(),
        guide: "100".to_owned(),
        differs: chosen != "100",
        weaker,
    };
    let with = |id: &str, status, chosen: &str, weaker| Recommendation {
        compared: vec![value("100", false), value(chosen, weaker)],
        because: Some("so".to_owned()),
        verify: Some(format!("show {id}")),
        ..recommendation(id, status, &["least-capabilities"], &[])
    };
    let mut demo = stack(vec![
        with("X-1", Declared::Enforced, "100000", true),
        with("X-2", Declared::Compensated, "100000", true),
        with("X-3", Declared::Enforced, "50", false),
        with("X-4", Declared::Manual, "100000", true),
        with("X-5", Declared::Enforced, "100", false),
    ]);
    let (report, markdown, json, messages) = run(demo.clone());
    assert!(messages.is_empty(), "{messages:?}");
    let statuses: Vec<_> = report.lines.iter().map(|line| line.status).collect();
    assert_eq!(
        statuses,
        [Status::Relaxed, Status::Relaxed, Status::Enforced, Status::Manual, Status::Enforced],
        "stronger values stay enforced, what nobody did stays manual"
    );
    let page = page(&report).unwrap();
    assert!(
        markdown.contains("**2 of 5** recommendations of the vendor's guide are met: 2 enforced, 2 relaxed, 1 manual."),
        "{markdown}"
    );
    assert!(page.contains("<strong>2 of 5</strong> recommendations"), "{page}");
    let said = "<code>settings.rate</code> is <code>100000</code>; the guide asks for <code>100</code>";
    assert_eq!(page.matches(&format!("Weaker than the guide: {said}")).count(), 3, "{page}");
    let said = said.replace("100000", "50");
    assert!(page.contains(&format!("Another value than the guide&#39;s: {said}")), "{page}");
    let relaxed = "- **Relaxed**: X-2, `settings.rate` is `100000` where the guide asks for `100`\n";
    assert!(markdown.contains(relaxed) && markdown.matches("**Relaxed**").count() == 2, "{markdown}");
    assert!(markdown.contains("- **By hand**: X-4 Do `it` (so)\n"), "{markdown}");
    assert!(page.contains("<strong>X-1</strong> Do <code>it</code> (relaxed)"), "its check shows what is in place");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["summary"]["relaxed"], &json["summary"]["enforced"]), (&2.into(), &2.into()));
    assert_eq!(json["recommendations"][0]["status"], "relaxed");
    assert_eq!(
        json["recommendations"][0]["values"][1],
        serde_json::json!({"what": "settings.rate", "chosen": "100000", "guide": "100", "weaker": true})
    );

    // A waiver says more.
    waive(&mut demo, "least-capabilities", None);
    assert_eq!(run(demo).0.lines[0].status, Status::Waived);
}

#[test]
fn an_answer_cites_what_shows_its_claim() {
    let with = |evidence: &[&str]| Recommendation {
        evidence: evidence.iter().map(|word| (*word).to_owned().into()).collect(),
        ..recommendation("X-1", Declared::Enforced, &["security-headers"], &[])
    };
    let many: String =
        ["Alpha", "Beta"].map(|name| format!("  add {name} on;  # why: security-headers\n").repeat(20)).concat();
    let run = |recommendation: Recommendation| {
        let mut artifacts = artifacts();
        artifacts.push(Artifact::text(
            "proxy/many.conf".parse().unwrap(),
            format!("{many}  other;  # why: security-headers\n"),
        ));
        let mut diagnostics = Diagnostics::default();
        let stack = enforce(stack(vec![recommendation]));
        let (report, written) = emit(&stack, files(&artifacts), &Engine::builtin(), &mut diagnostics).unwrap();
        let Content::Text(markdown) = written[0].content.clone() else { panic!() };
        let page = page(&report).unwrap();
        let lines = report.lines[0].places.iter().map(|place| place.line.unwrap()).collect::<Vec<_>>();
        (
            lines,
            report.lines[0].more,
            (markdown, page),
            diagnostics.iter().map(|d| d.message.clone()).collect::<Vec<_>>(),
        )
    };
    let (lines, more, (markdown, page), _) = run(with(&[]));
    assert_eq!((lines, more), (vec![1, 2, 3, 41], 37), "one of each kind, and few of all");
    assert!(page.contains("lines 1-3, 41; 37 more of this control"), "{page}");
    assert!(markdown.contains("| `proxy/many.conf:1` |"), "{markdown}");
    let (lines, more, ..) = run(with(&["beta"]));
    assert_eq!((lines, more), ((21..33).collect(), 8));
    let (lines, _, _, messages) = run(with(&["gamma"]));
    assert!(
        lines.is_empty() && messages == ["`X-1` is called enforced but nothing in the bundle shows it"],
        "{messages:?}"
    );

    let none = Recommendation {
        deviation: Some(parse("Otherwise")),
        verify: Some("show".to_owned()),
        expect: Some("it".to_owned()),
        because: Some("so".to_owned()),
        status: Declared::NotApplicable,
        ..with(&[])
    };
    let (report, markdown, json, _) =
        self::run(stack(vec![Recommendation { places: vec!["data/".to_owned().into()], ..none }]));
    let line = &report.lines[0];
    assert!(line.places.is_empty() && line.verify.is_none() && line.deviation.is_none() && line.controls.is_empty());
    assert!(!json.contains("Otherwise") && !markdown.contains("Otherwise") && !json.contains("\"show\""));
    assert!(markdown.contains("- Not applicable: X-1, because so\n") && !markdown.contains("| X-1"), "{markdown}");
}

#[test]
fn what_asks_the_same_counts_once() {
    let again = Recommendation {
        same_as: Some("X-1".parse().unwrap()),
        ..recommendation("X-2", Declared::Enforced, &["cookie-flags"], &["compose.yml"])
    };
    let first = Recommendation { id: "X-1".parse().unwrap(), same_as: None, ..again.clone() };
    let (report, markdown, json, messages) = run(stack(vec![first, again]));
    assert_eq!(messages.len(), 1, "what is wrong is said once: {messages:?}");
    assert_eq!(summary(&report)[0], (Status::Enforced, 1));
    assert!(
        markdown.contains("**1 of 1** recommendations") && markdown.contains("1 more ask the same as one of these")
    );
    let page = page(&report).unwrap();
    assert!(page.contains("each of the 2 recommendations") && page.contains("The same as X-1, whose answer this is"));
    assert!(markdown.contains("| X-2    | Do `it`        | as X-1   |"), "{markdown}");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["summary"]["total"], &json["summary"]["same"]), (&1.into(), &1.into()));
    assert_eq!(json["recommendations"][1]["sameAs"], "X-1");
}
