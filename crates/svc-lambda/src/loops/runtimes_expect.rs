//! Once, when the server starts: the engine learns which functions there are, so that sandboxes wait for them as they did
//! before.

use crate::Lambda;
use crate::limits::EXPECTED_MEMORY_SIZES_MAX;
use crate::tables::{FUNCTIONS, StateRecord};
use std::collections::HashMap;
use std::sync::Arc;
use store::Prefix;

/// Functions read at once.
const BATCH: usize = 500;

/// Tells the engine; what cannot be read is logged.
pub(crate) async fn run(lambda: Arc<Lambda>) {
    match counted(&lambda).await {
        Ok(counted) => {
            for (runtime, memory_mib) in commonest(counted) {
                lambda.deps.engine.expect_runtime(&runtime, memory_mib);
            }
        }
        Err(error) => tracing::warn!(%error, "no sandboxes are made ahead for functions of before"),
    }
}

/// How many functions have each runtime and memory size.
async fn counted(lambda: &Lambda) -> Result<HashMap<(String, u32), usize>, store::Error> {
    let mut counted = HashMap::new();
    let mut last = None;
    loop {
        let page = lambda.deps.store.view(|view| {
            let range = match &last {
                Some(last) => Prefix::all().after(last),
                None => Prefix::all(),
            };
            view.scan(&FUNCTIONS, range, BATCH)
        });
        let page = page.await?;
        let more = page.len() == BATCH;
        for (key, function) in page {
            if function.latest.state == StateRecord::Active {
                let configuration = function.latest.configuration;
                let kind = (configuration.runtime, configuration.memory_mib);
                *counted.entry(kind).or_default() += 1;
            }
            last = Some(key);
        }
        if !more {
            return Ok(counted);
        }
    }
}

/// Of each runtime the memory sizes that most functions have, as many as sandboxes wait for.
fn commonest(counted: HashMap<(String, u32), usize>) -> Vec<(String, u32)> {
    let mut kinds: Vec<_> = counted.into_iter().collect();
    kinds.sort_by(|(kind, count), (other, fewer)| fewer.cmp(count).then_with(|| kind.cmp(other)));
    let mut sizes: HashMap<String, usize> = HashMap::new();
    kinds.retain(|((runtime, _), _)| {
        let sizes = sizes.entry(runtime.clone()).or_default();
        *sizes += 1;
        *sizes <= EXPECTED_MEMORY_SIZES_MAX
    });
    kinds.into_iter().map(|(kind, _)| kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_functions_come_first_and_rare_sizes_not_at_all() {
        let counted = [("java17", 512, 3), ("python3.12", 128, 9), ("java17", 256, 3)];
        let rare = (0..5).map(|n| ("java17", 1_000 + n, 1));
        let counted = counted.into_iter().chain(rare);
        let counted =
            counted.map(|(runtime, memory, count)| ((runtime.to_string(), memory), count));
        let expected = [
            ("python3.12", 128),
            ("java17", 256),
            ("java17", 512),
            ("java17", 1_000),
            ("java17", 1_001),
        ];
        let expected = expected.map(|(runtime, memory)| (runtime.to_string(), memory));
        assert_eq!(commonest(counted.collect()), expected);
    }
}
