//! What expressions can say.

use super::{headers, size};
use crate::systems::bounds::{BOUNDED, FACTOR};
use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value, filters};

/// The last two labels of the host in an origin or name: hosts that differ in them never share a cookie's site.
fn site(text: String) -> String {
    let host = text.split_once("://").map_or(text.as_str(), |(_, host)| host);
    let host = host.split([':', '/']).next().unwrap_or_default();
    let labels: Vec<_> = host.rsplitn(3, '.').take(2).collect();
    labels.into_iter().rev().collect::<Vec<_>>().join(".")
}

/// The items of a list of lists.
fn flatten(lists: Value) -> Result<Vec<Value>, Error> {
    let mut items = Vec::new();
    for list in lists.try_iter()? {
        items.extend(list.try_iter()?.take(size::MAX_ITEMS));
        size::items(items.len())?;
    }
    Ok(items)
}

/// The records of a list whose field has one of these values, in the order of the values.
fn pick(records: Value, field: String, values: Value) -> Result<Vec<Value>, Error> {
    let records: Vec<Value> = records.try_iter()?.collect();
    let of = |value: Value| {
        records.iter().filter(|record| record.get_attr(&field).is_ok_and(|it| it == value)).cloned().collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for value in values.try_iter()? {
        found.extend(of(value));
        size::items(found.len())?;
    }
    Ok(found)
}

/// A value as it is, where it is no larger than one may be.
fn bounded(value: Value) -> Result<Value, Error> {
    size::check(&value).map(|()| value)
}

/// A number as it is.
fn factor(value: Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::Number | ValueKind::Bool => Ok(value),
        ValueKind::Undefined => Err(ErrorKind::UndefinedError.into()),
        _ => {
            let cause = "`*` multiplies numbers alone, neither texts nor lists";
            Err(Error::new(ErrorKind::InvalidOperation, cause))
        }
    }
}

/// Adds a filter of the engine whose result can be far larger than what it is given, behind a look at its arguments.
fn guarded(
    engine: &mut Environment<'static>,
    name: &'static str,
    filter: Value,
    look: fn(&[Value]) -> Result<(), Error>,
) {
    engine.add_filter(name, move |state: &mut State, arguments: Rest<Value>| -> Result<Value, Error> {
        look(&arguments)?;
        filter.call(state, &arguments)
    });
}

macro_rules! filters {
    ($($name:ident)*) => {
        /// Names of all filters.
        pub const FILTERS: &[&str] = &[$(stringify!($name),)* "flatten", "join", "max_age", "pick", "replace", "site", "split", "wider"];

        fn add_filters(engine: &mut Environment<'static>) {
            $(engine.add_filter(stringify!($name), minijinja::filters::$name);)*
        }
    };
}

filters! { int items lower upper length default first last list map reject rejectattr select selectattr unique }

/// The filters and tests of a system's expressions and templates; none reads files, clocks or the environment.
pub fn language(engine: &mut Environment<'static>) {
    add_filters(engine);
    guarded(engine, "join", Value::from_function(filters::join), size::of_join);
    guarded(engine, "replace", Value::from_function(filters::replace), size::of_replace);
    guarded(engine, "split", Value::from_function(filters::split), size::of_split);
    engine.add_filter(BOUNDED, bounded);
    engine.add_filter(FACTOR, factor);
    engine.add_filter("flatten", flatten);
    engine.add_filter("max_age", headers::max_age);
    engine.add_filter("pick", pick);
    engine.add_filter("site", site);
    engine.add_filter("wider", headers::wider);
    engine.add_test("none", minijinja::tests::is_none);
    engine.add_test("defined", minijinja::tests::is_defined);
    engine.add_test("endingwith", minijinja::tests::is_endingwith);
    engine.add_test("eq", minijinja::tests::is_eq);
    engine.add_test("in", minijinja::tests::is_in);
    engine.add_test("startingwith", minijinja::tests::is_startingwith);
}
