//! The command a person types to ask the same, and what it shows: made from what `verify` asks, so that the two agree.

use super::{Ask, Expect, Limit, Subject};
use serde_json::Value;

/// Of a list of a container's processes, those of the superuser that none of the others started.
const FROM_OUTSIDE: &str = "NR > 1 { of[$1] = $2; user[$1] = $3; line[$1] = $0 } \
                            END { for (it in of) if (it != first && user[it] == 0 && !(of[it] in of)) print line[it] }";

/// The command, from inside the bundle.
pub(super) fn command(subject: &Subject, ask: &Ask, engine: &str) -> String {
    let object = match subject {
        Subject::Service { container, .. } => container.as_str(),
        other => other.name(),
    };
    let quoted = |word: &str| shlex::try_quote(word).unwrap_or_default().into_owned();
    let inspect = |form: &str| {
        let kind: &[&str] = if matches!(subject, Subject::Network { .. }) { &["network"] } else { &[] };
        let words = [&[engine], kind, &["inspect", "-f", form, object]].concat();
        shlex::try_join(words).unwrap_or_default()
    };
    let pid = || format!("/proc/\"$({})\"", inspect("{{.State.Pid}}"));
    match ask {
        Ask::Inspect { pointer } => inspect(&format!("{{{{json {}}}}}", pointer.replace('/', "."))),
        Ask::Process { field } => format!("grep {} {}/status", quoted(&format!("^{field}:")), pid()),
        Ask::OpenFiles => format!("grep '^Max open files' {}/limits", pid()),
        Ask::Mounted { target } => format!("sudo grep -F {} {}/mountinfo", quoted(&format!(" {target} ")), pid()),
        Ask::Cgroup { limit } => {
            let file = match limit {
                Limit::Memory => "memory.max",
                Limit::Cpus => "cpu.max",
                Limit::Pids => "pids.max",
            };
            format!("cat \"/sys/fs/cgroup$(sed -n 's/^0:://p' {}/cgroup)/{file}\"", pid())
        }
        Ask::Mounts | Ask::Secrets | Ask::Sockets => {
            inspect("{{range .Mounts}}{{println .Source .Destination .RW}}{{end}}")
        }
        Ask::Ports => inspect("{{json .HostConfig.PortBindings}}"),
        Ask::Members if matches!(subject, Subject::Network { .. }) => {
            inspect("{{range .Containers}}{{println .Name}}{{end}}")
        }
        Ask::Members => inspect("{{range $name, $_ := .NetworkSettings.Networks}}{{println $name}}{{end}}"),
        Ask::Devices => inspect("{{json .HostConfig.Devices}}"),
        Ask::Image { reference } => {
            let words = [engine, "image", "inspect", "-f", "{{.Id}}", reference];
            format!(
                "test \"$({})\" = \"$({})\" && echo same",
                inspect("{{.Image}}"),
                shlex::try_join(words).unwrap_or_default()
            )
        }
        Ask::Made => {
            let service = quoted(subject.name());
            let label = inspect("{{index .Config.Labels \"com.docker.compose.config-hash\"}}");
            format!(
                "test \"$({engine} compose -f compose.yaml config --hash {service} | cut -d ' ' -f 2)\" = \"$({label})\" && echo this"
            )
        }
        Ask::Entered => {
            let (first, object) = (inspect("{{.State.Pid}}"), quoted(object));
            format!("sudo {engine} top {object} -o pid,ppid,uid,args | awk -v first=\"$({first})\" '{FROM_OUTSIDE}'")
        }
        Ask::Unknown { project, services } => {
            let filter = quoted(&format!("label=com.docker.compose.project={project}"));
            let known = services.iter().map(|name| format!(" -e {}", quoted(name))).collect::<String>();
            format!(
                "{engine} ps -a --filter {filter} --format '{{{{.Label \"com.docker.compose.service\"}}}}' | grep -vxF{known}"
            )
        }
        Ask::Commanders => {
            format!(
                "{engine} ps -q | xargs {engine} inspect -f '{{{{.Name}}}} {{{{.HostConfig.Binds}}}} {{{{.Mounts}}}}' | grep -F .sock"
            )
        }
        Ask::Services => format!("{engine} compose ps --services --status running"),
        Ask::Leaks { secrets } => {
            let files = secrets.iter().map(|file| format!(" -f {}", quoted(file))).collect::<String>();
            format!("{} | sudo grep -cF{files}", inspect("{{json .Config}}"))
        }
        Ask::File => format!("sudo stat -c '%u:%g %a' {}", quoted(object)),
        Ask::Request { port, address: _, method, path, client: _ } => {
            let url = format!("https://{object}{}{path}", authority(*port));
            let words = ["curl", "-sSk", "--path-as-is", "-o", "/dev/null", "-D", "-", "-X", method, &url];
            shlex::try_join(words).unwrap_or_default()
        }
        Ask::Handshake { port, address: _, version } => {
            let option = format!("-tls{}", version.replace('.', "_"));
            format!(
                "openssl s_client -connect {object}:{port} -servername {object} {option} -cipher ALL:@SECLEVEL=0 < /dev/null | grep 'Cipher is'"
            )
        }
        Ask::Certificate { port, address: _, authority } => {
            let trusted = authority.as_ref().map(|file| format!(" -CAfile {}", quoted(file))).unwrap_or_default();
            format!(
                "openssl s_client -connect {object}:{port} -servername {object} -verify_hostname {object}{trusted} < /dev/null | grep 'Verify return code'"
            )
        }
        // Its author wrote it.
        Ask::Command => String::new(),
        Ask::Script { words } => {
            let words = std::iter::once("sudo").chain(words.iter().map(String::as_str));
            shlex::try_join(words).unwrap_or_default()
        }
    }
}

/// What the command shows when all is well.
pub(super) fn shows(expect: &Expect) -> String {
    match expect {
        Expect::Equals(value) => shown(value),
        Expect::OneOf(values) => values.iter().map(shown).collect::<Vec<_>>().join(" or "),
        Expect::Set(texts) if texts.is_empty() => "nothing".to_owned(),
        Expect::Set(texts) => format!("{} and nothing else", texts.join(", ")),
        Expect::Within(texts) => format!("nothing but {}", texts.join(", ")),
        Expect::Holds(texts) => texts.join(", "),
        Expect::Matches(sets) => {
            let one = |set: &super::Attributes| {
                let owner = set.owner.as_deref().unwrap_or("any owner");
                format!("{owner} {}", set.mode.trim_start_matches('0'))
            };
            sets.iter().map(one).collect::<Vec<_>>().join(" or ")
        }
        Expect::Status(status) => format!("exit status {status}"),
        Expect::Answer { status, headers, absent } => {
            let status = status.iter().map(|status| format!("status {status}"));
            let headers = headers.iter().map(|(name, value)| format!("{name}: {value}"));
            let absent = absent.iter().map(|name| format!("no {name}"));
            status.chain(headers).chain(absent).collect::<Vec<_>>().join("; ")
        }
    }
}

/// A port as an address names it.
fn authority(port: u16) -> String {
    if port == 443 { String::new() } else { format!(":{port}") }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
