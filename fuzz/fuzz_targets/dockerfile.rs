//! Any bytes are read as a Dockerfile, and its parts add up to them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::source::FileId;
use plimsoll::syntax::dockerfile;

fuzz_target!(|bytes: &[u8]| {
    let parsed = dockerfile::parse(FileId(0), bytes);
    let mut end = 0;
    for part in &parsed.tree.parts {
        assert_eq!(part.span.start, end);
        end = part.span.end;
    }
    assert_eq!(end as usize, bytes.len());
});
