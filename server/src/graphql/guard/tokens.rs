//! The lexical bounds: how much text the parser may be given.

/// The most tokens in a document.
const TOKENS_MAX: usize = 2_000;

/// The deepest nesting of braces, brackets and parentheses: the parser recurses with each.
const NESTING_MAX: usize = 64;

/// Which lexical bound a document exceeds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Excess {
    #[error("the document has more than {TOKENS_MAX} tokens")]
    Tokens,
    #[error("the document nests more than {NESTING_MAX} braces, brackets and parentheses")]
    Nesting,
}

/// Counts tokens and nesting without parsing. It never counts fewer tokens than the parser will see: whatever is not
/// surely inside a string or a comment counts.
pub(super) fn check(document: &str) -> Result<(), Excess> {
    let mut rest = document.as_bytes();
    let mut tokens = 0_usize;
    let mut nesting = 0_usize;
    while let Some(&first) = rest.first() {
        let length = match first {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                rest = &rest[1..];
                continue;
            }
            b'#' => {
                rest = &rest[length_of(rest, |byte| !matches!(byte, b'\r' | b'\n'))..];
                continue;
            }
            b'"' => string_length(rest),
            _ if is_word(first) => length_of(rest, is_word),
            _ => 1,
        };
        tokens += 1;
        match first {
            b'{' | b'[' | b'(' => nesting += 1,
            b'}' | b']' | b')' => nesting = nesting.saturating_sub(1),
            _ => {}
        }
        if tokens > TOKENS_MAX {
            return Err(Excess::Tokens);
        }
        if nesting > NESTING_MAX {
            return Err(Excess::Nesting);
        }
        rest = &rest[length..];
    }
    Ok(())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

fn length_of(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !belongs(*byte)).unwrap_or(text.len())
}

/// The length of the string that `text` begins with, its quotes included.
fn string_length(text: &[u8]) -> usize {
    const BLOCK: &[u8] = b"\"\"\"";
    if text.starts_with(BLOCK) {
        let mut at = BLOCK.len();
        while at < text.len() {
            if text[at..].starts_with(b"\\\"\"\"") {
                at += BLOCK.len() + 1;
            } else if text[at..].starts_with(BLOCK) {
                return at + BLOCK.len();
            } else {
                at += 1;
            }
        }
        return text.len();
    }
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            // A plain string cannot hold a line's end; what follows is the document again.
            b'\r' | b'\n' => return at,
            _ => at += 1,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hide_what_is_in_them_and_nothing_else() {
        let filler = "a ".repeat(TOKENS_MAX + 1);
        for hidden in [
            format!("{{b(x:\"{filler}\")}}"),
            format!("{{b(x:\"\\\"{filler}\")}}"),
            format!("{{b(x:\"\"\"{filler}\" \\\"\"\" \"\"\")}}"),
            format!("#{filler}\n{{b}}"),
        ] {
            assert_eq!(check(&hidden), Ok(()), "{}", &hidden[..12]);
        }
        for open in [
            format!("\"\" {filler}"),
            format!("\"\"\"\"\"\" {filler}"),
            format!("# \r {filler}"),
            format!("\" \n {filler}"),
            format!("\"\\\\\" {filler}"),
        ] {
            assert_eq!(check(&open), Err(Excess::Tokens), "{}", &open[..6]);
        }
        assert_eq!(check(&"[".repeat(NESTING_MAX + 1)), Err(Excess::Nesting));
        assert_eq!(check(&"[]".repeat(NESTING_MAX + 1)), Ok(()));
        assert_eq!(check("\"\\"), Ok(()));
    }
}
