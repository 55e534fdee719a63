"""onnx 1.23.0, numpy. Which of ONNX's node tests treat the first axis of their first input as samples.

    python make_onnx_batch_tests.py ../../../../shared/models/onnx-node-tests.tar.gz > onnx-batch-tests.txt

Behind the first input the same samples are laid in reverse order, all other inputs stay; the reference evaluator must
answer so too. A test that mixes samples, or that has none, does not pass.
"""

import io
import sys
import tarfile
from collections import defaultdict

import numpy as np
import onnx
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator


def read(path):
    tests = defaultdict(dict)
    with tarfile.open(path) as archive:
        for member in archive:
            parts = member.name.lstrip("./").split("/")
            if member.isfile() and len(parts) >= 3:
                tests[parts[1]]["/".join(parts[2:])] = archive.extractfile(member).read()
    return tests


def tensors(files, kind):
    found = []
    while (name := f"test_data_set_0/{kind}_{len(found)}.pb") in files:
        tensor = onnx.TensorProto()
        tensor.ParseFromString(files[name])
        found.append(numpy_helper.to_array(tensor))
    return found


def keeps_samples(files):
    model = onnx.load(io.BytesIO(files["model.onnx"]))
    inputs, outputs = tensors(files, "input"), tensors(files, "output")
    if not inputs or not outputs or inputs[0].ndim == 0 or 0 in [array.size for array in inputs[:1] + outputs]:
        return False
    for value in list(model.graph.input) + list(model.graph.output):
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    stored = {tensor.name for tensor in model.graph.initializer}
    names = [value.name for value in model.graph.input if value.name not in stored]
    doubled = [np.concatenate([inputs[0], inputs[0][::-1]])] + inputs[1:]
    try:
        answers = ReferenceEvaluator(model).run(None, dict(zip(names, doubled)))
    except Exception:
        return False
    for before, after in zip(outputs, answers):
        after = np.asarray(after)
        if before.ndim == 0 or after.shape != (2 * before.shape[0],) + before.shape[1:]:
            return False
        twice = np.concatenate([before, before[::-1]]).astype(np.float64)
        if not np.allclose(twice, after.astype(np.float64), rtol=1e-3, atol=1e-5, equal_nan=True):
            return False
    return True


if __name__ == "__main__":
    tests = read(sys.argv[1])
    print("\n".join(name for name in sorted(tests) if keeps_samples(tests[name])))
