//! Random histories of the ledger, step by step beside a model of forty lines.

use crate::support::{House, STEPS, house};
use castalia_base::id::ProjectId;
use castalia_base::{Credits, Error};
use castalia_projects::ledger::{self, HoldKey};
use castalia_testkit::both_engines;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use std::collections::BTreeMap;

/// What the ledger should be: per project what it has, per run what is held or how it ended.
#[derive(Clone, Debug, Default)]
struct Model {
    balance: [i64; 2],
    keys: BTreeMap<(usize, u8), i64>,
    runs: BTreeMap<u8, Run>,
}

#[derive(Clone, Debug)]
struct Run {
    project: usize,
    held: i64,
    end: Option<(&'static str, i64)>,
}

impl Model {
    fn held(&self, project: usize) -> i64 {
        self.runs.values().filter(|r| r.project == project && r.end.is_none()).map(|r| r.held).sum()
    }

    /// Does the step, or says with which code it is refused.
    fn step(&mut self, step: &Step) -> Result<(), &'static str> {
        match *step {
            Step::TopUp { project, amount, key } => {
                match key.map(|k| (k, self.keys.get(&(project, k)).copied())) {
                    Some((_, Some(there))) if there == amount => {}
                    Some((_, Some(_))) => return Err("ledger_conflict"),
                    other => {
                        self.balance[project] += amount;
                        self.keys.extend(other.map(|(k, _)| ((project, k), amount)));
                    }
                }
            }
            Step::Adjust { project, amount } => {
                if amount < 0 && self.balance[project] - self.held(project) < -amount {
                    return Err("insufficient_credit");
                }
                self.balance[project] += amount;
            }
            Step::Hold { project, run, amount } => match self.runs.get(&run) {
                Some(there) if there.project == project && there.held == amount => {}
                Some(_) => return Err("ledger_conflict"),
                None if self.balance[project] - self.held(project) < amount => {
                    return Err("insufficient_credit");
                }
                None => drop(self.runs.insert(run, Run { project, held: amount, end: None })),
            },
            Step::Settle { run, used } => self.end(run, "debit", used)?,
            Step::Release { run } => self.end(run, "release", 0)?,
            Step::Expire { run } => self.end(run, "expire", 0)?,
        }
        Ok(())
    }

    fn end(&mut self, run: u8, kind: &'static str, used: i64) -> Result<(), &'static str> {
        let Some(there) = self.runs.get_mut(&run) else {
            return Err("no_hold");
        };
        match there.end {
            Some(end) if end == (kind, used) => return Ok(()),
            Some(_) => return Err("ledger_conflict"),
            None if used > there.held => return Err("exceeds_hold"),
            None => there.end = Some((kind, used)),
        }
        self.balance[there.project] -= used;
        Ok(())
    }
}

#[derive(Clone, Debug)]
enum Step {
    TopUp { project: usize, amount: i64, key: Option<u8> },
    Adjust { project: usize, amount: i64 },
    Hold { project: usize, run: u8, amount: i64 },
    Settle { run: u8, used: i64 },
    Release { run: u8 },
    Expire { run: u8 },
}

/// How the transaction of a step goes.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Commits,
    /// The program dies before the commit.
    Crashes,
    /// It commits, but nobody hears of it, and it is sent again.
    Replays,
}

fn steps() -> impl Strategy<Value = Vec<(Step, Fate)>> {
    let run = 0u8..6;
    // Few distinct numbers, so that covers are just enough, just too little, and replays alike.
    let amount = prop_oneof![Just(0i64), Just(100), Just(250), 0i64..400];
    let step = prop_oneof![
        2 => (0usize..2, amount.clone(), prop::option::of(0u8..2)).prop_map(|(project, amount, key)| Step::TopUp { project, amount, key }),
        1 => (0usize..2, -300i64..300).prop_map(|(project, amount)| Step::Adjust { project, amount }),
        5 => (0usize..2, run.clone(), amount.clone()).prop_map(|(project, run, amount)| Step::Hold { project, run, amount }),
        3 => (run.clone(), amount).prop_map(|(run, used)| Step::Settle { run, used }),
        2 => run.clone().prop_map(|run| Step::Release { run }),
        1 => run.prop_map(|run| Step::Expire { run }),
    ];
    let fate = prop_oneof![4 => Just(Fate::Commits), 1 => Just(Fate::Crashes), 2 => Just(Fate::Replays)];
    prop::collection::vec((step, fate), 1..25)
}

struct Case<'a> {
    house: &'a House,
    projects: [ProjectId; 2],
    number: usize,
}

impl Case<'_> {
    fn key(&self, run: u8) -> HoldKey {
        HoldKey::new(format!("case{}-{run}", self.number), 1, 1)
    }

    async fn send(&self, step: &Step, commit: bool) -> Result<(), Error> {
        let ctx = self.house.system();
        let mut tx = self.house.begin().await;
        match *step {
            Step::TopUp { project, amount, key } => {
                let key = key.map(|k| k.to_string());
                ledger::topup(
                    &mut tx,
                    &ctx,
                    &self.projects[project],
                    Credits(amount),
                    "test",
                    key.as_deref(),
                )
                .await?;
            }
            Step::Adjust { project, amount } => {
                ledger::adjust(&mut tx, &ctx, &self.projects[project], Credits(amount), "test", None).await?;
            }
            Step::Hold { project, run, amount } => {
                ledger::hold(
                    &mut tx,
                    &ctx,
                    &self.projects[project],
                    &self.key(run),
                    "spectrum",
                    Credits(amount),
                )
                .await?;
            }
            Step::Settle { run, used } => {
                ledger::settle(&mut tx, &ctx, &self.key(run), Credits(used), json!({})).await?
            }
            Step::Release { run } => ledger::release(&mut tx, &ctx, &self.key(run), "test").await?,
            Step::Expire { run } => ledger::expire(&mut tx, &ctx, &self.key(run), "test").await?,
        }
        if commit { tx.commit().await } else { Ok(()) }
    }

    async fn check(&self, model: &Model) {
        for (project, id) in self.projects.iter().enumerate() {
            let is = ledger::summary(&mut self.house.db.read(), id).await.expect("reads");
            assert_eq!((is.balance.0, is.held.0), (model.balance[project], model.held(project)));
            assert_eq!(is.available.0, model.balance[project] - model.held(project));
            let open = ledger::open_holds(&mut self.house.db.read(), Some(id)).await.expect("reads");
            assert_eq!(
                open.len(),
                model.runs.values().filter(|r| r.project == project && r.end.is_none()).count()
            );
        }
        self.house.assert_sound().await;
    }

    async fn run(&self, history: &[(Step, Fate)]) {
        let mut model = Model::default();
        for (step, fate) in history {
            let before = model.clone();
            let expected = model.step(step);
            let sent = self.send(step, !matches!(fate, Fate::Crashes)).await.map_err(|e| e.code());
            assert_eq!(sent, expected, "{step:?} on {before:?}");
            // What a step without a key does twice is twice; the others must not notice.
            let keyed = !matches!(step, Step::TopUp { key: None, .. } | Step::Adjust { .. });
            match fate {
                Fate::Crashes => model = before,
                Fate::Replays if keyed => {
                    assert_eq!(
                        self.send(step, true).await.map_err(|e| e.code()),
                        expected,
                        "again: {step:?}"
                    );
                }
                Fate::Replays | Fate::Commits => {}
            }
            self.check(&model).await;
        }
    }
}

both_engines!(the_ledger_does_what_the_model_does, STEPS, |db| async move {
    let house = house(db).await;
    let number = std::sync::atomic::AtomicUsize::new(0);
    let mut runner = TestRunner::new(Config {
        cases: 32,
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Config::default()
    });
    let handle = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&steps(), |history| {
            let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            handle.block_on(async {
                let one = house.project(&format!("case-{number}-a"), 0).await.id;
                let two = house.project(&format!("case-{number}-b"), 0).await.id;
                Case { house: &house, projects: [one, two], number }.run(&history).await;
            });
            Ok(())
        })
    });
    outcome.expect("every history");
});
