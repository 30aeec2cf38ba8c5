//! What expressions can say.

use minijinja::Environment;

/// The last two labels of the host in an origin or name: hosts that differ in them never share a cookie's site.
fn site(text: String) -> String {
    let host = text.split_once("://").map_or(text.as_str(), |(_, host)| host);
    let host = host.split([':', '/']).next().unwrap_or_default();
    let labels: Vec<_> = host.rsplitn(3, '.').take(2).collect();
    labels.into_iter().rev().collect::<Vec<_>>().join(".")
}

/// The filters and tests of a system's expressions and templates; none reads files, clocks or the environment.
pub fn language(engine: &mut Environment<'static>) {
    engine.add_filter("int", minijinja::filters::int);
    engine.add_filter("items", minijinja::filters::items);
    engine.add_filter("join", minijinja::filters::join);
    engine.add_filter("lower", minijinja::filters::lower);
    engine.add_filter("upper", minijinja::filters::upper);
    engine.add_filter("length", minijinja::filters::length);
    engine.add_filter("replace", minijinja::filters::replace);
    engine.add_filter("default", minijinja::filters::default);
    engine.add_filter("first", minijinja::filters::first);
    engine.add_filter("last", minijinja::filters::last);
    engine.add_filter("list", minijinja::filters::list);
    engine.add_filter("map", minijinja::filters::map);
    engine.add_filter("reject", minijinja::filters::reject);
    engine.add_filter("rejectattr", minijinja::filters::rejectattr);
    engine.add_filter("select", minijinja::filters::select);
    engine.add_filter("selectattr", minijinja::filters::selectattr);
    engine.add_filter("split", minijinja::filters::split);
    engine.add_filter("unique", minijinja::filters::unique);
    engine.add_test("none", minijinja::tests::is_none);
    engine.add_test("defined", minijinja::tests::is_defined);
    engine.add_test("endingwith", minijinja::tests::is_endingwith);
    engine.add_test("eq", minijinja::tests::is_eq);
    engine.add_test("in", minijinja::tests::is_in);
    engine.add_test("startingwith", minijinja::tests::is_startingwith);
    engine.add_filter("site", site);
}
