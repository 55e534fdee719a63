"""Which model files of a folder import, and whether they answer as their own runtime does: the table of docs/model-files.md.

usage: python model_files.py FOLDER [--pagefold PATH] [--write docs/model-files.md] [--only NAME]
needs: numpy, onnxruntime, ai-edge-litert, and a release build of pagefold

Each file gets sixteen random samples, one after the other, as its own types: normal numbers for floats, normal ones around the
middle for quantised inputs, small whole numbers for tables. A file of floats matches where no number is further from the
runtime's than 1e-4 of the output's spread (at least 1 % of the widest output's); a quantised one where the correlation over all outputs is at least 0.99, or no
number is further away than two and a half steps of the output's own quantisation; where a softmax makes the output, steps of what
the softmax reads. The runtime runs plainly, without delegates. What does not import must be refused in a sentence. A file that its
own runtime refuses is given to it in a repaired copy, where that is possible (`repaired`), and else compared with nothing.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

SAMPLES = 16
TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64, "tensor(int64)": np.int64,
         "tensor(int32)": np.int32, "tensor(uint8)": np.uint8, "tensor(int8)": np.int8, "tensor(bool)": np.bool_}


# Of files that leave axes open.
OPEN = {"libfacedetecti__yunet_n_dynamic.onnx": "3x320x320", "rapidocr_onnxr__ch_ppocr_mobile_v2.0_cls_infer.onnx": "3x48x192",
        "swift_f0__model.onnx": "audio=16000"}
# Inputs that are settings and no signals: random ones ask for the logarithm of numbers below zero.
SETTINGS = {"swift_f0__model.onnx": {"fmin": 46.875, "fmax": 2093.75}}


def draw(random, shape, dtype):
    if dtype == np.bool_:
        return random.integers(0, 2, shape).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        return random.standard_normal(shape).astype(dtype)
    if dtype in (np.int8, np.uint8, np.int16):
        info = np.iinfo(dtype)
        middle = (info.min + info.max + 1) // 2
        return np.clip(np.rint(random.normal(middle, 40, shape)), info.min, info.max).astype(dtype)
    return random.integers(0, 8, shape).astype(dtype)


def onnx_answers(path, sizes):
    import onnxruntime
    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(7)
    inputs = []
    for port in session.get_inputs():
        shape = [d if isinstance(d, int) and d > 0 else None for d in port.shape]
        given = sizes.get(port.name)
        if given is not None:
            shape = [1] * (len(shape) - len(given)) + list(given)
        shape = [1 if d is None else d for d in shape]
        inputs.append((port.name, shape, TYPES[port.type]))
    settings = SETTINGS.get(os.path.basename(path), {})
    samples, answers = [], []
    for _ in range(SAMPLES):
        sample = {name: draw(random, shape, dtype) for name, shape, dtype in inputs}
        sample |= {name: np.full_like(sample[name], value) for name, value in settings.items()}
        samples.append(sample)
        answers.append(session.run(None, sample))
    names = [o.name for o in session.get_outputs()]
    return samples, [dict(zip(names, a)) for a in answers], Facts()


class Facts:
    """What is known of a file beside its answers."""

    def __init__(self):
        self.is_quantised = False
        # Steps of each output's quantisation, and what the softmax behind it reads: (numbers of all samples, step).
        self.steps = []
        self.softmax = {}
        self.repair = ""


def repaired(path):
    """A copy that LiteRT takes, and in words what was changed; (None, "") where nothing is to be repaired."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema
    with open(path, "rb") as file:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file.read(), 0))
    done = set()
    for graph in model.subgraphs:
        for tensor in graph.tensors:
            q = tensor.quantization
            if q is not None and q.quantizedDimension and q.quantizedDimension >= (1 if tensor.shape is None else len(tensor.shape)):
                q.quantizedDimension = 0
                done.add("axes of quantisation that are not there")
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            if code.customCode == b"Convolution2DTransposeBias":
                # MediaPipe's operator is the built-in one with a bias; its options are three whole numbers.
                padding, width, height = np.frombuffer(bytes(operator.customOptions), np.int32)[:3]
                shape = np.asarray(graph.tensors[operator.outputs[0]].shape, np.int32)
                data = schema.BufferT()
                data.data = np.frombuffer(shape.tobytes(), np.uint8)
                model.buffers.append(data)
                tensor = schema.TensorT()
                tensor.shape, tensor.type = [len(shape)], schema.TensorType.INT32
                tensor.buffer, tensor.name = len(model.buffers) - 1, b"shape"
                graph.tensors.append(tensor)
                x, weights, bias = operator.inputs
                operator.inputs = [len(graph.tensors) - 1, weights, x, bias]
                operator.customOptions = None
                options = schema.TransposeConvOptionsT()
                # 1 is "same" there, 0 here.
                options.padding = schema.Padding.SAME if padding == 1 else schema.Padding.VALID
                options.strideW, options.strideH = int(width), int(height)
                operator.builtinOptionsType = schema.BuiltinOptions.TransposeConvOptions
                operator.builtinOptions = options
                done.add("a custom transposed convolution")
    for code in model.operatorCodes:
        if code.customCode == b"Convolution2DTransposeBias":
            code.customCode, code.version = None, 3
            code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.TRANSPOSE_CONV
    if not done:
        return None, ""
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output()), " and ".join(sorted(done))


def lite_answers(path, sizes):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    facts = Facts()
    options = {"num_threads": 1, "experimental_op_resolver_type": OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
               "experimental_preserve_all_tensors": True}
    try:
        interpreter = Interpreter(model_path=path, **options)
    except ValueError:
        content, facts.repair = repaired(path)
        if content is None:
            raise
        interpreter = Interpreter(model_content=content, **options)
    for port in interpreter.get_input_details():
        shape = [int(d) for d in port["shape"]]
        given = sizes.get(port["name"])
        if given is not None:
            shape = [1] * (len(shape) - len(given)) + list(given)
        interpreter.resize_tensor_input(port["index"], shape)
    try:
        interpreter.allocate_tensors()
    except RuntimeError:
        content, facts.repair = repaired(path)
        if content is None:
            raise
        interpreter = Interpreter(model_content=content, **options)
        interpreter.allocate_tensors()
    random = np.random.default_rng(7)
    tensors = {t["index"]: t for t in interpreter.get_tensor_details()}
    facts.is_quantised = any(t["dtype"] in (np.int8, np.uint8) and t["quantization_parameters"]["scales"].size
                             for t in tensors.values())
    operators = interpreter._get_ops_details()
    made = {int(o): op for op in operators for o in op["outputs"]}
    ports = interpreter.get_output_details()
    facts.steps = [float(port["quantization"][0]) for port in ports]
    reads = {}
    for number, port in enumerate(ports):
        op = made.get(port["index"])
        if op is not None and op["op_name"] == "DEQUANTIZE":
            facts.steps[number] = float(tensors[int(op["inputs"][0])]["quantization"][0])
            op = made.get(int(op["inputs"][0]))
        if op is not None and op["op_name"] == "SOFTMAX" and tensors[int(op["inputs"][0])]["quantization"][0]:
            reads[number] = int(op["inputs"][0])
            facts.softmax[number] = ([], float(tensors[reads[number]]["quantization"][0]))
    # Floats that are quantised first are drawn as quantised ones are.
    scales = {}
    for op in operators:
        if op["op_name"] == "QUANTIZE":
            scales[int(op["inputs"][0])] = tensors[int(op["outputs"][0])]["quantization"]
    samples, answers = [], []
    for _ in range(SAMPLES):
        sample = {}
        for port in interpreter.get_input_details():
            value = draw(random, port["shape"], port["dtype"])
            scale, zero = scales.get(port["index"], (0, 0))
            if scale and np.issubdtype(port["dtype"], np.floating):
                value = (value * 40 - zero).astype(port["dtype"]) * port["dtype"](scale)
            interpreter.set_tensor(port["index"], value)
            sample[port["name"]] = value
        interpreter.invoke()
        answer = []
        for number, port in enumerate(ports):
            value = interpreter.get_tensor(port["index"])
            scale, zero = port["quantization"]
            answer.append((value.astype(np.float32) - zero) * scale if scale else value.astype(np.float32))
            if number in reads:
                scale, zero = tensors[reads[number]]["quantization"]
                facts.softmax[number][0].append((interpreter.get_tensor(reads[number]).astype(np.float32) - zero) * scale)
        samples.append(sample)
        answers.append(dict(enumerate(answer)))
    return samples, answers, facts


def steps_away(got, due, facts):
    """The furthest distance of a number, in steps of its output's quantisation or of what a softmax behind it reads."""
    worst = 0.0
    for number, (a, b) in enumerate(zip(got, due)):
        step = facts.steps[number] if number < len(facts.steps) else 0.0
        own = float(np.abs(a - b).max()) / step if step else 1e9
        if number in facts.softmax and a.ndim == 2:
            read, step = facts.softmax[number]
            read = np.stack([r.ravel() for r in read])
            ours = np.log(np.maximum(a, 1e-30))
            place = read.argmax(1)[:, None]
            gap = (ours - np.take_along_axis(ours, place, 1)) - (read - np.take_along_axis(read, place, 1))
            # Further down a probability says nothing any more.
            seen = read > read.max(1)[:, None] - 15
            # A difference of two numbers, each of which may be off.
            own = min(own, float(np.abs(gap[seen]).max()) / step / 2)
        worst = max(worst, own)
    return worst


def run(command):
    try:
        process = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return None, "", "it does not end"
    return process.returncode, process.stdout, process.stderr


def compare(got, due):
    """Largest distance as a share of the spread, and the correlation, over all numbers of all outputs."""
    worst, ours, theirs = 0.0, [], []
    widest = max(float(b.max() - b.min()) for b in due)
    for a, b in zip(got, due):
        spread = max(float(b.max() - b.min()), widest / 100, float(np.abs(b).max()) * 1e-3, 1e-6)
        worst = max(worst, float(np.abs(a - b).max()) / spread)
        ours.append((a - b.mean()).ravel() / spread)
        theirs.append((b - b.mean()).ravel() / spread)
    ours, theirs = np.concatenate(ours), np.concatenate(theirs)
    if theirs.std() == 0 or ours.std() == 0:
        return worst, 1.0 if worst < 0.02 else 0.0
    return worst, float(np.corrcoef(ours, theirs)[0, 1])


def examine(path, pagefold):
    shape = OPEN.get(os.path.basename(path))
    shape = ["--input-shape", shape] if shape else []
    code, text, problem = run([pagefold, "info", path, "--json", *shape])
    try:
        info = json.loads(text)
    except json.JSONDecodeError:
        return {"import": False, "why": problem.strip() or f"exit code {code}"}
    if info.get("refusal"):
        return {"import": False, "why": info["refusal"], "format": info["format"]}
    imported = info["imported"]
    sizes = {}
    outside = {p["name"]: p["outside"] for p in imported["inputs"]}
    for port in info["inputs"]:
        if any(size < 0 for size in port["sizes"]) and port["name"] in outside:
            sizes[port["name"]] = outside[port["name"]]
    row = {"import": True, "format": info["format"], "weights": imported["weights"], "states": imported["stateBytes"]}
    try:
        answers = lite_answers if path.endswith(".tflite") else onnx_answers
        samples, due, facts = answers(path, sizes)
        row["repair"] = facts.repair
        # Weights of 8 bits in a graph of floats: the runtime quantises what they are multiplied with, as it goes.
        row["quantised"] = facts.is_quantised or (
            path.endswith(".tflite") and os.path.getsize(path) < 2 * imported["weights"])
    except Exception as error:
        return row | {"runtime": str(error).strip().split("\n")[0][:120]}
    with tempfile.TemporaryDirectory() as folder:
        names = list(samples[0])
        ours = [p["name"] for p in imported["inputs"]]
        arrays = {}
        for index, name in enumerate(names):
            key = name if name in ours else ours[index] if index < len(ours) else None
            if key is None:
                continue
            rows = [s[name] for s in samples]
            arrays[key] = np.stack([r.reshape(outside[key]) for r in rows])
        arrays = {k: v.astype(np.float32) if v.dtype in (np.float16, np.float64, np.bool_) else v for k, v in arrays.items()}
        arrays = {k: v.astype(np.int32) if v.dtype == np.int64 else v for k, v in arrays.items()}
        np.savez(os.path.join(folder, "samples.npz"), **arrays)
        code, text, problem = run([pagefold, "run", path, os.path.join(folder, "samples.npz"), "--json", *shape])
    if code:
        return row | {"problem": problem.strip()}
    answer = json.loads(text)
    due_keys = list(due[0])
    got, expected = [], []
    for index, output in enumerate(answer["outputs"]):
        key = output["name"] if output["name"] in due[0] else due_keys[index] if index < len(due_keys) else None
        if key is None:
            continue
        value = np.array(output["values"], np.float32).reshape(SAMPLES, -1)
        target = np.stack([np.asarray(d[key], np.float32).ravel() for d in due])
        if value.shape != target.shape:
            return row | {"problem": f"{output['name']} has {value.shape[1]} numbers, the runtime gives {target.shape[1]}"}
        got.append(value)
        expected.append(target)
    if not all(np.isfinite(e).all() for e in expected):
        return row | {"runtime": "its answers are not finite"}
    row["distance"], row["correlation"] = compare(got, expected)
    row["steps"] = steps_away(got, expected, facts)
    return row


def verdict(row):
    if not row["import"]:
        return "refused"
    if "runtime" in row:
        return "imports"
    if "problem" in row:
        return "differs"
    is_right = row["distance"] <= 1e-4
    if row.get("quantised"):
        is_right = row["correlation"] >= 0.99 or row["steps"] <= 2.5
    return "matches" if is_right else "differs"


def cell(row):
    kind = verdict(row)
    if kind == "refused":
        # Without the file, which the row names, and where it was.
        why = re.sub(r"^\S+\.(onnx|tflite): ", "", row["why"].split("; ")[0])
        return " ".join(why.split())[:230].replace("|", "\\|")
    if kind == "imports":
        return "its runtime fails on it: " + row["runtime"].replace("|", "\\|")
    if "problem" in row:
        return row["problem"].replace("|", "\\|")[:200]
    repair = f"; its runtime refuses it for {row['repair']}, and was given a repaired copy" if row.get("repair") else ""
    return f"{row['distance']:.1e} of the spread, correlation {row['correlation']:.4f}{repair}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--pagefold", default=os.path.join(os.path.dirname(__file__), "../.build/release/pagefold"))
    parser.add_argument("--write")
    parser.add_argument("--only", default="")
    parser.add_argument("--one", action="store_true", help="the folder is a file; print what was found as JSON")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(examine(options.folder, options.pagefold), default=float))
        return
    paths = sorted(p for p in glob.glob(os.path.join(options.folder, "*")) if p.endswith((".onnx", ".tflite")) and options.only in p)
    lines, counts = [], {}
    for path in paths:
        # In a process of its own: a runtime may abort.
        code, text, problem = run([sys.executable, __file__, path, "--one", "--pagefold", options.pagefold])
        found = [line for line in text.splitlines() if line.startswith("{")]
        row = json.loads(found[-1]) if found else {
            "import": True, "runtime": "it does not end" if code is None else f"it ends with code {code}"}
        kind = verdict(row)
        counts[kind] = counts.get(kind, 0) + 1
        sort = "" if not row["import"] else "quantised" if row.get("quantised") else "floats"
        line = f"| `{os.path.basename(path)}` | {kind} | {sort} | {row.get('weights', '')} | {cell(row)} |"
        lines.append(line)
        print(line, flush=True)
    total = ", ".join(f"{counts[k]} {k}" for k in ["matches", "imports", "differs", "refused"] if k in counts)
    print(f"{len(paths)} files: {total}")
    if options.write:
        with open(options.write) as file:
            text = file.read()
        begin, end = "<!-- table: Benchmarks/model_files.py -->\n", "<!-- end of table -->"
        head, rest = text.split(begin)
        table = [f"{len(paths)} files: {total}.", "", "| file | | | weights | |", "|---|---|---|---:|---|"] + lines
        with open(options.write, "w") as file:
            file.write(head + begin + "\n".join(table) + "\n" + end + rest.split(end)[1])


main()
