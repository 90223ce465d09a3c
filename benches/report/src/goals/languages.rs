use super::{Goal, NS, Source, Theme, goal};
use crate::building::{BENCHES, C, GO, LIBRARY, NODE, PYTHON};
use crate::figures::Figures;

const ABI: Source = Source {
    part: "core",
    needs: &["hits through the C ABI", BENCHES],
};
const IN_C: Source = Source {
    part: "peers",
    needs: &[C, LIBRARY],
};
const IN_NODE: Source = Source {
    part: "bindings",
    needs: &[NODE, LIBRARY],
};
const IN_PYTHON: Source = Source {
    part: "bindings",
    needs: &[PYTHON, LIBRARY],
};
const IN_GO: Source = Source {
    part: "bindings",
    needs: &[GO, LIBRARY],
};

pub(super) fn theme(figures: &Figures) -> Theme {
    Theme {
        title: "In C, Node, Python and Go",
        about: "How often bearerd does it while the other library does it once; claims returned, a token fresh from its \
                header in each call.",
        parts: "core peers bindings",
        goals: vec![c(figures), node(figures), python(figures), go(figures)],
    }
}

fn c(figures: &Figures) -> Goal {
    let (s, r) = ("C: S", "C: R");
    let abi = "a hit through the C ABI";
    let ours = (abi, "bearerd_verify, view");
    let best = |group, ours| figures.over_best(ours, &[(group, "libjwt"), (group, "cjose")]);
    goal(
        "C",
        vec![
            ABI.most(
                "verify, read the subject, free: on top of a hit in Rust",
                30.0,
                figures.minus(ours, (abi, "bearerd in Rust")),
            )
            .unit(NS)
            .limit("a handle that outlives the call counts its entry twice, up and down"),
            ABI.told(
                "verify by slot, as the bindings do: on top of a hit in Rust",
                figures.minus((abi, "bearerd_verify_slot"), (abi, "bearerd in Rust")),
            )
            .unit(NS),
            IN_C.least(
                "HS256 seen before, than libjwt",
                100.0,
                figures.ratio((s, "libjwt"), (s, "bearerd, cached")),
            )
            .limit("the goal was set beside libjwt 3; versions 1 and 2 do other work"),
            IN_C.told(
                "RS256 seen before, than libjwt",
                figures.ratio((r, "libjwt"), (r, "bearerd, cached")),
            ),
            IN_C.least("HS256 anew, than the best", 3.0, best(s, "bearerd, cold")),
            IN_C.least("RS256 anew, than the best", 1.1, best(r, "bearerd, cold")),
        ],
    )
}

fn node(figures: &Figures) -> Goal {
    let (s, r) = ("Node: HS256", "Node: RS256");
    let than = |group, their, ours| figures.ratio((group, their), (group, ours));
    let (on, off) = ("fast-jwt cache on", "fast-jwt cache off");
    let (hit, cold) = ("bearerd cached", "bearerd cold");
    goal(
        "Node",
        vec![
            IN_NODE.least(
                "HS256 seen before, than fast-jwt, its cache on",
                12.0,
                than(s, on, hit),
            ),
            IN_NODE
                .least(
                    "HS256 seen before, than fast-jwt, its cache off",
                    40.0,
                    than(s, off, hit),
                )
                .limit(
                    "two thirds of a hit are the call into the addon and the copy of the token out of V8, which no addon is spared",
                ),
            IN_NODE.least(
                "RS256 seen before, than fast-jwt, its cache off",
                100.0,
                than(r, off, hit),
            ),
            IN_NODE.least("HS256 anew, than fast-jwt", 1.5, than(s, off, cold)),
            IN_NODE.least("RS256 anew, than fast-jwt", 1.1, than(r, off, cold)),
            IN_NODE.told(
                "HS256 seen before, than jsonwebtoken",
                than(s, "jsonwebtoken", hit),
            ),
            IN_NODE.told("HS256 seen before, than jose", than(s, "jose", hit)),
        ],
    )
}

fn python(figures: &Figures) -> Goal {
    let (s, r) = ("Python: HS256", "Python: RS256");
    let than = |group, their, ours| figures.ratio((group, their), (group, ours));
    let (hit, cold) = ("bearerd, cached", "bearerd, cold");
    goal(
        "Python",
        vec![
            IN_PYTHON.least(
                "HS256 seen before, than PyJWT",
                100.0,
                than(s, "PyJWT", hit),
            ),
            IN_PYTHON.told("RS256 seen before, than PyJWT", than(r, "PyJWT", hit)),
            IN_PYTHON.least(
                "HS256 seen before, than oxyjwt",
                12.0,
                than(s, "oxyjwt", hit),
            ),
            IN_PYTHON.least("HS256 anew, than oxyjwt", 1.0, than(s, "oxyjwt", cold)),
            IN_PYTHON.least("HS256 anew, than PyJWT", 6.0, than(s, "PyJWT", cold)),
            IN_PYTHON.least("RS256 anew, than PyJWT", 2.5, than(r, "PyJWT", cold)),
            IN_PYTHON.told("HS256 seen before, than joserfc", than(s, "joserfc", hit)),
        ],
    )
}

const CGO: &str = "a hit is what it takes in Rust and the call through cgo";

fn go(figures: &Figures) -> Goal {
    let (s, r) = ("Go: HS256, 1000", "Go: RS256, 1000");
    let than = |group, ours| {
        let theirs = ["golang-jwt 5, into a struct", "golang-jwt 5, into a map"];
        figures.over_best(ours, &theirs.map(|their| (group, their)))
    };
    let (hit, cold) = ("bearerd, seen before", "bearerd, no cache");
    goal(
        "Go",
        vec![
            IN_GO
                .least("HS256 seen before, than golang-jwt", 80.0, than(s, hit))
                .limit(CGO),
            IN_GO
                .least("RS256 seen before, than golang-jwt", 300.0, than(r, hit))
                .limit(CGO),
            IN_GO.least("HS256 anew, than golang-jwt", 2.0, than(s, cold)),
            IN_GO.least("RS256 anew, than golang-jwt", 2.0, than(r, cold)),
        ],
    )
}
