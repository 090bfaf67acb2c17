//! The shim as a program of its own: `castalia-shim UNIT_DIR`. The main binary offers the same as `castalia shim`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(dir) = std::env::args_os().next_back().filter(|_| std::env::args_os().len() > 1) else {
        eprintln!("usage: castalia-shim UNIT_DIR");
        return ExitCode::from(64);
    };
    let code = castalia_compute::shim::main(Path::new(&dir));
    ExitCode::from(u8::try_from(code).unwrap_or(70))
}
