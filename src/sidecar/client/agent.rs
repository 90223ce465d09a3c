use woothee::parser::Parser;

/// What a `User-Agent` says of its sender, as far as it is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    /// `desktop`, `mobile`, `tablet`, `appliance`, `bot` or `other`
    pub device: Option<&'static str>,
    /// The operating system, such as `Windows 10`
    pub system: Option<String>,
    /// Its version
    pub system_version: Option<String>,
    /// The browser, such as `Firefox`
    pub browser: Option<String>,
    /// Its version
    pub browser_version: Option<String>,
}

/// What is looked at, in bytes: those of browsers have some 150. The time is linear in it.
const LONGEST: usize = 512;

impl Agent {
    /// Reads the value of a `User-Agent`. What is not understood is unknown; text beyond 512 bytes is
    /// not looked at. Takes some tens of microseconds.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let end = (0..=text.len().min(LONGEST))
            .rev()
            .find(|end| text.is_char_boundary(*end))
            .unwrap_or(0);
        let text = &text[..end];
        let Some(read) = Parser::new().parse(text) else {
            return Self::default();
        };
        Self {
            device: device(read.category, read.os, text),
            system: known(read.os),
            system_version: known(&read.os_version),
            browser: known(read.name),
            browser_version: known(read.version),
        }
    }
}

fn device(category: &str, system: &str, text: &str) -> Option<&'static str> {
    Some(match category {
        "pc" => "desktop",
        "smartphone" if system == "iPad" => "tablet",
        // Tablets with Android leave the word out, as its documentation asks.
        "smartphone" if system == "Android" && !text.contains("Mobile") => "tablet",
        "smartphone" | "mobilephone" => "mobile",
        "appliance" => "appliance",
        "crawler" => "bot",
        "misc" => "other",
        _ => return None,
    })
}

/// Words that can be shown and stand in a header. The sender wrote them.
fn known(text: &str) -> Option<String> {
    let shown = !text.is_empty()
        && text != "UNKNOWN"
        && text.trim() == text
        && !text.chars().any(char::is_control);
    shown.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> [String; 3] {
        let agent = Agent::parse(text);
        [agent.device.map(str::to_owned), agent.system, agent.browser]
            .map(Option::unwrap_or_default)
    }

    #[test]
    fn browsers_of_the_day_are_known() {
        const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        const BLINK: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (text, expected) in [
            (
                format!("{WINDOWS} {BLINK} Chrome/140.0.0.0 Safari/537.36"),
                ["desktop", "Windows 10", "Chrome"],
            ),
            (
                format!("{WINDOWS} {BLINK} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"),
                ["desktop", "Windows 10", "Edge"],
            ),
            (
                format!("{WINDOWS} Gecko/20100101 Firefox/143.0"),
                ["desktop", "Windows 10", "Firefox"],
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"
                    .to_owned(),
                ["desktop", "Mac OSX", "Safari"],
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                ["mobile", "iPhone", "Safari"],
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                ["tablet", "iPad", "Safari"],
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Mobile Safari/537.36"
                ),
                ["mobile", "Android", "Chrome"],
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 10; K) {BLINK} Chrome/140.0.0.0 Safari/537.36"
                ),
                ["tablet", "Android", "Chrome"],
            ),
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {BLINK} Chrome/140.0.0.0 Safari/537.36"),
                ["desktop", "Linux", "Chrome"],
            ),
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
                    .to_owned(),
                ["bot", "", "Googlebot"],
            ),
        ] {
            assert_eq!(read(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_unknown_and_harms_nobody() {
        let long = "Mozilla/5.0 (".repeat(100_000);
        let wide = "\u{1f980}".repeat(1_000);
        for text in [
            "",
            "-",
            "x",
            "\u{e9}",
            "(((((",
            "FreeBSD \u{1b}[31m;",
            &long,
            &wide,
        ] {
            let agent = Agent::parse(text);
            for word in [
                agent.system,
                agent.system_version,
                agent.browser,
                agent.browser_version,
            ] {
                let word = word.unwrap_or_default();
                assert!(!word.chars().any(char::is_control), "{text:?}: {word:?}");
                assert!(word.len() <= LONGEST);
            }
        }
    }
}
