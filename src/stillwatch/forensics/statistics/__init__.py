"""Pure statistics: arrays and a generator in, values out; every function states its null hypothesis, scale and source."""
