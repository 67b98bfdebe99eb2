"""Time axis, sample numbers and a line, each made at once."""
import numpy as np

N = 4_000_000


def time_axis(n, dt):
    return np.arange(n) * dt


def sample_numbers(n):
    return 3 * np.arange(n, dtype=np.int32) + 1


def late_samples(t, ids, limit):
    return ids[t > limit]


t = time_axis(N, 0.002)
ids = sample_numbers(N)
late = late_samples(t, ids, 6200.0)
wave = 2.5 * t - 0.5

print(t.dtype, t.shape, "last time %.3f" % t[-1])
print(ids.dtype, ids[:5], ids[-1])
print(late.dtype, len(late), late[0], late[-1], late.sum())
print("wave %.6f %.6f %.6f" % (wave[0], wave[N // 2], wave.mean()))
