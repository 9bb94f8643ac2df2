//! Reads JSON (RFC 8259) from text.

use std::borrow::Cow;

use super::{Json, Wrong};

/// Lists and objects that may lie within each other: far more than any setting has, far less than a plugin's stack.
const DEPTH_MAX: usize = 32;

pub(super) fn read(text: &str) -> Result<Json<'_>, Wrong> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("something follows the value"));
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    /// The byte that is read next; always the first of a character.
    at: usize,
}

impl<'a> Reader<'a> {
    #[cold]
    fn wrong(&self, what: &str) -> Wrong {
        Wrong::new(format!("is not JSON: {what} at byte {}", self.at))
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it is next.
    fn skip(&mut self, byte: u8) -> bool {
        let next = self.peek() == Some(byte);
        self.at += usize::from(next);
        next
    }

    /// Steps over `word`, if it is next.
    fn word(&mut self, word: &str) -> bool {
        let next = self.text[self.at..].starts_with(word);
        self.at += if next { word.len() } else { 0 };
        next
    }

    fn value(&mut self, depth: usize) -> Result<Json<'a>, Wrong> {
        if depth > DEPTH_MAX {
            return Err(self.wrong("more than 32 deep"));
        }
        self.space();
        match self.peek() {
            Some(b'"') => {
                self.at += 1;
                self.string().map(Json::Text)
            }
            Some(b'[') => self.list(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.word("true") => Ok(Json::Bool(true)),
            _ if self.word("false") => Ok(Json::Bool(false)),
            _ if self.word("null") => Ok(Json::Null),
            _ => Err(self.wrong("a value is missing")),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json<'a>, Wrong> {
        self.at += 1;
        let mut entries = Vec::new();
        self.space();
        if self.skip(b']') {
            return Ok(Json::List(entries));
        }
        loop {
            entries.push(self.value(depth + 1)?);
            self.space();
            if self.skip(b']') {
                return Ok(Json::List(entries));
            }
            if !self.skip(b',') {
                return Err(self.wrong(", or ] is missing"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json<'a>, Wrong> {
        self.at += 1;
        let mut fields: Vec<(Cow<'a, str>, Json<'a>)> = Vec::new();
        self.space();
        if self.skip(b'}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.space();
            if !self.skip(b'"') {
                return Err(self.wrong("a name in quotes is missing"));
            }
            let name = self.string()?;
            self.space();
            if !self.skip(b':') {
                return Err(self.wrong(": is missing"));
            }
            let value = self.value(depth + 1)?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(Wrong::new("stands twice").in_field(&name));
            }
            fields.push((name, value));
            self.space();
            if self.skip(b'}') {
                return Ok(Json::Object(fields));
            }
            if !self.skip(b',') {
                return Err(self.wrong(", or } is missing"));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - from
    }

    fn number(&mut self) -> Result<Json<'a>, Wrong> {
        let from = self.at;
        self.skip(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut good = whole == 1 || (whole > 1 && !leading_zero);
        if self.skip(b'.') {
            good &= self.digits() > 0;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            good &= self.digits() > 0;
        }
        let number = &self.text[from..self.at];
        if good {
            return Ok(Json::Number(number));
        }
        self.at = from;
        Err(self.wrong("a number that there is not"))
    }

    /// The rest of a text whose first quote was read.
    fn string(&mut self) -> Result<Cow<'a, str>, Wrong> {
        let from = self.at;
        self.plain()?;
        if self.skip(b'"') {
            return Ok(Cow::Borrowed(&self.text[from..self.at - 1]));
        }
        let mut unescaped = self.text[from..self.at].to_owned();
        while !self.skip(b'"') {
            self.at += 1;
            unescaped.push(self.escaped()?);
            let from = self.at;
            self.plain()?;
            unescaped.push_str(&self.text[from..self.at]);
        }
        Ok(Cow::Owned(unescaped))
    }

    /// Steps over text up to the next quote or backslash.
    fn plain(&mut self) -> Result<(), Wrong> {
        loop {
            match self.peek() {
                Some(b'"' | b'\\') => return Ok(()),
                Some(0..=0x1f) => return Err(self.wrong("a bare control character")),
                Some(_) => self.at += 1,
                None => return Err(self.wrong("a quote is missing")),
            }
        }
    }

    /// The character that the escape after a backslash stands for.
    fn escaped(&mut self) -> Result<char, Wrong> {
        let character = match self.peek() {
            Some(same @ (b'"' | b'\\' | b'/')) => char::from(same),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.code_point();
            }
            _ => return Err(self.wrong("an escape that there is not")),
        };
        self.at += 1;
        Ok(character)
    }

    /// The character of four hexadecimal digits, or of twice four: a pair of surrogates.
    fn code_point(&mut self) -> Result<char, Wrong> {
        let first = self.hex4()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| self.wrong("half of a character"));
        }
        if !self.word("\\u") {
            return Err(self.wrong("half of a character"));
        }
        let second = self.hex4()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(self.wrong("half of a character"));
        }
        let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.wrong("half of a character"))
    }

    fn hex4(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
        let all_hex = digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = all_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten();
        let code = code.ok_or_else(|| self.wrong("four hexadecimal digits are missing"))?;
        self.at += 4;
        Ok(code)
    }
}
