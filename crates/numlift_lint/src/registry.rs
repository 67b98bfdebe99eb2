//! All rules, by code.

use crate::rule::Rule;
use crate::rules::{algorithms, builtins, linalg, loops, memory, pandas, suppressions};

/// Sorted by code.
pub static RULES: &[&Rule] = &[
    &loops::loop_over_elements::RULE,
    &loops::vectorized_function::RULE,
    &loops::function_along_axis::RULE,
    &loops::array_of_comprehension::RULE,
    &loops::list_of_elements::RULE,
    &memory::growth_in_loop::RULE,
    &memory::flatten_before_reading::RULE,
    &memory::copy_before_reading::RULE,
    &memory::astype_after_creation::RULE,
    &memory::astype_to_same::RULE,
    &memory::tile_before_broadcast::RULE,
    &memory::chained_index::RULE,
    &memory::temporary_by_operator::RULE,
    &builtins::builtin_on_array::RULE,
    &builtins::where_as_index::RULE,
    &builtins::count_through_where::RULE,
    &builtins::argsort_for_extreme::RULE,
    &builtins::sort_for_extreme::RULE,
    &builtins::cube_by_power::RULE,
    &builtins::range_through_list::RULE,
    &linalg::inverse_times_vector::RULE,
    &linalg::product_for_diagonal::RULE,
    &linalg::product_for_trace::RULE,
    &linalg::chain_order::RULE,
    &linalg::norm_by_hand::RULE,
    &linalg::sum_of_product::RULE,
    &linalg::matrix_class::RULE,
    &algorithms::membership_in_loop::RULE,
    &algorithms::repeated_sort::RULE,
    &pandas::loop_over_rows::RULE,
    &pandas::apply_over_rows::RULE,
    &pandas::row_store_in_loop::RULE,
    &pandas::frame_growth_in_loop::RULE,
    &suppressions::unused_ignore::RULE,
    &suppressions::unknown_code::RULE,
];

/// The rule with a code or name.
pub fn find(word: &str) -> Option<&'static Rule> {
    let is_it = |rule: &&&'static Rule| rule.code.eq_ignore_ascii_case(word) || rule.name.eq_ignore_ascii_case(word);
    RULES.iter().find(is_it).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::FAMILIES;

    #[test]
    fn codes_are_sorted_and_of_a_family() {
        assert!(RULES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for rule in RULES {
            assert!(
                rule.code.len() == 5 && rule.code[2..].chars().all(|letter| letter.is_ascii_digit()),
                "{}",
                rule.code
            );
            assert!(
                FAMILIES.iter().any(|(prefix, _)| rule.code.starts_with(prefix)),
                "{}",
                rule.code
            );
            assert!(
                rule.name
                    .chars()
                    .all(|letter| letter.is_ascii_lowercase() || letter == '-'),
                "{}",
                rule.name
            );
        }
        let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), RULES.len());
    }
}
