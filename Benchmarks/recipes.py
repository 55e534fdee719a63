"""The recipes of docs/model-files.md, run: a PyTorch network becomes ONNX and safetensors, and both answer here as PyTorch does.

usage: python recipes.py [--pagefold PATH]
needs: torch, numpy; for the Keras recipe tensorflow, where it is installed (it is skipped else)
"""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np
import torch
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.fc = nn.Linear(16 * 16 * 16, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 2)
        return torch.softmax(self.fc(x.flatten(1)), 1)


def answers(pagefold, model, samples):
    process = subprocess.run([pagefold, "run", model, samples, "--json"], capture_output=True, text=True)
    if process.returncode:
        raise SystemExit(process.stderr)
    output = json.loads(process.stdout)["outputs"][0]
    return np.array(output["values"], np.float32).reshape(output["shape"])


def check(name, got, due):
    distance = float(np.abs(got - due).max())
    print(f"{name}: largest distance {distance:.1e}")
    if distance > 1e-5:
        raise SystemExit(f"{name} answers otherwise")


def safetensors(path, tensors):
    """What safetensors.torch.save_file writes, without the package."""
    header, body = {}, b""
    for name, value in tensors.items():
        raw = value.contiguous().numpy().tobytes()
        kind = {torch.float32: "F32", torch.int64: "I64"}[value.dtype]
        header[name] = {"dtype": kind, "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + body)


def keras(pagefold, folder):
    try:
        import tensorflow as tf
    except ImportError:
        print("Keras: skipped, tensorflow is not installed")
        return
    model = tf.keras.Sequential([
        tf.keras.layers.Input((32, 32, 3)), tf.keras.layers.Conv2D(8, 3, activation="relu"), tf.keras.layers.MaxPooling2D(),
        tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")])
    model.save(os.path.join(folder, "net.keras"))

    # As in the document.
    model = tf.keras.models.load_model(os.path.join(folder, "net.keras"))
    data = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    path = os.path.join(folder, "net.tflite")
    with open(path, "wb") as file:
        file.write(data)
    x = np.random.default_rng(1).standard_normal((8, 32, 32, 3)).astype(np.float32)
    np.save(os.path.join(folder, "keras.npy"), x)
    check("Keras", answers(pagefold, path, os.path.join(folder, "keras.npy")), model(x).numpy())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pagefold", default=os.path.join(HERE, "../.build/release/pagefold"))
    pagefold = parser.parse_args().pagefold
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        net = Net()
        torch.save(net.state_dict(), "net.pt")
        x = torch.randn(8, 3, 32, 32)
        np.save("x.npy", x.numpy())

        # As in the document.
        model = Net().eval()
        model.load_state_dict(torch.load("net.pt"))
        torch.onnx.export(model, (torch.zeros(1, 3, 32, 32),), "net.onnx", dynamo=False)

        due = model(x).detach().numpy()
        check("PyTorch, ONNX", answers(pagefold, "net.onnx", "x.npy"), due)

        safetensors("net.safetensors", model.state_dict())
        layers = ("[convolution 16 3x3 padding 1 from conv1, batch_normalisation 0.00001 from bn1, relu, max_pool 2x2, "
                  "dense 10 from fc, softmax]")
        with open("job.yaml", "w") as file:
            file.write("budget: 2x\nnetworks:\n  - name: net\n    weights: net.safetensors\n    input: [3, 32, 32]\n"
                       f"    layers: {layers}\n    data:\n      layout: channels_first\n"
                       "      train: {samples: x.npy}\n      validation: {samples: x.npy}\n")
        process = subprocess.run([pagefold, "pack", "job.yaml", "--steps", "1", "--set", "format=float32", "--set", "evaluate_every=1",
                                  "--budget", "200KB"], capture_output=True, text=True)
        if process.returncode:
            raise SystemExit(process.stderr)
        print("PyTorch, safetensors: packs")
        keras(pagefold, folder)


main()
