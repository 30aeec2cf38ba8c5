//! nft on the firewall's rules.

use crate::support::generated::Generated;
use crate::support::tools;

#[test]
fn nft_accepts_every_rule_file_and_loads_it_twice() {
    let mut seen = 0;
    for case in Generated::all().filter(|case| case.folder().join("firewall/stockade.nft").is_file()) {
        seen += 1;
        let script = "nft -c -f firewall/stockade.nft\nnft -f firewall/stockade.nft\nnft -f firewall/stockade.nft\n\
                      nft list table inet stockade";
        let rules = tools::apart(&case.folder(), script).accepted(&case.name);
        assert!(rules.contains("policy drop"), "{}: {rules}", case.name);
    }
    assert!(seen > 10, "{seen} cases have a firewall");
}
