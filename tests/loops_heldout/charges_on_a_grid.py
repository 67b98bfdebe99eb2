# expect: lift
# at: 10
import numpy as np

K = 8.9875e9

def potential(xs, ys, charges):
    V = np.zeros((len(ys), len(xs)))
    for (px, py, q) in charges:
        for r in range(len(ys)):
            for c in range(len(xs)):
                d = ((xs[c] - px)**2 + (ys[r] - py)**2)**0.5
                V[r, c] += K * q / d
    return V

V = potential(np.linspace(0.05, 1, 120), np.linspace(0.02, 1, 100), [(0.0, 0.0, 1e-9), (0.5, -0.1, -2e-9)])
print("%.6f %.6f %.6f" % (V.min(), V.max(), V.mean()))
