"""Lists that have other lengths and elements than where they were made or measured: `(function, arguments, …)`."""

import numpy as np


def array_of_what_grew(n):
    grown = [0.0]
    for i in range(n):
        grown.append(i)
    filled = np.array(grown)
    return len(filled), filled.shape, filled + 1, filled.sum()


def array_of_what_shrank(n):
    shrunk = [0.0] * n
    shrunk.pop()
    filled = np.array(shrunk)
    s = 0.0
    for i in range(n):
        s += filled[i]
    return s


def arrays_of_two_lengths(n):
    grown = [0.0] * n
    before = np.zeros(len(grown))
    grown.append(1.0)
    return before + np.ones(len(grown))


def stored_by_a_later_length(numbers):
    filled = np.zeros(len(numbers))
    other = numbers
    other.append(1.0)
    for i in range(len(numbers)):
        filled[i] = numbers[i]
    return filled


def added_by_a_later_length(numbers):
    filled = np.zeros(len(numbers))
    for _ in range(len(numbers)):
        numbers.append(1.0)
    for i in range(len(numbers)):
        filled[i] += 1
    return filled


def arrays_of_one_list(numbers):
    before = np.array(numbers)
    numbers.append(1.0)
    return before + np.array(numbers)


def added_to_a_list(n):
    more = [1.0]
    more.append(n)
    numbers = [0.0]
    numbers += more
    return numbers, np.array(numbers)


def shape_that_changes(n):
    shape = [2, 3]
    shape[0] = n
    filled = np.zeros(shape)
    filled[n - 1, 0] = 1
    s = 0
    for _ in range(3):
        s += np.ones(shape).sum()
        shape[1] += 1
    return filled, s


def elements_that_change(n):
    first = [1.0, 2.0]
    second = first
    second[0] = n
    both = [first, [n, n]]
    return np.array(first), np.sum(first), np.concatenate([first, second]), np.dot(first, second), np.array(both)


def rows_that_change(n):
    row = [0.0, 0.0]
    rows = [row, row]
    row[1] = n
    return np.array(rows), np.array([row, [n, n]]), np.array((row, row))


def parts_that_change(x, n):
    parts = [x]
    parts.append(x * 2)
    parts[0] = x + n
    return np.concatenate(parts), np.vstack(parts), np.array(parts), np.stack(parts, axis=1)


def places_that_change(x, n):
    places = [0, 1]
    places[0] = n
    return x[places], x[:, places], np.take(x, places, axis=0)


def list_of_an_array(x):
    numbers = x.tolist()
    numbers.pop()
    filled = np.array(numbers)
    s = 0.0
    for i in range(len(x)):
        s += filled[i]
    return s


def swapped(numbers, i):
    for j in range(len(numbers) - 1):
        if numbers[j] > numbers[j + 1]:
            numbers[j], numbers[j + 1] = numbers[j + 1], numbers[j]
    numbers[i], numbers[-1] = numbers[-1], numbers[i]
    return numbers


def swapped_too_late(numbers, i):
    last = numbers[i]
    numbers.pop()
    numbers[0], numbers[i] = last, numbers[0]
    return numbers


def swapped_in_part(numbers, i):
    numbers[0], numbers[i] = numbers[1], numbers[0]
    return numbers


GROWING = [
    (swapped, ([5.0, 1.0, 4.0], 1), ([5, 1, 4], 0), ([5, 1.5, 4], 0), ([5, 1], 7), ([True, 1, 0], -3)),
    (swapped_too_late, ([5.0, 1.0, 4.0], 2), ([5.0, 1.0, 4.0], 1)),
    (swapped_in_part, ([5.0, 1.0, 4.0], 2), ([5.0, 1.0, 4.0], 9)),
    (array_of_what_grew, (5,), (0,)),
    (array_of_what_shrank, (3,)),
    (arrays_of_two_lengths, (3,)),
    (stored_by_a_later_length, ([1.0, 2.0],)),
    (added_by_a_later_length, ([1.0, 2.0, 3.0],)),
    (arrays_of_one_list, ([1.0, 2.0, 3.0],)),
    (added_to_a_list, (3.0,)),
    (shape_that_changes, (5,), (1,)),
    (elements_that_change, (5.0,)),
    (rows_that_change, (5.0,)),
    (parts_that_change, (np.arange(3.0), 2)),
    (places_that_change, (np.arange(12.0).reshape(3, 4), 2)),
    (list_of_an_array, (np.arange(3.0),)),
]
