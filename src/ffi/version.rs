use super::bearerd_str;

/// The version of this header. It changes with every incompatible change, and the soname with it;
/// functions, codes and members at the end of a struct that begins with `size` are added without.
pub const BEARERD_ABI_VERSION: u32 = 1;

/// The ABI version of the library that was loaded. Compare it with ::BEARERD_ABI_VERSION before
/// anything else.
///
/// Threads: any. Cost: none.
#[unsafe(no_mangle)]
pub extern "C" fn bearerd_abi_version() -> u32 {
    BEARERD_ABI_VERSION
}

/// The version of the library, such as "0.1.0". Lives as long as the library.
///
/// Threads: any. Cost: none.
#[unsafe(no_mangle)]
pub extern "C" fn bearerd_version() -> bearerd_str {
    bearerd_str::of_static(env!("CARGO_PKG_VERSION"))
}
