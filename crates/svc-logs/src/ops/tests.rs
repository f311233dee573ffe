mod events;
mod filters;
mod groups;
mod live_tail;
mod policies;
mod routes;
mod streams;
mod subscriptions;
