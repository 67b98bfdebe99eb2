import numpy as np

steps = 3600000

ticks = np.empty(steps, dtype=np.int32)
k = 0
while k < steps:
    ticks[k] = 2 * k
    k = k + 1

even = [t for t in range(steps) if t % 4 == 0]
even = np.array(even)

ramp = []
for k in range(steps):
    ramp.append(k * 0.25 - 10.0)
ramp = np.array(ramp)

print(ticks[:4], ticks[-1], ticks.dtype)
print(even[:4], even[-1], even.dtype, even.shape)
print(ramp[:3], ramp[-1], ramp.dtype, "%.4f" % ramp.sum())
