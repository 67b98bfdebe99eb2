//! Finding the cure that moved the whole program's output.
//!
//! Each question costs one run of the program, so it is a bisection: the shortest run of cures, in order, that moves
//! the output ends with a culprit. It is taken out and the rest is asked again, since there may be another.

/// Which of `count` cures have to go so that `keeps(rest)` holds. `None` when more than `questions` would have to be
/// asked, or when even no cure at all does not keep the output.
///
/// It is known already that all of them together do not keep it.
pub fn culprits<E>(
    count: usize,
    questions: usize,
    mut keeps: impl FnMut(&[usize]) -> Result<bool, E>,
) -> Result<Option<Vec<usize>>, E> {
    let mut asked = 0;
    let mut ask = |cures: &[usize]| -> Result<Option<bool>, E> {
        asked += 1;
        if asked > questions {
            Ok(None)
        } else {
            keeps(cures).map(Some)
        }
    };
    let mut rest: Vec<usize> = (0..count).collect();
    let mut culprits = Vec::new();
    while !rest.is_empty() {
        // `rest[..kept]` keeps the output, `rest[..moved]` does not.
        let (mut kept, mut moved) = (0, rest.len());
        while moved - kept > 1 {
            let middle = kept + (moved - kept) / 2;
            match ask(&rest[..middle])? {
                None => return Ok(None),
                Some(true) => kept = middle,
                Some(false) => moved = middle,
            }
        }
        culprits.push(rest.remove(moved - 1));
        match ask(&rest)? {
            None => return Ok(None),
            Some(true) => {
                culprits.sort_unstable();
                return Ok(Some(culprits));
            }
            Some(false) => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: usize, bad: &[usize]) -> (Option<Vec<usize>>, usize) {
        let mut asked = 0;
        let found = culprits::<()>(count, 100, |cures| {
            asked += 1;
            Ok(!cures.iter().any(|cure| bad.contains(cure)))
        });
        (found.unwrap(), asked)
    }

    #[test]
    fn one_culprit_is_found_in_few_runs() {
        for culprit in 0..8 {
            let (found, asked) = check(8, &[culprit]);
            assert_eq!(found, Some(vec![culprit]));
            assert!(asked <= 4, "{asked} runs");
        }
    }

    #[test]
    fn several_are_found_and_the_rest_stays() {
        assert_eq!(check(6, &[1, 4]).0, Some(vec![1, 4]));
        assert_eq!(check(2, &[0, 1]).0, Some(vec![0, 1]));
        assert_eq!(check(1, &[0]), (Some(vec![0]), 1));
    }

    #[test]
    fn a_program_that_never_agrees_has_no_culprit() {
        assert_eq!(culprits::<()>(4, 100, |_| Ok(false)), Ok(None));
        assert_eq!(culprits::<()>(64, 3, |cures| Ok(!cures.contains(&5))), Ok(None));
    }
}
