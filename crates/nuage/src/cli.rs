//! The command line's grammar and its help.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::IpAddr;
use std::path::PathBuf;

/// The AWS compute model, run for real on this machine.
///
/// `nuage up` starts the cloud; AWS's own tools and SDKs then work against it: `eval "$(nuage env)"` points those of this
/// shell here, `nuage configure` adds a profile for `aws --profile nuage`.
#[derive(Parser)]
#[command(version, max_term_width = 100, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Clone)]
pub struct Global {
    /// How results are printed. JSON is for programs: one document (of `logs`, one in each line), no colours, no progress.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text, help_heading = "Output")]
    pub output: Output,
    /// Where the cloud listens, such as http://127.0.0.1:4566. Without it, AWS_ENDPOINT_URL counts, then that address.
    #[arg(long, global = true, value_name = "URL", help_heading = "Connection", value_parser = parse_endpoint)]
    pub endpoint: Option<String>,
    /// The region of requests. Without it, AWS_REGION counts, then AWS_DEFAULT_REGION, then us-east-1.
    #[arg(long, global = true, value_name = "NAME", help_heading = "Connection", value_parser = parse_region)]
    pub region: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    Text,
    Json,
}

#[derive(Subcommand)]
pub enum Command {
    /// Start the cloud and stay in the foreground until Ctrl-C.
    Up(Up),
    /// Tell how the running cloud is.
    Status,
    /// Print the variables that point AWS's tools at this cloud.
    Env(Env),
    /// Add a profile for this cloud to the AWS configuration files.
    Configure(Configure),
    /// Invoke a function and print its answer.
    Invoke(Invoke),
    /// Print log events of a function or a log group.
    Logs(Logs),
    /// Tell what the account's usage would have cost on AWS.
    Cost(Cost),
    /// Print what was called, the newest last, or explain why a call was denied.
    Audit(Audit),
    /// See and install the language runtimes of functions.
    Runtime(Runtime),
    /// Decide requests by IAM policies from a file, without a cloud.
    Policy(Policy),
}

/// Starts the cloud. It serves every API on one port, keeps its state in a directory and ends its functions when it ends.
#[derive(Args)]
pub struct Up {
    /// The port; 0 takes any free one.
    #[arg(long, default_value_t = 4566)]
    pub port: u16,
    /// The address to listen on. Beyond loopback (such as 0.0.0.0) the well-known key `test` is refused, and the root
    /// user's generated key stands in the file root-credentials.json of the data directory.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub listen: IpAddr,
    /// Where state is kept, and language runtimes. [default: $XDG_DATA_HOME/nuage or ~/.local/share/nuage]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// The configuration file, whose table [runtimes] maps runtime names to interpreters (`"ruby3.2" = "/usr/bin/ruby"`).
    /// [default: nuage.toml in the working directory, else in the data directory]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Keep state in memory only, and permit `POST /_nuage/reset`, which empties everything. For test suites.
    #[arg(long)]
    pub ephemeral: bool,
    /// A further name of this machine under which clients reach it. May be repeated.
    #[arg(long, value_name = "NAME", value_parser = parse_host_name)]
    pub host_name: Vec<String>,
    /// Lambda's quota of concurrent executions for each account and region.
    #[arg(long, value_name = "COUNT", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub concurrent_executions: u32,
    /// Take only ten requests a second for each concurrent execution of Lambda's, as AWS does. Otherwise this machine
    /// is the limit, which answers much faster than AWS.
    #[arg(long)]
    pub request_rates: bool,
    /// Write the port into this file once requests are served.
    #[arg(long, value_name = "FILE")]
    pub port_file: Option<PathBuf>,
    /// The form of the log, which goes to standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// How much is logged: error, warn, info, debug (every request) or trace, also by module (`info,front=debug`).
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub log: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

/// Prints the variables that AWS's tools and SDKs read. In a shell: `eval "$(nuage env)"`.
#[derive(Args)]
pub struct Env {
    /// The shell that is to read them.
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    pub format: Shell,
    /// Act as the root user of this account, 12 digits.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    Sh,
    Fish,
    Powershell,
    Json,
}

/// Adds a profile to ~/.aws/config and ~/.aws/credentials (or where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE
/// point) and leaves all else there as it is. Run it again to update the profile.
#[derive(Args)]
pub struct Configure {
    /// The profile's name.
    #[arg(long, default_value = "nuage")]
    pub profile: String,
    /// Act as the root user of this account, 12 digits.
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}

/// Invokes a function. Its answer goes to standard output; what it cost and, with --log, what it logged go to standard
/// error. Exits with 1 if the function failed.
#[derive(Args)]
pub struct Invoke {
    /// The function's name or ARN.
    pub function: String,
    /// The event: JSON, @FILE, or - for standard input.
    #[arg(long, short, value_name = "JSON", default_value = "{}")]
    pub payload: String,
    /// A version or an alias.
    #[arg(long, value_name = "NAME")]
    pub qualifier: Option<String>,
    /// Do not wait for the answer.
    #[arg(long = "async")]
    pub asynchronous: bool,
    /// Print the end of the function's log.
    #[arg(long, conflicts_with = "asynchronous")]
    pub log: bool,
}

/// Prints log events, oldest first.
#[derive(Args)]
pub struct Logs {
    /// A function's name, or a log group's (with a slash in it).
    pub source: String,
    /// Go on with new events until Ctrl-C.
    #[arg(long, short)]
    pub follow: bool,
    /// How far back to begin: a number with s, m, h or d.
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_span)]
    pub since: std::time::Duration,
    /// Only events that match this pattern, in the language of CloudWatch Logs.
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
}

/// Prints what the account's usage would have cost on AWS: what was metered, at AWS's public prices of us-east-1.
///
/// Hours are kept for 14 days, days for 14 months, months for 38 months; what is older is shown as what is left of it.
#[derive(Args)]
#[command(after_help = "Examples:
  nuage cost --month-to-date --free-tier    this month's bill as a new account of AWS would see it
  nuage cost --by day --since 7d            the last week, day by day
  nuage cost resize --by hour --since 1d    one function's last day
  nuage cost --output json                  for programs: lines, total, prices")]
pub struct Cost {
    /// Only this function: its name, or its ARN.
    pub function: Option<String>,
    /// What the lines stand for.
    #[arg(long, value_enum, default_value_t = CostBy::Function)]
    pub by: CostBy,
    /// Take off what the free tier of AWS grants each month.
    #[arg(long)]
    pub free_tier: bool,
    /// How far back to begin: a number with s, m, h or d. Hours, and older days and months, count as a whole.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = parse_span)]
    pub since: std::time::Duration,
    /// Begin with the first day of this month, in UTC, as bills of AWS do.
    #[arg(long, conflicts_with = "since")]
    pub month_to_date: bool,
}

#[derive(Args)]
pub struct Audit {
    /// Explain this request, statement by statement: its id stands in the answer's header x-amzn-requestid, and AWS's
    /// tools show it with --debug.
    #[arg(long, value_name = "REQUEST_ID")]
    pub why: Option<String>,
    /// How many calls are printed, at most 50.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub last: u32,
    /// Only calls of this operation.
    #[arg(long, value_name = "NAME")]
    pub operation: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CostBy {
    Function,
    UsageType,
    Hour,
    Day,
    Month,
}

/// Functions run on the interpreters of this machine.
#[derive(Args)]
pub struct Runtime {
    /// The data directory of the cloud. [default: $XDG_DATA_HOME/nuage or ~/.local/share/nuage]
    #[arg(long, value_name = "DIR", global = true)]
    pub data_dir: Option<PathBuf>,
    /// The configuration file, as for `nuage up`. [default: nuage.toml here, else in the data directory]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    #[command(subcommand)]
    pub action: RuntimeAction,
}

#[derive(Subcommand)]
pub enum RuntimeAction {
    /// List every runtime and whether functions can use it here.
    List,
    /// Install what functions of a runtime need: the language's AWS SDK or, with --from, the whole runtime.
    Install {
        /// As in CreateFunction, such as python3.13.
        name: String,
        /// A container image with the runtime, as `docker save` writes it: where this machine has no interpreter.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
}

/// IAM policies, outside of any cloud.
#[derive(Args)]
pub struct Policy {
    #[command(subcommand)]
    pub action: PolicyAction,
}

#[derive(Subcommand)]
pub enum PolicyAction {
    /// Decide one request, or each of a list, by the policies that stand beside it, and say why.
    ///
    /// The file holds `{"request": {"principal": ARN, "action": "s3:GetObject", "resource": {"resource": ARN,
    /// "accountId": ID}, "context": {KEY: VALUE}}}` and any of "identityPolicies", "resourcePolicy",
    /// "permissionBoundaries", "sessionPolicy", "serviceControlPolicies", "resourceControlPolicies" (both lists of
    /// levels {"policies": []}) and "endpointPolicies", or a list of such. The result is Allowed, ImplicitlyDenied or
    /// ExplicitlyDenied. Where "expected": {"response": RESULT} differs, it is marked, and the command exits with 1.
    Evaluate {
        /// The file, or - for standard input.
        file: PathBuf,
    },
}

pub fn parse() -> Cli {
    Cli::parse()
}

/// A URL of HTTP, without the characters that shells read otherwise: it is printed for them.
pub fn parse_endpoint(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte);
    match rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_plain)) {
        true => Ok(text.to_string()),
        false => Err(format!("'{text}' is no endpoint; write http://HOST:PORT")),
    }
}

pub fn parse_region(text: &str) -> Result<String, String> {
    match base::Region::parse(text) {
        Some(_) => Ok(text.to_string()),
        None => Err(format!("'{text}' is no region; write one such as us-east-1")),
    }
}

/// Labels between dots: RFC 1123, section 2.1.
fn parse_host_name(text: &str) -> Result<String, String> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    match text.len() <= 253 && text.split('.').all(is_label) {
        true => Ok(text.to_string()),
        false => Err(format!("'{text}' is no name of a host")),
    }
}

/// `90s`, `10m`, `2h`, `1d`.
fn parse_span(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("'{text}' is no time; write a number with s, m, h or d, such as 10m");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let unit_s = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit_s).map(std::time::Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn what_is_printed_for_shells_is_plain() {
        for good in ["http://127.0.0.1:4566", "http://[::1]:80/path", "https://nuage.example"] {
            assert!(parse_endpoint(good).is_ok(), "{good}");
        }
        for bad in ["http://x;rm -rf /", "http://$(id)", "http://", "ftp://x", "http://x'"] {
            assert!(parse_endpoint(bad).is_err(), "{bad}");
        }
        assert!(parse_region("eu-central-1").is_ok() && parse_region("x; y").is_err());
        assert!(parse_host_name("nuage.lan").is_ok() && parse_host_name("LAPTOP_1").is_ok());
        assert!(["a b", "", "a..b"].into_iter().all(|name| parse_host_name(name).is_err()));
    }

    #[test]
    fn the_grammar_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn spans() {
        assert_eq!(parse_span("10m").unwrap().as_secs(), 600);
        assert_eq!(parse_span("2d").unwrap().as_secs(), 172_800);
        for bad in ["", "m", "10", "10y", "-1m", "99999999999999999999d", "1µ"] {
            assert!(parse_span(bad).is_err(), "{bad}");
        }
    }
}
