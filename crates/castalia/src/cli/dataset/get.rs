//! `dataset get`: a download that goes on after a break and is checked before it counts.

use crate::cli::app::{App, number, text};
use crate::cli::client::Client;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::patience::Patience;
use indicatif::ProgressBar;
use reqwest::header::RANGE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Downloads a dataset.
pub(super) async fn run(app: &App, id: &str, output: Option<PathBuf>) -> Result<(), Failure> {
    let client = app.client()?;
    let dataset = client.get(&["datasets", id], &[]).await?;
    let size = number(&dataset, "size");
    let bar = app.out.bytes_bar(text(&dataset, "name"), Some(size));
    let download =
        Download { app, client: &client, id, size, sha256: text(&dataset, "sha256"), bar: bar.clone() };
    if output.as_deref() == Some(Path::new("-")) {
        let result = download.to_stdout().await;
        bar.finish_and_clear();
        return result;
    }
    let target = target(output, text(&dataset, "name"), id);
    let result = download.to_file(&target).await;
    bar.finish_and_clear();
    result?;
    if app.out.json {
        return app.out.value(&report(&dataset, &target));
    }
    app.out.note(&format!("wrote {} ({})", target.display(), format::size(size)));
    Ok(())
}

fn report(dataset: &Value, target: &Path) -> Value {
    json!({"id": dataset["id"], "file": target.to_string_lossy(), "size": dataset["size"], "sha256": dataset["sha256"]})
}

/// Where it goes. The dataset's own name never leads out of the folder.
fn target(output: Option<PathBuf>, name: &str, id: &str) -> PathBuf {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let own = if matches!(last, "" | "." | "..") || last.chars().any(char::is_control) { id } else { last };
    match output {
        Some(folder) if folder.is_dir() => folder.join(own),
        Some(file) => file,
        None => PathBuf::from(own),
    }
}

struct Download<'a> {
    app: &'a App,
    client: &'a Client,
    id: &'a str,
    size: u64,
    sha256: &'a str,
    bar: ProgressBar,
}

/// Where bytes go, and what has gone there so far.
struct Sink<W> {
    to: W,
    path: PathBuf,
    digest: Sha256,
    done: u64,
}

impl<W: Write> Sink<W> {
    fn take(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).map_err(|error| match self.path.as_os_str().is_empty() {
            true => Failure::from(error),
            false => Failure::file("write", &self.path, &error),
        })?;
        self.digest.update(bytes);
        self.done += bytes.len() as u64;
        Ok(())
    }
}

impl Download<'_> {
    async fn to_stdout(&self) -> Result<(), Failure> {
        let mut sink =
            Sink { to: std::io::stdout().lock(), path: PathBuf::new(), digest: Sha256::new(), done: 0 };
        self.fetch(&mut sink, |_| {
            Err(Failure::Here("the server began anew in the middle; start again".into()))
        })
        .await?;
        sink.to.flush()?;
        self.check(sink.digest, sink.done)
    }

    async fn to_file(&self, target: &Path) -> Result<(), Failure> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let part = PathBuf::from(name);
        let failed = |error: std::io::Error| Failure::file("write", &part, &error);
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&part)
            .map_err(failed)?;
        if let Err(std::fs::TryLockError::WouldBlock) = file.try_lock() {
            return Err(Failure::Here(format!(
                "another download writes {}; wait for it or choose another file",
                part.display()
            )));
        }
        let mut sink = Sink { to: file, path: part.clone(), digest: Sha256::new(), done: 0 };
        resume(&mut sink, self.size).map_err(failed)?;
        let resumed = sink.done > 0;
        if resumed && sink.done < self.size {
            self.app.out.note(&format!("going on after {}", format::size(sink.done)));
        }
        let mut checked = self.fill(&mut sink).await?;
        if resumed && checked.is_err() {
            self.app.out.note("what was there before belongs to something else; beginning anew");
            restart(&mut sink).map_err(failed)?;
            checked = self.fill(&mut sink).await?;
        }
        if checked.is_err() {
            // Going on with wrong bytes would never end well.
            let _ = std::fs::remove_file(&part);
        }
        checked?;
        std::fs::rename(&part, target).map_err(|error| Failure::file("write", target, &error))
    }

    /// Brings what is missing to the disk, and says whether it is the right thing.
    async fn fill(&self, sink: &mut Sink<File>) -> Result<Result<(), Failure>, Failure> {
        let failed = |path: &Path, error: std::io::Error| Failure::file("write", path, &error);
        self.fetch(sink, |sink| restart(sink).map_err(|error| failed(&sink.path, error))).await?;
        sink.to.sync_all().map_err(|error| failed(&sink.path, error))?;
        Ok(self.check(sink.digest.clone(), sink.done))
    }

    /// Asks for what is missing until it is all there. `anew` is called when the server sends the whole again.
    async fn fetch<W: Write>(
        &self,
        sink: &mut Sink<W>,
        anew: impl Fn(&mut Sink<W>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut patience = Patience::new(self.app.out);
        self.bar.set_position(sink.done);
        while sink.done < self.size {
            let before = sink.done;
            if let Err(failure) = self.stream(sink, &anew, &mut patience).await {
                patience.bear(failure).await?;
            } else if sink.done == before {
                return Err(Failure::Work(format!(
                    "{} ended after {} of {} bytes; get it again",
                    self.id, sink.done, self.size
                )));
            }
        }
        Ok(())
    }

    async fn stream<W: Write>(
        &self,
        sink: &mut Sink<W>,
        anew: impl Fn(&mut Sink<W>) -> Result<(), Failure>,
        patience: &mut Patience,
    ) -> Result<(), Failure> {
        let mut request = self.client.request(Method::GET, &["datasets", self.id, "content"], &[])?;
        if sink.done > 0 {
            request = request.header(RANGE, format!("bytes={}-", sink.done));
        }
        let mut response = self.client.open(request).await?;
        patience.relax();
        if sink.done > 0 && response.status() != StatusCode::PARTIAL_CONTENT {
            anew(sink)?;
            self.bar.set_position(0);
        }
        while let Some(bytes) = response.chunk().await.map_err(|error| self.client.unreachable(&error))? {
            sink.take(&bytes)?;
            self.bar.inc(bytes.len() as u64);
        }
        Ok(())
    }

    fn check(&self, digest: Sha256, done: u64) -> Result<(), Failure> {
        let found = hex::encode(digest.finalize());
        if done == self.size && (self.sha256.is_empty() || found == self.sha256) {
            return Ok(());
        }
        let wrong = format!(
            "what came of {} is not what was stored ({done} bytes, SHA-256 {found}); get it again",
            self.id
        );
        Err(Failure::Work(wrong))
    }
}

/// Reads what is there already; more than there can be is thrown away.
fn resume(sink: &mut Sink<File>, size: u64) -> std::io::Result<()> {
    if sink.to.metadata()?.len() > size {
        return restart(sink);
    }
    let mut buffer = vec![0; 1 << 20];
    loop {
        match sink.to.read(&mut buffer)? {
            0 => return Ok(()),
            n => {
                sink.digest.update(&buffer[..n]);
                sink.done += n as u64;
            }
        }
    }
}

fn restart(sink: &mut Sink<File>) -> std::io::Result<()> {
    sink.to.set_len(0)?;
    sink.to.rewind()?;
    sink.digest = Sha256::new();
    sink.done = 0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_the_server_stay_in_the_folder() {
        let here = |name: &str| target(None, name, "ds_1");
        assert_eq!(here("spectrum.csv"), Path::new("spectrum.csv"));
        assert_eq!(here("deep/er/x.csv"), Path::new("x.csv"));
        assert_eq!(here("../../etc/passwd"), Path::new("passwd"));
        for odd in ["..", "a/..", "", "a/", "\u{1b}[2J"] {
            assert_eq!(here(odd), Path::new("ds_1"), "{odd}");
        }
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(target(Some(folder.path().into()), "a", "ds_1"), folder.path().join("a"));
    }

    #[test]
    fn what_has_come_counts_unless_it_is_too_much() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("x.part");
        std::fs::write(&path, "hello").expect("writes");
        let sink = || Sink {
            to: File::options().read(true).write(true).open(&path).expect("opens"),
            path: path.clone(),
            digest: Sha256::new(),
            done: 0,
        };
        let mut some = sink();
        resume(&mut some, 10).expect("reads");
        assert_eq!(some.done, 5);
        some.take(b"world").expect("writes");
        assert_eq!(std::fs::read(&path).expect("reads"), b"helloworld");
        let mut none = sink();
        resume(&mut none, 3).expect("starts anew");
        assert_eq!((none.done, std::fs::read(&path).expect("reads").len()), (0, 0));
    }
}
