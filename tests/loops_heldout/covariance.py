# expect: lift
# at: 10
import numpy as np

def covariance(data):
    n = data.shape[0]
    d = data.shape[1]
    means = [sum(data[:, j]) / n for j in range(d)]
    cov = np.zeros((d, d))
    for a in range(d):
        for b in range(d):
            for i in range(n):
                cov[a, b] += (data[i, a] - means[a]) * (data[i, b] - means[b])
            cov[a, b] /= n - 1
    return cov

data = np.random.RandomState(6).normal(size=(5000, 6)) @ np.arange(36.0).reshape(6, 6)
print(np.round(covariance(data)[:3, :3], 4))
