# expect: refuse
# at: 7
def plan(amount, rate, payment):
    months = 0
    paid = 0.0
    rest = []
    while amount > 0:
        interest = amount * rate / 12
        payment_now = min(payment, amount + interest)
        amount = amount + interest - payment_now
        if amount < 0.005:
            amount = 0.0
        paid += payment_now
        months += 1
        rest.append(amount)
    return months, paid, rest


months, paid, rest = plan(900_000.0, 0.031, 2331.0)
print(months, "%.2f" % paid, ["%.2f" % r for r in rest[:3]])
