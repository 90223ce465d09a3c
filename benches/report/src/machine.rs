use std::fs::read_to_string;
use std::path::PathBuf;
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
        format!(
            "commit {}",
            said("git", &["describe", "--always", "--dirty", "--exclude=*"])
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
        |output| {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text).into_owned();
            let mut lines = text.lines().map(str::trim);
            lines
                .find(|line| !line.is_empty())
                .unwrap_or_default()
                .to_owned()
        },
    )
}

/// A program, in the folders of `BENCH_PATH`, of `PATH`, and in those of servers, which not
/// everybody's `PATH` has.
pub fn find(program: &str) -> Option<PathBuf> {
    let given = ["BENCH_PATH", "PATH"].map(|name| std::env::var_os(name).unwrap_or_default());
    let mut folders: Vec<PathBuf> = given.iter().flat_map(std::env::split_paths).collect();
    folders.extend(["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from));
    folders
        .into_iter()
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
