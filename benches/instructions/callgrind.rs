use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

/// The instructions of one call.
pub(crate) struct Count {
    pub(crate) each: u64,
    /// Functions by what they cost in one call, the heaviest first.
    pub(crate) heaviest: Vec<(String, u64)>,
}

/// Crates that choose among instruction sets at run time.
const DETECTING: [&str; 5] = [
    "6memchr",
    "11base64_simd",
    "5vsimd",
    "8simdutf8",
    "10std_detect",
];

pub(crate) fn count(case: &str, calls: u64) -> Count {
    let program = std::env::current_exe().unwrap();
    let out = program.with_extension(format!("{case}.callgrind"));
    let output = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--toggle-collect=*measured_work*",
            "--demangle=no",
        ])
        .args(["--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&program)
        .args(["--case", case])
        .output()
        .expect("valgrind is here");
    assert!(
        output.status.success(),
        "{case}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = std::fs::read_to_string(&out).unwrap();
    let _ = std::fs::remove_file(&out);
    let mut costs: Vec<(String, u64)> = own_costs(&text, &program).into_iter().collect();
    costs.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    let each = costs.iter().map(|(_, cost)| cost).sum::<u64>() / calls;
    assert!(each > 0, "{case}: nothing was counted");
    for (_, cost) in &mut costs {
        *cost /= calls;
    }
    Count {
        each,
        heaviest: costs,
    }
}

/// What each Rust function of the program cost by itself.
fn own_costs(text: &str, program: &Path) -> HashMap<String, u64> {
    let program = program.to_string_lossy();
    let mut costs = HashMap::new();
    let (mut here, mut function, mut is_call) = (false, "", false);
    for line in text.lines() {
        if let Some(object) = line.strip_prefix("ob=") {
            here = object == program;
        } else if let Some(name) = line.strip_prefix("fn=") {
            function = name;
        } else if line.starts_with("calls=") {
            // The next line is what the callee cost.
            is_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            let counts = here && !std::mem::take(&mut is_call) && is_counted(function);
            let cost = line
                .split(' ')
                .nth(1)
                .and_then(|cost| cost.parse::<u64>().ok());
            if let (true, Some(cost)) = (counts, cost) {
                *costs.entry(function.to_owned()).or_default() += cost;
            }
            is_call = false;
        }
    }
    costs
}

fn is_counted(function: &str) -> bool {
    let is_rust = function.starts_with("_R") || function.starts_with("_ZN");
    is_rust && !DETECTING.iter().any(|name| function.contains(name))
}
