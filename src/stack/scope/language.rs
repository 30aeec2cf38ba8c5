//! What expressions can say.

use minijinja::{Environment, Error, Value};

/// The last two labels of the host in an origin or name: hosts that differ in them never share a cookie's site.
fn site(text: String) -> String {
    let host = text.split_once("://").map_or(text.as_str(), |(_, host)| host);
    let host = host.split([':', '/']).next().unwrap_or_default();
    let labels: Vec<_> = host.rsplitn(3, '.').take(2).collect();
    labels.into_iter().rev().collect::<Vec<_>>().join(".")
}

/// The items of a list of lists.
fn flatten(lists: Value) -> Result<Vec<Value>, Error> {
    let lists: Vec<_> = lists.try_iter()?.map(|list| list.try_iter()).collect::<Result<_, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

/// The records of a list whose field has one of these values, in the order of the values.
fn pick(records: Value, field: String, values: Value) -> Result<Vec<Value>, Error> {
    let records: Vec<Value> = records.try_iter()?.collect();
    let of = |value: Value| {
        records.iter().filter(|record| record.get_attr(&field).is_ok_and(|it| it == value)).cloned().collect::<Vec<_>>()
    };
    Ok(values.try_iter()?.flat_map(of).collect())
}

macro_rules! filters {
    ($($name:ident)*) => {
        /// Names of all filters.
        pub const FILTERS: &[&str] = &[$(stringify!($name),)* "flatten", "pick", "site"];

        fn add_filters(engine: &mut Environment<'static>) {
            $(engine.add_filter(stringify!($name), minijinja::filters::$name);)*
        }
    };
}

filters! { int items join lower upper length replace default first last list map reject rejectattr select selectattr split unique }

/// The filters and tests of a system's expressions and templates; none reads files, clocks or the environment.
pub fn language(engine: &mut Environment<'static>) {
    add_filters(engine);
    engine.add_filter("flatten", flatten);
    engine.add_filter("pick", pick);
    engine.add_filter("site", site);
    engine.add_test("none", minijinja::tests::is_none);
    engine.add_test("defined", minijinja::tests::is_defined);
    engine.add_test("endingwith", minijinja::tests::is_endingwith);
    engine.add_test("eq", minijinja::tests::is_eq);
    engine.add_test("in", minijinja::tests::is_in);
    engine.add_test("startingwith", minijinja::tests::is_startingwith);
}
