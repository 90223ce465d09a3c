use bearerd::json::{Bounds, scan};
use serde::Deserialize;

use crate::rounds::{compare, contender};

/// The claims that a verifier reads, as a typed parser would take them.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, not read")]
struct Typed<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    #[serde(rename = "tokenType")]
    token_type: &'a str,
}

/// Why claims are parsed by a scan of our own: it alone is strict, and it costs no more.
pub(crate) fn run() {
    let claims = br#"{"sub":"user-00000001","iat":1763792400,"exp":1763796000,"jti":"0b5a3f8e-7b1c-4d1e-9a61-2f6f1f2f3a4b","tokenType":"access","roleId":4,"vip":true,"teamId":"team-00042","scope":["read:orders","write:orders","read:users"],"deviceId":"d4c1-7f9e-22ab"}"#;
    let bounds = Bounds {
        depth: 16,
        members: 1_024,
    };
    let duplicate = br#"{"sub":"a","x":"\ud800","x":1,"iat":1,"exp":1,"jti":"b","tokenType":"c"}"#;
    assert!(scan(claims, bounds, |_| ()).is_ok());
    assert!(
        scan(duplicate, bounds, |_| ()).is_err(),
        "the scan is strict"
    );
    assert!(serde_json::from_slice::<Typed<'_>>(claims).is_ok());
    let mut buffers = simd_json::Buffers::default();
    let mut copy = claims.to_vec();
    assert!(simd_json::to_tape_with_buffers(&mut copy, &mut buffers).is_ok());
    let batch = format!(
        "{{\"tokens\":[{}]}}",
        vec![format!("\"{}\"", "x".repeat(416)); 64].join(",")
    );
    let check = || bearerd::json::check(batch.as_bytes(), bounds).is_ok();
    let read = || {
        let (others, tokens) = bearerd::json::object_and_texts(batch.as_bytes(), "tokens").unwrap();
        (others.len(), tokens.map_or(0, |tokens| tokens.len()))
    };
    assert!(check() && read() == (0, 64));
    compare(
        &format!("JSON, a batch body of {} bytes", batch.len()),
        vec![
            contender("serde_json, a whole value", || {
                serde_json::from_slice::<serde_json::Value>(batch.as_bytes())
                    .unwrap()
                    .is_object()
            }),
            contender("simd-json, a whole value, copy included", || {
                let mut copy = batch.as_bytes().to_vec();
                simd_json::serde::from_slice::<serde_json::Value>(&mut copy)
                    .unwrap()
                    .is_object()
            }),
            contender("bearerd's check, strict, builds nothing", check),
            contender("as a batch is read: strict, its tokens borrowed", read),
        ],
    );
    compare(
        &format!("JSON, {} bytes of claims", claims.len()),
        vec![
            contender("bearerd's scan, strict", || {
                let mut members = 0;
                scan(claims, bounds, |_| members += 1).unwrap();
                members
            }),
            contender("serde_json, five claims typed", || {
                serde_json::from_slice::<Typed<'_>>(claims).unwrap().exp
            }),
            contender("simd-json, tape with reused buffers", || {
                let mut copy = claims.to_vec();
                simd_json::to_tape_with_buffers(&mut copy, &mut buffers)
                    .unwrap()
                    .0
                    .len()
            }),
            contender("serde_json, a whole value", || {
                serde_json::from_slice::<serde_json::Value>(claims)
                    .unwrap()
                    .is_object()
            }),
        ],
    );
}
