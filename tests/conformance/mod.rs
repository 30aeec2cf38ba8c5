//! Every golden bundle, really generated, judged by the programs that will read it. None of them is mocked, and one
//! that is missing is a failure.

mod checks;
mod compose;
mod config_keys;
mod disk;
mod firewall;
mod firewall_scripts;
mod paths;
mod proxy;
mod redis;
mod report;
mod text;
mod units;
