//! NL3: what a function of NumPy's does at once.

pub mod argsort_for_extreme;
pub mod builtin_on_array;
pub mod count_through_where;
pub mod cube_by_power;
pub mod range_through_list;
pub mod sort_for_extreme;
pub mod where_as_index;
