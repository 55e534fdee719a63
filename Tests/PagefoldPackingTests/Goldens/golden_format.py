"""How the golden scripts draw numbers and write JSON; not a golden itself.

Drawn values (inputs, parameters, upstream gradients) have three decimals, rounded to float32 and computed with in
float64: a reader that parses them as Float starts from exactly the same numbers. Results have eight significant digits.
"""
import json

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


class Draw:
    """Three-decimal values that are never 0 (kinks of relu) and, with distinct=True, all different (ties of max pool)."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)

    def __call__(self, *shape, scale=1.0, distinct=False):
        count = int(np.prod(shape))
        if distinct:
            thousandths = self.random.permutation(np.arange(-count, count + 1))
            values = thousandths[thousandths != 0][:count] * (scale / count)
        else:
            values = self.random.standard_normal(count) * scale
        values = np.round(values, 3)
        values[values == 0] = 0.001
        if distinct:
            assert len(np.unique(values)) == count, "too many values for three decimals"
        return tensor(values.reshape(shape))


def tensor(values):
    """float64 tensor of the float32 nearest to each value."""
    return torch.tensor(np.asarray(values, np.float32).astype(np.float64))


def entry(values, name=None):
    """{"name", "shape", "values"} of a tensor, row-major; eight significant digits are enough for float32 input."""
    values = values.detach()
    flat = [number(v) for v in values.reshape(-1).tolist()]
    out = {} if name is None else {"name": name}
    out.update(shape=list(values.shape), values=flat)
    return out


def number(value):
    value = float(f"{value:.8g}")
    return int(value) if value == int(value) and abs(value) < 1e6 else value


def write(path, head, key, items):
    """One line an item, so that a change of one golden is one line of a diff."""
    compact = lambda v: json.dumps(v, separators=(",", ":"), allow_nan=False)
    with open(path, "w") as out:
        out.write("{" + "".join(f"{compact(k)}:{compact(v)},\n" for k, v in head.items()))
        out.write(f"{compact(key)}:[\n" + ",\n".join(compact(i) for i in items) + "\n]}\n")
