//! The rows for people.

use std::fmt::Write as _;

use crate::Row;
use crate::boot::odds;
use crate::verdict::{Score, Times};

const HEADS: [&str; 10] = [
    "",
    "success",
    "of all boots",
    "false kills",
    "too early",
    "healthy after start\np50 / p95 / p99",
    "seen after ready\np50 / p95 / p99",
    "crash seen after\np50 / max (missed)",
    "hang seen after\np50 / max (missed)",
    "reported",
];

/// What the notes of the system that came before report.
fn reported(row: &str, service: usize) -> &'static str {
    match (row, service) {
        ("Before", 0) => "~30 %, failed",
        ("Before", 1) => "~60 %, 60–180 s",
        ("After", 0) => "~95 %, 45–60 s",
        ("After", 1) => "~95 %, 45–75 s",
        ("Before" | "After", 2) => "~95 %, 60–120 s",
        _ => "",
    }
}

/// The goals: 99.9 % success, no false kill, half of the boots seen within a second of their readiness.
pub(crate) fn met(score: &Score) -> bool {
    score.success() >= 0.999
        && score.false_kills == 0
        && score.seen_after.percentile(50.0).is_some_and(|median| median < 1.0)
}

/// The table and how it came about.
pub(crate) fn render(rows: &[Row; 3], boots: u64, seed: u64) -> String {
    let mut lines = vec![HEADS.map(|h| h.split('\n').next().unwrap_or_default().to_owned())];
    lines.push(HEADS.map(|h| h.split('\n').nth(1).unwrap_or_default().to_owned()));
    for row in rows {
        lines.push(cells(row.name.to_owned(), &row.all, ""));
        for (i, service) in ["chat", "ide", "lab"].iter().enumerate() {
            lines.push(cells(format!("  {service}"), &row.services[i], reported(row.name, i)));
        }
    }
    let mut text = format!("{boots} boots, seed {seed}\n\n");
    let widths: Vec<usize> = (0..HEADS.len())
        .map(|column| lines.iter().map(|cells| cells[column].chars().count()).max().unwrap_or(0))
        .collect();
    for line in &lines {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    let verdict = if met(&rows[2].all) { "met" } else { "NOT MET" };
    let _ = writeln!(
        text,
        "\ngoal      success ≥ 99.9 %, no false kill, half of the boots seen within 1 s of readiness: {verdict}"
    );
    text.push_str(&how());
    text
}

fn cells(name: String, score: &Score, reported: &str) -> [String; 10] {
    [
        name,
        percent(score.success()),
        percent(score.success_of_all()),
        score.false_kills.to_string(),
        score.early.to_string(),
        times(&score.healthy_after, &[50.0, 95.0, 99.0]),
        times(&score.seen_after, &[50.0, 95.0, 99.0]),
        format!("{} ({})", times(&score.crash_seen_after, &[50.0, 100.0]), score.crashes_missed),
        format!("{} ({})", times(&score.hang_seen_after, &[50.0, 100.0]), score.hangs_missed),
        reported.to_owned(),
    ]
}

fn percent(share: f64) -> String {
    // Rounded down, so that one failure in ten thousand does not read as none.
    format!("{:.2} %", (share * 10_000.0).floor() / 100.0)
}

fn times(times: &Times, percents: &[f64]) -> String {
    let figure = |p: &f64| times.percentile(*p).map_or("–".into(), |t| format!("{t:.2}"));
    let figures: Vec<String> = percents.iter().map(figure).collect();
    if figures.iter().all(|f| f == "–") { "–".into() } else { format!("{} s", figures.join(" / ")) }
}

fn how() -> String {
    let share = |s: f64| format!("{:.1} %", s * 100.0);
    format!(
        "success   of the boots that get ready if they are left alone: announced as ready and never ended while well.\n\
         \u{20}         `of all boots` counts those that crash or hang by themselves as lost, too. An unhealthy service is ended.\n\
         starts    the steps of the notes, uniform: chat 25–40 s, ide 28–45 s, lab 40–65 s; {} have a slow mount\n\
         \u{20}         (30 s + exponential, mean {} s), {} a slow machine (× 1.5–3), {} answer 503 for 1–5 s first,\n\
         \u{20}         {} swallow requests for up to 1 s after they listen\n\
         running   half an hour each; a try is lost with {}; a disturbance every {} s in the mean, median 8 s, at most 90 s;\n\
         \u{20}         {} crash and {} hang while starting, {} and {} later; whoever judges is held up once in {}\n\
         Before    chat asks a port on which nobody listens; crashed containers are never noticed (the unreachable branch)\n\
         After     crashes are noticed when the hub asks, every 30 s; `curl` without -f takes a 503 for health (too early)\n\
         Castalia  the definitions of After, with what they depend on (storage, data-agent), and learnt start periods\n",
        share(odds::SLOW_MOUNT.0),
        odds::SLOW_MOUNT.1,
        share(odds::SLOW_MACHINE),
        share(odds::EARLY_ERRORS),
        share(odds::SWALLOWS),
        share(odds::LOST_TRY),
        odds::DISTURBED_EVERY,
        share(odds::CRASH.0),
        share(odds::HANG.0),
        share(odds::CRASH.1),
        share(odds::HANG.1),
        share(odds::JUDGE_PAUSED),
    )
}
