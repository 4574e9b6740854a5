//! What git's HEAD is: whether the history may have become another one.
//!
//! The folder of a portal goes in; what comes out says nothing but whether it is the same as before. It reads a few
//! small files of git's own and must never start git.

use std::fs;
use std::path::{Path, PathBuf};

/// What names the latest commit, as git keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head(Vec<u8>);

/// Where git keeps what it knows of a portal.
pub(super) struct GitFolder {
    /// That of the checkout, which has its own HEAD.
    own: PathBuf,
    /// That of the repository, which several checkouts may share.
    common: PathBuf,
}

impl GitFolder {
    /// That of the checkout in which a portal lies, if it lies in one.
    pub(super) fn of(root: &Path) -> Option<GitFolder> {
        let mut named = root.ancestors().map(|folder| folder.join(".git"));
        let named = named.find(|git| git.exists())?;
        let own = match fs::read_to_string(&named) {
            // A checkout beside the first one has a file that says where its folder is.
            Ok(text) => named.parent()?.join(text.strip_prefix("gitdir:")?.trim()),
            Err(_) => named,
        };
        let common = fs::read_to_string(own.join("commondir"));
        let common = common.map_or_else(|_| own.clone(), |path| own.join(path.trim()));
        Some(GitFolder { own, common })
    }

    /// Where something happens whenever somebody commits or switches to another branch.
    pub(super) fn path(&self) -> &Path {
        &self.own
    }

    /// What HEAD is now.
    pub(super) fn head(&self) -> Head {
        let mut head = fs::read(self.own.join("HEAD")).unwrap_or_default();
        if let Some(branch) = branch(&head) {
            let tip = fs::read(self.common.join(&branch));
            let tip = tip.or_else(|_| fs::read(self.common.join("packed-refs")));
            head.extend(tip.unwrap_or_default());
        }
        // Where refs are kept in tables, HEAD never changes, and this list always does.
        head.extend(fs::read(self.common.join("reftable/tables.list")).unwrap_or_default());
        Head(head)
    }
}

/// The branch that HEAD names; where it names a commit, there is none.
fn branch(head: &[u8]) -> Option<PathBuf> {
    let branch = std::str::from_utf8(head).ok()?.strip_prefix("ref:")?.trim();
    let is_inside = branch.starts_with("refs/") && !branch.contains("..");
    is_inside.then(|| PathBuf::from(branch))
}
