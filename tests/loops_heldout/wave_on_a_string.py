# expect: lift
# at: 8
import numpy as np


def next_shape(now, before, c2):
    after = np.zeros(len(now))
    for i in range(1, len(now) - 1):
        after[i] = 2 * now[i] - before[i] + c2 * (now[i + 1] - 2 * now[i] + now[i - 1])
    return after


def main():
    x = np.linspace(0, 1, 1001)
    before = np.exp(-((x - 0.3) / 0.05) ** 2)
    before[0] = before[-1] = 0.0
    now = before.copy()
    for t in range(200):
        now, before = next_shape(now, before, 0.25), now
    print("%.9f %.9f" % (now.max(), now.sum()), int(now.argmax()))


if __name__ == "__main__":
    main()
