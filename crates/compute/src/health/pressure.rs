//! Tells from readings which resource of a unit is short.

use std::collections::VecDeque;
use std::time::Duration;

use crate::Resources;

/// Share of the memory limit above which memory is short.
const MEMORY: f64 = 0.9;

/// Share of the processor limit above which the processor is short, over the time below.
const PROCESSOR: f64 = 0.95;

/// How long the processor must be at its limit; a start or a computation of a moment is nothing to tell.
const SUSTAINED: Duration = Duration::from_secs(30);

/// What was read of a unit at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readings {
    /// Memory in use now, bytes; none when it is not known.
    pub memory_bytes: Option<u64>,
    /// Processor time used so far, milliseconds.
    pub cpu_ms: u64,
}

/// Remembers readings and judges them against the unit's limits.
#[derive(Debug, Clone, Default)]
pub struct Pressure {
    cpu: VecDeque<(Duration, u64)>,
}

impl Pressure {
    /// Takes readings at a time of a monotonic clock; says what is short, in words.
    pub fn judge(&mut self, now: Duration, readings: Readings, limits: &Resources) -> Option<String> {
        let found = [memory(readings, limits), self.processor(now, readings, limits)];
        let found: Vec<String> = found.into_iter().flatten().collect();
        (!found.is_empty()).then(|| found.join("; "))
    }

    fn processor(&mut self, now: Duration, readings: Readings, limits: &Resources) -> Option<String> {
        if limits.cpu_millis == 0 {
            return None;
        }
        self.cpu.push_back((now, readings.cpu_ms));
        // The oldest that is kept is the youngest that is old enough.
        while self.cpu.get(1).is_some_and(|(at, _)| now.saturating_sub(*at) >= SUSTAINED) {
            self.cpu.pop_front();
        }
        let (since, before) = *self.cpu.front()?;
        let elapsed = now.saturating_sub(since);
        if elapsed < SUSTAINED {
            return None;
        }
        let cores = readings.cpu_ms.saturating_sub(before) as f64 / elapsed.as_millis() as f64;
        let limit = f64::from(limits.cpu_millis) / 1000.0;
        (cores >= limit * PROCESSOR).then(|| format!("processor: at its limit of {limit} cores"))
    }
}

fn memory(readings: Readings, limits: &Resources) -> Option<String> {
    let limit = limits.memory_mb.checked_mul(crate::limits::MB).filter(|limit| *limit > 0)?;
    let used = readings.memory_bytes?;
    let megabytes = used / crate::limits::MB;
    (used as f64 >= limit as f64 * MEMORY)
        .then(|| format!("memory: {megabytes} of {} MB used", limits.memory_mb))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Resources = Resources { cpu_millis: 1500, memory_mb: 100, storage_mb: 0, gpu: 0 };

    #[test]
    fn memory_is_short_near_its_limit() {
        let mut pressure = Pressure::default();
        let mut at = |mb: u64, limits: &Resources| {
            let readings = Readings { memory_bytes: Some(mb << 20), cpu_ms: 0 };
            pressure.judge(Duration::ZERO, readings, limits)
        };
        assert_eq!(at(89, &LIMITS), None);
        assert_eq!(at(95, &LIMITS).as_deref(), Some("memory: 95 of 100 MB used"));
        assert_eq!(at(95, &Resources::default()), None);
    }

    #[test]
    fn the_processor_is_short_after_half_a_minute_at_its_limit() {
        let mut pressure = Pressure::default();
        let mut told = Vec::new();
        for second in (0_u64..120).step_by(5) {
            // 1.5 cores until second 60, half a core after.
            let busy = second.min(60) * 1500 + second.saturating_sub(60) * 500;
            let readings = Readings { memory_bytes: None, cpu_ms: busy };
            if pressure.judge(Duration::from_secs(second), readings, &LIMITS).is_some() {
                told.push(second);
            }
        }
        assert_eq!(told, [30, 35, 40, 45, 50, 55, 60]);
    }
}
