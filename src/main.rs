//! The `plimsoll` program: parse the arguments, call the library, set the exit status.

fn main() {}
