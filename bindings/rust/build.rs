//! Finds libwasmaot: in the folder that `WASMAOT_LIB_DIR` names, by pkg-config, or where the linker looks.
//! `WASMAOT_STATIC=1` links libwasmaot.a.

use std::env;
use std::process::Command;

fn main() {
    for variable in ["WASMAOT_LIB_DIR", "WASMAOT_STATIC"] {
        println!("cargo:rerun-if-env-changed={variable}");
    }
    if let Some(folder) = env::var("WASMAOT_LIB_DIR").ok().or_else(ask_pkg_config) {
        println!("cargo:rustc-link-search=native={folder}");
    }
    if env::var("WASMAOT_STATIC").map_or(false, |value| value == "1") {
        println!("cargo:rustc-link-lib=static=wasmaot");
        for library in ["pthread", "dl", "m"] {
            println!("cargo:rustc-link-lib=dylib={library}");
        }
    } else {
        println!("cargo:rustc-link-lib=dylib=wasmaot");
    }
}

/// None also where there is no pkg-config, or it does not know the library.
fn ask_pkg_config() -> Option<String> {
    let asked = Command::new("pkg-config").args(["--variable=libdir", "wasmaot"]).output().ok()?;
    let folder = String::from_utf8(asked.stdout).ok()?.trim().to_string();
    (asked.status.success() && !folder.is_empty()).then_some(folder)
}
