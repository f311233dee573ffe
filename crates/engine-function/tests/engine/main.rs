//! Functions in real sandboxes, through [`engine::FunctionEngine`]. Needs root; says which test was skipped otherwise.

mod dotnet;
mod extensions;
mod harness;
mod hostile;
mod install;
mod java;
mod kept;
mod life;
mod nodejs;
mod official_clients;
mod provided;
mod python;
mod reservation;
mod ruby;
mod snapshot;
mod workers;
mod wrappers;
mod zygote;
