"""Which model files of a folder import, and whether they answer as their own runtime does: the table of docs/model-files.md.

usage: python model_files.py FOLDER [--pagefold PATH] [--write docs/model-files.md] [--only NAME]
needs: numpy, onnxruntime, ai-edge-litert, and a release build of pagefold

Each file gets sixteen random samples, one after the other, as its own types: normal numbers for floats, normal ones around the
middle for quantised inputs, small whole numbers for tables. A file of floats matches where no number is further from the
runtime's than 1e-4 of the output's spread (at least 1 % of the widest output's); a quantised one where the correlation over all outputs is at least 0.99, or no
number is further away than two and a half steps of the output's own quantisation. The runtime runs plainly, without delegates.
What does not import must be refused in a sentence. A file that its own runtime refuses is compared with nothing.
"""
import argparse
import glob
import json
import os
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
    samples, answers = [], []
    for _ in range(SAMPLES):
        sample = {name: draw(random, shape, dtype) for name, shape, dtype in inputs}
        samples.append(sample)
        answers.append(session.run(None, sample))
    names = [o.name for o in session.get_outputs()]
    return samples, [dict(zip(names, a)) for a in answers], False, 0.0


def lite_answers(path, sizes):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    interpreter = Interpreter(model_path=path, num_threads=1, experimental_op_resolver_type=plain)
    for port in interpreter.get_input_details():
        shape = [int(d) for d in port["shape"]]
        given = sizes.get(port["name"])
        if given is not None:
            shape = [1] * (len(shape) - len(given)) + list(given)
        interpreter.resize_tensor_input(port["index"], shape)
    interpreter.allocate_tensors()
    random = np.random.default_rng(7)
    is_quantised = any(t["dtype"] in (np.int8, np.uint8) and t["quantization_parameters"]["scales"].size
                       for t in interpreter.get_tensor_details())
    quantum = max(float(port["quantization"][0]) for port in interpreter.get_output_details())
    samples, answers = [], []
    for _ in range(SAMPLES):
        sample = {}
        for port in interpreter.get_input_details():
            value = draw(random, port["shape"], port["dtype"])
            interpreter.set_tensor(port["index"], value)
            sample[port["name"]] = value
        interpreter.invoke()
        answer = []
        for port in interpreter.get_output_details():
            value = interpreter.get_tensor(port["index"])
            scale, zero = port["quantization"]
            answer.append((value.astype(np.float32) - zero) * scale if scale else value.astype(np.float32))
        samples.append(sample)
        answers.append(dict(enumerate(answer)))
    return samples, answers, is_quantised, quantum


def run(command):
    process = subprocess.run(command, capture_output=True, text=True, timeout=900)
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
        samples, due, row["quantised"], quantum = answers(path, sizes)
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
    row["steps"] = max(float(np.abs(a - b).max()) for a, b in zip(got, expected)) / quantum if quantum else 1e9
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
        why = row["why"].split("; ")[0]
        return " ".join(why.split())[:230].replace("|", "\\|")
    if kind == "imports":
        return "its runtime refuses it: " + row["runtime"].replace("|", "\\|")
    if "problem" in row:
        return row["problem"].replace("|", "\\|")[:200]
    return f"{row['distance']:.1e} of the spread, correlation {row['correlation']:.4f}"


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
        row = json.loads(found[-1]) if found else {"import": True, "runtime": f"it ends with code {code}"}
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
