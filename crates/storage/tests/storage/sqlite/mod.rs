//! The group-commit writer: what is shared, what is not, and how a group ends.

mod faults;
mod groups;
