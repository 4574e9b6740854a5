//! Faults at every single step of publishing, on disks that fail, stop and forget.

use std::iter;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use strang::pipeline::{self, Built};
use strang::publish::disk::Disk;
use strang::publish::{PublishError, Refusal};
use tempfile::TempDir;

use super::model::{LOST, Model};
use super::trial::{Call, Knows, Plan, Trial};
use super::{
    DAY, Files, files_on, is_long, names_in, publish_on, put, tell, times, version, version_with,
};

const PARENT: &str = "/share";
const OUT: &str = "/share/public";

/// A site that is replaced by another one, or the first one of all.
struct Scene {
    new: Built,
    knows: Knows,
    /// The disk before.
    disk: Model,
    before: Files,
    after: Files,
    /// All that lay on the disk before.
    stood: Files,
    _folder: TempDir,
}

impl Scene {
    fn all() -> Vec<Scene> {
        Scene::all_with(0)
    }

    /// Of portals with so many more pages.
    fn all_with(pages: usize) -> Vec<Scene> {
        [Knows::All, Knows::Little]
            .into_iter()
            .flat_map(|knows| {
                let second = Scene::second_with(knows, pages);
                [Scene::on(Model::new(), knows, pages), second]
            })
            .collect()
    }

    fn second(knows: Knows) -> Scene {
        Scene::second_with(knows, 0)
    }

    fn second_with(knows: Knows, pages: usize) -> Scene {
        let disk = Model::new();
        let (_folder, old) = version_with("alt", pages);
        publish_on(&Trial::new(&disk, knows, Plan::Nothing), OUT.as_ref(), &old).unwrap();
        Scene::on(disk, knows, pages)
    }

    fn on(disk: Model, knows: Knows, pages: usize) -> Scene {
        let (folder, new) = version_with("neu", pages);
        let clean = disk.copy();
        publish_on(
            &Trial::new(&clean, knows, Plan::Nothing),
            OUT.as_ref(),
            &new,
        )
        .unwrap();
        Scene {
            before: files_on(&disk, OUT.as_ref()),
            after: files_on(&clean, OUT.as_ref()),
            stood: files_on(&disk, "/".as_ref()),
            new,
            knows,
            disk,
            _folder: folder,
        }
    }

    /// Publishes the new site on a disk with a plan, and gives back what came of it with the calls that were made.
    fn run(&self, disk: &Model, plan: Plan) -> (Result<(), PublishError>, Vec<Call>) {
        let trial = Trial::new(disk, self.knows, plan);
        let done = publish_on(&trial, OUT.as_ref(), &self.new).map(drop);
        let calls = trial.calls();
        (done, calls)
    }

    /// How many calls it takes when nothing goes wrong.
    fn calls(&self) -> Vec<Call> {
        self.run(&self.disk.copy(), Plan::Nothing).1
    }

    fn is_old_or_new(&self, disk: &Model) -> Result<(), String> {
        let there = files_on(disk, OUT.as_ref());
        if there == self.before || there == self.after {
            return Ok(());
        }
        // Where two folders cannot be exchanged, there is a moment without a site.
        if self.knows == Knows::Little && disk.look(OUT.as_ref()).unwrap().is_none() {
            return Ok(());
        }
        let paths: Vec<&String> = there.keys().collect();
        Err(format!("neither the old site nor the new one: {paths:?}"))
    }

    /// The next run needs no help.
    fn next_run_is_clean(&self, disk: &Model) -> Result<(), String> {
        // On a disk that is as it was, it is the run that made the scene.
        let names = names_in(disk, PARENT.as_ref());
        if names.len() < 2 && files_on(disk, "/".as_ref()) == self.stood {
            return Ok(());
        }
        let (done, _) = self.run(disk, Plan::Nothing);
        done.map_err(|error| format!("the next run: {error}"))?;
        let there = names_in(disk, PARENT.as_ref());
        if there != ["public"] || files_on(disk, OUT.as_ref()) != self.after {
            return Err(format!("the next run left {there:?}"));
        }
        Ok(())
    }
}

/// Faults of a trial that was made on every scene at every call.
fn at_every_call(
    scenes: &[Scene],
    try_at: impl Fn(&Scene, usize) -> Vec<Result<(), String>> + Sync,
) -> (usize, Vec<String>) {
    let mut tried = 0;
    let mut faults = Vec::new();
    for (number, scene) in scenes.iter().enumerate() {
        let calls = scene.calls();
        let outcomes = on_all_cores(calls.len(), |k| try_at(scene, k));
        for (k, outcome) in outcomes
            .into_iter()
            .flat_map(|(k, all)| all.into_iter().map(move |one| (k, one)))
        {
            tried += 1;
            if let Err(fault) = outcome {
                let Call { what, path } = &calls[k];
                let path = path.display();
                faults.push(format!("scene {number}, call {k}, {what} {path}: {fault}"));
            }
        }
    }
    (tried, faults)
}

/// What comes of every number below one. Not by rayon: a thread that waits for a publish would begin with the next
/// number on top of it, and run out of stack.
fn on_all_cores<T: Send>(count: usize, act: impl Fn(usize) -> T + Sync) -> Vec<(usize, T)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let numbers = iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        let numbers = numbers.take_while(|number| *number < count);
        numbers.map(|number| (number, act(number))).collect()
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().unwrap().get();
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let done = threads.into_iter().map(|thread| thread.join().unwrap());
        done.flat_map(|done: Vec<_>| done).collect()
    })
}

/// Whether a trial out of several takes place at a call: in a long run all do, in a short one each does at every third.
fn is_turn(k: usize, number: usize) -> bool {
    is_long() || (k + number).is_multiple_of(3)
}

#[test]
fn fi_2_a_stop_at_any_call_leaves_the_old_site_or_the_new_one() {
    let scenes = Scene::all_with(times(0, 190));
    let (tried, faults) = at_every_call(&scenes, |scene, k| {
        let disk = scene.disk.copy();
        let _ = scene.run(&disk, Plan::Stop(k));
        vec![
            scene
                .is_old_or_new(&disk)
                .and_then(|()| scene.next_run_is_clean(&disk)),
        ]
    });
    let pages = scenes[0].after.keys();
    let pages = pages.filter(|path| path.ends_with(".html")).count();
    let found = format!(" ({pages} pages)");
    tell("FI-2 stop at every call", tried, &found, &faults);
}

#[test]
fn fi_4_a_power_cut_at_any_call_leaves_the_old_site_or_the_new_one() {
    let (tried, faults) = at_every_call(&Scene::all(), |scene, k| {
        let stopped = scene.disk.copy();
        let _ = scene.run(&stopped, Plan::Stop(k));
        let after_each = LOST.iter().enumerate().map(|(number, lost)| {
            let disk = stopped.after_cut(*lost);
            scene
                .is_old_or_new(&disk)
                .map_err(|fault| format!("{lost:?} lost: {fault}"))?;
            if is_turn(k, number) {
                scene.next_run_is_clean(&disk)?;
            }
            Ok(())
        });
        after_each.collect()
    });
    tell("FI-4 power cut at every call", tried, "", &faults);
}

#[test]
fn fi_4_what_was_published_survives_a_power_cut() {
    for scene in Scene::all() {
        let disk = scene.disk.copy();
        scene.run(&disk, Plan::Nothing).0.unwrap();
        for lost in LOST {
            let disk = disk.after_cut(lost);
            assert!(files_on(&disk, OUT.as_ref()) == scene.after, "{lost:?}");
        }
    }
}

const ENOSPC: i32 = 28;
const EIO: i32 = 5;
const EACCES: i32 = 13;
const EMFILE: i32 = 24;
const EROFS: i32 = 30;
const EXDEV: i32 = 18;
const EINTR: i32 = 4;
const ERRORS: [i32; 7] = [ENOSPC, EIO, EACCES, EMFILE, EROFS, EXDEV, EINTR];

#[test]
fn fi_3_an_error_at_any_call_is_told_and_not_published() {
    let (tried, faults) = at_every_call(&Scene::all(), |scene, k| {
        let errors = ERRORS.iter().enumerate();
        let errors = errors.filter(|(number, _)| is_turn(k, *number));
        errors.map(|(_, error)| fail_at(scene, k, *error)).collect()
    });
    let found = format!(" ({} errors)", ERRORS.len());
    tell("FI-3 an error at every call", tried, &found, &faults);
}

fn fail_at(scene: &Scene, k: usize, error: i32) -> Result<(), String> {
    let disk = scene.disk.copy();
    let (done, calls) = scene.run(&disk, Plan::Fail(k, error));
    let call = &calls[k];
    let there = files_on(&disk, OUT.as_ref());
    let can_go_on = error == EINTR || (error == EXDEV && call.what == "link");
    match done {
        Ok(()) if can_go_on && there == scene.after => {}
        Ok(()) => return Err(format!("error {error} was not told")),
        Err(error) if can_go_on => return Err(format!("{error}")),
        Err(PublishError::AfterSwitch(path, _)) => {
            if there != scene.after || path.as_os_str().is_empty() {
                return Err("the new site is not in its place".to_owned());
            }
        }
        Err(told) => {
            if there != scene.before {
                return Err("the site was changed".to_owned());
            }
            let told = told.to_string();
            let names = |path: &Path| told.contains(&*path.to_string_lossy());
            if !names(&call.path) && !names(OUT.as_ref()) {
                return Err(format!("`{told}` names no path"));
            }
        }
    }
    let syncs = calls.iter().filter(|call| call.what == "sync_tree").count();
    if call.what == "sync_tree" && error != EINTR && syncs != 1 {
        return Err("a failed sync was tried again".to_owned());
    }
    scene.next_run_is_clean(&disk)
}

#[test]
fn fi_3_short_writes_lose_no_byte() {
    for scene in Scene::all() {
        let disk = scene.disk.copy();
        scene.run(&disk, Plan::Short).0.unwrap();
        assert!(files_on(&disk, OUT.as_ref()) == scene.after);
    }
}

#[test]
fn fi_3_what_the_disk_loses_while_others_are_rendered_is_told() {
    let (folder, _) = version("alt");
    let large = "x".repeat(33 * 1024 * 1024);
    put(folder.path(), "content/handbuch/bleibt.md", "[A](a.pdf)\n");
    put(folder.path(), "content/handbuch/a.pdf", &large);
    let built = pipeline::build(folder.path(), DAY).unwrap();
    for (plan, syncs) in [(Plan::Nothing, 2), (Plan::FailFirstSync(EIO), 1)] {
        let disk = Model::new();
        let trial = Trial::new(&disk, Knows::All, plan);
        let done = publish_on(&trial, OUT.as_ref(), &built);
        let calls = trial.calls();
        assert_eq!(
            calls.iter().filter(|call| call.what == "sync_tree").count(),
            syncs
        );
        assert_eq!(done.is_ok(), syncs == 2);
        assert_eq!(files_on(&disk, OUT.as_ref()).is_empty(), done.is_err());
    }
}

#[test]
fn fi_17_nothing_is_switched_before_it_is_safe_and_nothing_removed_before_the_switch_is() {
    let mut tried = 0;
    let mut faults = Vec::new();
    for scene in Scene::all() {
        let calls = scene.calls();
        let is =
            |call: &Call, what: &str, path: &str| call.what == what && call.path == Path::new(path);
        let position = |what: &str, path: &str| calls.iter().position(|call| is(call, what, path));
        let last = |names: &[&str]| calls.iter().rposition(|call| names.contains(&call.what));
        let written = last(&["create_folder", "create", "write", "link"]);
        let verified = last(&["list"]).filter(|_| scene.before.is_empty());
        let synced = calls.iter().position(|call| call.what == "sync_tree");
        let switched = match scene.knows {
            Knows::All => position("exchange", OUT).or(position("rename", OUT)),
            Knows::Little => position("rename", OUT),
        };
        let settled = calls
            .iter()
            .rposition(|call| is(call, "sync_names", PARENT));
        let removed = calls
            .iter()
            .position(|call| call.what.starts_with("remove"));
        let mut order = vec![written, verified.or(written), synced, switched, settled];
        if !scene.before.is_empty() {
            order.push(removed);
        }
        tried += 1;
        if order.iter().any(Option::is_none) || !order.is_sorted() {
            faults.push(format!("{order:?}"));
        }
    }
    tell("FI-17 order of steps", tried, "", &faults);
}

#[test]
fn p_8_nothing_is_written_outside_stage_and_output() {
    let changes = [
        "create_folder",
        "create",
        "write",
        "link",
        "set_mode",
        "rename",
        "exchange",
    ];
    let mut tried = 0;
    let mut faults = Vec::new();
    for scene in Scene::all() {
        for call in scene.calls() {
            let inside = call.path.strip_prefix(PARENT).is_ok_and(|path| {
                let path = path.to_string_lossy().into_owned();
                path == "public" || path.starts_with(".public.strang-") || path.is_empty()
            });
            if changes.contains(&call.what) || call.what.starts_with("remove") {
                tried += 1;
                if !inside {
                    faults.push(format!("{} {}", call.what, call.path.display()));
                }
            }
        }
    }
    tell("P8 writes outside stage and output", tried, "", &faults);
}

#[test]
fn no_published_file_is_opened_for_writing() {
    for scene in Scene::all() {
        let calls = scene.calls();
        let written = calls
            .iter()
            .filter(|call| matches!(call.what, "create" | "write" | "link"));
        for call in written {
            assert!(!call.path.starts_with(OUT), "{call:?}");
        }
    }
}

#[test]
fn a_disk_without_room_is_told_with_both_figures() {
    let scene = Scene::second(Knows::All);
    let disk = scene.disk.copy();
    let mebibyte = 1024 * 1024;
    let (done, calls) = scene.run(&disk, Plan::Free(64 * mebibyte + 8192));
    let Err(PublishError::Refused(_, Refusal::DiskFull, why)) = done else {
        panic!("{done:?}");
    };
    assert_eq!(
        why,
        "the site needs 65 MiB on this disk, and only 64 MiB are free"
    );
    assert!(calls.iter().all(|call| call.what != "exchange"));
    assert!(files_on(&disk, OUT.as_ref()) == scene.before);
    assert_eq!(names_in(&disk, PARENT.as_ref()), ["public"]);
}

#[test]
fn a_build_waits_a_minute_for_another_one() {
    let scene = Scene::second(Knows::All);
    let disk = scene.disk.copy();
    let (done, calls) = scene.run(&disk, Plan::Held);
    let waits = calls.iter().filter(|call| call.what == "wait").count();
    assert!(matches!(
        done,
        Err(PublishError::Refused(_, Refusal::Locked, _))
    ));
    assert_eq!(waits, 1200);
}
