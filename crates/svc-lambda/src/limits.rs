//! Every quota of this service. Unless another source is named:
//! <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.

use base::{GIB, KIB, MIB};
use std::time::Duration;

/// Longest function name in characters, as `CreateFunction` refuses longer ones (recorded).
pub const FUNCTION_NAME_CHARS_MAX: usize = 64;
/// Memory of a function in MiB.
pub const MEMORY_MIB: std::ops::RangeInclusive<i32> = 128..=10_240;
/// Memory of a function that says nothing, in MiB.
pub const MEMORY_MIB_DEFAULT: i32 = 128;
/// Longest run of a function in seconds.
pub const TIMEOUT_S_MAX: i32 = 900;
/// Timeout of a function that says nothing, in seconds.
pub const TIMEOUT_S_DEFAULT: i32 = 3;
/// Size of `/tmp` in MiB.
pub const EPHEMERAL_STORAGE_MIB: std::ops::RangeInclusive<i32> = 512..=10_240;
/// Size of `/tmp` of a function that says nothing, in MiB.
pub const EPHEMERAL_STORAGE_MIB_DEFAULT: i32 = 512;
/// Capacity providers of an account in a region.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-quotas.html>
pub const CAPACITY_PROVIDERS_MAX: usize = 1_000;
/// Versions of functions on one capacity provider. The same page.
pub const CAPACITY_PROVIDER_VERSIONS_MAX: usize = 100;
/// vCPUs of a capacity provider of which nobody said how many. Not documented; observed.
pub const CAPACITY_PROVIDER_VCPUS_DEFAULT: u32 = 400;
/// Memory of a function on managed instances that says nothing, and the least that it may have, in MiB.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html>
pub const MANAGED_MEMORY_MIB_MIN: u32 = 2_048;
/// GiB of memory for each vCPU of a function on managed instances that says nothing.
pub const MANAGED_MEMORY_GIB_PER_VCPU_DEFAULT: f64 = 2.0;
/// Most invocations of an environment at once, for each of its vCPUs. The page about scaling.
pub const MANAGED_CONCURRENCY_PER_VCPU_MAX: u32 = 64;
/// Environments of a version on managed instances, if nobody says how many. The page about scaling.
pub const MANAGED_ENVIRONMENTS_MIN_DEFAULT: u32 = 3;
/// How long an invocation waits for a worker before it is throttled: AWS's router asks other environments meanwhile, and a
/// worker that has answered asks for more within this time.
pub const MANAGED_WORKER_WAIT: Duration = Duration::from_millis(100);
/// The same while fewer invocations are under way than there may be: workers are still being initialized, or busy with what
/// nobody waits for any more.
pub const MANAGED_WORKER_WAIT_BELOW_MAX: Duration = Duration::from_secs(5);
/// The same while a version that is active has no environment, as after a restart of this host.
pub const MANAGED_ENVIRONMENT_WAIT: Duration = Duration::from_secs(30);
/// An environment beyond the least number is ended when all could do without it for this time. AWS: gradually.
pub const MANAGED_IDLE_MAX: Duration = Duration::from_secs(120);
/// What environments on managed instances should use of their processors on average, in percent, where the capacity
/// provider names no target: AWS keeps room for twice the traffic. The page about scaling.
pub const MANAGED_CPU_PERCENT_DEFAULT: f64 = 50.0;
/// Time over which that is measured. Not AWS's.
pub const MANAGED_CPU_WINDOW: Duration = Duration::from_secs(5);
/// How often environments on managed instances are looked at, if nothing happens.
pub const MANAGED_PERIOD: Duration = Duration::from_secs(10);
/// Environments that nobody wants any more stay for this time: for invocations that were on their way to them.
pub const MANAGED_GRACE: Duration = Duration::from_secs(1);
/// Wait before an environment is started anew after one could not be initialized.
pub const MANAGED_RETRY: Duration = Duration::from_secs(5);
/// Environments of one version that are started at once. Not AWS's.
pub const MANAGED_STARTS_MAX: usize = 4;
/// Environment variables in bytes, measured as the JSON object of all of them.
pub const ENVIRONMENT_BYTES_MAX: usize = 4 * KIB as usize;
/// Tags of one function. <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>
pub const TAGS_MAX: usize = 50;
/// A zip archive in the request, in bytes.
pub const ZIPPED_BYTES_MAX: u64 = 50 * MIB;
/// A `CreateFunction` or `UpdateFunctionCode` request in bytes: the archive in Base64 and the rest (recorded).
pub const REQUEST_BYTES_MAX: u64 = 70_167_211;
/// All files of a package, in bytes.
pub const UNZIPPED_BYTES_MAX: u64 = 262_144_000;

/// Archives from buckets that are in memory at a time, each of at most [`UNZIPPED_BYTES_MAX`]. Ours: AWS has no such limit.
pub const FETCHING_MAX: usize = 2;
/// Files and directories of a package. Not AWS's: bounds what one package costs the file system.
pub const PACKAGE_ENTRIES_MAX: usize = 100_000;
/// Bytes of one path in a package. Not AWS's: Linux's own limit, less what stands before `/var/task`.
pub const PACKAGE_PATH_BYTES_MAX: usize = 3_584;
/// Packages that are unpacked at once. Not AWS's: each holds up to [`ZIPPED_BYTES_MAX`] in memory.
pub const UNPACKING_MAX: usize = 2;
/// Layers of one function.
pub const LAYERS_MAX: usize = 5;
/// Storage for all packages and layers of an account in a region, in bytes.
pub const CODE_STORAGE_BYTES_MAX: u64 = 75 * GIB;
/// Concurrent executions of an account in a region, unless the operator grants more.
pub const CONCURRENT_EXECUTIONS: u32 = 1_000;
/// Concurrency that reservations must leave to functions without one.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html>
pub const UNRESERVED_CONCURRENCY_MIN: u32 = 100;
/// How often a function runs in one chain of requests before it is stopped: "approximately 16 times".
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
pub const RECURSIVE_INVOCATIONS_MAX: u32 = 16;
/// Event and answer of a synchronous invocation, in bytes.
pub const PAYLOAD_BYTES_MAX: usize = 6 * MIB as usize;
/// What the error about a larger answer says (recorded).
pub const RESPONSE_BYTES_MAX_TOLD: usize = PAYLOAD_BYTES_MAX + 100;
/// Streamed answer, in bytes. AWS slows it down to 2 MB/s after the first 6 MB, which spares AWS's network: here the way
/// is as fast as the client reads. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const STREAMED_BYTES_MAX: u64 = 200 * MIB;
/// Bytes of each streamed answer that cost nothing. <https://aws.amazon.com/lambda/pricing/>
pub const STREAMED_BYTES_FREE: u64 = 6 * MIB;
/// Bytes of an asynchronous event that are billed as one request, and as each further one.
/// <https://aws.amazon.com/lambda/pricing/>
pub const ASYNC_REQUEST_BYTES: u64 = 256 * KIB;
/// See [`ASYNC_REQUEST_BYTES`].
pub const ASYNC_FURTHER_REQUEST_BYTES: u64 = 64 * KIB;
/// Pieces of a streamed answer that wait for their reader, each at most 256 KiB: when there are as many, the function has
/// to wait.
pub const STREAMED_PIECES_WAITING_MAX: usize = 4;
/// Bytes of one `PayloadChunk` where the answer was not streamed.
pub const PAYLOAD_CHUNK_BYTES_MAX: usize = 256 * KIB as usize;
/// Characters of the id in a function's URL. Not documented; observed.
pub const URL_ID_CHARS: usize = 32;
/// The characters themselves: those of host names that are told apart without regard to case.
pub const URL_ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The beginning of a streamed answer that tells status and headers, in bytes. Not AWS's: it is kept until it is whole.
pub const PRELUDE_BYTES_MAX: usize = 256 * KIB as usize;
/// Event of an asynchronous invocation, in bytes.
pub const ASYNC_PAYLOAD_BYTES_MAX: usize = MIB as usize;
/// Larger events of asynchronous invocations are kept in `blobs`, so that rows stay small.
pub const ASYNC_PAYLOAD_INLINE_BYTES_MAX: usize = 200 * KIB as usize;
/// Client context in bytes, after Base64 is decoded.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
pub const CLIENT_CONTEXT_BYTES_MAX: usize = 3_583;
/// The end of the log that `LogType=Tail` returns, in bytes.
pub const LOG_TAIL_BYTES: usize = 4 * KIB as usize;
/// Resource policy of a function in bytes.
pub const POLICY_BYTES_MAX: usize = 20 * KIB as usize;
/// Versions that an alias shares its traffic with, besides its own (recorded).
pub const ALIAS_ADDITIONAL_VERSIONS_MAX: usize = 1;
/// Elements of a page, where the caller asks for no number.
pub const PAGE_DEFAULT: usize = 50;
/// Longest list that one page returns.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html>
pub const PAGE_MAX: usize = 50;

/// How long initialization may take before it is stopped and tried once more within the invocation.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// Life of the role session that an environment is given. Not documented; observed 12 h.
pub const CREDENTIALS_LIFETIME: Duration = Duration::from_secs(12 * 3_600);
/// An environment whose credentials end sooner than its invocation could, and this much more, takes no further ones.
pub const CREDENTIALS_MARGIN: Duration = Duration::from_secs(300);
/// An environment without work is ended after this time. Not documented; observed 5 to 15 minutes.
pub const IDLE_MAX: Duration = Duration::from_secs(600);
/// Environments without work that are kept. Not AWS's: bounds this host's processes.
pub const IDLE_ENVIRONMENTS_MAX: usize = 2_000;
/// Requests each second for each unit of concurrency, of an account and of functions with reserved concurrency.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html#calculating-concurrency>
pub const REQUESTS_PER_CONCURRENCY: u32 = 10;
/// Environments that a function may start on demand in [`SCALING_PERIOD`].
/// <https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html>
pub const SCALING_ENVIRONMENTS: u32 = 1_000;
/// See [`SCALING_ENVIRONMENTS`].
pub const SCALING_PERIOD: Duration = Duration::from_secs(10);
/// What the `Retry-After` of a throttled request says, in seconds.
pub const RETRY_AFTER_S: u32 = 1;
/// Environments that are started at once. Not AWS's: leaves CPU to what runs.
pub const STARTS_MAX: usize = 16;
/// Starts that wait, of all functions. Not AWS's: bounds memory.
pub const STARTS_WAITING_MAX: usize = 10_000;
/// A start holds its place for this time at most: one that takes longer waits for something else than CPU.
pub const START_HOLD_MAX: Duration = Duration::from_millis(500);
/// Memory that an environment is expected to use before one of its function has run, in bytes. Not AWS's.
pub const ENVIRONMENT_MEMORY_BYTES_DEFAULT: u64 = 48 * MIB;
/// How long a provisioned environment may initialize, or the function's timeout where that is longer.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub const PROVISIONED_INIT_TIMEOUT: Duration = Duration::from_secs(130);
/// Snapshots that are kept; the least recently used goes first and is made anew when it is wanted. Not AWS's: each takes
/// the memory of an initialized function.
pub const SNAPSHOTS_MAX: usize = 64;
/// What a snapshot is billed for at least, and then in blocks of; the blocks are not AWS's, which bills seconds.
/// <https://aws.amazon.com/lambda/pricing/>
pub const SNAPSHOT_BILLED_MIN: Duration = Duration::from_secs(3 * 3_600);
/// See [`SNAPSHOT_BILLED_MIN`].
pub const SNAPSHOT_BLOCK: Duration = Duration::from_secs(3_600);
/// Snapshots that one transaction puts on the bill.
pub const SNAPSHOTS_BILLED_AT_ONCE: usize = 500;
/// MiB of ephemeral storage that a function with SnapStart may have.
/// <https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html>
pub const SNAPSTART_EPHEMERAL_STORAGE_MIB: u32 = 512;
/// Provisioned environments of one version that are started at once. Not AWS's: leaves room for starts that events wait
/// for.
pub const PROVISIONED_STARTS_MAX: usize = 4;
/// Provisioned concurrency is billed in blocks of this time. <https://aws.amazon.com/lambda/pricing/>
pub const PROVISIONED_BLOCK: Duration = Duration::from_secs(300);
/// How often provisioned environments are looked at, if nothing happens.
pub const PROVISIONED_PERIOD: Duration = Duration::from_secs(60);
/// Provisioned environments are replaced so long before their role sessions end.
pub const PROVISIONED_CREDENTIALS_MARGIN: Duration = Duration::from_secs(1_800);
/// Resolved function names that are kept in memory.
pub const RESOLUTIONS_MAX: usize = 20_000;

/// Lines of one environment that wait to be written to its log stream; when full, further ones are counted and dropped.
pub const LOG_LINES_MAX: usize = 10_000;
/// Bytes of one environment that wait to be written to its log stream.
pub const LOG_BYTES_MAX: usize = 4 * MIB as usize;
/// Most events handed to the log at once (`PutLogEvents` takes as many).
pub const LOG_BATCH_EVENTS_MAX: usize = 10_000;
/// Most bytes handed to the log at once: those of `PutLogEvents`, less what each event adds.
pub const LOG_BATCH_BYTES_MAX: usize = 900 * KIB as usize;
/// Lines are written at the latest after this time.
pub const LOG_DELAY_MAX: Duration = Duration::from_millis(200);

/// Asynchronous events that run at once, for all accounts; half of them for a function that has many. Not AWS's: bounds tasks and copies of events.
pub const ASYNC_CONCURRENCY_MAX: usize = 512;
/// Asynchronous events that wait, for all accounts. Not AWS's: bounds the table.
pub const ASYNC_EVENTS_MAX: u64 = 1_000_000;
/// Retries after a function error, where the function's configuration says nothing.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
pub const ASYNC_RETRIES_DEFAULT: u32 = 2;
/// Longest time that an event waits, in seconds, where the function's configuration says nothing.
pub const ASYNC_AGE_S_DEFAULT: u32 = 6 * 3_600;
/// Waits before the first and the second retry after a function error.
pub const ASYNC_RETRY_DELAYS: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// Shortest wait after a throttle or an error of the system; waits double up to [`ASYNC_BACKOFF_MAX`].
pub const ASYNC_BACKOFF_MIN: Duration = Duration::from_secs(1);
/// Longest wait after a throttle or an error of the system.
pub const ASYNC_BACKOFF_MAX: Duration = Duration::from_secs(300);

/// How often functions are looked at that have events and no free concurrency. Not AWS's.
pub const ASYNC_ROOM_PERIOD: Duration = Duration::from_millis(100);

/// How long the address in `GetFunction`'s answer works.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html>
pub const CODE_LOCATION_LIFETIME: Duration = Duration::from_secs(600);
/// An unpacked package that no function names is removed after this time: longer than an environment that still uses
/// it can run.
pub const CODE_SWEEP_GRACE: Duration = Duration::from_secs(3_600);
/// How often unpacked packages without a function are looked for.
pub const CODE_SWEEP_PERIOD: Duration = Duration::from_secs(900);

/// Filters of one event source mapping; AWS raises it to 10 on request.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-basics>
pub const FILTERS_MAX: usize = 5;
/// How long a source is asked to wait for records.
pub const SOURCE_WAIT_MAX: Duration = Duration::from_secs(20);
/// Invocations that a mapping of a queue makes at once, where the caller says nothing. AWS begins with 5 and grows.
pub const QUEUE_CONCURRENCY_DEFAULT: u32 = 5;
/// First wait before a stream's batch is tried again; it doubles up to [`BATCH_RETRY_MAX`]. Not documented.
pub const BATCH_RETRY_MIN: Duration = Duration::from_millis(500);
/// Longest wait before a stream's batch is tried again.
pub const BATCH_RETRY_MAX: Duration = Duration::from_secs(60);
/// Wait after a source could not be read.
pub const SOURCE_RETRY: Duration = Duration::from_secs(5);
/// How often the shards of a stream are listed.
pub const SHARDS_PERIOD: Duration = Duration::from_secs(10);
/// Life of the role sessions with which sources are read and targets are told.
pub const SOURCE_CREDENTIALS_LIFETIME: Duration = Duration::from_secs(3_600);

/// First wait before a destination is told again; it doubles up to [`DELIVERY_RETRY_MAX`]. Not documented.
pub const DELIVERY_RETRY_MIN: Duration = Duration::from_secs(1);
/// Longest wait before a destination is told again.
pub const DELIVERY_RETRY_MAX: Duration = Duration::from_secs(300);
/// A destination that could not be told for so long is not told any more.
pub const DELIVERY_AGE_MAX: Duration = Duration::from_secs(6 * 3_600);
/// Deliveries that are made at once. Not AWS's: bounds copies of events.
pub const DELIVERIES_AT_ONCE: usize = 16;

// Durable executions. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#durable-functions-quotas>

/// Seconds of a day.
pub const DAY_S: u64 = 86_400;
/// Longest durable execution, in seconds: 366 days.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_DurableConfig.html>
pub const DURABLE_TIMEOUT_S: std::ops::RangeInclusive<i32> = 1..=31_622_400;
/// Longest durable execution that a caller can wait for, in seconds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/durable-invoking.html>
pub const DURABLE_SYNCHRONOUS_S_MAX: u64 = 900;
/// How long executions are kept after their end, in days.
pub const DURABLE_RETENTION_DAYS: std::ops::RangeInclusive<i32> = 1..=90;
/// The same, where the function's configuration says nothing.
pub const DURABLE_RETENTION_DAYS_DEFAULT: u32 = 14;
/// Executions of an account that run in a region.
pub const DURABLE_RUNNING_MAX: u64 = 1_000_000;
/// Operations of one execution.
pub const DURABLE_OPERATIONS_MAX: u64 = 3_000;
/// Payloads of one execution, in bytes.
pub const DURABLE_STORED_BYTES_MAX: u64 = 100 * MIB;
/// Lines of an execution's history. Not AWS's: bounds what retries without end store.
pub const DURABLE_EVENTS_MAX: u64 = 25_000;
/// What a step or a context answers, in bytes; the SDKs keep larger results elsewhere.
pub const DURABLE_RESULT_BYTES_MAX: usize = 256 * KIB as usize;
/// What one execution hands to another function, and gets back, in bytes.
pub const DURABLE_CHAINED_BYTES_MAX: usize = MIB as usize;
/// An error as a JSON object, in bytes.
pub const DURABLE_ERROR_BYTES_MAX: usize = 32 * KIB as usize;
/// Larger payloads are kept in `blobs`, so that rows stay small.
pub const DURABLE_INLINE_BYTES_MAX: usize = 64 * KIB as usize;
/// Bytes of operations that one invocation or answer carries; the rest is read in pages.
pub const DURABLE_PAGE_BYTES: u64 = 5 * MIB;
/// How long the answer to a checkpoint is given again to a client that repeats it.
/// <https://docs.aws.amazon.com/lambda/latest/api/API_CheckpointDurableExecution.html>
pub const DURABLE_CLIENT_TOKEN_S: u64 = 900;
/// Invocations that fail one after the other until the execution does.
pub const DURABLE_FAILURES_MAX: u32 = 5;
/// Invocations that pause with nothing to wait for, one after the other, until the execution fails.
pub const DURABLE_EMPTY_PAUSES_MAX: u32 = 3;
/// The time between them.
pub const DURABLE_RETRY_DELAY: Duration = Duration::from_secs(5);
/// Functions that run for durable executions at once, for all accounts. Not AWS's: bounds tasks.
pub const DURABLE_CONCURRENCY_MAX: usize = 512;
/// Timers that fire in one transaction.
pub const DURABLE_TIMERS_AT_ONCE: usize = 64;
/// Rows of an ended execution that are removed in one transaction.
pub const DURABLE_PURGE_ROWS: usize = 500;
/// Elements of a page of executions, operations or events, where the caller asks for no number.
pub const DURABLE_PAGE_DEFAULT: usize = 100;
/// Most elements of such a page.
pub const DURABLE_PAGE_MAX: usize = 1_000;
/// Executions that one page of a filtered list looks at.
pub const DURABLE_LIST_ROWS_MAX: usize = 5_000;
/// Memory sizes of one runtime that sandboxes are made ahead for when the server starts. Ours: each holds interpreters.
pub const EXPECTED_MEMORY_SIZES_MAX: usize = 4;
