//! Any text is read as a lock file of each manager.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::facts::lock;
use plimsoll::source::{FileId, ProjectPath, SourceFile};

fuzz_target!(|text: &str| {
    for name in ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"] {
        let path = ProjectPath::new(name).expect("a plain name");
        let _ = lock::read(FileId(0), &SourceFile::new(path, text));
    }
});
