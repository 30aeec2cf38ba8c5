//! Every test that needs the finished compiler: the library through its front door, or the binary in a folder of its
//! own. Unit tests stand beside the code they test.

mod support;

mod agreement;
mod answers;
mod arrows;
mod asking;
mod blind;
mod book;
mod certs;
mod completions;
mod conformance;
mod convergence;
mod docs;
mod explained;
mod fixes;
mod gitops;
mod golden;
mod habits;
mod help;
mod host_files;
mod hostile;
mod init;
mod inside;
mod install;
mod known_images;
mod lints;
mod own_edge;
mod profiles;
mod readme;
mod reports;
mod runs;
mod schema_files;
mod secrets;
mod several;
mod starting;
mod systems;
mod systems_page;
mod traps;
mod updates;
mod verdicts;
