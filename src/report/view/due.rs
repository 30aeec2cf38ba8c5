//! What comes due: ends of waivers and certificates, and what nobody does but a person.

use crate::controls::Hardened;
use crate::stack::Edge;
use crate::values::TlsMode;
use serde::Serialize;

/// Something with an end.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Due {
    pub what: String,
    pub when: String,
    /// What is done then, or who does it.
    pub then: String,
    /// The command that shows the end, where no file of the bundle says it.
    pub run: Option<String>,
}

pub(super) fn rows(stack: &Hardened) -> Vec<Due> {
    let waivers = stack.waivers.iter().map(|waiver| {
        let part = waiver.service.as_ref().map_or(String::new(), |service| format!(" for `{service}`"));
        Due {
            what: format!("The waiver of `{}`{part}", waiver.control),
            when: format!("ends on {}", waiver.until),
            then: "renew or remove it in the profile; nothing is generated after that day until you do".to_owned(),
            run: None,
        }
    });
    let mut all: Vec<Due> = waivers.collect();
    all.extend(certificate(stack));
    if let Some(edge) = stack.edge.as_ref().filter(|edge| edge.tls.mode == TlsMode::Acme) {
        all.push(acme(edge));
    }
    let what = if stack.secrets.is_empty() { "Images" } else { "Images and secrets" };
    all.push(Due {
        what: what.to_owned(),
        when: "never change by themselves".to_owned(),
        then: "name a new image in the profile, change a secret after a leak or when somebody leaves who knew it, and generate \
               again"
            .to_owned(),
        run: None,
    });
    all
}

/// The certificate that lies in a file.
fn certificate(stack: &Hardened) -> Option<Due> {
    let shown = |file: &str| Some(format!("openssl x509 -noout -enddate -in {}", shlex::try_quote(file).ok()?));
    if let Some(own) = &stack.certificate {
        return Some(Due {
            what: "The certificate in `certs/`".to_owned(),
            when: format!("ends {} days after it was made", own.days),
            then: "when a third of that is left, `stockade certs renew` makes a new one that clients trust as well"
                .to_owned(),
            run: shown("certs/server.crt"),
        });
    }
    let file = stack.certificate_files.as_ref()?.certificate.value.to_string();
    Some(Due {
        what: "Your certificate".to_owned(),
        when: "ends on a day that it says itself".to_owned(),
        then: "renew it with whoever issued it, then restart the proxy".to_owned(),
        run: shown(&file),
    })
}

/// A certificate that the proxy fetches.
fn acme(edge: &Edge) -> Due {
    let host = edge.sites.first().map_or("", |site| site.host.as_str());
    let port = edge.https_port;
    Due {
        what: "The proxy's certificates".to_owned(),
        when: "end some weeks or months after they were issued".to_owned(),
        then: "the proxy renews them by itself, as long as the authority reaches it".to_owned(),
        run: (!host.is_empty()).then(|| {
            format!(
                "openssl s_client -connect {host}:{port} -servername {host} < /dev/null 2> /dev/null | openssl x509 -noout \
                 -enddate"
            )
        }),
    }
}
