//! Any text is read as a lock file of each manager.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::facts::lock;
use plimsoll::source::FileId;

fuzz_target!(|text: &str| {
    for name in ["package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock"] {
        let _ = lock::read(FileId(0), name, text.into());
    }
});
