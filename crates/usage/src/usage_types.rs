//! The kinds of usage that are metered, as AWS's bills name them.
//!
//! Names are those of AWS's public price list, without the prefix of the region:
//! <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-changes.html>. A row is good for any service: an
//! instance is milliseconds of `BoxUsage:<type>`, a Fargate task milliseconds times vCPUs and MiB.

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Things; the unit of the price is one of them.
    Count,
    /// MiB times milliseconds; the unit of the price is the GB-second, which AWS counts as 1,024 MB.
    MibMs,
    /// Milliseconds, such as those of a vCPU or an instance; the unit of the price is the hour.
    Ms,
    /// Bytes; the unit of the price is the GB, which AWS counts as 2³⁰ bytes.
    Bytes,
    /// Bytes times hours for which they are kept; the unit of the price is the GB for a month, here one of 730 hours.
    ByteHours,
    /// MiB; the unit of the price is the GB.
    Mib,
}

impl Unit {
    /// The unit of the price, as bills name it.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Count => "Count",
            Unit::MibMs => "GB-Second",
            Unit::Ms => "Hour",
            Unit::Bytes | Unit::Mib => "GB",
            Unit::ByteHours => "GB-Month",
        }
    }

    /// How many of a row's integers one unit of the price is.
    pub fn per_priced(self) -> f64 {
        match self {
            Unit::Count => 1.0,
            Unit::MibMs => 1_024.0 * 1_000.0,
            Unit::Ms => 3_600.0 * 1_000.0,
            Unit::Bytes => 1_073_741_824.0,
            Unit::ByteHours => 1_073_741_824.0 * 730.0,
            Unit::Mib => 1_024.0,
        }
    }
}

/// A kind of usage.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct UsageType {
    /// The service's code, such as `AWSLambda`.
    pub service: &'static str,
    /// Its name without the region's prefix.
    pub name: &'static str,
    /// What its quantities count.
    pub unit: Unit,
}

macro_rules! usage_types {
    ($($(#[$doc:meta])* $constant:ident = $service:literal $name:literal $unit:ident;)*) => {
        $(
            $(#[$doc])*
            pub static $constant: UsageType =
                UsageType { service: $service, name: $name, unit: Unit::$unit };
        )*

        /// All of them.
        pub static ALL: &[&UsageType] = &[$(&$constant),*];
    };
}

usage_types! {
    /// An invocation that began, of a function on x86.
    LAMBDA_REQUEST = "AWSLambda" "Request" Count;
    /// As [`LAMBDA_REQUEST`] on Arm.
    LAMBDA_REQUEST_ARM = "AWSLambda" "Request-ARM" Count;
    /// Memory times billed duration on x86.
    LAMBDA_GB_SECOND = "AWSLambda" "Lambda-GB-Second" MibMs;
    /// As [`LAMBDA_GB_SECOND`] on Arm.
    LAMBDA_GB_SECOND_ARM = "AWSLambda" "Lambda-GB-Second-ARM" MibMs;
    /// `/tmp` beyond 512 MB times billed duration on x86.
    LAMBDA_STORAGE_GB_SECOND = "AWSLambda" "Lambda-Storage-GB-Second" MibMs;
    /// As [`LAMBDA_STORAGE_GB_SECOND`] on Arm.
    LAMBDA_STORAGE_GB_SECOND_ARM = "AWSLambda" "Lambda-Storage-GB-Second-ARM" MibMs;
    /// Memory times billed duration in provisioned environments on x86.
    LAMBDA_PROVISIONED_GB_SECOND = "AWSLambda" "Lambda-Provisioned-GB-Second" MibMs;
    /// As [`LAMBDA_PROVISIONED_GB_SECOND`] on Arm.
    LAMBDA_PROVISIONED_GB_SECOND_ARM = "AWSLambda" "Lambda-Provisioned-GB-Second-ARM" MibMs;
    /// Memory times the time for which provisioned environments are held, on x86.
    LAMBDA_PROVISIONED_CONCURRENCY = "AWSLambda" "Lambda-Provisioned-Concurrency" MibMs;
    /// As [`LAMBDA_PROVISIONED_CONCURRENCY`] on Arm.
    LAMBDA_PROVISIONED_CONCURRENCY_ARM = "AWSLambda" "Lambda-Provisioned-Concurrency-ARM" MibMs;
    /// Bytes of streamed answers beyond the first 6 MB of each, on x86.
    LAMBDA_STREAMING_BYTES = "AWSLambda" "Lambda-Streaming-Response-Processed-Bytes" Bytes;
    /// As [`LAMBDA_STREAMING_BYTES`] on Arm.
    LAMBDA_STREAMING_BYTES_ARM = "AWSLambda" "Lambda-Streaming-Response-Processed-Bytes-ARM" Bytes;
    /// Memory times the time for which a snapshot of a SnapStart version is kept.
    LAMBDA_SNAPSTART_CACHED = "AWSLambda" "Lambda-SnapStart-Cached-GB-S" MibMs;
    /// Memory of a function each time that a SnapStart snapshot is restored.
    LAMBDA_SNAPSTART_RESTORED = "AWSLambda" "Lambda-SnapStart-Restored-GB" Mib;
    /// Memory of each environment that is made for one tenant alone, on x86.
    LAMBDA_TENANT_ENVIRONMENT = "AWSLambda" "Lambda-Tenant-Isolated-Environment-Memory-GB" Mib;
    /// As [`LAMBDA_TENANT_ENVIRONMENT`] on Arm.
    LAMBDA_TENANT_ENVIRONMENT_ARM = "AWSLambda" "Lambda-Tenant-Isolated-Environment-Memory-GB-ARM" Mib;
    /// Operations of durable executions: starts, attempts of steps, waits, callbacks.
    LAMBDA_DURABLE_OPERATION = "AWSLambda" "Lambda-Durable-Execution-Operations" Count;
    /// Bytes of inputs and results that durable executions write.
    LAMBDA_DURABLE_BYTES_WRITTEN = "AWSLambda" "Lambda-Durable-Execution-Written-Bytes" Bytes;
    /// The same bytes times the hours for which they are kept.
    LAMBDA_DURABLE_BYTES_KEPT = "AWSLambda" "Lambda-Durable-Execution-TimedStorage-ByteHrs" ByteHours;
}

/// The usage type of a stored row.
pub fn find(service: &str, name: &str) -> Option<&'static UsageType> {
    ALL.iter().find(|known| known.service == service && known.name == name).copied()
}
