import numpy as np

import prices
from report import average, worst_loss

quotes = prices.quotes(2_000_000)
moves = prices.relative_moves(quotes)
rolling = prices.three_day_mean(moves)

print("quotes", len(quotes), "moves", len(moves))
print("average move %.9f" % average(moves))
print("worst three days %.9f at %d" % worst_loss(rolling))
print("up days", prices.up_days(moves), "of", np.size(moves))
