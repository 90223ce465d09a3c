//! The `bearerd` binary: arguments in, floor 8 does the rest.

fn main() {}
