//! Rate limits in nginx's words.

use super::super::marked::retry_after;
use super::super::names::Names;
use super::view::{Limit, Zone};
use crate::stack::{Edge, Enforced};
use crate::values::Rate;

/// The rate limits of one site: one counter for each class that is used.
pub(super) struct Limits<'a> {
    pub(super) edge: &'a Edge,
    pub(super) site: &'a str,
    /// Classes that count each value of a wildcard apart.
    pub(super) each: Vec<String>,
    pub(super) names: &'a mut Names,
    pub(super) zones: &'a mut Vec<Zone>,
    pub(super) known: Vec<(String, Limit)>,
}

impl Limits<'_> {
    pub(super) fn of(&mut self, rate: &Enforced<String>) -> Option<Limit> {
        let class = rate.get()?;
        if let Some((_, limit)) = self.known.iter().find(|(name, _)| name == class) {
            return Some(limit.clone());
        }
        let wanted = self.edge.rates.get(class)?;
        let name = self.names.give(&[self.site, class], '_');
        let (text, inexact) = speed(wanted.rate);
        let why = rate.why().to_vec();
        let each = self.each.contains(class);
        self.zones.push(Zone { name: name.clone(), rate: text, inexact, each, why: why.clone() });
        let limit = Limit { zone: name, burst: wanted.burst, retry_after: retry_after(wanted.rate), why };
        self.known.push((class.clone(), limit.clone()));
        Some(limit)
    }
}

/// nginx counts whole requests per second or per minute. Rounded down, and up only to the slowest it knows.
fn speed(rate: Rate) -> (String, bool) {
    let (requests, seconds) = (u64::from(rate.requests), rate.period.as_seconds());
    if requests % seconds == 0 {
        return (format!("{}r/s", requests / seconds), false);
    }
    let per_minute = requests * 60 / seconds;
    (format!("{}r/m", per_minute.max(1)), per_minute == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_in_nginx_words() {
        for (rate, text, inexact) in
            [("20/1s", "20r/s", false), ("5/1m", "5r/m", false), ("100/7s", "857r/m", false), ("3/15m", "1r/m", true)]
        {
            assert_eq!(rate.parse().map(speed), Ok((text.to_owned(), inexact)), "{rate}");
        }
    }
}
