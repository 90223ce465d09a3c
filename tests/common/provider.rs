use std::sync::LazyLock;

use bearerd::crypto::Provider;

/// The providers to test: all that are compiled in, or the one that `BEARERD_TEST_PROVIDER` names,
/// by which the test command runs the suites once for each.
pub(crate) fn providers() -> &'static [Provider] {
    static CHOSEN: LazyLock<Vec<Provider>> = LazyLock::new(|| {
        let all = bearerd::crypto::providers();
        match std::env::var_os("BEARERD_TEST_PROVIDER") {
            None => all.to_vec(),
            Some(name) => {
                let chosen: Vec<Provider> = all
                    .iter()
                    .copied()
                    .filter(|provider| name == *provider.name())
                    .collect();
                assert!(!chosen.is_empty(), "no provider is named {name:?}");
                chosen
            }
        }
    });
    &CHOSEN
}
