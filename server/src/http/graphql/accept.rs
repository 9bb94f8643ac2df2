//! Which media type the caller wants.

use http::{HeaderMap, header};

/// What an answer can be written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Media {
    /// The old one, whose status says nothing about the document.
    Json,
    /// The one of the GraphQL-over-HTTP specification.
    GraphqlJson,
    /// Events of the `graphql-sse` protocol, one connection for each operation.
    EventStream,
}

impl Media {
    /// In the order of preference where the caller has none.
    const ALL: [Self; 3] = [Self::Json, Self::GraphqlJson, Self::EventStream];

    const fn name(self) -> (&'static str, &'static str) {
        match self {
            Self::Json => ("application", "json"),
            Self::GraphqlJson => ("application", "graphql-response+json"),
            Self::EventStream => ("text", "event-stream"),
        }
    }

    /// The header's value.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlJson => "application/graphql-response+json; charset=utf-8",
            Self::EventStream => "text/event-stream",
        }
    }
}

/// What the caller accepts, best first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Accept(Vec<Media>);

/// One range of the header.
struct Range<'a> {
    kind: &'a str,
    subkind: &'a str,
    /// Thousandths.
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, subkind) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|part| part.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .map_or(Some(1_000), |(_, value)| thousandths(value.trim()))?;
        Some(Self { kind, subkind, quality })
    }

    /// How exactly this range names `media`, if it does.
    fn exactness(&self, media: Media) -> Option<u8> {
        let (kind, subkind) = media.name();
        match (self.kind, self.subkind) {
            ("*", "*") => Some(0),
            (left, "*") if left.eq_ignore_ascii_case(kind) => Some(1),
            (left, right)
                if left.eq_ignore_ascii_case(kind) && right.eq_ignore_ascii_case(subkind) =>
            {
                Some(2)
            }
            _ => None,
        }
    }
}

/// Reads `0`, `1`, `0.5`, `1.000`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u16 = whole.parse().ok().filter(|whole| *whole <= 1)?;
    let fraction: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some((whole * 1_000 + fraction).min(1_000))
}

impl Accept {
    /// Reads the `Accept` headers; none means anything.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let texts: Vec<_> = headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        if texts.is_empty() {
            return Self(vec![Media::Json]);
        }
        let ranges: Vec<_> =
            texts.iter().flat_map(|text| text.split(',')).filter_map(Range::parse).collect();
        let mut wanted: Vec<(u16, usize, Media)> = Vec::new();
        for media in Media::ALL {
            let matching = ranges.iter().enumerate().filter_map(|(place, range)| {
                range.exactness(media).map(|exactness| (exactness, place, range.quality))
            });
            // The most exact range decides, whatever the others say.
            if let Some((_, place, quality)) = matching.max_by_key(|(exactness, ..)| *exactness)
                && quality > 0
            {
                wanted.push((quality, place, media));
            }
        }
        // A stable sort: of those that one wildcard matches, our own order remains.
        wanted.sort_by_key(|(quality, place, _)| (std::cmp::Reverse(*quality), *place));
        Self(wanted.into_iter().map(|(.., media)| media).collect())
    }

    /// The media type for a single response.
    pub(crate) fn single(&self) -> Option<Media> {
        self.0.iter().copied().find(|media| *media != Media::EventStream)
    }

    /// Whether nothing else is wanted more than a stream of events.
    pub(crate) fn prefers_events(&self) -> bool {
        self.0.first() == Some(&Media::EventStream)
    }

    /// Whether a stream of events is acceptable at all.
    pub(crate) fn allows_events(&self) -> bool {
        self.0.contains(&Media::EventStream)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_best_wish_wins() {
        use Media::{EventStream, GraphqlJson, Json};
        let cases: [(&str, &[Media]); 11] = [
            ("*/*", &[Json, GraphqlJson, EventStream]),
            ("application/*", &[Json, GraphqlJson]),
            ("application/json", &[Json]),
            ("application/graphql-response+json, application/json;q=0.9", &[GraphqlJson, Json]),
            (
                "application/json;q=0.5, application/graphql-response+json;q=0.9",
                &[GraphqlJson, Json],
            ),
            (
                "application/graphql-response+json, application/json, text/event-stream",
                &[GraphqlJson, Json, EventStream],
            ),
            ("text/event-stream", &[EventStream]),
            ("*/*;q=0.1, application/json;q=0", &[GraphqlJson, EventStream]),
            ("APPLICATION/JSON; charset=utf-8", &[Json]),
            ("text/html", &[]),
            ("application/json;q=nonsense", &[]),
        ];
        for (text, expected) in cases {
            let headers = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(text))]);
            assert_eq!(Accept::of(&headers).0, expected, "{text}");
        }
        assert_eq!(Accept::of(&HeaderMap::new()).single(), Some(Json));
    }
}
