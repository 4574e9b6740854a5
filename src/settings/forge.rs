//! The forge: where a source is opened in a browser to be edited.

use crate::diagnostic::Diagnostics;
use crate::path::{SourcePath, percent_encode, percent_encode_path};
use crate::table::Table;

/// The addresses of a forge's editor, with placeholders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forge {
    url: String,
    branch: String,
    edit: String,
    new: String,
    fills_in: bool,
}

/// The forge whose form for a new file takes the name and, in most of its versions, ignores the text.
const FORGETFUL: &str = "gitlab";

const KINDS: [(&str, &str, &str); 4] = [
    (
        "github",
        "{url}/edit/{branch}/{path}",
        "{url}/new/{branch}?filename={dir}/{name}&value={text}",
    ),
    (
        "gitlab",
        "{url}/-/edit/{branch}/{path}",
        "{url}/-/new/{branch}/{dir}?file_name={name}&content={text}",
    ),
    (
        "gitea",
        "{url}/_edit/{branch}/{path}",
        "{url}/_new/{branch}/{dir}?filename={name}&value={text}",
    ),
    (
        "forgejo",
        "{url}/_edit/{branch}/{path}",
        "{url}/_new/{branch}/{dir}?filename={name}&value={text}",
    ),
];

impl Forge {
    /// Reads the table `[repository]`.
    pub(super) fn read(mut table: Table<'_>, diagnostics: &mut Diagnostics) -> Option<Forge> {
        let place = table.place();
        let url = table.take("url");
        if url.is_none() {
            diagnostics.missing_key(place.clone(), "url", "url = \"https://git.example/portal\"");
        }
        let url = url.and_then(|item| {
            let url = item.text(diagnostics)?.value;
            let web = url.starts_with("https://") || url.starts_with("http://");
            if !web {
                diagnostics.bad_setting(
                    item.place(),
                    "the repository's address starts with `https://`",
                    "",
                );
            }
            web.then(|| url.trim_end_matches('/').to_owned())
        });
        let kinds: Vec<(&str, usize)> = KINDS
            .iter()
            .enumerate()
            .map(|(i, (word, ..))| (*word, i))
            .collect();
        let kind = table.take("kind");
        let says_kind = kind.is_some();
        let kind = kind
            .and_then(|item| item.choice(&kinds, diagnostics))
            .map(|kind| KINDS[kind.value]);
        let branch = table
            .text("branch", diagnostics)
            .map_or_else(|| "main".to_owned(), |text| text.value);
        let edit = table.text("edit", diagnostics).map(|text| text.value);
        let new = table.text("new", diagnostics).map(|text| text.value);
        table.finish(diagnostics);
        if says_kind && kind.is_none() {
            return None;
        }
        if kind.is_none() && (edit.is_none() || new.is_none()) {
            let hint = "kind = \"gitlab\", \"github\", \"gitea\" or \"forgejo\"; for others give `edit` and `new`";
            diagnostics.bad_setting(
                place,
                "the repository does not say which forge it lives on",
                hint,
            );
            return None;
        }
        let (kind, kind_edit, kind_new) = kind.unwrap_or(("", "", ""));
        let is_forgetful = kind == FORGETFUL && new.is_none();
        let new = new.unwrap_or_else(|| kind_new.to_owned());
        Some(Forge {
            url: url?,
            branch,
            edit: edit.unwrap_or_else(|| kind_edit.to_owned()),
            fills_in: new.contains("{text}") && !is_forgetful,
            new,
        })
    }

    /// Whether a new file's text may be expected to stand in the form.
    pub fn fills_in(&self) -> bool {
        self.fills_in
    }

    /// The address that opens a source for editing; the path is relative to the repository.
    pub fn edit(&self, path: &str) -> String {
        self.fill(&self.edit, &[("{path}", &percent_encode_path(path))])
    }

    /// The address that opens the form for a new file; its text comes percent-encoded, since many share most of it.
    pub fn new_file(&self, path: &SourcePath, encoded_text: &str) -> String {
        let path = path.as_str();
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let values = [
            ("{dir}", &*percent_encode_path(dir)),
            ("{name}", &*percent_encode(name)),
            ("{text}", encoded_text),
        ];
        self.fill(&self.new, &values)
    }

    /// Replaces each placeholder where it stands in the template and nowhere in what was filled in.
    fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let filled: usize = values.iter().map(|(_, value)| value.len()).sum();
        let mut out = String::with_capacity(self.url.len() + template.len() + filled);
        let mut rest = template;
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find('}').map_or(rest.len(), |end| end + 1);
            let (name, after) = rest.split_at(end);
            match name {
                "{url}" => out.push_str(&self.url),
                "{branch}" => out.push_str(&percent_encode_path(&self.branch)),
                _ => match values.iter().find(|(placeholder, _)| *placeholder == name) {
                    Some((_, value)) => out.push_str(value),
                    None => out.push_str(name),
                },
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_encoded_once() {
        let forge = Forge {
            url: "https://git.example/a".into(),
            branch: "main".into(),
            edit: KINDS[0].1.into(),
            new: KINDS[0].2.into(),
            fills_in: true,
        };
        assert_eq!(
            forge.edit("content/a b.md"),
            "https://git.example/a/edit/main/content/a%20b.md"
        );
        let new = forge.new_file(
            &SourcePath::new("content/x/{text}.md"),
            &percent_encode("+++\n"),
        );
        assert_eq!(
            new,
            "https://git.example/a/new/main?filename=content/x/%7Btext%7D.md&value=%2B%2B%2B%0A"
        );
    }
}
