# refuse: carried
# at: 5
def kernel(x):
    out = []
    for i in range(len(x)):
        out.append(x[i] * 2)
        x[-1 - i] = out[i] + 1.0
    return out


x = [1.0, 2.0, 3.0, 4.0]
y = [0.0, 0.0, 0.0, 0.0]
print(kernel(x))
