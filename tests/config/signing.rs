use super::*;

#[test]
fn a_profile_that_would_refuse_its_own_tokens_is_refused() {
    refused(
        build(&profile("[profiles.api.sign]\naccess = \"none\"")),
        &["\"api\"", "without exp", "expiration = \"optional\""],
    );
}

#[test]
fn rotation_needs_signing_and_a_token_kind() {
    refused(
        build(&profile("[profiles.api.rotation]")),
        &["\"api\"", "[rotation]", "[sign]"],
    );
    refused(
        build(&profile("[profiles.api.rotation]\n[profiles.api.sign]")),
        &["\"api\"", "claims.kind"],
    );
}

#[test]
fn a_key_that_is_not_there_cannot_sign() {
    refused(
        build(&profile("[profiles.api.sign]\nkid = \"k9\"")),
        &["\"api\"", "sign", "k9"],
    );
    refused(
        build(&profile("[profiles.api.sign]\nalgorithm = \"RS256\"")),
        &["\"api\"", "sign"],
    );
}
