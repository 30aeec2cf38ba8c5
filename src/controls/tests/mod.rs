//! A small stack by hand, and what the controls make of it.

mod enforcing;
mod firewall;
mod fixture;
mod pages;
mod registration;

pub(crate) use fixture::{fixture, parse, waive};
