//! What stored outputs are, and how they are served: kernels and files hold what is binary as base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use castalia_base::Error;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};

/// The type of streams, and of whatever is not known.
pub(crate) const TEXT: &str = "text/plain";

/// Whether values of this MIME type are base64.
pub(crate) fn is_base64(media: &str) -> bool {
    let (kind, rest) = media.split_once('/').unwrap_or_default();
    match kind {
        "image" => !rest.ends_with("+xml"),
        "audio" | "video" | "font" => true,
        "application" => matches!(rest, "pdf" | "zip" | "octet-stream"),
        _ => false,
    }
}

/// How it is named to the browser.
pub(crate) fn content_type(media: &str) -> String {
    if media.starts_with("text/") { format!("{media}; charset=utf-8") } else { media.to_owned() }
}

/// Whether a browser may show it. What is more than a picture, a sound or plain text is saved.
pub(crate) fn is_shown(media: &str) -> bool {
    let kind = media.split('/').next().unwrap_or_default();
    matches!(kind, "image" | "audio" | "video") || media == TEXT || media == "application/json"
}

/// The ending of its name.
pub(crate) fn ending(media: &str) -> &str {
    match media {
        TEXT | "text/latex" => "txt",
        "text/markdown" => "md",
        "image/svg+xml" => "svg",
        "image/jpeg" => "jpg",
        "application/javascript" => "js",
        "application/octet-stream" => "bin",
        json if json.ends_with("json") => "json",
        other => {
            let last = other.rsplit('/').next().unwrap_or_default();
            let plain =
                !last.is_empty() && last.len() <= 8 && last.bytes().all(|b| b.is_ascii_alphanumeric());
            if plain { last } else { "bin" }
        }
    }
}

/// A text of base64: how many characters it has, and where white space stands between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    at: u64,
    letters: u64,
    padding: u64,
    first_gap: Option<u64>,
    broken: bool,
}

impl Measure {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            match byte {
                b'=' => self.padding += 1,
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                    self.broken |= self.padding > 0;
                    self.letters += 1;
                }
                space if space.is_ascii_whitespace() => drop(self.first_gap.get_or_insert(self.at)),
                _ => self.broken = true,
            }
            self.at += 1;
        }
    }

    /// Whether it stands for bytes, from first to last.
    pub(crate) fn is_whole(&self) -> bool {
        !self.broken && self.padding <= 2 && (self.letters + self.padding).is_multiple_of(4)
    }

    /// How many bytes it stands for.
    pub(crate) fn bytes(&self) -> u64 {
        self.letters * 3 / 4
    }

    /// From where to read, and how many decoded bytes to leave out, to get the byte `start`.
    pub(crate) fn place_of(&self, start: u64) -> (u64, u64) {
        let dense = self.first_gap.is_none_or(|gap| gap >= self.letters + self.padding);
        if dense { (start / 3 * 4, start % 3) } else { (0, start) }
    }
}

struct Decoding {
    pieces: BoxStream<'static, Result<Bytes, Error>>,
    rest: Vec<u8>,
    skip: u64,
    left: u64,
}

/// Decodes base64 in pieces, with white space anywhere: `left` bytes behind the first `skip`.
pub(crate) fn decode(
    pieces: BoxStream<'static, Result<Bytes, Error>>,
    skip: u64,
    left: u64,
) -> impl Stream<Item = Result<Bytes, Error>> + Send {
    stream::try_unfold(Decoding { pieces, rest: Vec::new(), skip, left }, |mut state| async move {
        while state.left > 0 {
            let Some(piece) = state.pieces.next().await.transpose()? else { return Ok(None) };
            state.rest.extend(piece.iter().filter(|byte| !byte.is_ascii_whitespace()));
            let whole = state.rest.len() / 4 * 4;
            let mut decoded = STANDARD.decode(&state.rest[..whole]).map_err(Error::internal)?;
            state.rest.drain(..whole);
            let skipped = state.skip.min(decoded.len() as u64);
            state.skip -= skipped;
            decoded.drain(..usize::try_from(skipped).unwrap_or(usize::MAX));
            decoded.truncate(usize::try_from(state.left).unwrap_or(usize::MAX));
            state.left -= decoded.len() as u64;
            if !decoded.is_empty() {
                return Ok(Some((Bytes::from(decoded), state)));
            }
        }
        Ok(None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::TryStreamExt;

    async fn part(text: &str, step: usize, start: u64, end: u64) -> Vec<u8> {
        let mut measure = Measure::default();
        text.as_bytes().chunks(step).for_each(|piece| measure.push(piece));
        assert!(measure.is_whole(), "{measure:?}");
        let (from, skip) = measure.place_of(start);
        let text = text.as_bytes()[from as usize..].to_vec();
        let pieces: Vec<_> = text.chunks(step).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let all: Vec<Bytes> =
            decode(stream::iter(pieces).boxed(), skip, end - start).try_collect().await.expect("is decoded");
        all.concat()
    }

    #[tokio::test]
    async fn any_part_of_any_base64_is_decoded_in_pieces_of_any_length() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in [0, 1, 2, 3, 100, 256] {
            let dense = STANDARD.encode(&bytes[..length]);
            let lines: Vec<&str> =
                dense.as_bytes().chunks(76).map(|l| std::str::from_utf8(l).expect("text")).collect();
            for text in
                [dense.clone(), format!("{dense}\n"), lines.join("\n"), format!(" {}", lines.join("\r\n"))]
            {
                for step in [1, 3, 7, 1000] {
                    for (start, end) in [(0, length), (length / 2, length), (1.min(length), length / 2 + 1)] {
                        let end = end.min(length).max(start);
                        let got = part(&text, step, start as u64, end as u64).await;
                        assert_eq!(got, &bytes[start..end], "{text:?} {step} {start}..{end}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_base64_is_seen() {
        for text in ["abc", "ab=c", "abc\u{e9}", "a===", "=", "<svg/>"] {
            let mut measure = Measure::default();
            measure.push(text.as_bytes());
            assert!(!measure.is_whole(), "{text}");
        }
    }

    #[test]
    fn types_are_what_they_are() {
        assert!(is_base64("image/png") && is_base64("application/pdf") && !is_base64("image/svg+xml"));
        assert!(!is_base64("text/html") && !is_base64("application/json") && !is_base64(""));
        assert!(is_shown("image/svg+xml") && !is_shown("text/html") && !is_shown("application/pdf"));
        let endings = ["image/png", "application/vnd.plotly.v1+json", "text/x..", "font/woff2", "text/html"]
            .map(ending);
        assert_eq!(endings, ["png", "json", "bin", "woff2", "html"]);
    }
}
