//! Measured claims; see README.md.
