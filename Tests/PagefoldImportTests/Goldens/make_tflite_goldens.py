#!/usr/bin/env python3
"""Writes tflite.npz: small TFLite models, one or a few operators each, with answers of LiteRT (ai-edge-litert 2.3.0).

Run it in its folder after changing a case; the file is committed. Everything is synthetic. `models` holds the bytes of all
files, `numbers` the numbers of all cases: how many samples, all samples of each input, quantised ones as codes, and all
answers of each output, quantised ones as the numbers that they stand for. States go from one sample to the next. `sizes`
says how much of both is each case's, `names` what the cases are called.
"""
import io
import zipfile

import numpy as np
from ai_edge_litert import schema_py_generated as s
from ai_edge_litert.interpreter import Interpreter, OpResolverType
import flatbuffers

rng = np.random.default_rng(20260101)
OPS = {k: v for k, v in vars(s.BuiltinOperator).items() if not k.startswith("_")}
OPTIONS = {k: v for k, v in vars(s.BuiltinOptions).items() if not k.startswith("_")}
TYPES = {
    np.float32: 0, np.float16: 1, np.int32: 2, np.uint8: 3, np.int64: 4, np.bool_: 6, np.int16: 7, np.int8: 9,
}
# Operators that LiteRT does not have in version 1.
VERSIONS = {"BROADCAST_TO": 2}
NONE, RELU, N1TO1, RELU6, TANH = 0, 1, 2, 3, 4
SAME, VALID = 0, 1
cases = {}


def normal(*shape):
    return rng.normal(size=shape).astype(np.float32)


class Model:
    def __init__(self):
        self.buffers = [s.BufferT()]
        self.codes = []
        self.graphs = []
        self.signatures = []
        self.main = self.graph()

    def graph(self):
        self.graphs.append(Graph(self))
        return self.graphs[-1]

    def code(self, name):
        key = (OPS["CUSTOM"], name) if name not in OPS else (OPS[name], None)
        if key not in self.codes:
            self.codes.append(key)
        return self.codes.index(key)

    def pack(self):
        model = s.ModelT()
        model.version = 3
        model.description = b"golden"
        model.buffers = self.buffers
        model.operatorCodes = []
        for code, custom in self.codes:
            c = s.OperatorCodeT()
            c.builtinCode = code
            c.deprecatedBuiltinCode = min(code, 127)
            c.version = next((v for k, v in VERSIONS.items() if OPS[k] == code), 1)
            c.customCode = custom
            model.operatorCodes.append(c)
        model.subgraphs = [g.pack() for g in self.graphs]
        model.signatureDefs = []
        for key, graph, inputs, outputs in self.signatures:
            d = s.SignatureDefT()
            d.signatureKey, d.subgraphIndex = key, graph
            d.inputs, d.outputs = [], []
            for names, maps in [(inputs, d.inputs), (outputs, d.outputs)]:
                for name, tensor in names.items():
                    maps.append(s.TensorMapT())
                    maps[-1].name, maps[-1].tensorIndex = name.encode(), tensor
            model.signatureDefs.append(d)
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


class Graph:
    def __init__(self, model):
        self.model = model
        self.tensors, self.operators, self.inputs, self.outputs = [], [], [], []
        self.name = b"main"

    def tensor(self, shape, dtype=np.float32, scale=None, zero=0, axis=0, data=None, variable=False, type=None):
        t = s.TensorT()
        t.shape = list(shape)
        t.type = TYPES[dtype] if type is None else type
        t.name = f"t{len(self.tensors)}".encode()
        t.buffer = 0
        t.isVariable = variable
        t.hasRank = True
        t.quantization = None
        if scale is not None:
            q = s.QuantizationParametersT()
            q.scale = np.atleast_1d(scale).astype(np.float32).tolist()
            q.zeroPoint = [int(z) for z in np.broadcast_to(zero, len(q.scale))]
            q.quantizedDimension = axis
            t.quantization = q
        if data is not None:
            b = s.BufferT()
            b.data = np.frombuffer(data if isinstance(data, bytes) else np.ascontiguousarray(data).tobytes(), np.uint8)
            self.model.buffers.append(b)
            t.buffer = len(self.model.buffers) - 1
        self.tensors.append(t)
        return len(self.tensors) - 1

    def const(self, array, wide=False, **more):
        array = np.asarray(array)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        if array.dtype == np.int64 and not wide:
            array = array.astype(np.int32)
        return self.tensor(array.shape, array.dtype.type, data=array, **more)

    def input(self, shape, *args, **more):
        self.inputs.append(self.tensor(shape, *args, **more))
        return self.inputs[-1]

    def op(self, name, inputs, options=None, outputs=1, custom=None, out=None, **fields):
        """`out` describes the result: keywords of tensor(); a list of them for several."""
        o = s.OperatorT()
        o.opcodeIndex = self.model.code(name)
        o.inputs = list(inputs)
        outs = out if isinstance(out, list) else [out or {} for _ in range(outputs)]
        o.outputs = [self.tensor(d.pop("shape", []), **d) for d in [dict(d) for d in outs]]
        o.builtinOptionsType = 0
        if options:
            o.builtinOptionsType = OPTIONS[options]
            o.builtinOptions = getattr(s, options + "T")()
            for k, v in fields.items():
                assert hasattr(o.builtinOptions, k), (options, k)
                setattr(o.builtinOptions, k, v)
        if custom is not None:
            o.customOptions = list(custom)
        self.operators.append(o)
        return o.outputs[0] if len(o.outputs) == 1 else o.outputs

    def pack(self):
        g = s.SubGraphT()
        g.tensors, g.operators, g.inputs, g.outputs = self.tensors, self.operators, self.inputs, self.outputs
        g.name = self.name
        return g


def put(name, model, samples=3, inputs=None, tight=True):
    """Runs a model and keeps it. `inputs`: arrays [samples, …]; random where missing."""
    graph = model.main
    content = model.pack()
    run = Interpreter(
        model_content=content, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True)
    run.allocate_tensors()
    details = run.get_input_details()
    if inputs is None:
        inputs = []
        for d in details:
            shape = [samples, *d["shape"]]
            if d["dtype"] in (np.int8, np.uint8, np.int16):
                i = np.iinfo(d["dtype"])
                inputs.append(rng.integers(i.min, i.max + 1, shape).astype(d["dtype"]))
            elif d["dtype"] == np.float32:
                inputs.append(rng.normal(size=shape).astype(np.float32))
            else:
                inputs.append(rng.integers(0, 4, shape).astype(d["dtype"]))
    run.reset_all_variables()
    outs = run.get_output_details()
    answers = [[] for _ in outs]
    for i in range(len(inputs[0]) if inputs else 1):
        for d, x in zip(details, inputs):
            run.set_tensor(d["index"], x[i].reshape(d["shape"]))
        run.invoke()
        for j, d in enumerate(outs):
            y = run.get_tensor(d["index"])
            scale, zero = d["quantization"]
            if y.dtype != np.float32:
                y = y.astype(np.float32)
                y = (y - zero) * np.float32(scale) if scale else y
            answers[j].append(y)
    # Sizes of intermediate tensors as a converter writes them.
    for index, t in enumerate(graph.tensors):
        try:
            shape = run.get_tensor(index).shape
            if len(t.shape) == 0 and not (t.quantization is None and t.type == 13):
                t.shape = list(shape)
        except ValueError:
            pass
    numbers = [np.float32([len(answers[0])])] + [x.astype(np.float32) for x in inputs] + [np.stack(y) for y in answers]
    cases[name] = np.frombuffer(model.pack(), np.uint8), np.concatenate([n.ravel() for n in numbers])
    print(f"{name:40s} {len(model.pack()):6d} bytes", [np.stack(y).shape for y in answers])


def single(name, op, shapes, constants=(), options=None, outputs=1, order=None, samples=3, inputs=None, **fields):
    """One operator: inputs of these shapes, then constants; `order` says where each operand stands."""
    m = Model()
    g = m.main
    operands = [g.input(x) if not isinstance(x, tuple) else g.input(x[0], x[1]) for x in shapes]
    operands += [g.const(c) for c in constants]
    if order:
        operands = [operands[i] if i is not None else -1 for i in order]
    out = g.op(op, operands, options, outputs, **fields)
    g.outputs = [out] if outputs == 1 else out
    put(name, m, samples, inputs)


# Convolutions
for name, pad, sh, sw, dh, dw, act, k in [
    ("same", SAME, 1, 1, 1, 1, RELU, (3, 3)), ("valid", VALID, 1, 1, 1, 1, NONE, (3, 2)),
    ("strides", SAME, 2, 3, 1, 1, RELU6, (3, 3)), ("dilated", SAME, 1, 1, 2, 3, N1TO1, (3, 3)),
    ("dilated-valid", VALID, 1, 1, 2, 2, NONE, (2, 3)), ("one", VALID, 1, 1, 1, 1, RELU, (1, 1)),
    ("even", SAME, 2, 2, 1, 1, NONE, (2, 4)),
]:
    single(
        f"conv-{name}", "CONV_2D", [[1, 9, 8, 3]], [normal(4, *k, 3), normal(4)], "Conv2DOptions", padding=pad, strideH=sh,
        strideW=sw, dilationHFactor=dh, dilationWFactor=dw, fusedActivationFunction=act)
    single(
        f"depthwise-{name}", "DEPTHWISE_CONV_2D", [[1, 9, 8, 3]], [normal(1, *k, 6), normal(6)], "DepthwiseConv2DOptions",
        padding=pad, strideH=max(sh, 1), strideW=sh, dilationHFactor=dh, dilationWFactor=dw, fusedActivationFunction=act,
        depthMultiplier=2)
single(
    "conv-groups", "CONV_2D", [[1, 5, 5, 4]], [normal(6, 3, 3, 2), normal(6)], "Conv2DOptions", padding=SAME, strideH=1,
    strideW=1, dilationHFactor=1, dilationWFactor=1)
single(
    "conv-line", "CONV_2D", [[1, 1, 20, 2]], [normal(3, 1, 5, 2), normal(3)], "Conv2DOptions", padding=SAME, strideH=1,
    strideW=2, dilationHFactor=1, dilationWFactor=1)
for name, k, st, d in [("wide", 300, 2, 1), ("stride", 3, 300, 1), ("stride-dilated", 3, 300, 5), ("both", 270, 260, 1)]:
    single(
        f"conv-long-{name}", "CONV_2D", [[1, 1, 900, 1]], [normal(2, 1, k, 1), normal(2)], "Conv2DOptions", samples=1,
        padding=VALID, strideH=1, strideW=st, dilationHFactor=1, dilationWFactor=d)
for name, pad, st, size, k in [
    ("same", SAME, 2, (8, 10), 3), ("valid", VALID, 2, (9, 11), 3), ("three", SAME, 3, (12, 15), 3),
    ("odd", SAME, 2, (7, 9), 4), ("gap", VALID, 3, (11, 14), 2), ("one", SAME, 1, (4, 5), 3),
]:
    single(
        f"transposed-{name}", "TRANSPOSE_CONV", [[1, 4, 5, 2]],
        [np.array([1, *size, 3], np.int32), normal(3, k, k, 2), normal(3)], "TransposeConvOptions", order=[1, 2, 0, 3],
        padding=pad, strideH=st, strideW=st)

# Dense layers and products
single("dense", "FULLY_CONNECTED", [[1, 6]], [normal(4, 6), normal(4)], "FullyConnectedOptions", fusedActivationFunction=RELU)
single("dense-map", "FULLY_CONNECTED", [[1, 2, 3, 4]], [normal(5, 24), normal(5)], "FullyConnectedOptions")
single("dense-positions", "FULLY_CONNECTED", [[1, 2, 3, 4]], [normal(5, 4), normal(5)], "FullyConnectedOptions", keepNumDims=True)
single("dense-rows", "FULLY_CONNECTED", [[1, 6, 4]], [normal(5, 4), normal(5)], "FullyConnectedOptions")
single("dense-no-bias", "FULLY_CONNECTED", [[1, 6]], [normal(4, 6)], "FullyConnectedOptions", order=[0, 1, None])
single("dense-computed", "FULLY_CONNECTED", [[3, 6], [4, 6]], [normal(4)], "FullyConnectedOptions")
single("matmul", "BATCH_MATMUL", [[1, 2, 3, 4], [1, 2, 4, 5]], [], "BatchMatMulOptions")
single("matmul-adjoint", "BATCH_MATMUL", [[1, 2, 4, 3], [1, 2, 5, 4]], [], "BatchMatMulOptions", adjX=True, adjY=True)
single("matmul-constant", "BATCH_MATMUL", [[1, 3, 4]], [normal(4, 5)], "BatchMatMulOptions")

# Pools and reductions
for op in ["AVERAGE_POOL_2D", "MAX_POOL_2D", "L2_POOL_2D"]:
    for name, pad, st, k, act in [("same", SAME, 1, (3, 3), NONE), ("valid", VALID, 2, (2, 3), RELU), ("wide", SAME, 3, (4, 5), RELU6)]:
        single(
            f"{op.lower()}-{name}", op, [[1, 7, 9, 3]], [], "Pool2DOptions", padding=pad, strideH=st, strideW=st,
            filterHeight=k[0], filterWidth=k[1], fusedActivationFunction=act)
for op in ["MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"]:
    for axes, keep in [([1, 2], False), ([1, 2], True), ([-1], False), ([3, 1], True), ([2], False)]:
        name = f"{op.lower()}-{'-'.join(str(a) for a in axes)}{'-keep' if keep else ''}".replace("--", "-n")
        single(name, op, [[1, 4, 5, 3]], [np.array(axes, np.int32)], "ReducerOptions", keepDims=keep)
for op in ["ARG_MAX", "ARG_MIN"]:
    single(f"{op.lower()}", op, [[1, 4, 5, 3]], [np.array(-1, np.int32)], "ArgMaxOptions" if op == "ARG_MAX" else "ArgMinOptions", outputType=2, out={"dtype": np.int32})
single("argmax-rows", "ARG_MAX", [[1, 7, 4]], [np.array(1, np.int32)], "ArgMaxOptions", outputType=2, out={"dtype": np.int32})
single("softmax", "SOFTMAX", [[1, 7]], [], "SoftmaxOptions", beta=1.0)
single("softmax-beta", "SOFTMAX", [[1, 3, 4, 5]], [], "SoftmaxOptions", beta=0.5)
single("log-softmax", "LOG_SOFTMAX", [[1, 3, 5]])
single("l2-normalization", "L2_NORMALIZATION", [[1, 3, 5]], [], "L2NormOptions")
for reverse in [False, True]:
    for exclusive in [False, True]:
        single(f"cumsum-{int(reverse)}{int(exclusive)}", "CUMSUM", [[1, 4, 3]], [np.array(1, np.int32)], "CumsumOptions", reverse=reverse, exclusive=exclusive)

# Arithmetic
for op, options in [("ADD", "AddOptions"), ("SUB", "SubOptions"), ("MUL", "MulOptions"), ("DIV", "DivOptions")]:
    single(f"{op.lower()}", op, [[1, 3, 4, 2], [1, 3, 4, 2]], [], options, fusedActivationFunction=RELU)
    single(f"{op.lower()}-channels", op, [[1, 3, 4, 2]], [normal(2)], options)
    single(f"{op.lower()}-number-first", op, [[1, 3, 4, 2]], [np.array(1.5, np.float32)], options, order=[1, 0])
    single(f"{op.lower()}-gate", op, [[1, 3, 4, 2], [1, 1, 1, 2]], [], options)
    single(f"{op.lower()}-columns", op, [[1, 3, 4, 2], [1, 1, 4, 1]], [], options)
for op in ["MAXIMUM", "MINIMUM", "SQUARED_DIFFERENCE"]:
    single(op.lower(), op, [[1, 3, 4, 2], [1, 3, 1, 2]])
    single(op.lower() + "-constant", op, [[1, 3, 4, 2]], [normal(2)])
single("pow", "POW", [[1, 5]], [np.array(2.0, np.float32)])
single("floor-div", "FLOOR_DIV", [[1, 6], [1, 6]])
single("floor-mod", "FLOOR_MOD", [[1, 6], [1, 6]])
single("add-n", "ADD_N", [[1, 4], [1, 4], [1, 4]])
single("floor-div-int", "FLOOR_DIV", [([1, 6], np.int32)], [np.array([2, -2, 3, -3, 5, 7], np.int32)], out={"dtype": np.int32}, inputs=[rng.integers(-20, 20, [4, 1, 6]).astype(np.int32)])
single("div-int", "DIV", [([1, 6], np.int32)], [np.array([2, -2, 3, -3, 5, 7], np.int32)], "DivOptions", out={"dtype": np.int32}, inputs=[rng.integers(-20, 20, [4, 1, 6]).astype(np.int32)])
positive = np.abs(rng.normal(size=[3, 1, 3, 5])).astype(np.float32) + 0.1
for op in ["RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LOGISTIC", "TANH", "FLOOR", "CEIL", "ROUND", "EXP", "NEG", "SQUARE", "ABS", "ELU", "HARD_SWISH", "SIGN"]:
    x = (3 * rng.normal(size=[3, 1, 3, 5])).astype(np.float32)
    single(op.lower(), op, [[1, 3, 5]], inputs=[x])
for op in ["LOG", "SQRT", "RSQRT"]:
    single(op.lower(), op, [[1, 3, 5]], inputs=[positive])
single("leaky-relu", "LEAKY_RELU", [[1, 3, 5]], [], "LeakyReluOptions", alpha=0.2)
single("prelu", "PRELU", [[1, 3, 4, 2]], [np.array([[[0.2, -0.3]]], np.float32)])
single("prelu-rows", "PRELU", [[1, 3, 4, 2]], [np.abs(normal(3, 1, 2))])
for approximate in [False, True]:
    single(f"gelu-{int(approximate)}", "GELU", [[1, 3, 5]], [], "GeluOptions", approximate=approximate)


def logical(name, first, second, constant=None, shape=(1, 3, 4)):
    """Two comparisons joined, cast to floats."""
    m = Model()
    g = m.main
    x, y = g.input(shape), g.input(shape)
    a = g.op(first, [x, y], out={"dtype": np.bool_})
    b = g.op(second, [x, g.const(np.float32(0.3))], out={"dtype": np.bool_})
    c = g.op("LOGICAL_AND", [a, g.op("LOGICAL_NOT", [b], out={"dtype": np.bool_})], out={"dtype": np.bool_})
    d = g.op("LOGICAL_OR", [c, b], out={"dtype": np.bool_})
    e = g.op("CAST", [d], "CastOptions", inDataType=6, outDataType=0)
    g.outputs = [e, g.op("SELECT_V2", [a, x, y])]
    put(name, m)


logical("less-greater", "LESS", "GREATER")
logical("less-equal", "LESS_EQUAL", "GREATER_EQUAL")
logical("equal", "EQUAL", "NOT_EQUAL")
single("select-broadcast", "SELECT_V2", [[1, 3, 4], [1, 1, 4]], [np.array([[[True], [False], [True]]])], order=[2, 0, 1])
single("cast-int", "CAST", [[1, 7]], [], "CastOptions", inDataType=0, outDataType=2, out={"dtype": np.int32}, inputs=[(5 * rng.normal(size=[3, 1, 7])).astype(np.float32)])
single("cast-from-int", "CAST", [([1, 7], np.int32)], [], "CastOptions", inDataType=2, outDataType=0)

# Moving numbers
single("reshape", "RESHAPE", [[1, 2, 3, 4]], [np.array([1, -1, 6], np.int32)], "ReshapeOptions", newShape=[1, -1, 6])
single("reshape-option", "RESHAPE", [[1, 2, 3, 4]], [], "ReshapeOptions", newShape=[1, 24])
single("squeeze", "SQUEEZE", [[1, 1, 3, 1]], [], "SqueezeOptions", squeezeDims=[1, -1])
single("squeeze-all", "SQUEEZE", [[1, 2, 3, 1]], [], "SqueezeOptions", squeezeDims=[])
single("expand-dims", "EXPAND_DIMS", [[1, 2, 3]], [np.array(-2, np.int32)])
for axes in [(0, 2, 1, 3), (0, 3, 1, 2), (0, 2, 3, 1), (3, 2, 1, 0), (0, 3, 2, 1)]:
    single(f"transpose-{''.join(map(str, axes))}", "TRANSPOSE", [[1, 2, 3, 4]], [np.array(axes, np.int32)])
single("transpose-5", "TRANSPOSE", [[1, 2, 3, 4, 5]], [np.array([0, 4, 2, 1, 3], np.int32)])
single("pack", "PACK", [[1, 3, 4], [1, 3, 4]], [], "PackOptions", axis=-1, valuesCount=2)
single("pack-front", "PACK", [[1, 3, 4], [1, 3, 4]], [], "PackOptions", axis=1, valuesCount=2)
single("unpack", "UNPACK", [[1, 3, 4]], [], "UnpackOptions", outputs=3, axis=1, num=3)
single("split", "SPLIT", [[1, 6, 4]], [np.array(1, np.int32)], "SplitOptions", outputs=3, order=[1, 0], numSplits=3)
single("split-last", "SPLIT", [[1, 3, 4]], [np.array(-1, np.int32)], "SplitOptions", outputs=2, order=[1, 0], numSplits=2)
single("split-v", "SPLIT_V", [[1, 6, 4]], [np.array([1, -1, 2], np.int32), np.array(1, np.int32)], "SplitVOptions", outputs=3, numSplits=3)
for axis in [1, 2, 3, -1]:
    shapes = [[1, 3, 4, 2], [1, 3, 4, 2]]
    shapes[1][axis] = 5
    single(f"concatenation-{axis}".replace("--", "-n"), "CONCATENATION", shapes, [], "ConcatenationOptions", axis=axis)
single("concatenation-constant", "CONCATENATION", [[1, 3, 2]], [normal(1, 3, 4)], "ConcatenationOptions", axis=2)
single("slice", "SLICE", [[1, 5, 6, 3]], [np.array([0, 1, 2, 0], np.int32), np.array([1, 3, -1, 2], np.int32)])
for name, begin, end, step, masks in [
    ("plain", [0, 1, 2], [1, 4, 5], [1, 1, 1], {}), ("steps", [0, 0, 5], [1, 5, 0], [1, 2, -2], {}),
    ("masks", [0, 2, 3], [0, 4, 3], [1, 1, -1], {"beginMask": 5, "endMask": 5}),
    ("negative", [0, -3, -2], [1, -1, 100], [1, 1, 1], {}), ("shrink", [0, 2, 1], [1, 3, 4], [1, 1, 1], {"shrinkAxisMask": 2}),
    ("shrink-last", [0, 0, -1], [1, 5, 0], [1, 1, 1], {"shrinkAxisMask": 4}),
    ("new-axis", [0, 0, 1], [0, 1, 4], [1, 1, 1], {"newAxisMask": 1}),
    ("ellipsis", [0, 2], [0, 5], [1, 1], {"ellipsisMask": 1}),
    ("ellipsis-middle", [0, 0, 1], [1, 0, 5], [1, 1, 2], {"ellipsisMask": 2}),
    ("far", [0, 0, 0], [2147483647, 2147483647, 3], [1, 1, 1], {}),
    ("back", [0, 0, 0], [1, 5, 0], [1, 1, -1], {"beginMask": 4, "endMask": 4}),
]:
    single(
        f"strided-slice-{name}", "STRIDED_SLICE", [[1, 5, 6]],
        [np.array(begin, np.int32), np.array(end, np.int32), np.array(step, np.int32)], "StridedSliceOptions",
        **{"beginMask": 0, "endMask": 0, "ellipsisMask": 0, "newAxisMask": 0, "shrinkAxisMask": 0, **masks})
pads = np.array([[0, 0], [1, 2], [0, 3], [2, 0]], np.int32)
single("pad", "PAD", [[1, 3, 4, 2]], [pads])
single("pad-channels", "PAD", [[1, 3, 4, 2]], [np.array([[0, 0], [0, 0], [0, 0], [1, 2]], np.int32)])
single("pad-number", "PADV2", [[1, 3, 4, 2]], [pads, np.array(-1.5, np.float32)])
single("mirror-reflect", "MIRROR_PAD", [[1, 4, 5]], [np.array([[0, 0], [3, 1], [2, 4]], np.int32)], "MirrorPadOptions", mode=0)
single("mirror-symmetric", "MIRROR_PAD", [[1, 4, 5]], [np.array([[0, 0], [3, 1], [2, 5]], np.int32)], "MirrorPadOptions", mode=1)
single("tile", "TILE", [[1, 2, 3]], [np.array([1, 3, 2], np.int32)])
single("broadcast-to", "BROADCAST_TO", [[1, 1, 3]], [np.array([1, 4, 3], np.int32)])
single("gather", "GATHER", [[1, 5, 4]], [np.array([3, 0, 1], np.int32)], "GatherOptions", axis=1)
single("gather-last", "GATHER", [[1, 5, 4]], [np.array([[3, 0], [2, 2]], np.int32)], "GatherOptions", axis=-1)
single("gather-nd", "GATHER_ND", [[1, 5, 4]], [np.array([[0, 3], [0, 1]], np.int32)])
single("embedding", "GATHER", [([1, 6], np.int32)], [normal(4, 3)], "GatherOptions", axis=0, order=[1, 0])
single("embedding-lookup", "EMBEDDING_LOOKUP", [([6], np.int32)], [normal(4, 3)])
single("reverse", "REVERSE_V2", [[1, 5, 4]], [np.array([1], np.int32)])
single("one-hot", "ONE_HOT", [([1, 5], np.int32)], [np.array(4, np.int32), np.array(2.0, np.float32), np.array(-1.0, np.float32)], "OneHotOptions", axis=-1)
single("update-slice", "DYNAMIC_UPDATE_SLICE", [[1, 6, 4], [1, 2, 4]], [np.array([0, 3, 0], np.int32)])
single("depth-to-space", "DEPTH_TO_SPACE", [[1, 2, 3, 8]], [], "DepthToSpaceOptions", blockSize=2)
single("space-to-depth", "SPACE_TO_DEPTH", [[1, 4, 6, 3]], [], "SpaceToDepthOptions", blockSize=2)
for op, options in [("RESIZE_BILINEAR", "ResizeBilinearOptions"), ("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions")]:
    for name, align, half in [("plain", False, False), ("align", True, False), ("half", False, True)]:
        for size in [(8, 10), (3, 7), (5, 4), (1, 1)]:
            single(f"{op.lower()}-{name}-{size[0]}x{size[1]}", op, [[1, 4, 5, 2]], [np.array(size, np.int32)], options, samples=2, alignCorners=align, halfPixelCenters=half)


def shapes():
    """[batch, rest…] flattened by sizes that are computed, as Keras writes Flatten; lists made on the way."""
    m = Model()
    g = m.main
    x = g.input([1, 3, 4, 2])
    i = {"dtype": np.int32}
    shape = g.op("SHAPE", [x], "ShapeOptions", outType=2, out=i)
    one = lambda n: g.const(np.array([n], np.int32))
    batch = g.op("STRIDED_SLICE", [shape, one(0), one(1), one(1)], "StridedSliceOptions", shrinkAxisMask=1, out=i)
    packed = g.op("PACK", [batch, g.const(np.array(24, np.int32))], "PackOptions", valuesCount=2, axis=0, out=i)
    flat = g.op("RESHAPE", [x, packed])
    filled = g.op("FILL", [packed, g.const(np.float32(0.5))])
    numbers = g.op("RANGE", [g.const(np.float32(0)), g.const(np.float32(24)), g.const(np.float32(1))])
    g.outputs = [g.op("ADD", [g.op("MUL", [flat, numbers], "MulOptions"), filled], "AddOptions")]
    put("shapes", m)


shapes()


def dilation(name, shape, block, pads, crops, kernel, depthwise=False, flat=False, act=RELU):
    m = Model()
    g = m.main
    x = g.input(shape)
    cut = g.op("SPACE_TO_BATCH_ND", [x, g.const(np.array(block, np.int32)), g.const(np.array(pads, np.int32))])
    count = int(np.prod(block))
    if flat:
        length = (shape[1] + sum(pads[0])) // block[0]
        cut = g.op("RESHAPE", [cut, g.const(np.array([count, 1, length, shape[2]], np.int32))])
    c = shape[-1]
    if depthwise:
        y = g.op("DEPTHWISE_CONV_2D", [cut, g.const(normal(1, *kernel, c)), g.const(normal(c))], "DepthwiseConv2DOptions", padding=VALID, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1, depthMultiplier=1, fusedActivationFunction=act)
    else:
        y = g.op("CONV_2D", [cut, g.const(normal(3, *kernel, c)), g.const(normal(3))], "Conv2DOptions", padding=VALID, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1)
        y = g.op("RELU", [g.op("ADD", [y, g.const(normal(3))], "AddOptions")])
    if flat:
        y = g.op("SQUEEZE", [y], "SqueezeOptions", squeezeDims=[1])
    g.outputs = [g.op("BATCH_TO_SPACE_ND", [y, g.const(np.array(block, np.int32)), g.const(np.array(crops, np.int32))])]
    put(name, m)


dilation("dilation", [1, 7, 9, 2], [2, 3], [[2, 3], [3, 3]], [[0, 1], [0, 0]], (3, 3))
dilation("dilation-depthwise", [1, 8, 8, 2], [2, 2], [[2, 2], [2, 2]], [[0, 0], [0, 0]], (3, 3), depthwise=True)
dilation("dilation-line", [1, 12, 2], [4], [[8, 0]], [[0, 0]], (1, 3), flat=True)

# Recurrent layers, two runs and more: states go from one to the next


def gates(g, n, units, features):
    w = [g.const(0.5 * normal(units, features)) for _ in range(4)]
    r = [g.const(0.5 * normal(units, n)) for _ in range(4)]
    b = [g.const(0.3 * normal(units)) for _ in range(4)]
    return w, r, b


def lstm(name, time_major=False, no_input_gate=False, projection=0):
    m = Model()
    g = m.main
    units, features, moments = 4, 3, 5
    x = g.input([moments, 1, features] if time_major else [1, moments, features])
    out = projection or units
    w, r, b = gates(g, out, units, features)
    if no_input_gate:
        w[0] = r[0] = b[0] = -1
    p = [g.const(0.5 * normal(projection, units)), -1] if projection else [-1, -1]
    state = [g.tensor([1, out], variable=True), g.tensor([1, units], variable=True)]
    y = g.op("UNIDIRECTIONAL_SEQUENCE_LSTM", [x, *w, *r, -1, -1, -1, *b, *p, *state, -1, -1, -1, -1], "UnidirectionalSequenceLSTMOptions", fusedActivationFunction=TANH, timeMajor=time_major, cellClip=10.0)
    g.outputs = [y]
    put(name, m)


lstm("lstm")
lstm("lstm-time-major", time_major=True)
lstm("lstm-no-input-gate", no_input_gate=True)
lstm("lstm-projection", projection=3)


def bidirectional_lstm(name, merge):
    m = Model()
    g = m.main
    units, features, moments = 3, 2, 4
    x = g.input([1, moments, features])
    parts = []
    for _ in range(2):
        w, r, b = gates(g, units, units, features)
        parts += [*w, *r, -1, -1, -1, *b, -1, -1]
    states = [g.tensor([1, units], variable=True) for _ in range(4)]
    y = g.op("BIDIRECTIONAL_SEQUENCE_LSTM", [x, *parts, *states, *[-1] * 9], "BidirectionalSequenceLSTMOptions", outputs=1 if merge else 2, fusedActivationFunction=TANH, mergeOutputs=merge, timeMajor=False)
    g.outputs = [y] if merge else y
    put(name, m)


bidirectional_lstm("bidirectional-lstm", False)
bidirectional_lstm("bidirectional-lstm-merged", True)


def rnn(name, sequence, act, both=False):
    m = Model()
    g = m.main
    units, features, moments = 4, 3, 5
    x = g.input([1, moments, features] if sequence else [1, features])
    part = lambda: [g.const(0.5 * normal(units, features)), g.const(0.5 * normal(units, units)), g.const(normal(units)), g.tensor([1, units], variable=True)]
    if both:
        y = g.op("BIDIRECTIONAL_SEQUENCE_RNN", [x, *part(), *part(), -1, -1, -1], "BidirectionalSequenceRNNOptions", fusedActivationFunction=act, mergeOutputs=True, timeMajor=False)
    elif sequence:
        y = g.op("UNIDIRECTIONAL_SEQUENCE_RNN", [x, *part()], "SequenceRNNOptions", fusedActivationFunction=act, timeMajor=False)
    else:
        y = g.op("RNN", [x, *part()], "RNNOptions", fusedActivationFunction=act)
    g.outputs = [y]
    put(name, m, samples=4)


rnn("rnn", False, RELU)
rnn("rnn-tanh", False, TANH)
rnn("rnn-sequence", True, TANH)
rnn("rnn-both", True, TANH, both=True)


def svdf(name, rank, act, moments=4):
    m = Model()
    g = m.main
    units, features = 3, 5
    x = g.input([1, features])
    state = g.tensor([1, moments * units * rank], variable=True)
    y = g.op("SVDF", [x, g.const(normal(units * rank, features)), g.const(normal(units * rank, moments)), g.const(normal(units)), state], "SVDFOptions", rank=rank, fusedActivationFunction=act)
    g.outputs = [y]
    put(name, m, samples=8)


svdf("svdf", 1, RELU)
svdf("svdf-rank", 2, NONE)
svdf("svdf-moment", 1, NONE, moments=1)


def variables(name, first):
    """A ring buffer of three frames with a first value, read again behind the write."""
    m = Model()
    g, init = m.main, m.graph()
    resource = {"type": 13}

    def handle(graph):
        return graph.op("VAR_HANDLE", [], "VarHandleOptions", sharedName=b"frames", container=b"", out=resource)

    init.op("ASSIGN_VARIABLE", [handle(init), init.const(np.full([1, 3, 2], first, np.float32))], "AssignVariableOptions", outputs=0)
    x = g.input([1, 1, 2])
    g.op("CALL_ONCE", [], "CallOnceOptions", outputs=0, initSubgraphIndex=1)
    h = handle(g)
    before = g.op("READ_VARIABLE", [h], "ReadVariableOptions", out={"shape": [1, 3, 2]})
    joined = g.op("CONCATENATION", [before, x], "ConcatenationOptions", axis=1)
    three = lambda *n: g.const(np.array(n, np.int32))
    kept = g.op("STRIDED_SLICE", [joined, three(0, 1, 0), three(1, 4, 2), three(1, 1, 1)], "StridedSliceOptions", beginMask=5, endMask=5)
    g.op("ASSIGN_VARIABLE", [h, kept], "AssignVariableOptions", outputs=0)
    after = g.op("READ_VARIABLE", [h], "ReadVariableOptions", out={"shape": [1, 3, 2]})
    g.outputs = [g.op("SUM", [joined, g.const(np.array([1], np.int32))], "ReducerOptions"), g.op("NEG", [after])]
    put(name, m, samples=6)


variables("variables", 0)
variables("variables-first", 0.5)


def branch():
    m = Model()
    g = m.main
    branches = []
    for op in ["NEG", "SQUARE"]:
        b = m.graph()
        b.outputs = [b.op(op, [b.input([1, 4])])]
    x = g.input([1, 4])
    g.outputs = [g.op("IF", [g.const(np.array([False])), x], "IfOptions", thenSubgraphIndex=1, elseSubgraphIndex=2)]
    put("if", m)


branch()



def loop(name, kind, moments=5, features=3, units=4, lists=True):
    """A layer as Keras writes it for the converter: a loop over moments, its states and a list among what is carried."""
    m = Model()
    g, test, body = m.main, m.graph(), m.graph()
    i = {"dtype": np.int32}
    states = 2 if kind == "lstm" else 1
    rows = moments if lists else 1
    carried = [([], np.int32), ([], np.int32), ([rows, 1, units], np.float32)]
    carried += [([1, units], np.float32)] * states + [([moments, 1, features], np.float32)]
    ins = [[q.input(*c) for c in carried] for q in (test, body)]
    test.outputs = [test.op("LESS", [ins[0][1], test.const(np.array(moments, np.int32))], out={"dtype": np.bool_})]
    b = body
    count, time, out, *state, x = ins[1]
    one = b.const(np.array(1, np.int32))
    next_count, next_time = b.op("ADD", [count, one], "AddOptions", out=i), b.op("ADD", [time, one], "AddOptions", out=i)
    row = b.op("GATHER", [x, time], "GatherOptions", axis=0)
    dense = lambda v, n, k, bias: b.op("FULLY_CONNECTED", [v, b.const(0.5 * normal(n, k)), b.const(normal(n)) if bias else -1], "FullyConnectedOptions")
    last = b.const(np.array(-1, np.int32))
    pieces = lambda v, n: b.op("SPLIT", [last, v], "SplitOptions", outputs=n, numSplits=n)
    add = lambda p, q: b.op("ADD", [p, q], "AddOptions")
    mul = lambda p, q: b.op("MUL", [p, q], "MulOptions")
    if kind == "lstm":
        total = add(add(dense(row, 4 * units, features, False), dense(state[0], 4 * units, units, False)), b.const(normal(4 * units)))
        gi, gf, gc, go = pieces(total, 4)
        cell = add(mul(b.op("LOGISTIC", [gf]), state[1]), mul(b.op("LOGISTIC", [gi]), b.op("TANH", [gc])))
        after = [mul(b.op("LOGISTIC", [go]), b.op("TANH", [cell])), cell]
    elif kind == "gru":
        xz, xr, xh = pieces(dense(row, 3 * units, features, True), 3)
        hz, hr, hh = pieces(dense(state[0], 3 * units, units, True), 3)
        z, r = b.op("LOGISTIC", [add(xz, hz)]), b.op("LOGISTIC", [add(xr, hr)])
        new = b.op("TANH", [add(xh, mul(r, hh))])
        after = [add(mul(z, state[0]), mul(b.op("SUB", [b.const(np.float32(1)), z], "SubOptions"), new))]
    else:
        after = [b.op("TANH", [add(mul(state[0], b.const(np.float32(0.5))), dense(row, units, features, True))])]
    # The state replaces a row of the list.
    three = lambda *n: b.const(np.array(n, np.int32))
    if lists:
        begin, rest, zero = (b.op("PACK", [v, b.const(np.array(0, np.int32)), b.const(np.array(0, np.int32))], "PackOptions", valuesCount=3, axis=0, out=i) for v in (next_time, time, time))
        head = b.op("SLICE", [out, three(0, 0, 0), b.op("PACK", [time, last, last], "PackOptions", valuesCount=3, axis=0, out=i)])
        tail = b.op("SLICE", [out, begin, three(-1, -1, -1)])
        row = b.op("EXPAND_DIMS", [after[0], b.const(np.array(0, np.int32))])
        new_out = b.op("CONCATENATION", [head, row, tail], "ConcatenationOptions", axis=0)
    else:
        new_out = b.op("EXPAND_DIMS", [after[0], b.const(np.array(0, np.int32))])
    b.outputs = [next_count, next_time, new_out, *after, x]
    x = g.input([1, moments, features])
    turned = g.op("TRANSPOSE", [x, g.const(np.array([1, 0, 2], np.int32))])
    zero = lambda *n: g.const(np.zeros(n, np.float32))
    number = g.const(np.array(0, np.int32))
    outs = g.op("WHILE", [number, number, zero(rows, 1, units), *[zero(1, units) for _ in range(states)], turned], "WhileOptions", condSubgraphIndex=1, bodySubgraphIndex=2, out=[{"shape": c[0], "dtype": c[1]} for c in carried])
    g.outputs = [g.op("NEG", [outs[2]]), g.op("NEG", [outs[3]])]
    put("loop-" + name, m)


loop("gru", "gru")
loop("gru-last", "gru", lists=False)
loop("lstm", "lstm")
loop("lstm-square", "lstm", features=4)
loop("other", "other")

# Quantised


def codes(array, scale, zero=0, dtype=np.int8):
    i = np.iinfo(dtype)
    return np.clip(np.round(array / scale) + zero, i.min, i.max).astype(dtype)


def quantised_conv(name, dtype, channels, out_scale, out_zero, act=NONE, depthwise=False):
    m = Model()
    g = m.main
    zero = {np.int8: -10, np.uint8: 120, np.int16: 0}[dtype]
    x = g.input([1, 6, 6, 3], dtype, scale=0.02 if dtype != np.int16 else 1e-4, zero=zero)
    xs = 0.02 if dtype != np.int16 else 1e-4
    count = 6 if depthwise else 4
    w = normal(*([1, 3, 3, 6] if depthwise else [4, 3, 3, 3]))
    axis = 3 if depthwise else 0
    wd = np.uint8 if dtype == np.uint8 else np.int8
    if channels:
        ws = np.abs(w).max(axis=tuple(a for a in range(4) if a != axis)) / 127
        shaped = ws.reshape([-1 if a == axis else 1 for a in range(4)])
        weight = g.const(codes(w, shaped), scale=ws, axis=axis)
        bs = ws * xs
    else:
        ws = float(np.abs(w).max() / 127)
        wz = 128 if wd == np.uint8 else 0
        weight = g.const(codes(w, ws, wz, wd), scale=ws, zero=wz)
        bs = np.array([ws * xs])
    bt = np.int64 if dtype == np.int16 else np.int32
    b = g.const(np.round(normal(count) / bs).astype(bt), wide=True, scale=bs)
    out = {"dtype": dtype, "scale": out_scale, "zero": out_zero}
    if depthwise:
        y = g.op("DEPTHWISE_CONV_2D", [x, weight, b], "DepthwiseConv2DOptions", out=out, padding=SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1, depthMultiplier=2, fusedActivationFunction=act)
    else:
        y = g.op("CONV_2D", [x, weight, b], "Conv2DOptions", out=out, padding=SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1, fusedActivationFunction=act)
    g.outputs = [y]
    put("quantised-" + name, m, samples=4)


quantised_conv("hidden-relu", np.int8, True, 0.05, -128)
quantised_conv("conv", np.int8, True, 0.1, 3)
quantised_conv("conv-relu6", np.int8, True, 6 / 255, -128, RELU6)
quantised_conv("depthwise", np.int8, True, 0.05, -128, RELU, depthwise=True)
quantised_conv("uint8", np.uint8, False, 0.06, 0)
quantised_conv("uint8-depthwise", np.uint8, False, 0.06, 100, depthwise=True)
quantised_conv("int16", np.int16, True, 5e-4, 0)


def quantised_pair(name, op, options, scales, zeros, **fields):
    m = Model()
    g = m.main
    x = g.input([1, 4, 4, 3], np.int8, scale=scales[0], zero=zeros[0])
    y = g.input([1, 4, 4, 3], np.int8, scale=scales[1], zero=zeros[1])
    g.outputs = [g.op(op, [x, y], options, out={"dtype": np.int8, "scale": scales[2], "zero": zeros[2]}, **fields)]
    put("quantised-" + name, m, samples=4)


quantised_pair("add", "ADD", "AddOptions", (0.02, 0.03, 0.03), (0, 5, -128))
quantised_pair("sub", "SUB", "SubOptions", (0.02, 0.03, 0.05), (0, 5, 0))
quantised_pair("mul", "MUL", "MulOptions", (0.02, 0.03, 0.03), (0, 5, -20))
quantised_pair("concatenation", "CONCATENATION", "ConcatenationOptions", (0.03, 0.03, 0.03), (0, 0, 0), axis=3)


def quantised_chain():
    """float → int8, dense, tanh, logistic, softmax, → float; the range of the first cuts off."""
    m = Model()
    g = m.main
    i8 = lambda scale, zero: {"dtype": np.int8, "scale": scale, "zero": zero}
    x = g.input([1, 8])
    q = g.op("QUANTIZE", [x], "QuantizeOptions", out=i8(0.01, 0))
    w = normal(6, 8)
    ws = float(np.abs(w).max() / 127)
    d = g.op("FULLY_CONNECTED", [q, g.const(codes(w, ws), scale=ws), g.const(np.round(normal(6) / (0.01 * ws)).astype(np.int32), scale=0.01 * ws)], "FullyConnectedOptions", out=i8(0.04, -30))
    t = g.op("TANH", [d], out=i8(1 / 128, 0))
    l = g.op("LOGISTIC", [d], out=i8(1 / 256, -128))
    a = g.op("ADD", [t, l], "AddOptions", out=i8(0.015, 0))
    s_ = g.op("SOFTMAX", [a], "SoftmaxOptions", beta=1.0, out=i8(1 / 256, -128))
    g.outputs = [g.op("DEQUANTIZE", [s_], "DequantizeOptions"), g.op("DEQUANTIZE", [t], "DequantizeOptions")]
    put("quantised-chain", m, samples=8)


quantised_chain()


def quantised_pools():
    m = Model()
    g = m.main
    q = {"dtype": np.int8, "scale": 0.02, "zero": -5}
    x = g.input([1, 6, 6, 2], np.int8, scale=0.02, zero=-5)
    p = dict(padding=SAME, strideH=2, strideW=2, filterHeight=3, filterWidth=3)
    a = g.op("AVERAGE_POOL_2D", [x], "Pool2DOptions", out=q, **p)
    b = g.op("MAX_POOL_2D", [a], "Pool2DOptions", out=q, **p)
    c = g.op("PAD", [b, g.const(np.array([[0, 0], [1, 0], [0, 1], [0, 0]], np.int32))], "PadOptions", out=q)
    g.outputs = [g.op("MEAN", [c, g.const(np.array([1, 2], np.int32))], "ReducerOptions", out={"dtype": np.int8, "scale": 0.01, "zero": 0})]
    put("quantised-pools", m, samples=8)


quantised_pools()


def codes_as_numbers():
    """Whole numbers of an image as floats, and a sum of them by rows."""
    m = Model()
    g = m.main
    x = g.input([1, 3, 4, 2], np.uint8, scale=0.25, zero=7)
    f = g.op("CAST", [x], "CastOptions", inDataType=3, outDataType=0)
    g.outputs = [g.op("SUM", [f, g.const(np.array([2], np.int32))], "ReducerOptions")]
    put("quantised-cast", m)


codes_as_numbers()


def padded(name, op, second=False):
    """Zeros around a map, as Keras' ZeroPadding2D; with a second reader they stay."""
    m = Model()
    g = m.main
    x = g.input([1, 6, 7, 2])
    p = g.op("PAD", [x, g.const(np.array([[0, 0], [1, 0], [2, 1], [0, 0]], np.int32))], "PadOptions")
    w = g.const(normal(*([3, 3, 3, 2] if op == "CONV_2D" else [1, 3, 3, 2])))
    more = {} if op == "CONV_2D" else {"depthMultiplier": 1}
    y = g.op(op, [p, w, g.const(normal(3 if op == "CONV_2D" else 2))], "Conv2DOptions" if op == "CONV_2D" else "DepthwiseConv2DOptions", padding=VALID, strideH=2, strideW=2, dilationHFactor=1, dilationWFactor=1, **more)
    g.outputs = [y, g.op("NEG", [p])] if second else [y]
    put(name, m)


padded("conv-padded", "CONV_2D")
padded("depthwise-padded", "DEPTHWISE_CONV_2D")
padded("conv-padded-read", "CONV_2D", second=True)


def half_weights():
    m = Model()
    g = m.main
    x = g.input([1, 5, 5, 2])
    w = g.op("DEQUANTIZE", [g.const(normal(3, 3, 3, 2).astype(np.float16))], "DequantizeOptions")
    b = g.op("DEQUANTIZE", [g.const(normal(3).astype(np.float16))], "DequantizeOptions")
    g.outputs = [g.op("CONV_2D", [x, w, b], "Conv2DOptions", padding=SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1)]
    put("half-weights", m)


half_weights()


def small_codes():
    """Weights of four bits, two in a byte."""
    m = Model()
    g = m.main
    c = rng.integers(-7, 8, [5, 8])
    packed = ((c.reshape(-1, 2)[:, 0] & 15) | (c.reshape(-1, 2)[:, 1] & 15) << 4).astype(np.uint8)
    x = g.input([1, 8])
    w = g.tensor([5, 8], type=17, scale=0.1, data=packed)
    w = g.op("DEQUANTIZE", [w], "DequantizeOptions")
    g.outputs = [g.op("FULLY_CONNECTED", [x, w, -1], "FullyConnectedOptions")]
    put("four-bits", m)


small_codes()


def sparse(name, block):
    """Weights of which only some are in the file."""
    m = Model()
    g = m.main
    w = normal(8, 8)
    size = block or 1
    mask = rng.random((8, 8 // size)) < 0.4
    mask = np.repeat(mask, size, axis=1)
    dense = np.where(mask, w, 0).astype(np.float32)
    p = s.SparsityParametersT()
    rows, segments, indices, values = 8, [0], [], []
    for r in range(8):
        for c in range(0, 8, size):
            if mask[r, c]:
                indices.append(c // size)
                values += dense[r, c:c + size].tolist()
        segments.append(len(indices))

    def axis(format, size=0, segments=None, indices=None):
        d = s.DimensionMetadataT()
        d.format, d.denseSize = format, size
        d.arraySegmentsType = d.arrayIndicesType = 0
        if segments is not None:
            d.arraySegmentsType, d.arraySegments = 3, s.Uint8VectorT()
            d.arraySegments.values = segments
            d.arrayIndicesType, d.arrayIndices = 2, s.Uint16VectorT()
            d.arrayIndices.values = indices
        return d

    p.traversalOrder = [0, 1, 2] if block else [0, 1]
    p.blockMap = [1] if block else []
    p.dimMetadata = [axis(0, 8), axis(1, 0, segments, indices)] + ([axis(0, block)] if block else [])
    t = g.tensor([8, 8], data=np.array(values, np.float32))
    g.tensors[t].sparsity = p
    x = g.input([1, 8])
    w = g.op("DENSIFY", [t], "DensifyOptions")
    g.outputs = [g.op("FULLY_CONNECTED", [x, w, -1], "FullyConnectedOptions")]
    put(name, m)


sparse("sparse", 0)
sparse("sparse-blocks", 4)


# Files without answers: what LiteRT does not run, and what tests read in other ways


def keep(name, model, labels=""):
    """`labels`: a text that is appended in a zip archive, as tools do."""
    content = io.BytesIO(model.pack())
    if labels:
        with zipfile.ZipFile(content, "a") as file:
            file.writestr(zipfile.ZipInfo("labels.txt"), labels)
    cases[name] = np.frombuffer(content.getvalue(), np.uint8), np.zeros(0, np.float32)


def unfamiliar():
    m = Model()
    g = m.main
    x = g.input([1, 4, 4, 2])
    shape = {"shape": [1, 4, 4, 2]}
    a = g.op("MyFilter", [x], custom=b"", out=shape)
    b = g.op("LOCAL_RESPONSE_NORMALIZATION", [a], "LocalResponseNormalizationOptions", out=shape)
    c = g.op("RELU", [b], out=shape)
    d = g.op("LOCAL_RESPONSE_NORMALIZATION", [c], "LocalResponseNormalizationOptions", out=shape)
    g.outputs = [g.op("RESHAPE", [d, g.const(np.array([1, 33], np.int32))], out={"shape": [1, 33]})]
    keep("file-unfamiliar", m)


def detection():
    m = Model()
    g = m.main
    x = g.input([1, 4, 4, 2])
    y = g.op("CONV_2D", [x, g.const(normal(9, 3, 3, 2)), g.const(normal(9))], "Conv2DOptions", padding=SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1)
    r = g.op("RESHAPE", [y, g.const(np.array([1, 16, 9], np.int32))])
    boxes, scores = g.op("SPLIT_V", [r, g.const(np.array([4, 5], np.int32)), g.const(np.array(2, np.int32))], "SplitVOptions", outputs=2, numSplits=2)
    scores = g.op("LOGISTIC", [scores])
    outs = g.op("TFLite_Detection_PostProcess", [boxes, scores, g.const(normal(16, 4))], custom=b"options", outputs=4)
    g.outputs = outs
    g.tensors[boxes].name, g.tensors[scores].name = b"boxes", b"scores"
    keep("file-detection", m)


def classifier():
    m = Model()
    g = m.main
    x = g.input([1, 4, 4, 3], np.uint8, scale=0.5, zero=10)
    f = g.op("DEQUANTIZE", [x], "DequantizeOptions")
    y = g.op("MEAN", [f, g.const(np.array([1, 2], np.int32))], "ReducerOptions")
    y = g.op("FULLY_CONNECTED", [y, g.const(normal(3, 3)), g.const(normal(3))], "FullyConnectedOptions")
    g.outputs = [g.op("SOFTMAX", [y], "SoftmaxOptions", beta=1.0)]
    other = m.graph()
    other.outputs = [other.op("NEG", [other.input([1, 2])])]
    other.name = b"other"
    return m


def signed():
    m = classifier()
    m.signatures = [(b"serving_default", 0, {"image": 0}, {"scores": m.main.outputs[0]}), (b"negate", 1, {"x": 0}, {"y": 1})]
    return m


def open_axes():
    m = Model()
    g = m.main
    x = g.input([1, 1, 1, 3])
    g.tensors[x].shapeSignature = [-1, -1, -1, 3]
    y = g.op("CONV_2D", [x, g.const(normal(2, 3, 3, 3)), g.const(normal(2))], "Conv2DOptions", padding=SAME, strideH=2, strideW=2, dilationHFactor=1, dilationWFactor=1)
    g.outputs = [y]
    keep("file-open", m)


def front_end():
    """Sound becomes features by an operator of its own; the network begins behind it."""
    m = Model()
    g = m.main
    x = g.input([1, 100])
    f = g.op("SignalFeatures", [x], custom=b"", out={"shape": [1, 8]})
    g.tensors[f].name = b"features"
    y = g.op("FULLY_CONNECTED", [f, g.const(normal(3, 8)), g.const(normal(3))], "FullyConnectedOptions")
    g.tensors[y].name = b"dense;bias"
    g.outputs = [g.op("SOFTMAX", [y], "SoftmaxOptions", beta=1.0)]
    keep("file-front-end", m)


def transposed_with_bias():
    """MediaPipe's custom operator; its answers are those of TRANSPOSE_CONV."""
    weights = [normal(3, 3, 3, 2), normal(3)]
    single("twin", "TRANSPOSE_CONV", [[1, 4, 4, 2]], [np.array([1, 8, 8, 3], np.int32), *weights], "TransposeConvOptions", order=[1, 2, 0, 3], padding=SAME, strideH=2, strideW=2)
    m = Model()
    g = m.main
    x = g.input([1, 4, 4, 2])
    options = np.array([1, 2, 2], np.int32).tobytes()
    g.outputs = [g.op("Convolution2DTransposeBias", [x, *[g.const(w) for w in weights]], custom=options)]
    cases["transposed-custom"] = np.frombuffer(m.pack(), np.uint8), cases.pop("twin")[1]


unfamiliar()
detection()
keep("file-labels", classifier(), "cat\ndog\r\nbird\n")
keep("file-signatures", signed())
open_axes()
front_end()
transposed_with_bias()

# Together, because archives of many small members are mostly names.
np.savez_compressed(
    "tflite.npz", names=np.frombuffer("\n".join(cases).encode(), np.uint8),
    sizes=np.array([[len(m), len(n)] for m, n in cases.values()], np.int32),
    models=np.concatenate([m for m, _ in cases.values()]), numbers=np.concatenate([n for _, n in cases.values()]))
