"""A chain of chemical reactions, integrated by SciPy, which calls back for every step."""

import numpy as np
from scipy.integrate import solve_ivp

CELLS = 100


def rates(t, state):
    """Two substances that react and diffuse along a tube (the Brusselator)."""
    change = np.empty_like(state)
    for i in range(CELLS):
        u, v = state[i], state[CELLS + i]
        left, right = max(i - 1, 0), min(i + 1, CELLS - 1)
        spread_u = state[left] - 2.0 * u + state[right]
        spread_v = state[CELLS + left] - 2.0 * v + state[CELLS + right]
        change[i] = 1.0 + u * u * v - 4.0 * u + 20.0 * spread_u
        change[CELLS + i] = 3.0 * u - u * u * v + 20.0 * spread_v
    return change


def main():
    place = np.linspace(0.0, 1.0, CELLS)
    start = np.concatenate([1.0 + np.sin(2.0 * np.pi * place), np.full(CELLS, 3.0)])
    solution = solve_ivp(rates, (0.0, 40.0), start, rtol=1e-8, atol=1e-8)
    print(f"{solution.nfev} calls, u in the middle {solution.y[CELLS // 2, -1]:.6f}")


if __name__ == "__main__":
    main()
