use bearerd::error::Code;

use super::case::Case;
use super::mint::{Mint, Token, ada};

/// Texts that a careless conversion turns into a token that was accepted a moment ago: a character
/// narrowed to its low byte, normalised, folded, dropped.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let rows: [(&str, Vec<String>); 11] = [
        (
            "characters whose low byte is right, in the header",
            at(&good, 0, 0x100),
        ),
        (
            "characters whose low byte is right, in the payload",
            at(&good, 1, 0x100),
        ),
        (
            "characters whose low byte is right, in the signature",
            at(&good, 2, 0x100),
        ),
        (
            "characters whose low two bytes are right",
            at(&good, 1, 0x1_0000),
        ),
        (
            "characters whose low seven bits are right",
            at(&good, 1, 0x80),
        ),
        (
            "every character with the right low byte",
            [0x100, 0x200, 0x2100, 0x1_0000]
                .map(|by| all(&good, by))
                .into(),
        ),
        (
            "dots of other scripts",
            [
                dots(&good, '\u{12e}'),
                dots(&good, '\u{ff0e}'),
                dots(&good, '\u{2024}'),
                dots(&good, '\u{3002}'),
                dots(&good, '\u{ff61}'),
                dots(&good, '\u{b7}'),
            ]
            .into(),
        ),
        (
            "full-width letters",
            vec![
                all_but_dots(&good, full_width),
                good.text.chars().map(full_width).collect(),
            ],
        ),
        (
            "letters that look alike",
            vec![
                good.text.replace('e', "\u{435}"),
                good.text.replace('I', "\u{406}"),
                good.text.replace('J', "\u{408}"),
            ],
        ),
        (
            "what is not seen",
            [
                "\u{ad}", "\u{200b}", "\u{200d}", "\u{2060}", "\u{feff}", "\u{301}", "\u{202e}",
            ]
            .into_iter()
            .flat_map(|unseen| {
                let (start, end) = good.text.split_at(10);
                [
                    format!("{unseen}{start}{end}"),
                    format!("{start}{unseen}{end}"),
                    format!("{start}{end}{unseen}"),
                ]
            })
            .collect(),
        ),
        (
            "blanks of other scripts",
            ["\u{85}", "\u{a0}", "\u{2003}", "\u{2028}", "\u{3000}"]
                .into_iter()
                .flat_map(|blank| {
                    [
                        format!("{blank}{}", good.text),
                        format!("{}{blank}", good.text),
                    ]
                })
                .collect(),
        ),
    ];
    let mut cases: Vec<Case> = rows
        .into_iter()
        .map(|(name, refused)| {
            Case::new(format!("hostile: {name}"), "hs256").beside(&good, refused, Code::Malformed)
        })
        .collect();
    let whole = &good.text;
    let controls = [
        ("NUL", "\0"),
        ("line feed", "\n"),
        ("carriage return and line feed", "\r\n"),
        ("tab", "\t"),
        ("blank", " "),
        ("escape", "\u{1b}"),
        ("delete", "\u{7f}"),
    ];
    cases.extend(controls.into_iter().map(|(name, control)| {
        let (start, end) = whole.split_at(30);
        let refused = [
            format!("{control}{whole}"),
            format!("{start}{control}{end}"),
            format!("{whole}{control}"),
            format!("{whole}{control}{whole}"),
        ];
        Case::new(format!("hostile: {name} before, within, after"), "hs256").beside(
            &good,
            refused,
            Code::Malformed,
        )
    }));
    let wide: String = whole.chars().flat_map(|letter| [letter, '\0']).collect();
    cases.push(
        Case::new("hostile: NUL after every character", "hs256").beside(
            &good,
            [wide.as_str(), wide.trim_end_matches('\0')],
            Code::Malformed,
        ),
    );
    cases.push(warm_before_anything_else(mint));
    cases
}

/// One character of a part, at its start, in its middle and at its end, moved up by so much.
fn at(good: &Token, part: usize, by: u32) -> Vec<String> {
    let length = good.parts()[part].len();
    [0, length / 2, length - 1]
        .map(|at| {
            good.with(part, |text| {
                let moved =
                    text.chars().enumerate().map(
                        |(index, letter)| {
                            if index == at { up(letter, by) } else { letter }
                        },
                    );
                moved.collect()
            })
        })
        .into()
}

fn all(good: &Token, by: u32) -> String {
    good.text.chars().map(|letter| up(letter, by)).collect()
}

fn all_but_dots(good: &Token, change: impl Fn(char) -> char) -> String {
    let keep = |letter| {
        if letter == '.' {
            letter
        } else {
            change(letter)
        }
    };
    good.text.chars().map(keep).collect()
}

fn up(letter: char, by: u32) -> char {
    char::from_u32(u32::from(letter) + by).expect("is a character")
}

fn dots(good: &Token, dot: char) -> String {
    good.text.replace('.', &dot.to_string())
}

fn full_width(letter: char) -> char {
    up(letter, 0xfee0)
}

/// A verifier that has accepted nothing yet refuses them just so.
fn warm_before_anything_else(mint: &Mint) -> Case {
    let good = mint.hs256(ada());
    let mut case = Case::new("hostile: before the good token was ever seen", "hs256");
    for token in at(&good, 1, 0x100)
        .into_iter()
        .chain([all(&good, 0x100), all_but_dots(&good, full_width)])
    {
        case = case.refuses(token, Code::Malformed);
    }
    case.accepts(&good)
}
