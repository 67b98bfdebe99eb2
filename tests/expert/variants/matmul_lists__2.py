"""Powers of a transition matrix, with matrices as lists of lists."""
import sys

import numpy as np


class ShapeError(Exception):
  pass


def shape(M):
  return len(M), len(M[0])


def multiply(X, Y):
  xr, xc = shape(X)
  yr, yc = shape(Y)
  if xc != yr:
    raise ShapeError(f"{xr}x{xc} times {yr}x{yc}")
  return (np.array(X) @ np.array(Y)).tolist()


def transition(states):
  i, j = np.ogrid[:states, :states]
  weights = 1.0 + (i * 7 + j * 13) % 29
  return (weights / weights.sum(axis=1, keepdims=True)).tolist()


if __name__ == "__main__":
  states = int(sys.argv[1]) if len(sys.argv) > 1 else 170
  T = transition(states)
  power = T
  for step in range(4):
    power = multiply(power, T)
    print("after", step + 2, "steps: %.10f %.10f" % (power[0][0], power[-1][states // 2]))
  print("rows add up to 1:", all(abs(sum(row) - 1) < 1e-9 for row in power))
  try:
    multiply(T, T[1:])
  except ShapeError as e:
    print("refused:", e)
