# expect: lift
# at: 10
"""Cut a signal into frames and put a Hann window over each."""
import numpy as np


def windowed_frames(signal, frame, hop):
    count = (len(signal) - frame) // hop + 1
    frames = np.zeros((count, frame))
    for f in range(count):
        for s in range(frame):
            w = 0.5 - 0.5 * np.cos(2 * np.pi * s / (frame - 1))
            frames[f, s] = w * signal[f * hop + s]
    return frames


if __name__ == "__main__":
    t = np.arange(40_000) / 8000
    frames = windowed_frames(np.sin(2 * np.pi * 440 * t), 256, 128)
    print(frames.shape, "%.6f %.6f" % (frames.sum(), abs(frames).max()))
