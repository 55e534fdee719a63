#!/usr/bin/env python3
"""ONNX Runtime and LiteRT on the ten published networks, in the units of `pagefold bench run` and `bench switch`.

For each network with made-up weights, on one thread: microseconds of one run at batch 1, microseconds of loading the
model (what a switch costs where models are not all kept open), and for ONNX Runtime samples a second in batches. Then
random executions over all networks, as milliseconds of the sequence: each model loaded before it runs, and all loaded
beforehand. All figures are medians; measure on a quiet machine.
An engine whose packages are missing is left out, and the output says so.

    python3 -m venv peers && peers/bin/pip install numpy onnx onnxruntime ai-edge-litert tensorflow-cpu
    peers/bin/python Benchmarks/peers/peers.py [--json] [--networks FILE] [--only NAME,NAME]
"""
import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

# Input (height, width, channels), convolutions (kernel height, kernel width, outputs), sizes of the dense layers,
# whether these have sigmoids rather than leaky ReLUs between them. Each convolution is followed by a leaky ReLU of
# slope 0.2 and a maximum over 2 x 2; the last dense layer by softmax.
NETWORKS = {
    "cifar10": ((32, 32, 3), [(3, 3, 16), (3, 3, 32), (3, 3, 52)], [128, 128, 10], True),
    "mnist": ((28, 28, 1), [(3, 3, 16), (3, 3, 32), (3, 3, 48)], [256, 128, 10], False),
    "fmnist": ((28, 28, 1), [(3, 3, 24), (3, 3, 32), (3, 3, 52)], [256, 128, 10], False),
    "gtsrb": ((32, 32, 1), [(3, 3, 16), (3, 3, 32), (3, 3, 52)], [128, 128, 43], False),
    "svhn": ((32, 32, 3), [(3, 3, 16), (3, 3, 32), (3, 3, 52)], [128, 128, 10], True),
    "obs": ((45, 80, 1), [(12, 24, 8), (3, 3, 32), (3, 3, 32)], [128, 128, 4], False),
    "gsc": ((61, 13, 1), [(12, 6, 14), (6, 3, 28)], [128, 128, 35], False),
    "esc10": ((60, 41, 2), [(12, 6, 8), (3, 3, 16), (3, 3, 32)], [128, 64, 10], True),
    "us8k": ((60, 41, 2), [(3, 3, 8), (3, 3, 16), (3, 3, 32)], [124, 10], False),
    "hhar": ((20, 120, 1), [(3, 3, 8), (3, 3, 32), (2, 3, 64)], [60, 6], True),
}
SLOPE = 0.2
BATCHES = [16, 100]


class OnnxRuntime:
    """Models written with the onnx package, run by ONNX Runtime on one thread."""

    title = "ONNX Runtime"
    packages = ["numpy", "onnx", "onnxruntime"]
    batches = BATCHES

    def __init__(self):
        self.numpy, self.onnx, self.runtime = map(importlib.import_module, self.packages)
        self.options = self.runtime.SessionOptions()
        self.options.intra_op_num_threads = 1
        self.options.inter_op_num_threads = 1

    def write(self, path, network):
        """Writes a model of any batch size; inputs are [batch][channels][height][width]."""
        (height, width, channels), convolutions, dense, sigmoid = network
        helper, kind = self.onnx.helper, self.onnx.TensorProto.FLOAT
        random = self.numpy.random.default_rng(0)
        nodes, tensors = [], []
        inputs = helper.make_tensor_value_info("input", kind, ["batch", channels, height, width])
        value = "input"

        def step(operation, *shapes, **attributes):
            nonlocal value
            operands = [value]
            for shape in shapes:
                name = f"weights{len(tensors)}"
                array = random.normal(0, 0.1, shape).astype(self.numpy.float32)
                tensors.append(self.onnx.numpy_helper.from_array(array, name))
                operands.append(name)
            value = f"value{len(nodes)}"
            nodes.append(helper.make_node(operation, operands, [value], **attributes))

        for kernel_height, kernel_width, outputs in convolutions:
            kernel = [kernel_height, kernel_width]
            step("Conv", (outputs, channels, *kernel), (outputs,), kernel_shape=kernel)
            step("LeakyRelu", alpha=SLOPE)
            step("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
            height, width = (height - kernel_height + 1) // 2, (width - kernel_width + 1) // 2
            channels = outputs
        step("Flatten")
        features = height * width * channels
        for outputs in dense[:-1]:
            step("Gemm", (features, outputs), (outputs,))
            step("Sigmoid") if sigmoid else step("LeakyRelu", alpha=SLOPE)
            features = outputs
        step("Gemm", (features, dense[-1]), (dense[-1],))
        step("Softmax", axis=1)
        outputs = helper.make_tensor_value_info(value, kind, ["batch", dense[-1]])
        graph = helper.make_graph(nodes, "network", [inputs], [outputs], tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        self.onnx.checker.check_model(model)
        self.onnx.save(model, path)

    def load(self, path):
        return self.runtime.InferenceSession(path, self.options, providers=["CPUExecutionProvider"])

    def samples(self, network, batch=1):
        """A made-up batch, as the model takes it."""
        (height, width, channels), *_ = network
        return self.numpy.random.default_rng(1).random((batch, channels, height, width), self.numpy.float32)

    def prepare(self, model, samples):
        """Returns a function that runs a batch."""
        inputs = {"input": samples}
        return lambda: model.run(None, inputs)


class LiteRT:
    """Models converted by TensorFlow, run by LiteRT (with its XNNPACK) on one thread."""

    title = "LiteRT"
    packages = ["numpy", "tensorflow", "ai_edge_litert"]
    batches = []

    def __init__(self):
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        self.numpy = importlib.import_module("numpy")
        self.tensorflow = importlib.import_module("tensorflow")
        self.interpreter = importlib.import_module("ai_edge_litert.interpreter").Interpreter

    def write(self, path, network):
        """Writes a model for one sample; its input is [1][height][width][channels]."""
        shape, convolutions, dense, sigmoid = network
        layers = self.tensorflow.keras.layers
        stack = [layers.Input(shape, batch_size=1)]
        for kernel_height, kernel_width, outputs in convolutions:
            stack.append(layers.Conv2D(outputs, (kernel_height, kernel_width)))
            stack.append(layers.LeakyReLU(negative_slope=SLOPE))
            stack.append(layers.MaxPooling2D((2, 2)))
        stack.append(layers.Flatten())
        for outputs in dense[:-1]:
            stack.append(layers.Dense(outputs))
            stack.append(
                layers.Activation("sigmoid") if sigmoid else layers.LeakyReLU(negative_slope=SLOPE))
        stack.append(layers.Dense(dense[-1], activation="softmax"))
        model = self.tensorflow.keras.Sequential(stack)
        converter = self.tensorflow.lite.TFLiteConverter.from_keras_model(model)
        Path(path).write_bytes(converter.convert())

    def load(self, path):
        model = self.interpreter(path, num_threads=1)
        model.allocate_tensors()
        return model

    def samples(self, network, batch=1):
        """A made-up batch, as the model takes it."""
        return self.numpy.random.default_rng(1).random((batch, *network[0]), self.numpy.float32)

    def prepare(self, model, samples):
        """Fills in a batch and returns a function that runs it."""
        model.set_tensor(model.get_input_details()[0]["index"], samples)
        return model.invoke


class silence:
    """Keeps what engines write to the process's output by themselves out of ours."""

    def __enter__(self):
        sys.stdout.flush()
        self.kept = os.dup(1), os.dup(2)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        os.close(nothing)

    def __exit__(self, *_):
        sys.stdout.flush()
        for target, kept in zip((1, 2), self.kept):
            os.dup2(kept, target)
            os.close(kept)


def median_time(action, runs):
    """Median microseconds of an action, after some that are not timed. Giving back what it returns is not timed."""
    for _ in range(max(runs // 10, 2)):
        action()
    times = []
    for _ in range(runs):
        start = time.perf_counter_ns()
        result = action()
        times.append((time.perf_counter_ns() - start) / 1000)
        del result
    return statistics.median(times)


def measure(engine, networks, arguments):
    """All figures of one engine: a record for each network, and of all of them together."""
    records, runs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, network) in enumerate(networks.items()):
            path = f"{folder}/{number}.model"
            with silence():
                engine.write(path, network)
                model = engine.load(path)
            runs.append(engine.prepare(model, engine.samples(network)))
            record = {
                "name": name,
                "median": median_time(runs[-1], arguments.runs),
                "load": median_time(lambda: engine.load(path), arguments.loads),
                "throughput": {},
            }
            for batch in engine.batches:
                run = engine.prepare(model, engine.samples(network, batch))
                seconds = median_time(run, max(arguments.runs // batch, 30)) / 1e6
                record["throughput"][str(batch)] = batch / seconds
            records.append(record)
        sequence = random_executions(engine, list(networks.values()), folder, runs, arguments)

    def run_all():
        for run in runs:
            run()

    throughput = {
        str(batch): len(records) / sum(1 / record["throughput"][str(batch)] for record in records)
        for batch in engine.batches
    }
    return {
        "engine": engine.title,
        "versions": {package: version(package) for package in engine.packages},
        "networks": records,
        "sum": {
            "name": "sum",
            "median": sum(record["median"] for record in records),
            "load": sum(record["load"] for record in records),
            "throughput": throughput,
        },
        # One after the other, all models loaded before.
        "all": {"name": "all", "median": median_time(run_all, arguments.runs)},
        "sequence": sequence,
    }


def random_executions(engine, networks, folder, runs, arguments):
    """Milliseconds of a random sequence over all networks: the median over five rounds."""
    numbers = random.Random(arguments.seed).choices(range(len(networks)), k=arguments.executions)

    samples = [engine.samples(network) for network in networks]

    def load_and_run():
        for number in numbers:
            model = engine.load(f"{folder}/{number}.model")
            engine.prepare(model, samples[number])()

    def run():
        for number in numbers:
            runs[number]()

    return {
        "executions": arguments.executions,
        "loading": median_time(load_and_run, 5) / 1000,
        "loaded": median_time(run, 5) / 1000,
    }


def version(package):
    names = importlib.metadata.packages_distributions().get(package, [package])
    return importlib.metadata.version(names[0])


def text(result):
    """A table with a row for each network, for their sum, and for all of them run in a row."""
    batches = list(result["sum"]["throughput"])
    rows = [["network", "median µs", "load, median µs"] + [f"batch {size}, samples/s" for size in batches]]
    for record in result["networks"] + [result["sum"]]:
        rows.append(
            [record["name"], f"{record['median']:.1f}", f"{record['load']:.0f}"]
            + [f"{record['throughput'][size]:,.0f}" for size in batches])
    rows.append(["all in a row", f"{result['all']['median']:.1f}"] + [""] * (1 + len(batches)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths))).rstrip()
        for row in rows
    ]
    lines.insert(1, "─" * max(map(len, lines)))
    versions = ", ".join(f"{package} {number}" for package, number in result["versions"].items())
    sequence = result["sequence"]
    lines.append(
        f"{sequence['executions']} random executions: {sequence['loading']:.2f} ms, each model loaded before it runs; "
        f"{sequence['loaded']:.2f} ms, all loaded before")
    return f"{result['engine']}, one thread ({versions})\n" + "\n".join(lines)


def defined_networks(path):
    """NETWORKS of a Python file with the same shapes as here."""
    spec = importlib.util.spec_from_file_location("networks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NETWORKS


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    parser.add_argument("--runs", type=int, default=500, help="timed runs of each network (500)")
    parser.add_argument("--loads", type=int, default=15, help="timed loadings of each network (15)")
    parser.add_argument("--executions", type=int, default=50, help="random executions in the sequence (50)")
    parser.add_argument("--seed", type=int, default=1, help="draws the sequence (1)")
    parser.add_argument("--networks", metavar="FILE", help="a Python file with NETWORKS as in this one")
    parser.add_argument("--only", metavar="NAMES", help="names of networks, with commas; all are measured without it")
    arguments = parser.parse_args()
    if min(arguments.runs, arguments.loads, arguments.executions) < 1:
        parser.error("--runs, --loads and --executions must be at least 1")
    networks = defined_networks(arguments.networks) if arguments.networks else NETWORKS
    if arguments.only:
        names = arguments.only.split(",")
        missing = [name for name in names if name not in networks]
        if missing:
            parser.error(f"no network {missing[0]}: choose from {', '.join(networks)}")
        networks = {name: networks[name] for name in names}
    return arguments, networks


def main():
    arguments, networks = parsed_arguments()
    results, missing = [], []
    for engine in (OnnxRuntime, LiteRT):
        try:
            with silence():
                prepared = engine()
            results.append(measure(prepared, networks, arguments))
        except ImportError as error:
            missing.append({"engine": engine.title, "reason": str(error)})
    if arguments.json:
        record = {
            "command": sys.argv, "python": platform.python_version(), "processor": platform.machine(),
            "runs": arguments.runs, "engines": results, "missing": missing,
        }
        print(json.dumps(record, indent=2))
    else:
        notes = [f"{note['engine']} is not measured: {note['reason']}" for note in missing]
        print("\n\n".join([text(result) for result in results] + notes))
    return 0 if results else 1


if __name__ == "__main__":
    sys.exit(main())
