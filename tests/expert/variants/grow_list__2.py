import numpy as np

steps = 3600000

ticks = 2 * np.arange(steps, dtype=np.int32)

even = np.arange(0, steps, 4)

ramp = np.arange(steps) * 0.25 - 10.0

print(ticks[:4], ticks[-1], ticks.dtype)
print(even[:4], even[-1], even.dtype, even.shape)
print(ramp[:3], ramp[-1], ramp.dtype, "%.4f" % ramp.sum())
