"""A photo is made brighter, softer, and summarized."""
import filters.basic as basic
import measure


def run():
    photo = basic.test_photo(700, 960)
    bright = basic.brighter(photo, 1.4)
    soft = basic.soften(bright)
    print("dark pixels before:", measure.darker_than(photo, 40))
    print("dark pixels after:", measure.darker_than(bright, 40))
    print("contrast: %.6f" % measure.contrast(soft))
    print("column means:", ["%.4f" % m for m in measure.column_means(soft)[:4]])


run()
