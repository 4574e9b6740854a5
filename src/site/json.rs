//! JSON for machines: compact, one record a line, so that searches and differences show whole records.
//!
//! Serializable records go in, bytes come out. It must never know what a record means.

use memchr::{memchr, memchr3};
use serde::Serialize;

/// One JSON object in the making.
pub(super) struct Json(String);

impl Json {
    /// An object that begins with the version of its form.
    pub(super) fn of_version(version: u8) -> Json {
        Json(format!("{{\"version\":{version}"))
    }

    /// A value under a key.
    pub(super) fn field(&mut self, key: &str, value: &impl Serialize) {
        self.key(key);
        self.value(value);
    }

    /// A list under a key, each record on a line of its own.
    pub(super) fn list(&mut self, key: &str, records: impl Iterator<Item = impl Serialize>) {
        self.key(key);
        self.0.push('[');
        for (i, record) in records.enumerate() {
            self.0.push_str(if i == 0 { "\n" } else { ",\n" });
            self.value(&record);
        }
        self.0.push_str("\n]");
    }

    /// The text of the object.
    pub(super) fn finish(mut self) -> String {
        self.0.push_str("}\n");
        self.0
    }

    fn key(&mut self, key: &str) {
        self.0.push(',');
        self.value(&key);
        self.0.push(':');
    }

    fn value(&mut self, value: &impl Serialize) {
        let text = serde_json::to_string(value)
            .expect("BUG: records are made of texts, numbers, lists and maps with texts as keys");
        self.push_harmless(&text);
    }

    /// No sign of HTML and no line break of scripts stands for itself, so that a text means nothing else wherever it
    /// is pasted. Outside of texts, JSON has none of them.
    fn push_harmless(&mut self, json: &str) {
        let mut rest = json;
        while may_hold_a_sign(rest)
            && let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}'])
        {
            self.0.push_str(&rest[..at]);
            let mut after = rest[at..].chars();
            let sign = after.next().map_or(0, u32::from);
            self.0.push_str(&format!("\\u{sign:04x}"));
            rest = after.as_str();
        }
        self.0.push_str(rest);
    }
}

/// A text as it stands within a string.
pub(super) fn escape(text: &str) -> String {
    let mut json = Json(String::new());
    json.value(&text);
    let quoted = json.0;
    quoted[1..quoted.len() - 1].to_owned()
}

/// Nearly all records hold none, which is told for many bytes at once.
fn may_hold_a_sign(json: &str) -> bool {
    memchr3(b'<', b'>', b'&', json.as_bytes()).is_some() || memchr(0xe2, json.as_bytes()).is_some()
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
