from numpy import linspace, sin

# loudness of a tone that fades away

def loudness(tone):
    return tone ** 2

for pitch in [110, 220, 440, 880, 1760]:
    t = linspace(0, 4, 2000001)
    tone = sin(6.283185307179586 * pitch * t) / (1 + t)
    loud = loudness(tone)
    print(pitch, "Hz: sum %.6f" % loud.sum(), "last %.9f" % loud[-1], loud.shape, loud.dtype)
