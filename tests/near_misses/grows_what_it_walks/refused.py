# refuse: carried
# at: 4
def kernel(items, halves):
    for v in items:
        if v > 1.0:
            items.append(v / 2)
    return len(items), len(halves)


items = [0.5, 3.0, 8.0, 1.0]
halves = []
print(kernel(items, halves))
print(items, halves)
