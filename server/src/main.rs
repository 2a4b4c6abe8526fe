//! Maru's socket server: everything is in the library.

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    maru_server::cli::run(env::args_os().skip(1), env::vars_os())
}
