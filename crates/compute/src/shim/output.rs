//! The program's three pipes and the log that they end in.

use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use super::child::Program;
use super::events::Events;
use super::input::{Input, Read};
use crate::folder::Folder;
use crate::log::{LogWriter, Splitter, Stream};
use crate::{Error, LogSummary, Progress, clock};

/// How much is read at once; also about how much a full disk lets us hold in memory.
const CHUNK: usize = 256 * 1024;

/// How long a full disk may keep the end of a log from being written, before it is given up and counted as lost.
const FULL_DISK: Duration = Duration::from_secs(600);

pub(super) struct Output {
    log: LogWriter,
    streams: Vec<(Input, Splitter)>,
    events: Option<Input>,
    said: Events,
    buffer: Vec<u8>,
    /// When the last write failed, which is when reading pauses so that memory does not grow.
    stuck: Option<Instant>,
}

impl Output {
    pub(super) fn create(folder: &Folder) -> Result<Self, Error> {
        let log = LogWriter::create(&folder.log(), &folder.log_index())
            .map_err(|e| Error::io("create the log", e))?;
        let buffer = Vec::new();
        Ok(Output { log, streams: Vec::new(), events: None, said: Events::default(), buffer, stuck: None })
    }

    pub(super) fn attach(&mut self, program: &Program) {
        let copy = |fd: &OwnedFd| fd.try_clone().ok().map(Input::new);
        let stdout = copy(&program.stdout).map(|input| (input, Splitter::new(Stream::Stdout)));
        let stderr = copy(&program.stderr).map(|input| (input, Splitter::new(Stream::Stderr)));
        self.streams = stdout.into_iter().chain(stderr).collect();
        self.events = copy(&program.events);
        self.buffer = vec![0; CHUNK];
    }

    pub(super) fn system(&mut self, text: &str) {
        self.log.system(clock::now_ms(), text);
        self.flush();
    }

    pub(super) fn progress(&mut self, progress: &Progress) {
        self.log.progress(clock::now_ms(), progress.fraction, &progress.message);
    }

    pub(super) fn take_progress(&mut self) -> Option<Progress> {
        self.said.take()
    }

    pub(super) fn has_progress(&self) -> bool {
        self.said.waiting()
    }

    /// Bytes of log so far.
    pub(super) fn bytes(&self) -> u64 {
        self.log.bytes()
    }

    /// What to wait for.
    pub(super) fn fds(&self) -> impl Iterator<Item = &OwnedFd> {
        let reading = self.stuck.is_none();
        let streams = self.streams.iter().filter(move |_| reading).filter_map(|(input, _)| input.fd());
        let events = self.events.iter().filter(move |_| reading);
        streams.chain(events.filter_map(Input::fd))
    }

    /// When to come back although nothing was read.
    pub(super) fn due(&self) -> Option<Instant> {
        let partial = self.streams.iter().filter_map(|(_, splitter)| splitter.due()).min();
        let retry = self.stuck.map(|_| Instant::now() + Duration::from_millis(100));
        [partial, retry].into_iter().flatten().min()
    }

    /// Reads once from every pipe; true if anything came.
    pub(super) fn read(&mut self) -> bool {
        if self.stuck.is_some() {
            return false;
        }
        let (time, now) = (clock::now_ms(), Instant::now());
        let mut came = self.read_events(time);
        for (input, splitter) in &mut self.streams {
            match input.read(&mut self.buffer) {
                Read::Some(n) => {
                    splitter.feed(&self.buffer[..n], time, &mut self.log);
                    came = true;
                }
                Read::Nothing => splitter.show_partial(now, time, &mut self.log),
                Read::End => {
                    splitter.finish(time, &mut self.log);
                }
            }
        }
        self.streams.retain(|(input, _)| input.fd().is_some());
        came
    }

    fn read_events(&mut self, time: i64) -> bool {
        let Some(input) = &mut self.events else {
            return false;
        };
        let Read::Some(n) = input.read(&mut self.buffer) else {
            return false;
        };
        if self.said.feed(&self.buffer[..n]) {
            self.log.system(time, "ignored what is no event on the events pipe (said once)");
        }
        true
    }

    /// Writes what is there. A full disk makes the program wait, it does not make us lose its output.
    pub(super) fn flush(&mut self) {
        if !self.log.has_unwritten() {
            return;
        }
        self.stuck = match self.log.flush() {
            Ok(()) => None,
            Err(_) => self.stuck.or_else(|| Some(Instant::now())),
        };
    }

    /// Reads to the end of the pipes, for the limited time that a stray writer may cost. Time with a full disk does
    /// not count, it has its own limit.
    pub(super) fn drain(&mut self, limit: Duration) {
        let mut begun = Instant::now();
        loop {
            if let Some(since) = self.stuck {
                if since.elapsed() > FULL_DISK {
                    break;
                }
                std::thread::sleep(Duration::from_millis(50));
                begun = Instant::now();
            } else if !self.read() || begun.elapsed() > limit {
                break;
            }
            self.flush();
        }
        self.give_up_unread();
        let time = clock::now_ms();
        for (_, splitter) in &mut self.streams {
            splitter.finish(time, &mut self.log);
        }
        self.streams.clear();
    }

    /// What is still in the pipes while the disk stays full is lost, and counted.
    fn give_up_unread(&mut self) {
        if self.stuck.is_none() {
            return;
        }
        for (input, _) in &mut self.streams {
            while let Read::Some(n) = input.read(&mut self.buffer) {
                self.log.lose(n);
            }
        }
    }

    /// Writes the last bytes and says what the log holds.
    pub(super) fn close(mut self) -> LogSummary {
        let begun = Instant::now();
        while self.log.flush().is_err() {
            if begun.elapsed() > FULL_DISK {
                self.log.abandon();
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.log.summary()
    }
}
