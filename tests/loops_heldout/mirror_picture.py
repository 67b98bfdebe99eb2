# expect: lift
# at: 8
import numpy as np

def mirrored(picture):
    height, width = picture.shape
    other = np.zeros((height, width), dtype=picture.dtype)
    for y in range(height):
        for x in range(width):
            other[y, width - x - 1] = picture[y, x]
    return other

picture = np.arange(400 * 300).reshape(400, 300) % 251
m = mirrored(picture)
print(m[0, :5], m.sum(), np.array_equal(mirrored(m), picture))
