//! The firewalls' own tools on the firewall's rules.

use crate::support::generated::Generated;
use crate::support::tools;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Cases that hold a file.
fn with(path: &str) -> impl Iterator<Item = Generated> {
    Generated::all().filter(move |case| case.folder().join(path).is_file())
}

/// What follows a word at the beginning of lines of the table.
fn lines_of<'a>(rules: &'a str, word: &str) -> Vec<&'a str> {
    rules.lines().filter_map(|line| line.strip_prefix(word)).collect()
}

#[test]
fn nft_accepts_every_rule_file_and_loads_it_twice() {
    let mut seen = 0;
    for case in with("firewall/stockade.nft") {
        seen += 1;
        let script = "nft -c -f firewall/stockade.nft\nnft -f firewall/stockade.nft\nnft -f firewall/stockade.nft\n\
                      nft list table inet stockade";
        let rules = tools::apart(&case.folder(), script).accepted(&case.name);
        let beside = case.read("firewall/apply").contains("tool_ready");
        assert_eq!(rules.contains("policy drop"), !beside, "{}: {rules}", case.name);
    }
    assert!(seen > 10, "{seen} cases have a table");
}

#[test]
fn iptables_accepts_every_rule_file_and_loads_it_twice() {
    let mut seen = 0;
    for case in with("firewall/stockade.rules") {
        seen += 1;
        for flavour in ["nft", "legacy"] {
            let script = format!(
                "bin=$(mktemp -d); trap 'rm -rf $bin' EXIT\n\
                 for tool in iptables ip6tables; do for part in '' -restore -save; do\n\
                 ln -s /usr/sbin/xtables-{flavour}-multi $bin/$tool$part; done; done\n\
                 export PATH=$bin:$PATH\n\
                 iptables-restore --test --noflush firewall/stockade.rules\n\
                 ip6tables-restore --test --noflush firewall/stockade.rules\n\
                 sh firewall/load firewall/stockade.rules --print >$bin/once\n\
                 sh firewall/load firewall/stockade.rules --print >$bin/twice\n\
                 diff $bin/once $bin/twice\ncat $bin/twice"
            );
            let rules = tools::apart(&case.folder(), &script).accepted(&format!("{}, {flavour}", case.name));
            let jumps = rules.lines().filter(|line| *line == "-A INPUT -j STOCKADE-IN").count();
            assert_eq!(jumps, 4, "{}: two families, each listed twice\n{rules}", case.name);
        }
    }
    assert!(seen >= 2, "{seen} cases are for iptables");
}

#[test]
fn ufw_takes_every_rule() {
    let mut seen = 0;
    for case in with("firewall/stockade.nft") {
        let text = case.read("firewall/stockade.nft");
        let rules = lines_of(&text, "#ufw ");
        seen += rules.len();
        // As `apply` hands them over: split at blanks, and nothing taken off.
        let one = |rule: &&str| {
            let rule = shlex::try_quote(rule).expect("no NUL").into_owned();
            format!("rule={rule}; ufw --dry-run $rule comment stockade >/dev/null\n")
        };
        let script: String = rules.iter().map(one).collect();
        tools::apart(&case.folder(), &script).accepted(&case.name);
    }
    assert!(seen > 10, "{seen} rules are for ufw");
}

#[test]
fn firewalld_takes_every_rule_and_writes_it_alike() {
    let mut seen = 0;
    for case in with("firewall/stockade.nft") {
        let text = case.read("firewall/stockade.nft");
        let mut rules =
            lines_of(&text, "#firewalld ").into_iter().filter(|line| line.starts_with("rule")).collect::<Vec<_>>();
        if rules.is_empty() {
            continue;
        }
        seen += rules.len();
        let added: String = rules.iter().map(|rule| format!(" '--add-rich-rule={rule}'")).collect();
        let script = format!(
            "own=$(mktemp -d); trap 'rm -rf $own' EXIT\nmount --bind $own /etc/firewalld\n\
             firewall-offline-cmd --zone=public{added} >/dev/null\nfirewall-offline-cmd --zone=public --list-rich-rules"
        );
        let listed = tools::apart(&case.folder(), &script).accepted(&case.name);
        let mut listed: Vec<_> = listed.lines().collect();
        listed.sort_unstable();
        rules.sort_unstable();
        assert_eq!(listed, rules, "{}", case.name);
    }
    assert!(seen > 10, "{seen} rules are for firewalld");
}

/// Folders of all cases whose rules are of a kind, by kind.
fn by_kind() -> BTreeMap<String, Vec<Generated>> {
    let mut kinds = BTreeMap::<_, Vec<_>>::new();
    for case in with("firewall/common.sh") {
        let common = case.read("firewall/common.sh");
        let kind = common.lines().find_map(|line| line.strip_prefix("KIND=")).expect("a kind").to_owned();
        kinds.entry(kind).or_default().push(case);
    }
    kinds
}

/// The scripts of one bundle join the rules and loaders of all stacks of its kind, whatever these are, and the tool loads the whole.
#[test]
fn all_stacks_of_a_kind_join() {
    let kinds = by_kind();
    assert_eq!(kinds.len(), 4, "kinds: {:?}", kinds.keys());
    for (kind, cases) in &kinds {
        assert!(cases.len() >= 2, "{kind}: {} cases", cases.len());
        let file = if kind == "iptables" { "stockade.rules" } else { "stockade.nft" };
        let mut script = "work=$(mktemp -d); trap 'rm -rf $work' EXIT\n".to_owned();
        for (number, case) in cases.iter().enumerate() {
            let from = shlex::try_quote(case.folder().to_str().expect("a plain path")).expect("no NUL").into_owned();
            writeln!(
                script,
                "mkdir $work/s{number}; cp {from}/firewall/{file} $work/s{number}/rules; cp {from}/firewall/load $work/s{number}/load"
            )
            .expect("memory");
        }
        // That some of them open the same ports does not matter to a join.
        script += "export STOCKADE_STATE_DIR=$work; . firewall/common.sh\n\
                   joined $work/*/rules >$work/rules; joined $work/*/load >$work/loader; sh -n $work/loader\n";
        script += if kind == "iptables" {
            "iptables-restore --test --noflush $work/rules; ip6tables-restore --test --noflush $work/rules\n"
        } else {
            "nft -f $work/rules; nft -f $work/rules\n"
        };
        script += "grep -c '^ *# -- stack' $work/rules";
        let said = tools::apart(&cases[0].folder(), &script).accepted(kind);
        let blocks: usize = said.trim().parse().expect("a number");
        assert!(blocks >= 3 * cases.len(), "{kind}: {blocks} parts of {} stacks", cases.len());
    }
}
