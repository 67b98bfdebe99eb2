# expect: lift
# at: 8
# Black and white from a picture that is a list of rows.
import numpy as np

def black_white(rows, limit):
    out = []
    for row in rows:
        new = []
        for p in row:
            if p > limit:
                new.append(255)
            else:
                new.append(0)
        out.append(new)
    return out

picture = (np.arange(300 * 400).reshape(300, 400) * 37 % 256).tolist()
bw = black_white(picture, 128)
print(len(bw), len(bw[0]), type(bw[0][0]).__name__, sum(map(sum, bw)))
