//! NL5: growth that is worse than it need be.

pub mod membership_in_loop;
pub mod repeated_sort;
