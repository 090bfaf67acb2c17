//! Ten thousand starts of three services in virtual time, each judged three times: by the numbers of the system that
//! came before, by those after its tuning, and by Castalia. The same seed gives the same table.
//!
//! `castalia-health-simulation [--boots N] [--seed N] [--mount-inside] [--json]`
//!
//! `castalia-health-simulation --real [--json]` measures the same judge on real processes and sockets.

mod boot;
mod classic;
mod draw;
mod modern;
mod real;
mod service;
mod table;
mod verdict;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use boot::{Boot, Service};
use castalia_compute::health::StartPeriods;
use classic::Generation;
use draw::Draw;
use verdict::Score;

/// One judge's rows: all services together, then each.
#[derive(Clone, Debug, Default, serde::Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) all: Score,
    pub(crate) services: [Score; 3],
}

impl Row {
    fn add(&mut self, service: usize, boot: &Boot, verdict: &verdict::Verdict) {
        self.all.add(boot, verdict);
        self.services[service].add(boot, verdict);
    }
}

/// Runs everything. `inside`: the program of Castalia's rows mounts its storage itself, as that of the others does.
pub(crate) fn simulate(boots: u64, seed: u64, inside: bool) -> [Row; 3] {
    let mut rows = ["Before", "After", "Castalia"].map(|name| Row { name, ..Row::default() });
    let mut learnt: [StartPeriods; 3] = Default::default();
    for index in 0..boots {
        let service = (index % 3) as usize;
        let boot = Boot::draw(Service::ALL[service], &mut Draw::new(seed, index * 4));
        let tries = |stream: u64| Draw::new(seed, index * 4 + stream);
        rows[0].add(service, &boot, &classic::judge(&boot, Generation::Before, &mut tries(1)));
        rows[1].add(service, &boot, &classic::judge(&boot, Generation::After, &mut tries(2)));
        rows[2].add(service, &boot, &modern::judge(&boot, &mut learnt[service], inside, &mut tries(3)));
    }
    rows
}

struct Arguments {
    boots: u64,
    seed: u64,
    inside: bool,
    real: bool,
    json: bool,
}

fn arguments() -> Result<Arguments> {
    let mut given = Arguments { boots: 10_000, seed: 20_251_013, inside: false, real: false, json: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut number = || -> Result<u64> {
            let text = words.next().with_context(|| format!("{word} needs a number"))?;
            text.parse().with_context(|| format!("{text:?} is no number"))
        };
        match word.as_str() {
            "--boots" => given.boots = number()?,
            "--seed" => given.seed = number()?,
            "--mount-inside" => given.inside = true,
            "--real" => given.real = true,
            "--json" => given.json = true,
            other => {
                bail!(
                    "`{other}` is not known; there are --boots N, --seed N, --mount-inside, --real and --json"
                )
            }
        }
    }
    Ok(given)
}

fn main() -> Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["shim", folder] => {
            let code = castalia_compute::shim::main(std::path::Path::new(folder));
            return Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)));
        }
        ["serve", words @ ..] => return service::main(words).map(|()| ExitCode::SUCCESS),
        _ => {}
    }
    let Arguments { boots, seed, inside, real, json } = arguments()?;
    if real {
        return real::main(seed, json);
    }
    let rows = simulate(boots, seed, inside);
    if json {
        println!("{}", serde_json::to_string_pretty(&serde_json::json!({"seed": seed, "rows": rows}))?);
    } else {
        print!("{}", table::render(&rows, boots, seed));
    }
    Ok(if table::met(&rows[2].all) { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goals_are_met_and_the_numbers_of_before_do_not_meet_them() {
        let [before, after, castalia] = simulate(3_000, 7, false);
        assert!(table::met(&castalia.all), "{:#?}", serde_json::to_value(&castalia.all));
        assert_eq!((castalia.all.hangs_missed, castalia.all.crashes_missed, castalia.all.early), (0, 0, 0));
        assert!(!table::met(&before.all) && !table::met(&after.all));
        assert!(before.all.success() < after.all.success() && after.all.success() < 0.999);
    }

    #[test]
    fn the_same_seed_gives_the_same_table() {
        let render = |seed| table::render(&simulate(300, seed, false), 300, seed);
        assert_eq!(render(1), render(1));
        assert_ne!(render(1), render(2));
    }
}
