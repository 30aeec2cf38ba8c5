//! The firewall's scripts on a host that is not well: tools that warn, a clock set back, rules flushed, a boot that fails.

use crate::support::generated::Generated;
use crate::support::tools;

/// Cases of the two kinds that own the ports of the host, and how somebody flushes their rules.
const KINDS: [(&str, &str); 2] = [
    ("host-ports", "nft flush table inet stockade"),
    ("host-ports-iptables", "iptables -t mangle -F; ip6tables -t mangle -F"),
];

/// A host of its own: `s STATUS COMMAND…` expects that status; `wrap TOOL LINES` stands in front of a tool, which runs after them.
const HOST: &str = r#"
mount -t tmpfs tmpfs /run
mkdir -p /run/lock /run/bin
export PATH=/run/bin:$PATH STOCKADE_STATE_DIR=/run/state STOCKADE_ROOT=/run/root SSH_CONNECTION='127.0.0.1 1 127.0.0.1 22'
s() {
  local expected=$1 found=0
  shift
  "$@" >/run/said 2>&1 || found=$?
  if [ "$found" != "$expected" ]; then echo "exit $found, not $expected: $*" >&2; cat /run/said >&2; exit 1; fi
}
wrap() {
  local real=$(command -v "$1" || true)
  printf '#!/bin/sh\n%s\n%s' "$2" "${real:+exec \"$real\" \"\$@\"}" >"/run/bin/$1"
  chmod +x "/run/bin/$1"
}
says() { grep -qF -- "$1" /run/said || { echo "not said: $1" >&2; cat /run/said >&2; exit 1; }; }
lacks() { if grep -E -- "$1" "$2" >&2; then echo "unexpected: $1" >&2; exit 1; fi; }
listens() {
  python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", int(sys.argv[1])))
time.sleep(300)' "$1" &
  until ss -H -l -n -u | grep -q ":$1 "; do sleep 0.1; done
}
cd firewall
"#;

fn on_a_host(case: &str, script: &str) {
    let case = Generated::named(case).remove(0);
    tools::apart(&case.folder(), &format!("{HOST}{script}")).accepted(&case.name);
}

/// ufw warns at every call where a folder above it is not its own; iptables does where tables of its other flavour are loaded.
#[test]
fn what_a_tool_warns_of_is_no_rule() {
    for (case, _) in KINDS {
        on_a_host(
            case,
            "for tool in nft iptables ip6tables; do wrap $tool 'echo \"WARN: / is world writable!\" >&2'; done\n\
             s 0 ./apply --yes\ns 0 ./verify\nsays 'WARN: '\ns 0 ./verify --quiet",
        );
    }
}

#[test]
fn the_deadline_does_not_follow_the_clock() {
    for (case, _) in KINDS {
        // Every call of `date` is a day before the one before it.
        let script = "wrap date 'n=$(cat /run/days 2>/dev/null || echo 9); echo $((n - 1)) >/run/days\n\
                      [ \"$*\" = +%s ] && echo $((n * 86400 + 1700000000)) && exit'\n\
                      s 0 ./apply --timeout 8\ns 0 ./verify\n\
                      for turn in $(seq 150); do [ -e /run/state/pending ] || break; sleep 0.2; done\n\
                      s 1 ./verify\nsays 'not loaded'";
        on_a_host(case, script);
    }
}

/// They have lost the mark of their owner, while nftables' policy still drops.
#[test]
fn flushed_rules_are_ours() {
    for (case, flush) in KINDS {
        let script = format!(
            "s 0 ./apply --yes\n{flush}\ns 1 ./verify\nsays 'flushed'\ns 0 ./apply --yes\ns 0 ./verify\n\
             {flush}\ns 0 ./apply --timeout 300\ns 0 ./rollback\ns 1 ./verify\nsays 'not loaded'\n\
             s 0 ./apply --yes\n{flush}\ns 0 ./rollback --remove\ns 1 ./verify\nsays 'not loaded'"
        );
        on_a_host(case, &script);
    }
}

#[test]
fn confirming_looks_at_the_rules() {
    for (case, flush) in KINDS {
        let script = format!(
            "s 0 ./apply --timeout 300 --install\n{flush}\ns 1 ./apply --confirm\nsays 'nothing was kept'\n\
             [ ! -e /run/root/etc ]\ns 0 ./apply --timeout 300\ns 0 ./apply --confirm\ns 0 ./verify"
        );
        on_a_host(case, &script);
    }
}

#[test]
fn a_host_without_ipv6_lets_its_admins_in() {
    for (case, _) in KINDS {
        on_a_host(
            case,
            "wrap ip 'case \"$*\" in *route*add*:*) echo \"IPv6 is disabled\" >&2; exit 2 ;; esac'\n\
             SSH_CONNECTION='203.0.113.9 5 10.8.0.1 22' s 1 ./apply --yes\nsays 'none of the networks'\n\
             SSH_CONNECTION='10.8.0.7 5 10.8.0.1 22' s 0 ./apply --yes",
        );
    }
}

/// The kernel of the tests has no WireGuard: its tool and its interface are stood in for, the listener is real.
#[test]
fn a_vpn_that_admins_come_through_is_not_cut() {
    for (case, _) in KINDS {
        on_a_host(
            case,
            "listens 41820; listens 51820\n\
             wrap wg '[ \"$*\" = \"show all listen-port\" ] && printf \"wg0\\t41820\\n\"; exit 0'\n\
             s 0 ./apply --yes\nsays '41820/udp  python3'\nlacks 51820 /run/said\ns 0 ./rollback --remove\n\
             ip link add wg0 type bridge; ip link set wg0 up; ip addr add 10.8.0.1/24 dev wg0\n\
             s 1 ./apply --yes\nsays '{port: 41820, protocol: udp, from: [any], purpose: WireGuard}'\ns 1 ./verify\n\
             s 0 ./apply --yes --force\n\
             s 0 ./rollback --remove\n\
             wrap wg '[ \"$*\" = \"show all listen-port\" ] && printf \"wg0\\t51820\\n\"; exit 0'\ns 0 ./apply --yes",
        );
    }
}

/// Its ports would be ports of the host, which are closed. Root asks another engine than that of a user.
#[test]
fn a_rootless_engine_is_refused() {
    for (case, _) in KINDS {
        on_a_host(
            case,
            "answers() { wrap docker \"[ \\\"\\$1\\\" = info ] && echo '$1'; exit 0\"; }\n\
             answers 'name=seccomp,profile=builtin name=rootless name=cgroupns '\n\
             s 1 ./apply --yes\nsays 'Docker is rootless'\nsays 'nothing was changed'\ns 1 ./verify\n\
             s 0 ./apply --yes --force\ns 0 ./rollback --remove\n\
             answers 'name=seccomp,profile=builtin name=userns '\n\
             s 0 ./apply --yes\nsays 'maps users'\ns 0 ./rollback --remove\n\
             answers ''; mkdir -p /run/user/1000\n\
             s 0 ./apply --yes\ns 0 ./rollback --remove\n\
             python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"/run/user/1000/docker.sock\")'\n\
             s 1 ./apply --yes\nsays '/run/user/1000/docker.sock'\n\
             answers 'name=seccomp,profile=builtin '\ns 0 ./apply --yes\nlacks rootless /run/said",
        );
    }
}

/// What the units may do is enough for what they start, and where the rules do not load, nothing published is open.
#[test]
fn a_boot_that_fails_closes_what_is_published() {
    for (case, broken, closed) in [
        ("host-ports", "bad", "nft list table inet stockade"),
        (
            "host-ports-iptables",
            "*mangle\\n-A NOPE -j DROP\\nCOMMIT\\n",
            "iptables -t mangle -S; ip6tables -t mangle -S",
        ),
    ] {
        let script = format!(
            "caps=$(sed -n 's/^CapabilityBoundingSet=//p' stockade-firewall.service)\n\
             bounded() {{ setpriv --bounding-set \"-all$(printf '%s' \" $caps\" | tr A-Z a-z | sed 's/ cap_/,+/g')\" \"$@\"; }}\n\
             rules=$(ls | grep -E '^stockade.(nft|rules)$')\n\
             s 0 bounded sh ./load $rules --boot\ns 0 ./verify\nprintf '{broken}' >/run/broken\n\
             s 3 bounded sh ./load /run/broken --boot\ns 0 ./verify\n\
             s 0 ./rollback --remove\ns 3 bounded sh ./load /run/broken\ns 1 ./verify\nsays 'not loaded'\n\
             s 3 bounded sh ./load /run/broken --boot\nsays 'every port that docker publishes'\n\
             ({closed}) >/run/rules\n\
             grep -qE 'ct status dnat .*drop|ctstate DNAT -j DROP' /run/rules\ngrep -qE 'dport 6000.6004 .*(drop|DROP)' /run/rules\n\
             lacks 'policy drop|-P [A-Z]* DROP|dport 22 ' /run/rules\n\
             s 1 ./verify\ns 0 ./apply --yes\ns 0 ./verify"
        );
        on_a_host(case, &script);
    }
}

#[test]
fn units_are_sandboxed_and_in_order() {
    for case in ["host-ports", "host-ports-iptables", "host-ports-ufw"] {
        let case = Generated::named(case).remove(0);
        let folder = case.folder().join("firewall");
        let unit = "stockade-firewall.service";
        // Of 100: 30 is where "OK" of systemd's own scale has long begun.
        tools::run(&folder, "systemd-analyze", &["security", "--offline=true", "--threshold=30", "--no-pager", unit])
            .accepted(&case.name);
        let said = tools::run(&folder, "systemd-analyze", &["verify", "--man=no", unit]);
        assert!(!said.err.contains(unit), "{}: {}", case.name, said.err);
        let text = case.read(&format!("firewall/{unit}"));
        let before = text.lines().find_map(|line| line.strip_prefix("Before=")).expect("it has an order");
        for other in ["network-pre.target", "docker.service", "podman.service"] {
            assert!(before.split(' ').any(|word| word == other), "{before}");
        }
    }
}
