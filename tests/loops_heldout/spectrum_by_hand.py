# expect: lift
# at: 10
"""The discrete Fourier transform as it stands in the textbook."""
import numpy as np


def dft(x):
    n = len(x)
    X = np.zeros(n, dtype=complex)
    for k in range(n):
        for t in range(n):
            X[k] += x[t] * np.exp(-2j * np.pi * k * t / n)
    return X


if __name__ == "__main__":
    x = np.sin(2 * np.pi * 5 * np.arange(400) / 400) + 0.5
    X = dft(x)
    print("%.6f %.6f" % (abs(X[0]), abs(X[5])), int(np.argmax(abs(X))))
