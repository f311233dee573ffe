mod events;
mod filters;
mod groups;
mod live_tail;
mod routes;
mod streams;
