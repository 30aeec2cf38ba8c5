use super::*;
use crate::values::ByteSize;

fn scope() -> Scope {
    let mut scope = Scope::new();
    scope.set("size", crate::values::amounts::size(ByteSize::bytes(8 << 30)));
    scope.set("hostile", Value::from("{{ omit }}${x}"));
    scope.set("yes", Value::from(true));
    scope
}

#[test]
fn amounts_print_and_count() {
    let mut scope = scope();
    let text = |t: &str| Spanned::from(t.to_owned());
    assert_eq!(scope.text(&text("{{ size }} = {{ size.mib }}")).as_deref(), Some("8g = 8192"));
    assert!(scope.diagnostics.is_empty());
}

#[test]
fn a_value_is_never_read_as_an_expression() {
    let mut scope = scope();
    assert_eq!(scope.text(&Spanned::from("{{ hostile }}".to_owned())).as_deref(), Some("{{ omit }}${x}"));
}

#[test]
fn trees_keep_types_and_leave_out() {
    let mut scope = scope();
    let tree = serde_json::json!({"a": "{{ yes }}", "b": "{{ omit }}", "c": ["{{ size.gib + 1 }}"], "d": "{{ size }}"});
    assert_eq!(scope.tree(&tree, Span::UNKNOWN), Some(serde_json::json!({"a": true, "c": [9], "d": "8g"})));
}

#[test]
fn a_list_becomes_the_words_of_a_command() {
    let mut scope = scope();
    scope.set("names", Value::from(vec!["a b", "c"]));
    let words = ["run", "{{ names }}", "{{ size }}"].map(Computed::literal);
    assert_eq!(scope.words(&words), ["run", "a b", "c", "8g"]);
}

#[test]
fn records_are_picked_in_the_order_asked_for() {
    let mut scope = scope();
    let record =
        |id: &str, of: &'static [&str]| Value::from_pairs([("id", Value::from(id)), ("of", of.to_vec().into())]);
    scope.set("all", Value::from(vec![record("a", &["x"]), record("b", &[]), record("c", &["y", "z"])]));
    for (expression, wanted) in [
        ("all | pick('id', ['c', 'nobody', 'a']) | map(attribute='id') | join", "ca"),
        ("all | pick('id', []) | length", "0"),
        ("all | map(attribute='of') | flatten | join", "xyz"),
    ] {
        assert_eq!(scope.word(expression).as_deref(), Some(wanted), "{expression}");
    }
    assert_eq!(scope.word("[1] | flatten"), None);
}

#[test]
fn an_item_stands_for_a_list_and_parts_have_conditions() {
    let mut scope = scope();
    let word = |a: &str, b: &[i32]| Value::from_pairs([("a", Value::from(a)), ("b", b.to_vec().into())]);
    scope.set("words", Value::from(vec![word("x", &[1]), word("y", &[])]));
    let tree = serde_json::json!([
        "first",
        {"$each": "words", "$as": "w", "$item": {"$when": "w.b", "name": "{{ w.a }}-", "list": "{{ w.b }}"}},
        {"$each": "words", "$item": "{{ item.a }}"},
        {"$when": "not yes", "gone": 1},
    ]);
    let wanted = serde_json::json!(["first", {"name": "x-", "list": [1]}, "x", "y"]);
    assert_eq!(scope.tree(&tree, Span::UNKNOWN), Some(wanted));
    assert!(scope.diagnostics.is_empty());
    assert_eq!(scope.text(&Spanned::from("{{ w }}".to_owned())), None, "the name ends with its list");
    let values = serde_json::json!({
        "map": {"$each": "words", "$as": "w", "$key": "{{ w.a }}-", "$item": "{{ w.b }}"},
        "list": {"$each": "words", "$item": "{{ item.a }}"},
        "none": {"$when": "not yes", "$each": "words", "$item": 1},
        "maps": [{"$each": "words", "$key": "{{ item.a }}", "$item": {"n": "{{ index }}"}}],
    });
    let wanted = serde_json::json!({
        "map": {"x-": [1], "y-": []},
        "list": ["x", "y"],
        "maps": [{"x": {"n": 1}, "y": {"n": 2}}],
    });
    assert_eq!(scope.tree(&values, Span::UNKNOWN), Some(wanted));
    let no_list = serde_json::json!([{"$each": "yes", "$item": 1}]);
    assert_eq!(scope.tree(&no_list, Span::UNKNOWN), Some(serde_json::json!([])));
    assert!(scope.diagnostics.has_errors());
}

#[test]
fn an_unknown_fact_is_an_error_with_its_name() {
    let mut scope = scope();
    assert_eq!(scope.text(&Spanned::from("{{ nothing }}".to_owned())), None);
    assert!(scope.diagnostics.has_errors());
}

#[test]
fn a_name_that_is_not_known_is_an_error_and_not_false() {
    let mut scope = scope();
    scope.set("settings", Value::from_pairs([("users", true)]));
    scope.give_up("facts.broken".to_owned());
    scope.set("facts", Value::from_pairs([("whole", true)]));
    let when = |text: &str| Some(When(Spanned::from(text.to_owned())));
    for (condition, message, help) in [
        ("settings.user", "there is no `settings.user`", "did you mean `users`?"),
        ("settings.users and yess", "there is no `yess`", "did you mean `yes`?"),
    ] {
        assert!(scope.holds(&when(condition)), "what a broken condition stands at is there");
        let said = std::mem::take(&mut scope.diagnostics);
        let said: Vec<_> = said.iter().map(|it| (it.message.as_str(), it.help.as_deref())).collect();
        assert_eq!(said, [(format!("the expression `{condition}` fails: {message}").as_str(), Some(help))]);
    }
    assert!(scope.holds(&when("settings.users")) && !scope.holds(&when("not settings.users")));
    assert!(scope.holds(&when("facts.broken")), "that a fact is broken was said where it is computed");
    assert!(scope.text(&Spanned::from("{{ facts.broken }}".to_owned())).is_none() && scope.diagnostics.is_empty());
}

#[test]
fn what_is_asked_too_early_is_told() {
    let asked = |text: &str| {
        let mut scope = scope();
        assert!(scope.value(&Spanned::from(text.to_owned())).is_none());
        let helps = scope.diagnostics.iter().map(|found| found.help.clone().unwrap_or_default());
        helps.collect::<Vec<_>>().join(" ")
    };
    for text in ["variable('app', 'X') == ''", "limits.app.memory.mib > 1", "images.app"] {
        assert_eq!(asked(text), KNOWN_LATER, "{text}");
    }
    assert!(asked("facts.large").contains("networks are made before"));
    assert!(asked("unknown('x')").contains("docs/systems.md"));
}

#[test]
fn hostile_expressions_end_with_a_finding() {
    for expression in [
        "not ".repeat(200_000) + "true",
        "-".repeat(400_000) + "1",
        "'a'".to_owned() + &"|replace('a', 'aaaaaaaaaa')".repeat(7),
        "'a'".to_owned() + &"|replace('', 'aaaaaaaaaa')".repeat(7),
        "'a' * 99999999".to_owned(),
        "3 * ('a' ~ 'b')".to_owned(),
        "[1] * 99999999".to_owned(),
        "many | join(many)".to_owned(),
        "[many, many, many] | flatten".to_owned(),
        "lines | split".to_owned(),
        "lines | split('a')".to_owned(),
        "['x'] | map('replace', 'x', lines) | map('replace', 'a', lines) | list".to_owned(),
        "lines".to_owned() + &" ~ lines".repeat(40),
    ] {
        let mut scope = scope();
        scope.set("many", Value::from(vec!["0123456789"; 4096]));
        scope.set("lines", Value::from("a ".repeat(30_000)));
        let shown: String = expression.chars().take(40).collect();
        assert!(scope.value(&Spanned::from(expression.clone())).is_none(), "{shown}");
        let found: Vec<_> = scope.diagnostics.iter().map(|it| it.code).collect();
        assert_eq!(found, [codes::BAD_EXPRESSION], "{shown}");
        assert!(scope.text(&Spanned::from(format!("{{{{ {expression} }}}}"))).is_none(), "{shown}");
        assert!(scope.word(&expression).is_none(), "{shown}");
    }
}

#[test]
fn hostile_texts_end_with_a_finding() {
    for text in [
        "{% set a = 'aaaaaaaa' %}".to_owned() + &"{% set a = a ~ a %}".repeat(60) + "{{ a }}",
        "{% set a = ['aaaaaaaa'] %}".to_owned() + &"{% set a = [a, a] %}".repeat(60) + "x",
        "{% set a = [] %}".to_owned() + &"{% set a = [a] %}".repeat(5000) + "x",
        "{% set a %}x{% endset %}{{ a }}".to_owned(),
        "{% for a in many %}".repeat(12) + "x" + &"{% endfor %}".repeat(12),
        "{% for a in many %}".to_owned() + &"x".repeat(2000) + "{% endfor %}",
        "{% if yes %}{% elif yes %}".repeat(3000) + &"{% endif %}".repeat(3000),
    ] {
        let mut scope = scope();
        scope.set("many", Value::from(vec!["0123456789"; 4096]));
        let shown: String = text.chars().take(60).collect();
        assert!(scope.text(&Spanned::from(text)).is_none(), "{shown}");
        assert_eq!(scope.diagnostics.len(), 1, "{shown}");
    }
}

#[test]
fn lists_within_lists_are_bounded() {
    let mut scope = scope();
    scope.set("many", Value::from(vec!["x"; 4096]));
    let mut tree = serde_json::json!("{{ item }}");
    for _ in 0..5 {
        tree = serde_json::json!([{"$each": "many", "$item": tree}]);
    }
    let _ = scope.tree(&tree, Span::UNKNOWN);
    assert_eq!(scope.diagnostics.len(), 1);
}

#[test]
fn what_is_written_every_day_is_far_from_the_bounds() {
    let mut scope = scope();
    scope.set("many", Value::from(vec!["255.255.255.255/32"; 4096]));
    let text = |t: &str| Spanned::from(t.to_owned());
    assert_eq!(scope.text(&text("{{ many | join(', ') }}")).map(|it| it.len()), Some(4096 * 20 - 2));
    assert_eq!(scope.text(&text("{{ 2 * size.mib + 1 }}m")).as_deref(), Some("16385m"));
    assert_eq!(scope.word("('a,b' | split(','))[1] | replace('b', 'c')").as_deref(), Some("c"));
    assert!(scope.diagnostics.is_empty(), "{:?}", scope.diagnostics);
}
