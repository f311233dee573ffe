//! How busy the processors of environments on managed instances are, and how many environments that asks for.

use super::Instance;
use crate::limits::MANAGED_CPU_WINDOW;
use base::Time;
use std::time::Duration;

/// What environments may use, and what part of it they should.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuTarget {
    /// Of one environment.
    pub vcpus: f64,
    /// What they should use on average, in percent of that.
    pub percent: f64,
    /// Further environments that this host has processors for. More than that would only share what there is.
    pub spare: usize,
}

/// What an environment had used at a time.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    at: Time,
    used: Duration,
}

/// What all used on average since the last look, in percent of what they may use. None: that is not long enough ago, or
/// cannot be told.
pub fn percent(instances: &mut [Instance], vcpus: f64, now: Time) -> Option<f64> {
    let (mut used_s, mut could_s) = (0.0, 0.0);
    for instance in instances {
        let Some(used) = instance.warm.environment.cpu_time() else { continue };
        let sample = Sample { at: now, used };
        match instance.sample {
            Some(last) if now < last.at + MANAGED_CPU_WINDOW => continue,
            Some(last) => {
                used_s += used.saturating_sub(last.used).as_secs_f64();
                could_s += now.since(last.at).as_secs_f64() * vcpus;
            }
            None => {}
        }
        instance.sample = Some(sample);
    }
    (could_s > 0.0).then(|| 100.0 * used_s / could_s)
}

/// How many environments there should be where `count` use `percent`: not more than twice as many at once.
pub fn wanted(count: usize, percent: f64, target: CpuTarget) -> usize {
    // A target of zero would ask for all there is.
    let ratio = percent / target.percent.max(1.0);
    if ratio <= 1.0 {
        return count;
    }
    let more = (count as f64 * (ratio.min(2.0) - 1.0)).ceil();
    count + (more as usize).min(target.spare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_bring_the_use_down_to_the_target() {
        let target = |percent, spare| CpuTarget { vcpus: 1.0, percent, spare };
        for (count, percent, aim, spare, expected) in [
            (3, 49.0, 50.0, 10, 3),
            (3, 50.0, 50.0, 10, 3),
            (3, 51.0, 50.0, 10, 4),
            (4, 75.0, 50.0, 10, 6),
            (3, 100.0, 50.0, 10, 6),
            (3, 100.0, 10.0, 10, 6),
            (3, 100.0, 0.0, 10, 6),
            (3, 100.0, 50.0, 1, 4),
            (3, 100.0, 50.0, 0, 3),
            (0, 0.0, 50.0, 10, 0),
        ] {
            assert_eq!(
                wanted(count, percent, target(aim, spare)),
                expected,
                "{count} {percent} {aim}"
            );
        }
    }
}
