//! Attachments: the files that pages link to, and only those.

use std::collections::HashSet;

use super::{Attachment, AttachmentId, DocumentId, Origin, Portal, Target};
use crate::diagnostic::{Diagnostics, Place};
use crate::path::SitePath;
use crate::source::AttachmentFile;

/// Endings that a browser or a web server would run, or take for a page of the portal.
const REFUSED: [&str; 12] = [
    "html", "htm", "xhtml", "xht", "xml", "js", "mjs", "wasm", "php", "htaccess", "cgi", "config",
];

/// Gives every file its place; the positions are those of the list.
pub(super) fn add(portal: &mut Portal, files: &[AttachmentFile]) {
    portal.attachments = files
        .iter()
        .map(|file| Attachment {
            source: file.path.clone(),
            address: SitePath::new(file.path.below_content().unwrap_or(file.path.as_str())),
            pixels: file.pixels,
        })
        .collect();
}

/// Reports links to files that may not be attached.
pub(super) fn check(portal: &Portal, diagnostics: &mut Diagnostics) {
    let is_attachment = |target: &Target| matches!(target, Target::Attachment(_));
    let linking = portal.all_targets();
    for (document, targets) in linking.filter(|(_, targets)| targets.iter().any(is_attachment)) {
        for (link, target) in portal.body(document).links.iter().zip(targets) {
            let Target::Attachment(attachment) = target else {
                continue;
            };
            let extension = portal[*attachment].source.extension().to_ascii_lowercase();
            if REFUSED.contains(&extension.as_str()) {
                diagnostics
                    .attachment_type(Place::new(&portal[document].source, link.span), &extension);
            }
        }
    }
}

impl Portal {
    /// The files that some page links to, in the order of paths.
    pub fn linked_attachments(&self) -> impl Iterator<Item = AttachmentId> + '_ {
        let mut linked: HashSet<AttachmentId> = HashSet::new();
        for (document, targets) in self.all_targets() {
            linked.extend(self.shown_attachments(document, targets));
        }
        AttachmentId::all(self.attachments.len()).filter(move |id| linked.contains(id))
    }

    /// The files that a body shows: a picture in a link to somebody who is not named is left out with the link.
    fn shown_attachments(&self, document: DocumentId, targets: &[Target]) -> Vec<AttachmentId> {
        let attachment = |target: &Target| match target {
            Target::Attachment(attachment) => Some(*attachment),
            _ => None,
        };
        if !targets.iter().any(|target| attachment(target).is_some()) {
            return Vec::new();
        }
        let is_hidden = |link: u32| self.shown_instead(&targets[link as usize]).is_some();
        let shown = self.body(document).shown_links(is_hidden).into_iter();
        shown
            .filter_map(|link| attachment(&targets[link as usize]))
            .collect()
    }

    /// Where the links of every body lead that is in the site.
    fn all_targets(&self) -> impl Iterator<Item = (DocumentId, &[Target])> {
        super::links::origins(self).filter_map(|(origin, document)| {
            let targets: &[Target] = match origin {
                Origin::Page(page) if !self.has_page(page) => return None,
                Origin::Page(page) => &self.page(page)?.targets,
                Origin::Entry(entry) => &self[entry].targets,
            };
            Some((document, targets))
        })
    }
}
