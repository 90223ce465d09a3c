use std::fs::read_to_string;
use std::process::Command;

/// The machine, in a few lines: figures of another are other figures.
pub fn lines() -> Vec<String> {
    let cpu = read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| -> String {
        let line = cpu
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap_or_default();
        line.split_once(": ")
            .map_or_else(String::new, |(_, value)| value.to_owned())
    };
    let flags = field("flags");
    let has: Vec<&str> = ["sha_ni", "avx2", "avx512f"]
        .into_iter()
        .filter(|flag| flags.contains(flag))
        .collect();
    vec![
        format!(
            "{}, {} processors, {}",
            field("model name"),
            crate::cores::all().len(),
            has.join(", ")
        ),
        said("uname", &["-sr"]),
        said("rustc", &["--version"]),
        format!(
            "commit {}",
            said("git", &["describe", "--always", "--dirty"])
        ),
    ]
}

/// Processes that were ready to run, on average over the last minute.
pub fn load() -> String {
    let text = read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Bytes of memory that are free to use.
pub fn memory() -> u64 {
    let text = read_to_string("/proc/meminfo").unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() * 1024
}

pub fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or_else(
        |_| format!("{program}: not here"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// Whether a program can be started by its name.
pub fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
