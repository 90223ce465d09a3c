use super::scan::{Kind, accepted_value};
use super::{number, text};

/// The elements of an array that [`scan`](super::scan()) has accepted: type and text of each, strings without
/// their quotes.
#[inline]
pub fn elements(array: &[u8]) -> impl Iterator<Item = (Kind, &[u8])> {
    Elements { array, at: 1 }
}

struct Elements<'a> {
    array: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Elements<'a> {
    type Item = (Kind, &'a [u8]);

    /// Inlined, because a guard asks each time for the first few, and most of that was the call.
    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        while matches!(
            self.array.get(self.at),
            Some(b' ' | b'\t' | b'\n' | b'\r' | b',')
        ) {
            self.at += 1;
        }
        // What guards read is strings without escapes: nothing else is looked at here.
        if self.array.get(self.at) == Some(&b'"') {
            let start = self.at + 1;
            let end = text::plain_end(self.array, start);
            if self.array.get(end) == Some(&b'"') {
                self.at = end + 1;
                return Some((Kind::String, &self.array[start..end]));
            }
        }
        self.other()
    }
}

impl<'a> Elements<'a> {
    #[inline(never)]
    fn other(&mut self) -> Option<(Kind, &'a [u8])> {
        let (array, at) = (self.array, self.at);
        match array.get(at)? {
            b']' => None,
            // The commonest of the others, for which no scanner is set up.
            b'"' => {
                let length = text::string_length(&array[at..])?;
                self.at += length;
                Some((Kind::String, &array[at + 1..at + length - 1]))
            }
            b'-' | b'0'..=b'9' => {
                let length = number::length(&array[at..])?;
                self.at += length;
                Some((Kind::Number, &array[at..at + length]))
            }
            _ => {
                let (kind, start, end, next) = accepted_value(array, at)?;
                self.at = next;
                Some((kind, &array[start..end]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_those_of_the_array() {
        let found: Vec<_> = elements(br#"[ "a" ,1, ["x"],{"y":"]"},null ]"#)
            .map(|(kind, _)| kind)
            .collect();
        assert_eq!(
            found,
            [
                Kind::String,
                Kind::Number,
                Kind::Array,
                Kind::Object,
                Kind::Null
            ]
        );
        assert_eq!(elements(b"[]").count(), 0);
    }

    #[test]
    fn each_is_found_however_it_is_written() {
        let array =
            br#"["","a\"]","b\\", -1.5e+2,0 ,[[1,"]"]],"0123456789","01234567\n",true,null]"#;
        let found: Vec<_> = elements(array)
            .map(|(kind, raw)| (kind, std::str::from_utf8(raw).unwrap()))
            .collect();
        let (text, number) = (Kind::String, Kind::Number);
        let expected = [
            (text, ""),
            (text, r#"a\"]"#),
            (text, r"b\\"),
            (number, "-1.5e+2"),
            (number, "0"),
            (Kind::Array, r#"[[1,"]"]]"#),
            (text, "0123456789"),
            (text, r"01234567\n"),
            (Kind::True, "true"),
            (Kind::Null, "null"),
        ];
        assert_eq!(found, expected);
    }
}
