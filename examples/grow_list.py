"""Two habits that cost time: growing a list that becomes an array, and
filling an array one element at a time.

Slow: all four loops below.  Nothing in them depends on an earlier round.
"""
import numpy as np

N = 4_000_000


def time_axis(n, dt):
    times = []
    for k in range(n):
        times.append(k * dt)
    times = np.array(times)
    return times


def sample_numbers(n):
    ids = np.zeros(n, dtype=np.int32)
    for k in range(n):
        ids[k] = 3 * k + 1
    return ids


def late_samples(t, ids, limit):
    # only the numbers of samples after the limit
    chosen = []
    for k in range(len(t)):
        if t[k] > limit:
            chosen.append(ids[k])
    return np.array(chosen)


t = time_axis(N, 0.002)
ids = sample_numbers(N)
late = late_samples(t, ids, 6200.0)
wave = np.empty(N)
for k in range(N):
    wave[k] = 2.5 * t[k] - 0.5

print(t.dtype, t.shape, "last time %.3f" % t[-1])
print(ids.dtype, ids[:5], ids[-1])
print(late.dtype, len(late), late[0], late[-1], late.sum())
print("wave %.6f %.6f %.6f" % (wave[0], wave[N // 2], wave.mean()))
