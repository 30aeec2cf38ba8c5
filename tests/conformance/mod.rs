//! Every golden bundle, really generated, judged by the programs that will read it. None of them is mocked, and one
//! that is missing is a failure.

mod compose;
mod disk;
mod firewall;
mod proxy;
mod report;
mod text;
