//! Makes cargo build this crate anew when the built web app has changed, come or gone.

fn main() {
    let app = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/dist");
    // A path that does not exist is looked at in every build, so a new app is never overlooked.
    println!("cargo:rerun-if-changed={app}");
    println!("cargo:rerun-if-changed=build.rs");
}
