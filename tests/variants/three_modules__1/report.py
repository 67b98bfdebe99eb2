def average(xs):
    total = 0.0
    for x in xs:
        total += x
    return total / len(xs)


def worst_loss(xs):
    worst = xs[0]
    where = 0
    for i in range(1, len(xs)):
        if xs[i] < worst:
            worst = xs[i]
            where = i
    return worst, where
