//! Builds as they are started: killed, side by side, under the eyes of readers, without permission.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use strang::publish::disk::System;
use tempfile::TempDir;

use super::trial::{Knows, Plan, Trial};
use super::{Files, files_on, is_long, names_in, own, publish_on, put, skip, tell, times, version};
use crate::portal_generator::Dice;

/// A share on which sites are published, and portals beside it.
struct Share {
    folder: TempDir,
}

impl Share {
    fn new() -> Share {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("share")).unwrap();
        Share { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("share")
    }

    fn out(&self) -> PathBuf {
        self.path().join("public")
    }

    /// The portal of a version.
    fn portal(&self, version: &str) -> PathBuf {
        let portal = self.folder.path().join(version);
        super::write_version(&portal, version);
        portal
    }

    /// What a version is when nothing goes wrong.
    fn whole(&self, version: &str) -> Files {
        let out = self.folder.path().join(format!("whole-{version}"));
        let built = finished(build(&self.portal(version), &out));
        assert_eq!(built.0, 0, "{}", built.1);
        files_on(&System, &out)
    }

    fn site(&self) -> Files {
        own(files_on(&System, &self.out()))
    }

    fn remains(&self) -> Vec<String> {
        let mut names = names_in(&System, &self.path());
        names.retain(|name| !matches!(name.as_str(), "public" | "other"));
        names
    }
}

fn build(portal: &Path, out: &Path) -> Child {
    started(Command::new(env!("CARGO_BIN_EXE_strang")), portal, out)
}

/// Starts a build, by a program that starts programs or directly.
fn started(mut command: Command, portal: &Path, out: &Path) -> Child {
    command
        .arg("-C")
        .arg(portal)
        .args(["build", "--as-of", "2025-03-03", "--out"])
        .arg(out)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The exit status of a build and what it said.
fn finished(child: Child) -> (i32, String) {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap_or(-1), said)
}

/// How long a publish takes from the start of its process to the end.
fn timed(portal: &Path, out: &Path) -> (Duration, i32, String) {
    let start = Instant::now();
    let (status, said) = finished(build(portal, out));
    (start.elapsed(), status, said)
}

#[test]
fn fi_1_a_kill_at_any_time_leaves_the_old_site_or_the_new_one() {
    let share = Share::new();
    let mut versions = [("alt", share.whole("alt")), ("neu", share.whole("neu"))];
    let portals = [share.portal("alt"), share.portal("neu")];
    timed(&portals[0], &share.out());
    timed(&portals[1], &share.out());
    let (mut time, ..) = timed(&portals[0], &share.out());
    let mut dice = Dice::new(1);
    let (mut old, mut new, mut faults) = (0, 0, Vec::new());
    let tries = times(20, 200);
    let mut tried = 0;
    // On a busy computer a publish may take longer than the one before, so that nothing was new yet.
    while tried < tries || ((old == 0 || new == 0) && tried < 3 * tries) {
        let [(_, before), (_, after)] = &versions;
        let portal = &portals[(tried + 1) % 2];
        // Each try has a part of its own of the time of a publish and a fifth more, and lies anywhere in it.
        let part = (tried * 7) % tries;
        let at = (part as f64 + dice.below(1000) as f64 / 1000.0) / tries as f64;
        let mut child = build(portal, &share.out());
        thread::sleep(time.mul_f64(1.2 * at));
        child.kill().unwrap();
        child.wait().unwrap();
        let there = share.site();
        match &there {
            there if there == before => old += 1,
            there if there == after => new += 1,
            _ => faults.push(format!("try {tried}: neither the old site nor the new one")),
        }
        let (took, status, said) = timed(portal, &share.out());
        // Where nothing was published yet, the next run has to do it all.
        if there == *before {
            time = took;
        }
        if status != 0 || share.site() != *after || !share.remains().is_empty() {
            faults.push(format!("try {tried}: {said}{:?}", share.remains()));
        }
        versions.swap(0, 1);
        tried += 1;
    }
    tell(
        "FI-1 random kill",
        tried,
        &format!(" ({old} old, {new} new)"),
        &faults,
    );
    assert!(old > 0 && new > 0, "both kinds must occur");
}

/// What readers met.
#[derive(Default)]
struct Met {
    reads: AtomicUsize,
    missing: AtomicUsize,
    mixed: AtomicUsize,
}

/// Publishes version after version while four readers follow one page to its style.
fn read_while_publishing(knows: Knows, publishes: usize, reads: usize) -> (Met, usize, Duration) {
    let share = Share::new();
    let disk = Trial::new(&System, knows, Plan::Nothing);
    let (_folder, first) = version("0");
    publish_on(&disk, &share.out(), &first).unwrap();
    let (met, done) = (Met::default(), AtomicBool::new(false));
    let mut number = 0;
    let longest = thread::scope(|scope| {
        let reader = || {
            let mut longest = Duration::ZERO;
            let mut seen = Instant::now();
            while !done.load(Ordering::Relaxed) {
                met.reads.fetch_add(1, Ordering::Relaxed);
                match read_page(&share.out()) {
                    Ok(true) => {
                        longest = longest.max(seen.elapsed());
                        seen = Instant::now();
                    }
                    Ok(false) => {
                        met.mixed.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(_) => {
                        met.missing.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
            longest
        };
        let readers: Vec<_> = (0..4).map(|_| scope.spawn(reader)).collect();
        while number < publishes || met.reads.load(Ordering::Relaxed) < reads {
            number += 1;
            let (_folder, next) = version(&number.to_string());
            publish_on(&disk, &share.out(), &next).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        let gaps = readers.into_iter().map(|reader| reader.join().unwrap());
        gaps.max().unwrap()
    });
    (met, number, longest)
}

/// Whether a page is of one version from head to tail, and its style is there and of the same version.
fn read_page(out: &Path) -> io::Result<bool> {
    let page = fs::read_to_string(out.join("handbuch/fassung.html"))?;
    let part = |before: &str, after: &str| {
        let part = page.split_once(before)?.1.split_once(after)?.0;
        Some(part.to_owned())
    };
    let (Some(head), Some(tail), Some(style)) = (
        part("<title>Fassung ", " "),
        part("Ende der Fassung ", "."),
        part("href=\"../assets/strang.", "\""),
    ) else {
        return Ok(false);
    };
    let style = fs::read_to_string(out.join(format!("assets/strang.{style}")))?;
    let is_of_version = style.contains(&format!("--fassung:\"{head}\""));
    Ok(head == tail && is_of_version && page.trim_end().ends_with("</html>"))
}

#[test]
fn fi_6_readers_never_see_half_a_site() {
    let (met, publishes, _) =
        read_while_publishing(Knows::All, times(20, 200), times(20_000, 200_000));
    let reads = met.reads.into_inner();
    let (missing, mixed) = (met.missing.into_inner(), met.mixed.into_inner());
    let faults: Vec<String> = [(missing, "missing"), (mixed, "mixed")]
        .into_iter()
        .flat_map(|(count, what)| vec![what.to_owned(); count])
        .collect();
    let found = format!(" ({publishes} publishes, {missing} missing, {mixed} mixed)");
    tell("FI-6 reads while publishing", reads, &found, &faults);
}

#[test]
fn fi_6_without_an_exchange_there_may_be_a_moment_without_a_site_but_never_a_mixed_one() {
    let (met, publishes, gap) =
        read_while_publishing(Knows::Little, times(20, 200), times(20_000, 200_000));
    let (missing, mixed) = (met.missing.into_inner(), met.mixed.into_inner());
    let found = format!(
        " ({publishes} publishes in two steps, {missing} missing, {mixed} mixed, longest gap {} ms)",
        gap.as_millis()
    );
    let faults = vec!["mixed".to_owned(); mixed];
    tell(
        "FI-6 reads while publishing",
        met.reads.into_inner(),
        &found,
        &faults,
    );
}

#[test]
fn fi_8_builds_side_by_side_never_mix() {
    let share = Share::new();
    let versions = ["a", "b", "c", "d"];
    let whole: Vec<Files> = versions
        .iter()
        .map(|version| share.whole(version))
        .collect();
    let portals: Vec<PathBuf> = versions
        .iter()
        .map(|version| share.portal(version))
        .collect();
    let rounds = times(10, 100);
    let (mut killed, mut longest, mut faults) = (0, Duration::ZERO, Vec::new());
    for round in 0..rounds {
        let mut children: Vec<Child> = (0..8)
            .map(|number| {
                // Two of them write to another directory of the same share.
                let out = if number < 6 {
                    share.out()
                } else {
                    share.path().join("other")
                };
                build(&portals[(number + round) % 4], &out)
            })
            .collect();
        // Each time at another step of the publish.
        thread::sleep(Duration::from_millis(17 * (round as u64 % 11)));
        let mut holder = next_holder(&share, &mut children);
        holder.kill().unwrap();
        let free = freed(&share, holder.id());
        killed += usize::from(holder.wait().unwrap().signal() == Some(9));
        longest = longest.max(free);
        if free > Duration::from_secs(1) {
            faults.push(format!("round {round}: the lock is free after {free:?}"));
        }
        for child in children {
            let (status, said) = finished(child);
            if status != 0 {
                faults.push(format!("round {round}: {said}"));
            }
        }
        for out in [share.out(), share.path().join("other")] {
            if !whole.contains(&own(files_on(&System, &out))) {
                faults.push(format!("round {round}: {} is mixed", out.display()));
            }
            // Whoever was killed may have left a stage; the next build takes it away.
            assert_eq!(finished(build(&portals[0], &out)).0, 0);
        }
        if !share.remains().is_empty() {
            faults.push(format!("round {round}: {:?} is left", share.remains()));
        }
    }
    let found = format!(
        " ({killed} killed while they held the lock, free after {} ms at most)",
        longest.as_millis()
    );
    tell("FI-8 rounds of 8 builds", rounds, &found, &faults);
    assert!(killed > 0, "no holder was killed");
}

/// The process that holds a share against others.
fn holder_of(share: &Share) -> Option<u32> {
    let inode = fs::metadata(share.path()).unwrap().ino().to_string();
    // `1: FLOCK  ADVISORY  WRITE 4711 fe:00:131073 0 EOF`
    let locks = fs::read_to_string("/proc/locks").unwrap();
    let rows = locks
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let mut rows = rows.filter(|row| row.len() > 5 && row[1] == "FLOCK");
    let row = rows.find(|row| row[5].rsplit(':').next() == Some(&inode))?;
    row[4].parse().ok()
}

/// Takes the first build out of some that is met holding the share.
fn next_holder(share: &Share, children: &mut Vec<Child>) -> Child {
    let start = Instant::now();
    loop {
        let holder = holder_of(share);
        let met = children.iter().position(|child| Some(child.id()) == holder);
        if let Some(met) = met {
            return children.remove(met);
        }
        assert!(start.elapsed().as_secs() < 60, "no build holds the share");
    }
}

/// How long it takes until a process holds a share no more.
fn freed(share: &Share, process: u32) -> Duration {
    let start = Instant::now();
    while holder_of(share) == Some(process) && start.elapsed().as_secs() < 60 {
        thread::sleep(Duration::from_millis(1));
    }
    start.elapsed()
}

fn signal(child: &Child, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// A build that was stopped while it holds the share.
fn stopped_holder(share: &Share, portal: &Path) -> Child {
    for _ in 0..100 {
        let mut children = vec![build(portal, &share.out())];
        let holder = next_holder(share, &mut children);
        signal(&holder, "-STOP");
        thread::sleep(Duration::from_millis(20));
        if holder_of(share) == Some(holder.id()) {
            return holder;
        }
        // It was done before it could be stopped.
        signal(&holder, "-CONT");
        finished(holder);
    }
    panic!("no build can be stopped while it holds the share");
}

#[test]
fn fi_8_a_killed_build_lets_go_of_the_lock() {
    let share = Share::new();
    let portals = [share.portal("a"), share.portal("b")];
    let whole = [share.whole("a"), share.whole("b")];
    let rounds = times(3, 30);
    let (mut longest, mut faults) = (Duration::ZERO, Vec::new());
    for round in 0..rounds {
        let before = share.site();
        let mut holder = stopped_holder(&share, &portals[round % 2]);
        let mut waiting = build(&portals[(round + 1) % 2], &share.out());
        let mut stderr = BufReader::new(waiting.stderr.take().unwrap());
        let mut said = String::new();
        stderr.read_line(&mut said).unwrap();
        assert!(said.contains("another build is at work here"), "{said}");
        thread::sleep(Duration::from_millis(200));
        assert!(share.site() == before, "the lock is respected");
        holder.kill().unwrap();
        let start = Instant::now();
        while holder_of(&share) != Some(waiting.id()) {
            assert!(start.elapsed().as_secs() < 60, "the lock is never free");
        }
        let free = start.elapsed();
        longest = longest.max(free);
        holder.wait().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        if !waiting.wait().unwrap().success()
            || share.site() != whole[(round + 1) % 2]
            || !share.remains().is_empty()
        {
            faults.push(format!("round {round}: {said}{:?}", share.remains()));
        }
        if free > Duration::from_secs(1) {
            faults.push(format!("round {round}: the lock is free after {free:?}"));
        }
    }
    let found = format!(
        " (the next build has the lock {} ms after the kill at most)",
        longest.as_millis()
    );
    tell(
        "FI-8 the holder of the lock is killed",
        rounds,
        &found,
        &faults,
    );
}

#[test]
fn fi_8_a_build_that_fails_takes_no_folder_from_one_that_waits() {
    let share = Share::new();
    let (good, faulty) = (share.portal("good"), share.portal("faulty"));
    fs::write(faulty.join("content/faulty.md"), "+++\ntitel = 1\n+++\n").unwrap();
    for round in 0..5 {
        let folder = share.path().join(format!("new-{round}"));
        let failing = build(&faulty, &folder.join("a"));
        while !folder.exists() {
            thread::yield_now();
        }
        let (code, said) = finished(build(&good, &folder.join("b")));
        assert_eq!(code, 0, "{said}");
        assert_eq!(finished(failing).0, 1);
        assert!(folder.join("b/index.html").exists());
    }
}

#[test]
fn what_comes_and_goes_beside_the_output_is_no_fault() {
    let share = Share::new();
    let (_folder, site) = version("a");
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let names = (0..200).map(|number| share.path().join(number.to_string()));
                let names: Vec<PathBuf> = names.collect();
                names.iter().for_each(|name| fs::write(name, "").unwrap());
                names.iter().for_each(|name| fs::remove_file(name).unwrap());
            }
        });
        let outcomes: Vec<_> = (0..times(40, 400))
            .map(|_| publish_on(&System, &share.out(), &site).map(drop))
            .collect();
        done.store(true, Ordering::Relaxed);
        for outcome in outcomes {
            outcome.unwrap();
        }
    });
}

/// What keeps a directory from being replaced.
struct Obstacle {
    name: &'static str,
    /// The shell that sets it up; a mount is one for this shell only.
    shell: &'static [&'static str],
    /// How it is set up on `$share`.
    line: &'static str,
    /// Who builds.
    user: &'static str,
}

const SHELL: &[&str] = &["sh"];
const SHELL_WITH_MOUNTS: &[&str] = &["unshare", "--mount", "sh"];
const ROOT: &str = "";
const NOBODY: &str = "setpriv --reuid=65534 --regid=65534 --clear-groups";

const OBSTACLES: [Obstacle; 6] = [
    Obstacle {
        name: "the parent is not writable",
        shell: SHELL,
        line: "chmod 777 \"$share/public\"",
        user: NOBODY,
    },
    Obstacle {
        name: "the output is not writable",
        shell: SHELL,
        line: "chmod 777 \"$share\"",
        user: NOBODY,
    },
    Obstacle {
        name: "the mount is read-only",
        shell: SHELL_WITH_MOUNTS,
        line: "mount --bind \"$share\" \"$share\" && mount -o remount,ro,bind \"$share\"",
        user: ROOT,
    },
    Obstacle {
        name: "the output is a mount",
        shell: SHELL_WITH_MOUNTS,
        line: "mount --bind \"$share/public\" \"$share/public\"",
        user: ROOT,
    },
    Obstacle {
        name: "the output is on another disk",
        shell: SHELL_WITH_MOUNTS,
        line: "mount -t tmpfs none \"$share/public\"",
        user: ROOT,
    },
    Obstacle {
        name: "the output is immutable",
        shell: SHELL,
        line: "chattr +i \"$share/public\"",
        user: ROOT,
    },
];

#[test]
fn fi_7_what_cannot_be_replaced_is_told_before_anything_is_rendered() {
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if !is_root {
        return skip("FI-7 no permission", "only root can set the obstacles up");
    }
    let (mut tried, mut faults) = (0, Vec::new());
    for obstacle in &OBSTACLES {
        match meet(obstacle) {
            Ok(()) => tried += 1,
            Err((NOT_SET_UP, said)) => {
                skip(&format!("FI-7 {}", obstacle.name), said.trim());
            }
            Err((_, said)) => {
                tried += 1;
                faults.push(format!("{}: {said}", obstacle.name));
            }
        }
    }
    tell("FI-7 no permission", tried, "", &faults);
}

/// The status of a shell that could not set an obstacle up.
const NOT_SET_UP: i32 = 99;

fn meet(obstacle: &Obstacle) -> Result<(), (i32, String)> {
    let share = Share::new();
    let before = share.whole("alt");
    assert_eq!(finished(build(&share.portal("alt"), &share.out())).0, 0);
    // A portal with an error would end with 1 if anybody looked at it.
    let portal = share.portal("neu");
    put(
        &portal,
        "content/customers/brandt.md",
        "+++\ntilte = 1\n+++\n",
    );
    for open in [share.folder.path(), &share.path()] {
        Command::new("chmod").arg("755").arg(open).status().unwrap();
    }
    let script = format!(
        "share=$1; shift; {} || exit {NOT_SET_UP}; {} \"$@\"; status=$?
        chattr -i \"$share/public\" 2>&-; exit $status",
        obstacle.line, obstacle.user
    );
    let mut command = Command::new(obstacle.shell[0]);
    command.args(&obstacle.shell[1..]);
    command.args(["-c", &script, "sh"]).arg(share.path());
    command.arg(copied_program(share.folder.path()));
    let (status, said) = finished(started(command, &portal, &share.out()));
    if status != 2 || !said.contains("share") {
        return Err((status, said));
    }
    if share.site() != before || !share.remains().is_empty() {
        return Err((status, "the site was changed".to_owned()));
    }
    Ok(())
}

/// The program where everybody may start it.
fn copied_program(folder: &Path) -> PathBuf {
    let program = folder.join("strang");
    if fs::hard_link(env!("CARGO_BIN_EXE_strang"), &program).is_err() {
        fs::copy(env!("CARGO_BIN_EXE_strang"), &program).unwrap();
    }
    program
}

#[test]
fn fi_13_damage_is_mended_and_what_is_not_ours_is_refused() {
    let share = Share::new();
    let portal = share.portal("a");
    let whole = share.whole("a");
    assert_eq!(finished(build(&portal, &share.out())).0, 0);
    let files: Vec<&String> = whole.keys().filter(|path| *path != ".strang").collect();
    let mut dice = Dice::new(13);
    let mut faults = Vec::new();
    let tries = 50;
    for number in 0..tries {
        let path = share.out().join(files[dice.below(files.len())]);
        let mut bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let (mends, code) = match number % 5 {
            0 => {
                let at = dice.below(bytes.len());
                bytes[at] ^= 1;
                fs::write(&path, &bytes).unwrap();
                (true, "warning[out-changed]")
            }
            1 => {
                fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
                (true, "warning[out-changed]")
            }
            2 => (true, "warning[out-changed]"),
            3 => {
                fs::write(&path, &bytes).unwrap();
                put(&share.out(), "fremd/brief.txt", "mine");
                (false, "error[out-foreign-file]")
            }
            _ => {
                fs::write(&path, &bytes).unwrap();
                fs::remove_file(share.out().join(".strang")).unwrap();
                (false, "error[out-not-ours]")
            }
        };
        let damaged = files_on(&System, &share.out());
        let (status, said) = finished(build(&portal, &share.out()));
        let there = files_on(&System, &share.out());
        let is_right = if mends {
            status == 0 && there == whole
        } else {
            status == 2 && there == damaged
        };
        if !is_right || !said.contains(code) {
            faults.push(format!("try {number}: {status} {said}"));
        }
        let _ = fs::remove_dir_all(share.out().join("fremd"));
        fs::write(share.out().join(".strang"), &whole[".strang"]).unwrap();
    }
    tell("FI-13 damage", tries, "", &faults);
}

/// What a build asks of the system when it publishes, as `strace` calls it; `?` is for systems that know no such call.
const CALLS: [&str; 14] = [
    "?mkdir",
    "?mkdirat",
    "openat",
    "write",
    "?link",
    "linkat",
    "?chmod",
    "fchmodat",
    "syncfs",
    "fsync",
    "renameat2",
    "?unlink",
    "unlinkat",
    "?rmdir",
];

fn traced(arguments: &[&str], portal: &Path, out: &Path) -> Child {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-y"]).args(arguments);
    command.arg(env!("CARGO_BIN_EXE_strang"));
    command.env("RAYON_NUM_THREADS", "1");
    started(command, portal, out)
}

fn lacks_strace(what: &str) -> bool {
    let lacks = Command::new("strace")
        .arg("true")
        .output()
        .map_or(true, |traced| !traced.status.success());
    if lacks {
        skip(what, "there is no strace");
    }
    lacks
}

/// A site on a share, and the two versions that take turns there.
struct Turns {
    share: Share,
    sites: [Files; 2],
    portals: [PathBuf; 2],
    /// Which of them is published.
    latest: usize,
}

/// What a fault left.
struct Left {
    status: i32,
    said: String,
    /// The calls that met the fault, as `strace` writes them.
    met: Vec<String>,
    is_old: bool,
    is_new: bool,
    /// What the next build did, where it did not end well.
    next: Option<String>,
}

impl Turns {
    fn on(share: Share) -> Turns {
        let names = ["alt", "neu"];
        let turns = Turns {
            sites: names.map(|name| share.whole(name)),
            portals: names.map(|name| share.portal(name)),
            share,
            latest: 0,
        };
        let (_, status, said) = timed(&turns.portals[0], &turns.share.out());
        assert_eq!(status, 0, "{said}");
        turns
    }

    /// Publishes the other version while the system does something to a call, and then again without.
    fn take(&mut self, call: &str, fault: &str) -> Left {
        let log = self.share.folder.path().join("log");
        let inject = format!("inject={call}:{fault}");
        let arguments = ["-o", log.to_str().unwrap(), "-e", &inject];
        let portal = self.portals[1 - self.latest].clone();
        let (status, said) = finished(traced(&arguments, &portal, &self.share.out()));
        let log = fs::read_to_string(log).unwrap();
        let met = log.lines().filter(|line| line.contains("(INJECTED)"));
        let met = met.map(str::to_owned).collect();
        let (is_old, is_new) = self.stands();
        Left {
            status,
            said,
            met,
            is_old,
            is_new,
            next: self.next(),
        }
    }

    /// Whether the old site is there, and whether the new one is.
    fn stands(&self) -> (bool, bool) {
        let there = self.share.site();
        let is = |number: usize| there == self.sites[number];
        (is(self.latest), is(1 - self.latest))
    }

    /// Publishes the other version without help, and says what is not right then.
    fn next(&mut self) -> Option<String> {
        self.latest = 1 - self.latest;
        let (_, status, said) = timed(&self.portals[self.latest], &self.share.out());
        let is_clean = status == 0
            && self.share.site() == self.sites[self.latest]
            && self.share.remains().is_empty();
        (!is_clean).then(|| format!("the next run: {said}{:?}", self.share.remains()))
    }
}

#[test]
fn fi_2_a_kill_at_a_call_of_the_system_leaves_the_old_site_or_the_new_one() {
    let what = "FI-2 kill at calls of the system";
    if !is_long() || lacks_strace(what) {
        return;
    }
    let mut turns = Turns::on(Share::new());
    let (mut tried, mut old, mut new, mut faults) = (0, 0, 0, Vec::new());
    for call in CALLS {
        // Every thread counts its own calls; a build that makes fewer is not killed, and all were tried.
        for k in 1.. {
            let left = turns.take(call, &format!("signal=KILL:when={k}"));
            if left.status == 0 {
                break;
            }
            tried += 1;
            old += usize::from(left.is_old);
            new += usize::from(left.is_new);
            if !left.is_old && !left.is_new {
                faults.push(format!("{call} {k}: neither the old site nor the new one"));
            }
            faults.extend(left.next.map(|fault| format!("{call} {k}: {fault}")));
        }
    }
    tell(what, tried, &format!(" ({old} old, {new} new)"), &faults);
    assert!(old > 0 && new > 0, "both kinds must occur");
}

/// The errors of FI-3, as `strace` calls them.
const ERRORS: [&str; 7] = [
    "ENOSPC", "EIO", "EACCES", "EMFILE", "EROFS", "EXDEV", "EINTR",
];

#[test]
fn fi_3_an_error_at_a_call_of_the_system_is_told_and_not_published() {
    let what = "FI-3 an error at calls of the system";
    if !is_long() || lacks_strace(what) {
        return;
    }
    let outcomes: Vec<(usize, Vec<String>)> =
        ERRORS.par_iter().map(|error| fail_at(error)).collect();
    let tried = outcomes.iter().map(|(tried, _)| tried).sum();
    let faults: Vec<String> = outcomes
        .into_iter()
        .flat_map(|(_, faults)| faults)
        .collect();
    let found = format!(" ({} errors)", ERRORS.len());
    tell(what, tried, &found, &faults);
}

/// One error at every call, one after the other.
fn fail_at(error: &str) -> (usize, Vec<String>) {
    let mut turns = Turns::on(Share::new());
    let (mut tried, mut faults) = (0, Vec::new());
    for call in CALLS {
        for k in 1.. {
            let left = turns.take(call, &format!("error={error}:when={k}"));
            if left.met.is_empty() {
                break;
            }
            tried += 1;
            let fault = wrong_after(error, &left).or(left.next);
            faults.extend(fault.map(|fault| format!("{error} {k} {:?}: {fault}", left.met)));
        }
    }
    (tried, faults)
}

/// What is wrong with what an error left. Only calls on the share must be told with their path and exit 2: those before
/// may keep the program from starting, or a source from being read.
fn wrong_after(error: &str, left: &Left) -> Option<String> {
    let Left { status, said, .. } = left;
    let is_of_share = |call: &String| call.contains("/share") && !call.contains("write(2<");
    let is_on_share = left.met.iter().all(is_of_share);
    let can_go_on =
        |call: &String| error == "EINTR" || (error == "EXDEV" && call.contains(" link"));
    let is_right = match status {
        0 => left.is_new && (!is_on_share || left.met.iter().all(can_go_on)),
        2 if said.contains("the new site is in its place") => left.is_new,
        2 => left.is_old && (!is_on_share || said.contains("/share")),
        _ => left.is_old && !is_on_share,
    };
    (!is_right).then(|| {
        let (old, new) = (left.is_old, left.is_new);
        format!("exit {status}, old {old}, new {new}: {said}")
    })
}

/// A file system of its own in a file, mounted on a share until the value goes.
struct LoopMount {
    image: PathBuf,
    on: PathBuf,
    options: &'static str,
}

impl LoopMount {
    /// Why there cannot be one is the error.
    fn new(share: &Share, options: &'static str) -> Result<LoopMount, String> {
        let mount = LoopMount {
            image: share.folder.path().join("image"),
            on: share.path(),
            options,
        };
        let image = fs::File::create(&mount.image).unwrap();
        image.set_len(256 * 1024 * 1024).unwrap();
        shell("mkfs.ext4 -q \"$0\"", &[&mount.image])?;
        mount.mount()?;
        fs::remove_dir(mount.on.join("lost+found")).unwrap();
        Ok(mount)
    }

    fn mount(&self) -> Result<(), String> {
        let line = format!("mount -o loop,{} \"$0\" \"$1\"", self.options);
        shell(&line, &[&self.image, &self.on])
    }

    /// The power goes: nothing more reaches the disk, and what is not there yet is lost.
    fn cut(&self, flush: Flush) -> Result<(), String> {
        // EXT4_IOC_SHUTDOWN; there is no safe call of it in Rust.
        let perl =
            "open my $d, '<', $ARGV[1]; ioctl($d, 0x8004587d, pack('L', $ARGV[0])) or die $!";
        let line = format!("perl -e \"$0\" {} \"$1\"", flush as u32);
        shell(&line, &[Path::new(perl), &self.on])
    }

    /// The power comes back.
    fn restart(&self) {
        self.unmount().unwrap();
        self.mount().unwrap();
    }

    fn unmount(&self) -> Result<(), String> {
        shell("umount \"$0\"", &[&self.on])
    }
}

impl Drop for LoopMount {
    fn drop(&mut self) {
        let _ = self.unmount();
    }
}

/// What still reaches the disk when the power goes.
#[derive(Clone, Copy)]
enum Flush {
    /// The journal.
    Journal = 1,
    Nothing = 2,
}

fn shell(line: &str, arguments: &[&Path]) -> Result<(), String> {
    let mut command = Command::new("sh");
    let done = command.args(["-c", line]).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
    done.status.success().then_some(()).ok_or(said)
}

#[test]
fn fi_4_a_power_cut_on_a_real_disk_leaves_the_old_site_or_the_new_one() {
    if !is_long() {
        return;
    }
    for (options, cuts) in [("data=ordered", 100), ("data=writeback", 20)] {
        let what = format!("FI-4 power cut on ext4, {options}");
        let share = Share::new();
        let disk = match LoopMount::new(&share, options) {
            Ok(disk) => disk,
            Err(lacks) => return skip(&what, &lacks),
        };
        let mut turns = Turns::on(share);
        let mut dice = Dice::new(4);
        let (mut old, mut new, mut faults) = (0, 0, Vec::new());
        let (mut time, ..) = timed(&turns.portals[1], &turns.share.out());
        turns.latest = 1;
        for cut in 0..cuts {
            let portal = &turns.portals[1 - turns.latest];
            let child = build(portal, &turns.share.out());
            let part = ((cut * 7) % cuts) as f64 + dice.below(1000) as f64 / 1000.0;
            thread::sleep(time.mul_f64(1.2 * part / cuts as f64));
            let flush = [Flush::Journal, Flush::Nothing][cut % 2];
            disk.cut(flush).unwrap();
            finished(child);
            disk.restart();
            let (is_old, is_new) = turns.stands();
            old += usize::from(is_old);
            new += usize::from(is_new);
            if !is_old && !is_new {
                faults.push(format!("cut {cut}: neither the old site nor the new one"));
            }
            let start = Instant::now();
            let next = turns.next();
            if is_old {
                time = start.elapsed();
            }
            faults.extend(next.map(|fault| format!("cut {cut}: {fault}")));
        }
        let found = format!(" ({old} old, {new} new)");
        tell(&what, cuts, &found, &faults);
        assert!(old > 0 && new > 0, "both kinds must occur");
    }
}

#[test]
fn fi_17_the_system_sees_the_steps_in_order() {
    let what = "FI-17 order of calls of the system";
    if !is_long() || lacks_strace(what) {
        return;
    }
    let share = Share::new();
    assert_eq!(finished(build(&share.portal("alt"), &share.out())).0, 0);
    let log = share.folder.path().join("log");
    let trace = format!("trace={}", CALLS.join(","));
    let arguments = ["-o", log.to_str().unwrap(), "-e", &trace];
    assert_eq!(
        finished(traced(&arguments, &share.portal("neu"), &share.out())).0,
        0
    );
    let log = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    let is = |line: &str, call: &str| line.split(' ').any(|part| part.starts_with(call));
    let position = |call: &str| lines.iter().position(|line| is(line, call));
    let written = lines
        .iter()
        .rposition(|line| is(line, "write(") && line.contains(".public.strang-"));
    let settled = lines.iter().rposition(|line| is(line, "fsync("));
    let switched = position("renameat2(");
    let removed = switched.and_then(|at| {
        let rest = lines[at..].iter();
        rest.clone()
            .position(|line| is(line, "unlink"))
            .map(|after| at + after)
    });
    let order = [written, position("syncfs("), switched, settled, removed];
    let is_right = order.iter().all(Option::is_some) && order.is_sorted();
    let faults: Vec<String> = (!is_right)
        .then(|| format!("{order:?}"))
        .into_iter()
        .collect();
    tell(what, 1, "", &faults);
}
