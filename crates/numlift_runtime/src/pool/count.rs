//! How many threads a loop may use when nobody says so.
//!
//! ```text
//! NUMLIFT_NUM_THREADS  >  what a cluster's scheduler allotted to this worker  >  OMP_NUM_THREADS  >  the processors
//! ```
//!
//! The processors are those that this process may run on, of as many as its control group has time for. An explicit
//! number (`numlift.threads(n)`) stands above all of this.

/// The default number of threads; `allotted` by a scheduler, if there is one.
pub fn default_count(allotted: Option<usize>) -> usize {
    chosen(&|name| std::env::var(name).ok(), allotted, processors())
}

/// How many processors this process may use.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn chosen(variable: &dyn Fn(&str) -> Option<String>, allotted: Option<usize>, processors: usize) -> usize {
    let number = |name: &str| variable(name).and_then(|text| positive(&text));
    let count = number("NUMLIFT_NUM_THREADS")
        .or(allotted.filter(|count| *count > 0))
        .or_else(|| number("OMP_NUM_THREADS"))
        .or_else(|| number("LOKY_MAX_CPU_COUNT").map(|most| most.min(processors)));
    count.unwrap_or(processors).max(1)
}

/// A number of threads as people write it; OpenMP has one for each level: `4,2`.
fn positive(text: &str) -> Option<usize> {
    let first = text.split(',').next()?;
    first.trim().parse().ok().filter(|count| *count > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], allotted: Option<usize>, expected: usize) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        assert_eq!(chosen(&variable, allotted, 8), expected);
    }

    #[test]
    fn the_first_that_says_something_counts() {
        check(&[], None, 8);
        check(&[("OMP_NUM_THREADS", "3")], None, 3);
        check(&[("OMP_NUM_THREADS", "3")], Some(2), 2);
        check(&[("OMP_NUM_THREADS", "3"), ("NUMLIFT_NUM_THREADS", "5")], Some(2), 5);
        check(&[("LOKY_MAX_CPU_COUNT", "4")], None, 4);
        check(&[("LOKY_MAX_CPU_COUNT", "64")], None, 8);
    }

    #[test]
    fn what_is_no_number_says_nothing() {
        check(&[("NUMLIFT_NUM_THREADS", "many"), ("OMP_NUM_THREADS", "0")], None, 8);
        check(&[("OMP_NUM_THREADS", " 4 , 2 ")], None, 4);
        check(&[], Some(0), 8);
    }
}
