//! The `plimsoll` program: the arguments go in, the exit status comes out.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll::cli::run(std::env::args_os())
}
