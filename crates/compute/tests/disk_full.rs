//! A full disk makes a program wait; nothing of what it said is lost.

mod support;

use std::path::Path;
use std::process::Command;

use castalia_compute::Backend;
use castalia_compute::log::Stream;
use support::{Bench, sh, until};

/// A file system of four megabytes, unmounted in the end.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(at).output();
        mount.is_ok_and(|output| output.status.success()).then_some(SmallDisk(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test]
async fn output_waits_until_there_is_room_again() {
    let disk = tempfile::tempdir().unwrap();
    let Some(_mounted) = SmallDisk::mount(disk.path()) else {
        println!("skipped: may not mount a small file system here");
        return;
    };
    let bench = Bench::with(|config| config.units_dir = disk.path().join("units")).await;
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![0; 2_500_000]).unwrap();
    let spec = sh("full", "seq 1 30000; echo end");
    bench.backend.start(&spec).await.unwrap();
    let log = bench.backend.log_files(&spec.id).0;
    until("the disk is full", async || {
        Command::new("df").arg("--output=avail").arg(disk.path()).output().unwrap().stdout.ends_with(b" 0\n")
    })
    .await;
    let stuck = std::fs::metadata(&log).unwrap().len();
    assert!(stuck > 500_000);
    std::fs::remove_file(&ballast).unwrap();
    let exit = bench.ended(&spec.id).await;
    assert!(exit.success() && exit.log.lost_bytes == 0, "{exit:?}");
    let expected: String = (1..=30_000).map(|n| format!("{n}\n")).chain(["end\n".into()]).collect();
    assert!(bench.text(&spec.id, Stream::Stdout).await == expected);
}
