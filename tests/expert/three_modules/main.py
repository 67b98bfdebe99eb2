"""Temperatures of a year: read, smooth, summarize.  Start this one."""
import sensor
import summary


def main():
    raw = sensor.readings(days=365, per_day=2880)
    celsius = sensor.to_celsius(raw)
    smooth = sensor.moving_average(celsius)

    print("readings:", len(celsius))
    print("mean: %.6f" % summary.mean(smooth))
    print("range: %.6f to %.6f" % summary.extremes(smooth))
    print("above 20 degrees:", summary.count_above(smooth, 20.0))
    print("noon of day 200: %.6f" % smooth[200 * 2880 + 1440])


if __name__ == "__main__":
    main()
