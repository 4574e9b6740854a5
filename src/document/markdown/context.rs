//! The sentence around each link, which the linked page shows as a backlink.

use super::links::{BodyLink, Piece};

/// At most this many characters are kept on either side of a link.
const REACH: usize = 160;

/// A link counts as this many of them.
const LINK: usize = 20;

/// The blocks around the current position, innermost last.
#[derive(Default)]
pub(super) struct Contexts {
    blocks: Vec<Vec<Piece>>,
    in_link: bool,
}

impl Contexts {
    pub(super) fn begin(&mut self) {
        self.blocks.push(Vec::new());
    }

    pub(super) fn text(&mut self, text: &str) {
        let Some(block) = self.blocks.last_mut() else {
            return;
        };
        match block.last_mut() {
            Some(Piece::Link { label, .. }) if self.in_link => {
                if let Some(label) = label {
                    label.push_str(text);
                }
            }
            Some(Piece::Text(last)) => last.push_str(text),
            _ => block.push(Piece::Text(text.to_owned())),
        }
    }

    pub(super) fn begin_link(&mut self, link: u32, labelled: bool) {
        if let Some(block) = self.blocks.last_mut() {
            block.push(Piece::Link {
                link,
                label: labelled.then(String::new),
            });
            self.in_link = true;
        }
    }

    pub(super) fn end_link(&mut self) {
        self.in_link = false;
    }

    /// Ends a block and gives each of its links the sentence that it stands in.
    pub(super) fn end(&mut self, links: &mut [BodyLink]) -> Vec<Piece> {
        let block = self.blocks.pop().unwrap_or_default();
        for (i, piece) in block.iter().enumerate() {
            if let Piece::Link { link, .. } = piece {
                links[*link as usize].sentence = sentence(&block, i);
            }
        }
        block
    }
}

fn sentence(block: &[Piece], at: usize) -> Vec<Piece> {
    let mut before = Vec::new();
    let mut room = REACH;
    for piece in block[..at].iter().rev() {
        match piece {
            Piece::Text(text) => {
                let start = sentence_start(text);
                let shown = last_characters(&text[start..], room);
                before.push(Piece::Text(shown.clone()));
                room = room.saturating_sub(shown.chars().count());
                if start > 0 || room == 0 || shown.starts_with('…') {
                    break;
                }
            }
            Piece::Link { .. } if room == 0 => break,
            Piece::Link { .. } => {
                before.push(piece.clone());
                room = room.saturating_sub(LINK);
            }
        }
    }
    before.reverse();
    before.push(block[at].clone());
    let mut room = REACH;
    for piece in &block[at + 1..] {
        match piece {
            Piece::Text(text) => {
                let end = sentence_end(text);
                let shown = first_characters(&text[..end], room);
                before.push(Piece::Text(shown.clone()));
                room = room.saturating_sub(shown.chars().count());
                if end < text.len() || room == 0 || shown.ends_with('…') {
                    break;
                }
            }
            Piece::Link { .. } if room == 0 => break,
            Piece::Link { .. } => {
                before.push(piece.clone());
                room = room.saturating_sub(LINK);
            }
        }
    }
    before
}

/// The positions behind which a new sentence starts: a full stop behind a word, a blank, then a capital or a quote.
fn boundaries(text: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    text.match_indices(['.', '!', '?', '…', '\n'])
        .filter_map(move |(i, sign)| {
            let end = i + sign.len();
            let rest = &text[end..];
            let next = rest.trim_start();
            let starts_anew = next.chars().next().is_none_or(|c| !c.is_lowercase());
            let word = text[..i]
                .rsplit(char::is_whitespace)
                .next()
                .unwrap_or_default()
                .trim_start_matches(|c: char| !c.is_alphanumeric());
            let abbreviated = sign == "."
                && (word.chars().count() < 3 || word.ends_with(|c: char| c.is_ascii_digit()));
            let blank = rest.starts_with(char::is_whitespace);
            (sign != "\n" && blank && starts_anew && !abbreviated)
                .then(|| end + (rest.len() - next.len()))
        })
}

fn sentence_start(text: &str) -> usize {
    boundaries(text).next_back().unwrap_or(0)
}

fn sentence_end(text: &str) -> usize {
    boundaries(text).next().unwrap_or(text.len())
}

fn last_characters(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(count - most).collect();
    format!(
        "… {}",
        tail.split_once(' ').map_or(tail.as_str(), |(_, rest)| rest)
    )
}

fn first_characters(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most).collect();
    format!(
        "{} …",
        head.rsplit_once(' ')
            .map_or(head.as_str(), |(rest, _)| rest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(before: &str, after: &str) -> String {
        let block = [
            Piece::Text(before.into()),
            Piece::Link {
                link: 0,
                label: Some("X".into()),
            },
            Piece::Text(after.into()),
        ];
        let parts = sentence(&block, 1);
        parts
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Link { .. } => "[X]",
            })
            .collect()
    }

    #[test]
    fn the_sentence_around_a_link_is_found() {
        assert_eq!(
            around("Erst das. Dann ", " und mehr. Danach nichts."),
            "Dann [X] und mehr. "
        );
        assert_eq!(
            around("Am 3. Mai, z. B. bei ", " (Nr. 7) war es."),
            "Am 3. Mai, z. B. bei [X] (Nr. 7) war es."
        );
        assert!(around(&"Wort ".repeat(100), "").starts_with("… Wort"));
    }
}
