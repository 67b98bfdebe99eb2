import numpy as np

# temperature in a room, one wall is warm

def advance(T, k):
    new_T = T.copy()
    ny, nx = T.shape
    for y in range(1, ny - 1):
        for x in range(1, nx - 1):
            lap = T[y-1, x] + T[y+1, x] + T[y, x-1] + T[y, x+1] - 4*T[y, x]
            new_T[y, x] = T[y, x] + k*lap
    return new_T

room = np.full((120, 140), 15.0)
room[:, 0] = 35.0
t = 0
while t < 100:
    room = advance(room, 0.15)
    t += 1
print("mean", round(float(room.mean()), 8))
print("near the wall", [round(float(v), 6) for v in room[60, 1:6]])
