"""Makes convolutions.safetensors and recurrent.safetensors with safetensors_goldens.json: PyTorch networks, samples, answers.

usage: python make_safetensors_goldens.py     needs: torch; same bytes on every run

safetensors_goldens.json: {"maker", "cases": [{"file", "input": [c, h, w], "layers": [...], "samples": [[...]], "answers": [[...]]}]}
"""
import json
import os
import struct

import torch
from torch import nn

FOLDER = os.path.dirname(os.path.abspath(__file__))
NAMES = {torch.float32: "F32", torch.float16: "F16", torch.int64: "I64"}


def write(path, tensors):
    """The format: the length of a JSON header, the header, the bytes of all tensors."""
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, value in tensors.items():
        raw = value.contiguous().numpy().tobytes()
        header[name] = {"dtype": NAMES[value.dtype], "shape": list(value.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)


class Convolutions(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(2, 4, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(4)
        self.act = nn.PReLU()
        self.second = nn.Conv2d(4, 6, (2, 3), stride=2)
        self.head = nn.Linear(6 * 3 * 3, 5)

    def forward(self, x):
        x = self.act(self.norm(self.first(x)))
        return torch.softmax(self.head(torch.relu(self.second(x)).flatten(1)), 1)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, batch_first=True)
        self.gru = nn.GRU(4, 5, batch_first=True)
        self.head = nn.Linear(5, 2)

    def forward(self, x):
        y, _ = self.lstm(x[..., 0])
        return self.head(self.gru(y)[0][:, -1])


def case(model, name, shape, layers, half=()):
    model.eval()
    with torch.no_grad():
        for key, value in model.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.rand(value.shape) + 0.5 if key.endswith("running_var") else torch.randn(value.shape) * 0.5)
                if key in half:
                    value.copy_(value.half().float())
        x = torch.randn(4, *shape)
        y = model(x)
    tensors = {k: v.half() if k in half else v for k, v in model.state_dict().items()}
    write(os.path.join(FOLDER, name), tensors)
    return {"file": name, "input": list(shape), "layers": layers,
            "samples": x.flatten(1).tolist(), "answers": y.flatten(1).tolist()}


torch.manual_seed(7)
cases = [
    case(Convolutions(), "convolutions.safetensors", (2, 6, 7),
         ["convolution 4 3x3 padding 1 from first", "batch_normalisation 0.00001 from norm", "prelu from act",
          "convolution 6 2x3 stride 2 from second", "relu", "flatten", "dense 5 from head", "softmax"], half=("head.weight",)),
    case(Recurrent(), "recurrent.safetensors", (6, 3, 1), ["lstm 4 all from lstm", "gru 5 from gru", "dense 2 from head"]),
]
with open(os.path.join(FOLDER, "safetensors_goldens.json"), "w") as file:
    json.dump({"maker": f"make_safetensors_goldens.py, PyTorch {torch.__version__.split('+')[0]}", "cases": cases}, file)
    file.write("\n")
