//! The project's own commands: `cargo xtask <command>`.

#![forbid(unsafe_code)]

mod aws_policies;
mod clients;
mod codegen;
mod coverage;
mod demo;
mod languages;
mod layers;
mod new_service;
mod process;
mod setup;
mod test;
mod vectors;

use std::process::ExitCode;

const HELP: &str = "\
The project's own commands: cargo xtask <command>

  demo      deploy the example functions on an empty cloud and invoke them with the AWS CLI
  test      install what is missing, then run every test and count them
  ci        formatting, lints, layers, generated code, then every test
  setup     install what demo and test need: packages, .venv, node_modules, test vectors
  vectors   fetch AWS's published protocol and signature cases (part of setup)
  codegen   write crates/wire-* and the table of actions from AWS's models; --check: fail where they differ
  aws-policies  write the managed policies of AWS that IAM offers; --check: fail where they differ
  clients   compile the interface clients that are not text; --check: fail where the committed ones differ
  new-service <name>  the skeleton of a service crate
  coverage  list what is built in docs/coverage.md; --check: fail where it differs
  layers    check that imports between crates go one way
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    let result = match command {
        "aws-policies" => aws_policies::aws_policies(rest),
        "clients" => clients::clients(rest),
        "codegen" => codegen::run(rest),
        "ci" => test::ci(),
        "coverage" => coverage::coverage(rest),
        "demo" => demo::demo(),
        "layers" => layers::layers(),
        "new-service" => new_service::new_service(rest),
        "setup" => setup::setup(),
        "test" => test::test(),
        "vectors" => vectors::vectors(),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("there is no command `{command}`\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{command}: {error}");
            ExitCode::FAILURE
        }
    }
}
