//! A control in words, and how to waive it.

use crate::controls::{Meta, Reach};
use crate::diagnostics::Severity;

/// Everything about one control, and how to waive it.
pub fn detail(meta: &Meta) -> String {
    let severity = match meta.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    format!(
        "{}: {}\n  {}\n  boundary    {}\n  level       {} and above\n  severity    {severity}\n  references  {}\n",
        meta.id,
        meta.title,
        meta.why,
        meta.boundary.title(),
        meta.level,
        if meta.references.is_empty() { "none".to_owned() } else { meta.references.join(", ") },
    )
}

/// What to paste into a profile to switch a control off, for the service whose line was asked about. What only a person can
/// say stands in capitals, which the profile refuses.
pub fn waiver(meta: &Meta, service: Option<&str>) -> String {
    let service = match (meta.reach, service) {
        (Reach::Stack, _) => String::new(),
        (Reach::Service, Some(service)) => format!("      service: {service}\n"),
        (Reach::Service, None) => "      service: NAME    # the one that needs it\n".to_owned(),
    };
    format!(
        "to switch it off for a while, add to the profile\n  waivers:\n    - control: {}\n{service}      reason: WHY\n      until: YYYY-MM-DD    # at most two years ahead\n",
        meta.id
    )
}
