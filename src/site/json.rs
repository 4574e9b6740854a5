//! JSON for machines: compact, one record a line, so that searches and differences show whole records.
//!
//! Serializable records go in, bytes come out. It must never know what a record means.

use memchr::{memchr, memchr3};
use serde::Serialize;

/// One JSON object in the making: UTF-8.
pub(super) struct Json(Vec<u8>);

impl Json {
    /// An object that begins with the version of its form.
    pub(super) fn of_version(version: u8) -> Json {
        Json(format!("{{\"version\":{version}").into_bytes())
    }

    /// A value under a key.
    pub(super) fn field(&mut self, key: &str, value: &impl Serialize) {
        self.key(key);
        self.value(value);
    }

    /// A list under a key, each record on a line of its own.
    pub(super) fn list(&mut self, key: &str, records: impl Iterator<Item = impl Serialize>) {
        self.key(key);
        self.0.push(b'[');
        for (i, record) in records.enumerate() {
            self.push(if i == 0 { "\n" } else { ",\n" });
            self.value(&record);
        }
        self.push("\n]");
    }

    /// The text of the object.
    pub(super) fn finish(mut self) -> String {
        self.push("}\n");
        self.text()
    }

    fn key(&mut self, key: &str) {
        self.0.push(b',');
        self.value(&key);
        self.0.push(b':');
    }

    fn value(&mut self, value: &impl Serialize) {
        let start = self.0.len();
        serde_json::to_writer(&mut self.0, value)
            .expect("BUG: records are made of texts, numbers, lists and maps with texts as keys");
        if may_hold_a_sign(&self.0[start..]) {
            let value = Json(self.0.split_off(start)).text();
            self.push_harmless(&value);
        }
    }

    /// No sign of HTML and no line break of scripts stands for itself, so that a text means nothing else wherever it
    /// is pasted. Outside of texts, JSON has none of them.
    fn push_harmless(&mut self, json: &str) {
        let mut rest = json;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}']) {
            self.push(&rest[..at]);
            let mut after = rest[at..].chars();
            let sign = after.next().map_or(0, u32::from);
            self.push(&format!("\\u{sign:04x}"));
            rest = after.as_str();
        }
        self.push(rest);
    }

    fn push(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn text(self) -> String {
        String::from_utf8(self.0).expect("BUG: JSON is made of texts")
    }
}

/// A text as it stands within a string.
pub(super) fn escape(text: &str) -> String {
    let mut json = Json(Vec::new());
    json.value(&text);
    let quoted = json.text();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Nearly all records hold none, which is told for many bytes at once.
fn may_hold_a_sign(json: &[u8]) -> bool {
    memchr3(b'<', b'>', b'&', json).is_some() || memchr(0xe2, json).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stand_on_lines_of_their_own_and_their_signs_are_harmless() {
        let mut json = Json::of_version(1);
        json.field("title", &"</script>\u{2028}\"ä\n");
        json.list("names", ["a&b", "c"].into_iter());
        json.list("nothing", [""; 0].into_iter());
        let expected = r#"{"version":1,"title":"\u003c/script\u003e\u2028\"ä\n","names":[
"a\u0026b",
"c"
],"nothing":[
]}
"#;
        assert_eq!(json.finish(), expected);
    }
}
