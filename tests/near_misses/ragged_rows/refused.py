# refuse: unequal-length
# or: the sum of each row
# at: 6
def kernel(rows):
    out = []
    for row in rows:
        s = 0.0
        for v in row:
            s += v
        out.append(s)
    return out


rows = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [0.5, 0.25, 0.125]]
print(["%.6f" % s for s in kernel(rows)])
