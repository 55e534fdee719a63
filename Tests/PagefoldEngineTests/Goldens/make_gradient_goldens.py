"""Makes gradient_goldens.json: outputs and gradients of every operation, by PyTorch in float64.

usage: python make_gradient_goldens.py [OUT.json]     needs: torch, numpy; same bytes on every run

Everything is NCHW and row-major; convolution weights [co][ci/groups][kh][kw], dense weights [out][in], flatten keeps the
order c, h, w. The scalar behind every gradient is L = sum(output * upstream). Each line of "cases" is
  {"name": unique, "operation": see OPERATIONS, "attributes": {...},
   "inputs":[T...], "parameters":[T...], "output":T, "upstream":T, "inputGradients":[T...], "parameterGradients":[T...],
   "extra":{...} (batch norm only)}             T = {"name"?, "shape":[...], "values":[...]}; shape [] is a scalar
inputGradients and parameterGradients stand in the order of inputs and parameters. A teacher's logits have no gradient:
losses list the gradient of the student's logits (inputs[0]) alone.

OPERATIONS and attributes
  convolution     stride [h,w], padding [top,bottom,left,right] (zeros), dilation [h,w], groups; parameters weight, bias
  dense           parameters weight, bias
  maxPool         kernel [h,w], stride [h,w], padding [top,bottom,left,right] (padding never wins)
  averagePool     the same; divides by the number of values inside the input (padding is not counted)
  globalAveragePool  output [N,C,1,1]
  batchNormalization epsilon, training; parameters scale, offset (with gradients); extra.runningMean, runningVariance:
                  before the step; training: statistics of the batch, biased variance, and extra.momentum,
                  updatedRunningMean, updatedRunningVariance (PyTorch: new = 0.9 old + 0.1 batch, *unbiased* variance),
                  batchMean, batchVariance (biased). Inference: runningMean and runningVariance are used as they are
  relu, relu6, leakyRelu (alpha), sigmoid, tanh, softmax (over classes), add, concatenate (channels), flatten
  transpose       axes: axis i of the output is axis axes[i] of the input (0 channels, 1 height, 2 width)
  slice           axis, start, count, step (below zero: from the end of the range back)
  pad             amounts [before, after] of the width, border: constant (number), reflect, replicate or circular
  reduce          axis (kept with size 1), reduction: sum, mean, max, min or prod
  resize          size of the height, interpolation: linear (pixels are areas), corners (linear, pixels are points), nearest
  matrixProduct   two inputs; transposed: the second one's last two axes change places
  embedding       numbers of rows are cut off to whole ones; their gradient is 0; parameter weight
  recurrent       cell: lstm, gru or plain; reversed. Input [N,time,features], a second input is the first state: h, for
                  lstm then c, [N,*,*] with as many numbers. Parameters weight [gates * units, features + units], bias
                  [gates * units], gru: [4 * units], the last part within the reset gate's product. Output
                  [N,time,units], lstm: [N,time,2 * units], at each moment h, then c
  arithmetic      function: add, mul, sub, div, maximum, minimum or pow of two inputs; sides of 1 are repeated
  function        function: see FUNCTIONS; alpha, beta where it has some
  parametricRelu  parameter slope [channels]
  softmaxAlong    axis, logarithm
  concatenateAlong  axis
  crossEntropy    labels [N]; mean over the batch of -log softmax(logits)[label]; output is a scalar, upstream 1
  distillation    labels [N], temperature T, weights {crossEntropy a, distillation b};
                  a * crossEntropy + b * T^2 * mean over the batch of KL(softmax(teacher/T) || softmax(student/T))
  network         nodes: [{"operation","attributes","inputs":[node],"parameters":[index into parameters]}...]; node 0 is
                  the input, nodes[0] makes node 1, and so on; the last is the output

No input lies within MARGIN of a kink: neither of a relu, nor between the two largest values of a pooling window. So
float32 takes the same branches. Every gradient is checked against a central difference before it is written.
"""
import os
import sys
import zlib

import numpy as np
import torch
import torch.nn.functional as F

from golden_format import Draw, entry, tensor, write

MARGIN = 2e-4
margins = []


def pad(x, attributes, value=0.0):
    top, bottom, left, right = attributes.get("padding", [0, 0, 0, 0])
    return F.pad(x, (left, right, top, bottom), value=value)


def convolution(a, x, p):
    return F.conv2d(pad(x[0], a), p[0], p[1] if len(p) > 1 else None, a["stride"], 0, a["dilation"], a["groups"])


def max_pool(a, x, p):
    padded = pad(x[0], a, -float("inf"))
    (kh, kw), (sh, sw) = a["kernel"], a["stride"]
    windows = padded.detach().unfold(2, kh, sh).unfold(3, kw, sw).reshape(-1, kh * kw)
    top = windows.topk(2, 1).values
    margins.append((top[:, 0] - top[:, 1]).min().item())
    return F.max_pool2d(padded, (kh, kw), (sh, sw))


def average_pool(a, x, p):
    kernel, stride = a["kernel"], a["stride"]
    area = kernel[0] * kernel[1]
    total = F.avg_pool2d(pad(x[0], a), kernel, stride) * area
    count = F.avg_pool2d(pad(torch.ones_like(x[0]), a), kernel, stride) * area
    top, bottom, left, right = a["padding"]
    if top == bottom and left == right:
        reference = F.avg_pool2d(x[0], kernel, stride, (top, left), count_include_pad=False)
        assert torch.allclose(total / count, reference, rtol=1e-12)
    return total / count


def kinked(function, *kinks):
    def apply(a, x, p):
        margins.extend((x[0].detach() - k).abs().min().item() for k in kinks)
        return function(a, x[0])
    return apply


def cross_entropy(a, x, p):
    return F.cross_entropy(x[0], torch.tensor(a["labels"]))


def distillation(a, x, p):
    t, student, teacher = a["temperature"], x[0], x[1].detach()
    divergence = F.kl_div(F.log_softmax(student / t, 1), F.log_softmax(teacher / t, 1), log_target=True, reduction="batchmean")
    w = a["weights"]
    return w["crossEntropy"] * cross_entropy(a, x, p) + w["distillation"] * t * t * divergence


def batch_normalization(a, x, p):
    if a["training"]:
        return F.batch_norm(x[0], None, None, p[0], p[1], True, 0.1, a["epsilon"])
    return F.batch_norm(x[0], a["_mean"], a["_variance"], p[0], p[1], False, 0.1, a["epsilon"])


FUNCTIONS = {
    "exponential": lambda x, a, b: x.exp(), "logarithm": lambda x, a, b: x.log(), "squareRoot": lambda x, a, b: x.sqrt(),
    "reciprocal": lambda x, a, b: x.reciprocal(), "absolute": lambda x, a, b: x.abs(), "square": lambda x, a, b: x * x,
    "errorFunction": lambda x, a, b: torch.erf(x), "gelu": lambda x, a, b: F.gelu(x),
    "geluTanh": lambda x, a, b: F.gelu(x, approximate="tanh"), "silu": lambda x, a, b: F.silu(x),
    "hardSwish": lambda x, a, b: F.hardswish(x), "hardSigmoid": lambda x, a, b: F.hardsigmoid(x),
    "elu": lambda x, a, b: F.elu(x, a), "selu": lambda x, a, b: F.selu(x), "softplus": lambda x, a, b: F.softplus(x),
    "softsign": lambda x, a, b: F.softsign(x), "mish": lambda x, a, b: F.mish(x), "power": lambda x, a, b: x ** a,
    "clip": lambda x, a, b: x.clamp(a, b)}
KINKS = {"absolute": [0], "hardSwish": [-3, 3], "hardSigmoid": [-3, 3]}


def function(a, x, p):
    kinks = [a["alpha"], a["beta"]] if a["function"] == "clip" else KINKS.get(a["function"], [])
    for kink in kinks:
        margins.append((x[0].detach() - kink).abs().min().item())
    return FUNCTIONS[a["function"]](x[0], a.get("alpha"), a.get("beta"))


def arithmetic(a, x, p):
    if a["function"] in ("maximum", "minimum"):
        margins.append((x[0] - x[1]).detach().abs().min().item())
    return getattr(torch, a["function"])(x[0], x[1])


def parametric_relu(a, x, p):
    margins.append(x[0].detach().abs().min().item())
    return F.prelu(x[0], p[0])


def softmax_along(a, x, p):
    return (F.log_softmax if a["logarithm"] else F.softmax)(x[0], 1 + a["axis"])


def sliced(a, x, p):
    ends = sorted([a["start"], a["start"] + (a["count"] - 1) * a["step"]])
    part = x[0].narrow(1 + a["axis"], ends[0], ends[1] - ends[0] + 1)
    part = part.flip(1 + a["axis"]) if a["step"] < 0 else part
    return part.index_select(1 + a["axis"], torch.arange(0, part.shape[1 + a["axis"]], abs(a["step"])))


def padded(a, x, p):
    if a["border"] == "constant":
        return F.pad(x[0], tuple(a["amounts"]), "constant", a["number"])
    return F.pad(x[0], (*a["amounts"], 0, 0), a["border"])


def reduced(a, x, p):
    dim = 1 + a["axis"]
    if a["reduction"] in ("max", "min"):
        top = x[0].detach().topk(2, dim, largest=a["reduction"] == "max").values
        margins.append((top.select(dim, 0) - top.select(dim, 1)).abs().min().item())
        return getattr(x[0], a["reduction"])(dim, keepdim=True).values
    return getattr(x[0], a["reduction"])(dim, keepdim=True)


def resized(a, x, p):
    size = (a["size"], x[0].shape[3])
    if a["interpolation"] == "nearest":
        return F.interpolate(x[0], size, mode="nearest")
    return F.interpolate(x[0], size, mode="bilinear", align_corners=a["interpolation"] == "corners")


def matrix_product(a, x, p):
    return x[0] @ (x[1].transpose(2, 3) if a["transposed"] else x[1])


def embedding(a, x, p):
    rows = x[0].detach()
    margins.append((rows - rows.round()).abs().min().item())
    return F.embedding(rows.long(), p[0]) + 0 * x[0].sum()


def recurrent(a, x, p):
    """Moment by moment, so that the cell of each is seen."""
    cell, moments, rows = a["cell"], x[0], p[0].shape[0]
    units = rows // {"lstm": 4, "gru": 3, "plain": 1}[cell]
    features = p[0].shape[1] - units
    kinds = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "plain": torch.nn.RNN}
    module = kinds[cell](features, units, batch_first=True)
    inner = torch.cat([torch.zeros(rows - units), p[1][rows:]]) if cell == "gru" else torch.zeros(rows)
    values = {"weight_ih_l0": p[0][:, :features], "weight_hh_l0": p[0][:, features:],
              "bias_ih_l0": p[1][:rows], "bias_hh_l0": inner}
    states = units * (2 if cell == "lstm" else 1)
    first = (x[1].flatten(1) if len(x) > 1 else torch.zeros(moments.shape[0], states))[None]
    def run(sequence, state):
        state = tuple(s.contiguous() for s in state.split(units, 2)) if cell == "lstm" else state
        y, state = torch.func.functional_call(module, values, (sequence, state))
        return y, torch.cat(state, 2) if cell == "lstm" else state
    results, state = [None] * moments.shape[1], first
    for moment in reversed(range(len(results))) if a["reversed"] else range(len(results)):
        _, state = run(moments[:, moment:moment + 1], state)
        results[moment] = state[0]
    y = torch.stack(results, 1)
    whole = run(moments.flip(1), first)[0].flip(1) if a["reversed"] else run(moments, first)[0]
    assert torch.allclose(whole, y[:, :, :units], rtol=1e-12)
    return y


def network(a, x, p):
    values = list(x)
    for node in a["nodes"]:
        values.append(OPERATIONS[node["operation"]](
            node["attributes"], [values[i] for i in node["inputs"]], [p[i] for i in node["parameters"]]))
    return values[-1]


OPERATIONS = {
    "convolution": convolution,
    "dense": lambda a, x, p: F.linear(x[0], p[0], p[1]),
    "maxPool": max_pool,
    "averagePool": average_pool,
    "globalAveragePool": lambda a, x, p: x[0].mean((2, 3), keepdim=True),
    "batchNormalization": batch_normalization,
    "relu": kinked(lambda a, x: F.relu(x), 0),
    "relu6": kinked(lambda a, x: F.relu6(x), 0, 6),
    "leakyRelu": kinked(lambda a, x: F.leaky_relu(x, a["alpha"]), 0),
    "sigmoid": lambda a, x, p: torch.sigmoid(x[0]),
    "tanh": lambda a, x, p: torch.tanh(x[0]),
    "softmax": lambda a, x, p: F.softmax(x[0], 1),
    "add": lambda a, x, p: x[0] + x[1],
    "concatenate": lambda a, x, p: torch.cat(x, 1),
    "flatten": lambda a, x, p: x[0].flatten(1),
    "transpose": lambda a, x, p: x[0].permute(0, *[1 + i for i in a["axes"]]),
    "slice": sliced,
    "pad": padded,
    "reduce": reduced,
    "resize": resized,
    "matrixProduct": matrix_product,
    "embedding": embedding,
    "recurrent": recurrent,
    "arithmetic": arithmetic,
    "function": function,
    "parametricRelu": parametric_relu,
    "softmaxAlong": softmax_along,
    "concatenateAlong": lambda a, x, p: torch.cat(x, 1 + a["axis"]),
    "crossEntropy": cross_entropy,
    "distillation": distillation,
    "network": network,
}
LOSSES = {"crossEntropy", "distillation"}


def check_gradient(evaluate, leaves, gradients, upstream, seed):
    """The directional derivative along a random direction, by central difference."""
    direction = [torch.from_numpy(np.random.default_rng(seed).standard_normal(tuple(v.shape))) for v in leaves]
    def along(step):
        with torch.no_grad():
            return (evaluate([v + step * d for v, d in zip(leaves, direction)]) * upstream).sum().item()
    expected = sum((g * d).sum().item() for g, d in zip(gradients, direction))
    measured = (along(1e-6) - along(-1e-6)) / 2e-6
    scale = max(abs(expected), sum((g * d).abs().sum().item() for g, d in zip(gradients, direction)) * 1e-2, 1e-3)
    assert abs(expected - measured) < 1e-5 * scale, (expected, measured)


def case(name, operation, attributes, inputs, parameters=(), upstream_seed=99, extra=None):
    """Evaluates one case; parameters are (name, tensor). Returns the JSON value and the smallest distance to a kink."""
    margins.clear()
    trained = len(inputs) if operation != "distillation" else 1
    leaves = [v.clone().requires_grad_() for v in inputs[:trained]] + [v.clone().requires_grad_() for _, v in parameters]
    fixed = list(inputs[trained:])
    def evaluate(values):
        return OPERATIONS[operation](attributes, values[:trained] + fixed, values[trained:])
    output = evaluate(leaves)
    margin = min(margins, default=1.0)
    upstream = tensor(1.0) if operation in LOSSES else Draw(upstream_seed)(*output.shape)
    gradients = torch.autograd.grad((output * upstream).sum(), leaves)
    if margin >= MARGIN:
        check_gradient(evaluate, [v.detach() for v in leaves], gradients, upstream, upstream_seed)
    value = {
        "name": name, "operation": operation,
        "attributes": {k: v for k, v in attributes.items() if not k.startswith("_")},
        "inputs": [entry(v) for v in inputs],
        "parameters": [entry(v, n) for n, v in parameters],
        "output": entry(output), "upstream": entry(upstream),
        "inputGradients": [entry(g) for g in gradients[:trained]],
        "parameterGradients": [entry(g, n) for g, (n, _) in zip(gradients[trained:], parameters)],
    }
    if extra:
        value["extra"] = extra
    return value, margin


def clear_of_kinks(make):
    """The first of the seeds 0, 1, ... whose case keeps MARGIN from every kink."""
    for seed in range(200):
        value, margin = make(Draw(seed))
        if margin >= MARGIN:
            return value
    raise SystemExit("no seed keeps the margin")


def convolution_case(name, shape, out, kernel, stride=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1), groups=1, bias=True):
    d = Draw(zlib.crc32(name.encode()))
    fan_in = shape[1] // groups * kernel[0] * kernel[1]
    parameters = [("weight", d(out, shape[1] // groups, *kernel, scale=fan_in ** -0.5))]
    if bias:
        parameters.append(("bias", d(out, scale=0.3)))
    attributes = {"stride": list(stride), "padding": list(padding), "dilation": list(dilation), "groups": groups}
    return case(name, "convolution", attributes, [d(*shape)], parameters)[0]


def pool_case(name, operation, shape, kernel, stride, padding=(0, 0, 0, 0)):
    attributes = {"kernel": list(kernel), "stride": list(stride), "padding": list(padding)}
    # All below zero, so that a padding of zeros that took part would win.
    return clear_of_kinks(lambda d: case(name, operation, attributes, [tensor(d(*shape, distinct=True) - 1.125)]))


def batch_normalization_cases():
    d = Draw(7)
    x = tensor(np.round((d(16, 3, 3, 2) + tensor([0.5, -1.0, 2.0]).reshape(1, 3, 1, 1)).numpy(), 3))
    parameters = [("scale", tensor([0.75, 1.5, -0.5])), ("offset", tensor([0.1, -0.2, 0.3]))]
    mean, variance, batch = tensor([0.4, -0.9, 1.6]), tensor([0.8, 1.3, 0.6]), x.shape[0] * x.shape[2] * x.shape[3]
    before = {"runningMean": entry(mean), "runningVariance": entry(variance)}
    batch_mean, batch_variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    new_mean, new_variance = mean.clone(), variance.clone()
    F.batch_norm(x, new_mean, new_variance, parameters[0][1], parameters[1][1], True, 0.1, 1e-5)
    assert torch.allclose(new_variance, 0.9 * variance + 0.1 * batch_variance * batch / (batch - 1))
    after = {"momentum": 0.1, "batchMean": entry(batch_mean), "batchVariance": entry(batch_variance),
             "updatedRunningMean": entry(new_mean), "updatedRunningVariance": entry(new_variance)}
    fixed = {"epsilon": 1e-5, "training": False, "_mean": mean, "_variance": variance}
    x3 = x[:3]
    return [case("batch-normalization-training", "batchNormalization", {"epsilon": 1e-5, "training": True}, [x], parameters,
                 extra={**before, **after})[0],
            case("batch-normalization-inference", "batchNormalization", fixed, [x3], parameters, extra=before)[0]]


def activation_cases():
    shape = (3, 4, 3, 2)
    plain = [("relu", {}), ("leakyRelu", {"alpha": 0.2}), ("sigmoid", {}), ("tanh", {})]
    made = [clear_of_kinks(lambda d, o=o, a=a: case(o, o, a, [d(*shape, scale=2.0)])) for o, a in plain]
    made.append(clear_of_kinks(lambda d: case("relu6", "relu6", {}, [d(*shape, scale=6.0)])))
    wide = tensor([[80.0, -80.0, 79.5, 0.0, 1.0], [-200.0, 200.0, 3.0, 199.0, -1.0], [1000.0, 1000.0, -1000.0, 0.5, 0.25]])
    return made + [case("softmax", "softmax", {}, [Draw(11)(3, 7, scale=2.0)])[0],
                   case("softmax-wide", "softmax", {}, [wide])[0]]


def loss_cases():
    d = Draw(13)
    student, teacher, labels = d(16, 5, scale=2.0), d(16, 5, scale=3.0), [int(i) for i in d.random.integers(0, 5, 16)]
    wide = tensor([[80.0, -80.0, 79.5, 0.0], [-200.0, 200.0, 3.0, 199.0], [1000.0, -1000.0, 0.0, 999.0]])
    far = tensor([[-60.0, 90.0, 1.0, 0.0], [200.0, -200.0, 3.0, 100.0], [1000.0, -1000.0, 0.0, 998.0]])
    def mixed(name, x, y, labels, t, a, b):
        return case(name, "distillation", {"labels": labels, "temperature": t,
                    "weights": {"crossEntropy": a, "distillation": b}}, [x, y])[0]
    return [case("cross-entropy", "crossEntropy", {"labels": labels}, [student])[0],
            case("cross-entropy-batch3", "crossEntropy", {"labels": labels[:3]}, [student[:3]])[0],
            case("cross-entropy-wide", "crossEntropy", {"labels": [1, 0, 3]}, [wide])[0],
            mixed("distillation-mixed", student, teacher, labels, 2.0, 0.5, 0.5),
            mixed("distillation-only-t4", student[:3], teacher[:3], labels[:3], 4.0, 0.0, 1.0),
            mixed("distillation-wide", wide, far, [1, 0, 3], 2.0, 0.5, 0.5)]


def arithmetic_cases():
    made = []
    for name in ["add", "mul", "sub", "div", "maximum", "minimum", "pow"]:
        for shapes in [((3, 2, 3, 4), (3, 2, 3, 4)), ((3, 2, 3, 4), (3, 2, 1, 1)), ((17, 1, 3, 1), (17, 2, 1, 4))]:
            above = name in ("div", "pow")
            draw = lambda d: [d(*s).abs() + 0.5 if above else d(*s) for s in shapes]
            sizes = "x".join(map(str, shapes[1]))
            made.append(clear_of_kinks(lambda d: case(f"arithmetic-{name}-{sizes}", "arithmetic", {"function": name}, draw(d))))
    numbers = {"elu": {"alpha": 0.8}, "power": {"alpha": -0.75}, "clip": {"alpha": -0.5, "beta": 0.75}}
    for name in FUNCTIONS:
        above = name in ("logarithm", "squareRoot", "reciprocal", "power")
        scale = 3 if name.startswith("hard") else 1
        draw = lambda d: d(3, 2, 3, 5).abs() + 0.25 if above else d(3, 2, 3, 5) * scale
        made.append(clear_of_kinks(lambda d: case(
            f"function-{name}", "function", {"function": name, **numbers.get(name, {})}, [draw(d)])))
    made.append(clear_of_kinks(lambda d: case("parametric-relu", "parametricRelu", {}, [d(3, 4, 2, 3)], [("slope", d(4))])))
    d = Draw(31)
    made += [case(f"softmax-along-{axis}{'-log' if log else ''}", "softmaxAlong", {"axis": axis, "logarithm": log}, [d(3, 3, 4, 5)])[0]
             for axis, log in [(0, False), (1, False), (2, False), (0, True), (2, True)]]
    made += [case(f"concatenate-along-{axis}", "concatenateAlong", {"axis": axis}, [d(3, 3, 3, 2), d(3, 3, 3, 2)])[0]
             for axis in range(3)]
    return made


def movement_cases():
    shape = (3, 3, 4, 5)
    def one(name, operation, **attributes):
        return clear_of_kinks(lambda d: case(name, operation, attributes, [d(*shape)]))
    made = [one("transpose-" + "".join(map(str, o)), "transpose", axes=list(o)) for o in [(0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)]]
    made += [one("slice-rows", "slice", axis=1, start=1, count=2, step=1),
             one("slice-channels-backwards", "slice", axis=0, start=2, count=3, step=-1),
             one("slice-every-second-column", "slice", axis=2, start=4, count=3, step=-2)]
    made += [one("pad-" + border, "pad", amounts=[4, 3], border=border, number=0.5 if border == "constant" else 0.0)
             for border in ["constant", "reflect", "replicate", "circular"]]
    made += [one(f"reduce-{kind}-{axis}", "reduce", axis=axis, reduction=kind)
             for kind, axis in [("sum", 0), ("mean", 1), ("max", 2), ("min", 0), ("prod", 1), ("max", 1)]]
    zero = Draw(21)(*shape)
    zero[:, 0, 1, 2] = 0
    made.append(case("reduce-prod-with-a-zero", "reduce", {"axis": 1, "reduction": "prod"}, [zero])[0])
    made += [one(f"resize-{kind}-{size}", "resize", size=size, interpolation=kind)
             for kind in ["linear", "corners", "nearest"] for size in [7, 3]]
    d = Draw(22)
    return made + [
        case("matrix-product", "matrixProduct", {"transposed": False}, [d(3, 2, 4, 4), d(3, 2, 4, 4)])[0],
        case("matrix-product-transposed", "matrixProduct", {"transposed": True}, [d(3, 2, 3, 7), d(3, 2, 3, 7)])[0],
        case("matrix-product-one-for-all", "matrixProduct", {"transposed": False}, [d(17, 3, 4, 4), d(17, 1, 4, 4)])[0]]


def sequence_cases():
    d = Draw(23)
    numbers = lambda *shape: tensor(d.random.integers(0, 6, shape) + 0.5)
    made = [case("embedding", "embedding", {}, [numbers(3, 7)], [("weight", d(6, 4))])[0],
            case("embedding-batch17", "embedding", {}, [numbers(17, 5)], [("weight", d(6, 9))])[0]]
    gates = {"lstm": (4, 4), "gru": (3, 4), "plain": (1, 1)}
    for cell, (rows, biases) in gates.items():
        for name, batch, moments, features, units, backwards, has_state in [
                ("", 3, 5, 4, 6, False, False), ("-reversed", 3, 4, 2, 5, True, False),
                ("-batch17", 17, 2, 3, 9, False, False), ("-from-a-state", 3, 4, 2, 6, False, True),
                ("-reversed-from-a-state", 3, 3, 2, 4, True, True)]:
            inputs = [d(batch, moments, features)]
            if has_state:
                inputs.append(d(batch, (2 if cell == "lstm" else 1) * units // features, features))
            parameters = [("weight", d(rows * units, features + units, scale=0.4)), ("bias", d(biases * units, scale=0.3))]
            made.append(case(cell + name, "recurrent", {"cell": cell, "reversed": backwards}, inputs, parameters)[0])
    return made


def node(operation, inputs, parameters=(), **attributes):
    return {"operation": operation, "attributes": attributes, "inputs": list(inputs), "parameters": list(parameters)}


def convolution_node(source, parameters, padding=(0, 0, 0, 0), groups=1):
    return node("convolution", [source], parameters, stride=[1, 1], padding=list(padding), dilation=[1, 1], groups=groups)


def plain_network(d):
    """(a) conv-leaky-pool-conv-leaky-pool-flatten-dense-sigmoid-dense on 2 x 13 x 10, batch 3; odd sizes lose a row."""
    pool = {"kernel": [2, 2], "stride": [2, 2], "padding": [0, 0, 0, 0]}
    nodes = [convolution_node(0, [0, 1]), node("leakyRelu", [1], alpha=0.2), node("maxPool", [2], **pool),
             convolution_node(3, [2, 3]), node("leakyRelu", [4], alpha=0.2), node("maxPool", [5], **pool),
             node("flatten", [6]), node("dense", [7], [4, 5]), node("sigmoid", [8]), node("dense", [9], [6, 7])]
    parameters = [("conv0.weight", d(4, 2, 3, 3, scale=0.25)), ("conv0.bias", d(4, scale=0.1)),
                  ("conv1.weight", d(5, 4, 2, 3, scale=0.25)), ("conv1.bias", d(5, scale=0.1)),
                  ("dense0.weight", d(8, 10, scale=0.4)), ("dense0.bias", d(8, scale=0.2)),
                  ("dense1.weight", d(6, 8, scale=0.5)), ("dense1.bias", d(6, scale=0.2))]
    return case("network-plain", "network", {"nodes": nodes}, [d(3, 2, 13, 10)], parameters)


def residual_network(d):
    """(b) conv-bn-relu-depthwise-bn-relu6, add and concatenate with the first relu, gap, dense; 2 x 5 x 4, batch 16."""
    batch = {"epsilon": 1e-5, "training": True}
    nodes = [convolution_node(0, [0], (1, 1, 1, 1)), node("batchNormalization", [1], [1, 2], **batch), node("relu", [2]),
             convolution_node(3, [3], (1, 1, 1, 1), 4), node("batchNormalization", [4], [4, 5], **batch), node("relu6", [5]),
             node("add", [3, 6]), node("concatenate", [7, 3]), node("globalAveragePool", [8]), node("flatten", [9]),
             node("dense", [10], [6, 7])]
    parameters = [("conv.weight", d(4, 2, 3, 3, scale=0.25)),
                  ("bn0.scale", tensor([1.0, 0.8, 1.2, -0.9])), ("bn0.offset", tensor([0.1, 0.3, -0.2, 0.2])),
                  ("depthwise.weight", d(4, 1, 3, 3, scale=0.35)),
                  ("bn1.scale", tensor([3.0, 2.5, -2.0, 4.0])), ("bn1.offset", tensor([2.0, 1.0, 0.5, 3.0])),
                  ("dense.weight", d(5, 8, scale=0.4)), ("dense.bias", d(5, scale=0.2))]
    return case("network-residual", "network", {"nodes": nodes}, [d(16, 2, 5, 4)], parameters)


def main():
    d = Draw(5)
    cases = [
        convolution_case("convolution-3x3-valid", (3, 2, 7, 6), 4, (3, 3)),
        convolution_case("convolution-3x3-valid-batch16", (16, 2, 4, 4), 3, (3, 3)),
        convolution_case("convolution-3x3-valid-batch17", (17, 1, 4, 4), 2, (3, 3)),
        convolution_case("convolution-5x3-stride2-asymmetric", (3, 2, 9, 8), 3, (5, 3), (2, 2), (1, 2, 0, 1)),
        convolution_case("convolution-3x3-stride-2-1-no-bias", (3, 3, 7, 5), 2, (3, 3), (2, 1), (0, 1, 1, 1), bias=False),
        convolution_case("convolution-depthwise", (3, 4, 6, 5), 4, (3, 3), padding=(1, 1, 1, 1), groups=4),
        convolution_case("convolution-depthwise-multiplier2-stride2", (3, 3, 6, 6), 6, (3, 3), (2, 2), (0, 1, 0, 1), groups=3),
        convolution_case("convolution-grouped", (3, 4, 5, 5), 6, (3, 3), padding=(1, 1, 1, 1), groups=2),
        convolution_case("convolution-dilated", (3, 2, 8, 7), 3, (3, 3), padding=(1, 1, 0, 0), dilation=(2, 2)),
        convolution_case("convolution-1x1", (3, 5, 4, 3), 4, (1, 1)),
        convolution_case("convolution-18-channels", (3, 18, 2, 4), 17, (1, 2)),
        case("dense", "dense", {}, [d(3, 11)], [("weight", d(7, 11, scale=0.3)), ("bias", d(7, scale=0.3))])[0],
        case("dense-batch16", "dense", {}, [d(16, 9)], [("weight", d(5, 9, scale=0.3)), ("bias", d(5, scale=0.3))])[0],
        pool_case("max-pool-2x2", "maxPool", (3, 3, 7, 6), (2, 2), (2, 2)),
        pool_case("max-pool-3x3-stride2-padded", "maxPool", (3, 2, 7, 6), (3, 3), (2, 2), (1, 1, 1, 1)),
        pool_case("max-pool-3x3-stride2-asymmetric", "maxPool", (3, 2, 6, 6), (3, 3), (2, 2), (0, 1, 0, 1)),
        pool_case("average-pool-2x2", "averagePool", (3, 2, 6, 4), (2, 2), (2, 2)),
        pool_case("average-pool-3x3-stride2-padded", "averagePool", (3, 2, 7, 6), (3, 3), (2, 2), (1, 1, 1, 1)),
        pool_case("average-pool-3x3-stride2-asymmetric", "averagePool", (3, 2, 6, 6), (3, 3), (2, 2), (0, 1, 0, 1)),
        case("global-average-pool", "globalAveragePool", {}, [d(3, 4, 5, 3)])[0],
        *batch_normalization_cases(), *activation_cases(),
        case("add", "add", {}, [d(3, 2, 4, 3), d(3, 2, 4, 3)])[0],
        case("concatenate", "concatenate", {}, [d(3, 2, 4, 3), d(3, 3, 4, 3)])[0],
        *loss_cases(), clear_of_kinks(plain_network), clear_of_kinks(residual_network),
        *movement_cases(), *sequence_cases(), *arithmetic_cases(),
    ]
    assert len({c["name"] for c in cases}) == len(cases)
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "gradient_goldens.json")
    head = {"maker": f"make_gradient_goldens.py, PyTorch {torch.__version__.split('+')[0]}, float64"}
    write(path, head, "cases", cases)
    print(f"{path}: {len(cases)} cases, {os.path.getsize(path)} bytes")


main()
