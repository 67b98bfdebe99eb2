import numpy as np

# temperature in a room, one wall is warm

def advance(T, k):
    new_T = T.copy()
    middle = T[1:-1, 1:-1]
    lap = T[:-2, 1:-1] + T[2:, 1:-1] + T[1:-1, :-2] + T[1:-1, 2:] - 4*middle
    new_T[1:-1, 1:-1] = middle + k*lap
    return new_T

room = np.full((120, 140), 15.0)
room[:, 0] = 35.0
t = 0
while t < 100:
    room = advance(room, 0.15)
    t += 1
print("mean", round(float(room.mean()), 8))
print("near the wall", [round(float(v), 6) for v in room[60, 1:6]])
