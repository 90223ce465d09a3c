use super::{NS, Source, Theme, goal};
use crate::building::{BENCHES, RIVALS};
use crate::figures::Figures;

const ANEW: Source = Source {
    part: "core",
    needs: &["verification anew, and signing", BENCHES],
};
const PEERS: Source = Source {
    part: "peers",
    needs: &[RIVALS],
};
const HITS: Source = Source {
    part: "core",
    needs: &["hits of the verifier", BENCHES],
};

const S: &str = "cold HS256 on aws-lc-rs";
const R: &str = "cold RS256 on aws-lc-rs";
const HIT: &str = "a hit, 1,000 hot tokens, one thread";
const THREADS: &str = "hits on two threads";
const SIGN_S: &str = "sign HS256 on aws-lc-rs";
const SIGN_R: &str = "sign RS256 on aws-lc-rs";

pub(super) fn theme(figures: &Figures) -> Theme {
    let bare = |group| figures.ratio((group, "bearerd"), (group, "the bare"));
    let peers = |algorithm: &str| {
        let groups =
            ["rust_crypto", "aws_lc"].map(|backend| format!("rivals, {backend}: cold {algorithm}"));
        let [first, second] = groups.each_ref().map(String::as_str);
        figures.over_best(
            "bearerd",
            &[
                (first, "jsonwebtoken"),
                (second, "jsonwebtoken"),
                (first, "jwt-simple"),
                (second, "jwt-simple"),
            ],
        )
    };
    let whole = (HIT, "bearerd, the whole");
    Theme {
        title: "Verifying and signing, in Rust",
        about: "Whole calls: signature, header, claims, time, kind and revocation. HS256 tokens of some 417 characters, \
                RS256 with a key of 2,048 bits of some 738; the bare primitive is the same provider's (aws-lc-rs), with its \
                key prepared, over the same bytes.",
        parts: "core peers",
        goals: vec![
            goal(
                "An HS256 token verified anew",
                vec![
                    ANEW.most("time, of a bare HMAC's", 2.0, bare(S))
                        .limit(
                            "of what stands beside the HMAC half is the strict scan of the claims (duplicates, UTF-8, depth), \
                             a sixth base64; a shorter scan cost more elsewhere each time it was tried",
                        ),
                    PEERS
                        .least("faster than the best library in Rust", 3.0, peers("HS256"))
                        .limit("four tenths of it are the HMAC itself, and half of the rest reads the claims strictly"),
                ],
            ),
            goal(
                "An RS256 token verified anew",
                vec![
                    ANEW.most("time, of a bare RSA verification's", 1.05, bare(R)),
                    PEERS.told("faster than the best library in Rust", peers("RS256")),
                ],
            ),
            goal(
                "A token that was seen before, 1,000 of them hot",
                vec![
                    HITS.most(
                        "time of the whole verification, of a mere look-up in moka",
                        0.2,
                        figures.ratio(whole, (HIT, "moka")),
                    )
                    .limit(
                        "the look-up is half of it; the rest asks what may have changed since (clock, key, revocations, \
                         issuer, audience), which moka does not",
                    ),
                    HITS.most(
                        "a guard of role, scopes and kind, on top",
                        30.0,
                        figures.minus((HIT, "bearerd, with a guard"), whole),
                    )
                    .unit(NS),
                ],
            ),
            goal(
                "The same on two threads, throughput of one thread's",
                vec![
                    HITS.least("different tokens", 1.8, figures.get(THREADS, "different")),
                    HITS.least("one token from both", 1.2, figures.get(THREADS, "one token")),
                    HITS.told(
                        "a control that shares nothing: what the machine gave",
                        figures.get(THREADS, "control"),
                    ),
                ],
            ),
            goal(
                "Signing",
                vec![
                    ANEW.most(
                        "HS256, on top of one and a half bare HMACs",
                        400.0,
                        figures.both((SIGN_S, "bearerd"), (SIGN_S, "the bare"), |ours, bare| {
                            ours - 1.5 * bare
                        }),
                    )
                    .unit(NS)
                    .limit(
                        "nearly half of what stands beside the HMAC asks whether the profile would take the token that it is \
                         about to give away; the rest writes the claims, and base64",
                    ),
                    ANEW.most("RS256, time of a bare RSA signature's", 1.02, bare(SIGN_R)),
                ],
            ),
        ],
    }
}
