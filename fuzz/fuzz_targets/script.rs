//! Any text is read as JavaScript and TypeScript, and every fact lies in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::discover::Discovery;
use plimsoll::model::{Project, read};
use plimsoll::source::ProjectPath;

fuzz_target!(|text: &str| {
    let path = |name: &str| ProjectPath::new(name).expect("a plain name");
    let files = [
        (path("Dockerfile"), "FROM node:24\nCMD [\"node\", \"a.js\"]\n".to_owned()),
        (path("a.js"), text.to_owned()),
    ];
    let _ = Project::link(read::read(Discovery::from_texts(files)));
});
