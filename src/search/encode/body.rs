//! The parts that bodies are made of.

/// A body in the making.
#[derive(Default)]
pub(in crate::search) struct Body(pub(in crate::search) Vec<u8>);

/// The last string of a column, of which the next one shares its beginning.
#[derive(Default)]
pub(in crate::search) struct Column(Vec<u8>);

/// The version of the format.
const VERSION: u8 = 1;

impl Body {
    pub(in crate::search) fn new(letter: u8) -> Body {
        let mut body = Body::default();
        body.start(letter);
        body
    }

    /// Begins a body in the room of another one.
    pub(in crate::search) fn start(&mut self, letter: u8) {
        self.0.clear();
        self.0.extend([letter, VERSION]);
    }

    pub(in crate::search) fn u8(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(in crate::search) fn v(&mut self, number: u32) {
        let mut rest = number;
        while rest >= 0x80 {
            self.0.push((rest & 0x7f) as u8 | 0x80);
            rest >>= 7;
        }
        self.0.push(rest as u8);
    }

    /// A number of items or bytes.
    pub(in crate::search) fn count(&mut self, count: usize) {
        self.v(u32::try_from(count).expect("BUG: no body holds 4 billion of anything"));
    }

    pub(in crate::search) fn s(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(in crate::search) fn f(&mut self, string: &[u8], column: &mut Column) {
        let shared = shared(&column.0, string);
        self.count(shared);
        self.count(string.len() - shared);
        self.0.extend_from_slice(&string[shared..]);
        column.0.truncate(shared);
        column.0.extend_from_slice(&string[shared..]);
    }

    pub(in crate::search) fn h(&mut self, name: super::file::Name) {
        self.0.extend_from_slice(&name.0);
    }

    /// Rising numbers, each as its distance to the one before.
    pub(in crate::search) fn gaps(&mut self, numbers: impl Iterator<Item = u32>) {
        let mut before = 0;
        for number in numbers {
            self.v(number - before);
            before = number;
        }
    }

    /// Two in a byte, the first in its low half.
    pub(in crate::search) fn impacts(&mut self, mut impacts: impl Iterator<Item = u8>) {
        while let Some(low) = impacts.next() {
            self.0.push(low | impacts.next().unwrap_or(0) << 4);
        }
    }
}

/// How many bytes two strings begin with alike.
pub(in crate::search) fn shared(a: &[u8], b: &[u8]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_take_seven_bits_a_byte() {
        let mut body = Body::default();
        for number in [0, 127, 128, 300, u32::MAX] {
            body.v(number);
        }
        let expected = [0, 127, 0x80, 1, 0xac, 2, 0xff, 0xff, 0xff, 0xff, 15];
        assert_eq!(body.0, expected);
    }

    #[test]
    fn strings_share_their_beginning_with_the_one_before() {
        let (mut body, mut column) = (Body::default(), Column::default());
        for text in ["ab", "abc", "b", "b"] {
            body.f(text.as_bytes(), &mut column);
        }
        assert_eq!(body.0, b"\x00\x02ab\x02\x01c\x00\x01b\x01\x00");
    }

    #[test]
    fn impacts_stand_two_in_a_byte() {
        let mut body = Body::default();
        body.gaps([3, 4, 9].into_iter());
        body.impacts([1, 15, 2].into_iter());
        assert_eq!(body.0, [3, 1, 5, 0xf1, 2]);
    }
}
