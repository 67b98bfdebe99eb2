"""The functions of `examples/machine_code` as one would write them for Numba by hand."""

import numba
import numpy as np


@numba.njit
def edit_distance(one, other):
    m, n = len(one), len(other)
    cost = np.zeros((m + 1, n + 1), dtype=np.int64)
    for i in range(m + 1):
        cost[i, 0] = i
    for j in range(n + 1):
        cost[0, j] = j
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            replace = cost[i - 1, j - 1] + (one[i - 1] != other[j - 1])
            cost[i, j] = min(replace, cost[i - 1, j] + 1, cost[i, j - 1] + 1)
    return cost[m, n]


@numba.njit
def levels(rain, demand, start):
    capacity = 120.0
    level = np.empty(len(rain))
    spilled = 0.0
    now = start
    for day in range(len(rain)):
        now = now + rain[day] - demand * (0.5 + now / capacity)
        if now > capacity:
            spilled += now - capacity
            now = capacity
        elif now < 0.0:
            now = 0.0
        level[day] = now
    return level, spilled


@numba.njit
def kick(position, velocity, mass, softening, dt):
    count = len(mass)
    for i in range(count):
        for j in range(i + 1, count):
            dx = position[j, 0] - position[i, 0]
            dy = position[j, 1] - position[i, 1]
            dz = position[j, 2] - position[i, 2]
            square = dx * dx + dy * dy + dz * dz + softening
            pull = dt / (square * np.sqrt(square))
            velocity[i, 0] += pull * mass[j] * dx
            velocity[i, 1] += pull * mass[j] * dy
            velocity[i, 2] += pull * mass[j] * dz
            velocity[j, 0] -= pull * mass[i] * dx
            velocity[j, 1] -= pull * mass[i] * dy
            velocity[j, 2] -= pull * mass[i] * dz


@numba.njit
def sieve(limit, composite, count):
    for number in range(2, limit + 1):
        if composite[number]:
            continue
        count += 1
        multiple = number * number
        while multiple <= limit:
            composite[multiple] = True
            multiple += number
    return count


@numba.njit
def escape_time(x, y, limit):
    a = b = 0.0
    for step in range(limit):
        a, b = a * a - b * b + x, 2.0 * a * b + y
        if a * a + b * b > 4.0:
            return step
    return limit


@numba.njit
def picture(width, height, limit):
    times = np.empty((height, width), dtype=np.int32)
    for row in range(height):
        for column in range(width):
            x = -2.0 + 3.0 * column / width
            y = -1.2 + 2.4 * row / height
            times[row, column] = escape_time(x, y, limit)
    return times


CELLS = 100


@numba.njit
def rates(t, state):
    change = np.empty_like(state)
    for i in range(CELLS):
        u, v = state[i], state[CELLS + i]
        left, right = max(i - 1, 0), min(i + 1, CELLS - 1)
        spread_u = state[left] - 2.0 * u + state[right]
        spread_v = state[CELLS + left] - 2.0 * v + state[CELLS + right]
        change[i] = 1.0 + u * u * v - 4.0 * u + 20.0 * spread_u
        change[CELLS + i] = 3.0 * u - u * u * v + 20.0 * spread_v
    return change
