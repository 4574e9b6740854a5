//! A machine of somebody who writes or publishes a portal, in a folder that vanishes: a home, a git that knows a name,
//! `strang` in PATH, and a shell that runs what files for forges and manuals tell people to run.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The second of March 2026, as seconds since 1970: today, on this machine.
const TODAY: &str = "1772409600";

/// The machine.
pub struct Machine {
    folder: TempDir,
}

/// How a script ended.
pub struct Ran {
    pub status: i32,
    /// What it said, on standard output and on standard error.
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The script ended well, or the test ends here.
    pub fn well(self) -> Ran {
        assert_eq!(self.status, 0, "{}{}", self.out, self.err);
        self
    }
}

impl Machine {
    pub fn new() -> Machine {
        let machine = Machine {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(machine.path("bin")).unwrap();
        symlink(env!("CARGO_BIN_EXE_strang"), machine.path("bin/strang")).unwrap();
        let settings = "[user]\nname = Erika Beispiel\nemail = erika@firma.example\n\
            [init]\ndefaultBranch = main\n[gc]\nauto = 0\n";
        machine.write("home/.gitconfig", settings);
        machine
    }

    /// A machine with a portal in `portal`, which is committed and pushed to `origin.git`.
    pub fn with_portal(init: &str) -> Machine {
        let machine = Machine::new();
        let begin = format!(
            "strang init portal {init} && git init --quiet --bare origin.git && cd portal && git init --quiet
            git add --all && git commit --quiet -m 'The portal begins'
            git remote add origin ../origin.git && git push --quiet --set-upstream origin main"
        );
        machine.run(".", &begin).well();
        machine
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Takes `strang` out of PATH.
    pub fn without_strang(&self) {
        fs::remove_file(self.path("bin/strang")).unwrap();
    }

    /// Runs a script in a folder as forges do: the first command that fails ends it.
    pub fn run(&self, folder: &str, script: &str) -> Ran {
        self.run_with(folder, script, &[])
    }

    pub fn run_with(&self, folder: &str, script: &str, variables: &[(&str, &str)]) -> Ran {
        let path = format!("{}:{}", self.path("bin").display(), system_path());
        let output = Command::new("sh")
            .args(["-e", "-c", script])
            .current_dir(self.path(folder))
            .env_clear()
            .envs([("PATH", path.as_str()), ("SOURCE_DATE_EPOCH", TODAY)])
            .envs([("HOME", self.path("home")), ("TMPDIR", self.temporary())])
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ran {
            status: output.status.code().unwrap(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Where scripts put what they need for a while.
    pub fn temporary(&self) -> PathBuf {
        let folder = self.path("tmp");
        fs::create_dir_all(&folder).unwrap();
        folder
    }
}

/// The folders of PATH in which no other `strang` lies.
fn system_path() -> String {
    let path = std::env::var("PATH").unwrap();
    let others = path
        .split(':')
        .filter(|folder| !Path::new(folder).join("strang").exists());
    others.collect::<Vec<_>>().join(":")
}
