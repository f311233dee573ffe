//! The service on a store in memory, called through its routes as the front end does.

mod access;
mod cloud;
mod groups;
mod instance_profiles;
mod policies;
mod roles;
mod seams;
mod users;
