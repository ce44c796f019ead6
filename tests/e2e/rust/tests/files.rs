//! An integration test: a module of its own, which cargo runs in the package's directory.

#[test]
fn the_package_is_the_working_directory() {
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    assert!(manifest.contains("name = \"guest\""));
    assert!(std::fs::metadata("src/lib.rs").unwrap().is_file());
}

#[test]
fn nothing_else_is_granted() {
    assert!(std::fs::read_dir("/etc").is_err());
    assert!(std::fs::read_to_string("../../../../etc/passwd").is_err());
}
