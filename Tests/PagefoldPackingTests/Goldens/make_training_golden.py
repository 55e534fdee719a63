"""Makes training_golden.json: the losses of the first ten Adam steps of one small network, by PyTorch in float64.

usage: python make_training_golden.py [OUT.json]     needs: torch, numpy; same bytes on every run

Network, NCHW, input 2 x 20 x 12: convolution 3x3 valid (6) - leaky relu 0.2 - max pool 2x2 - convolution 3x3 valid (8) -
leaky relu 0.2 - max pool 2x2 - flatten (c, h, w: 8*3*1) - dense 16 - sigmoid - dense 4. Loss: mean cross-entropy over all
100 samples, one full batch a step. Adam: m and v from 0, both bias-corrected, w -= rate * mHat / (sqrt(vHat) + epsilon).

  data         {"shape": [100,2,20,12], "base64": unsigned bytes b in row-major order; the value is (b - 128) / 64}
  labels       [100], 0..3
  parameters   [{"name","shape","values"}...] before the first step, in the order of the layers, weight then bias;
               convolution weights [co][ci][kh][kw], dense weights [out][in]
  losses       ten numbers: losses[i] is the loss that step i's gradient comes from, so losses[0] is before any update
  finalLoss    after the tenth update
  finalParameters  after the tenth update, in the order of parameters
  float32Losses    the same run with PyTorch in float32: how far rounding alone moves the losses
"""
import base64
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from golden_format import Draw, entry, write

STEPS, RATE, BETAS, EPSILON = 10, 1e-3, (0.9, 0.999), 1e-8


def data():
    """Four smooth patterns with noise: learnable, but not at once."""
    random = np.random.default_rng(31)
    labels = random.permutation(np.arange(100) % 4)
    h, w = np.meshgrid(np.arange(20) / 20, np.arange(12) / 12, indexing="ij")
    patterns = np.stack([np.stack([np.sin(2 * np.pi * ((k + 1) * h + c * w)), np.cos(2 * np.pi * (k * w - c * h))])
                         for k in range(4) for c in [k % 2]])
    values = 0.6 * patterns[labels] + 0.5 * random.standard_normal((100, 2, 20, 12))
    return np.clip(np.round(values * 64) + 128, 0, 255).astype(np.uint8), labels


def initial_parameters():
    d = Draw(32)
    shapes = [("conv0", (6, 2, 3, 3)), ("conv1", (8, 6, 3, 3)), ("dense0", (16, 24)), ("dense1", (4, 16))]
    out = []
    for name, shape in shapes:
        out += [(f"{name}.weight", d(*shape, scale=float(np.prod(shape[1:])) ** -0.5)), (f"{name}.bias", d(shape[0], scale=0.05))]
    return out


def logits(x, p):
    x = F.max_pool2d(F.leaky_relu(F.conv2d(x, p[0], p[1]), 0.2), 2)
    x = F.max_pool2d(F.leaky_relu(F.conv2d(x, p[2], p[3]), 0.2), 2)
    return F.linear(torch.sigmoid(F.linear(x.flatten(1), p[4], p[5])), p[6], p[7])


def train(x, labels, parameters, dtype):
    x, p = x.to(dtype), [v.to(dtype).clone().requires_grad_() for _, v in parameters]
    optimizer, losses = torch.optim.Adam(p, lr=RATE, betas=BETAS, eps=EPSILON), []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = F.cross_entropy(logits(x, p), labels)
        loss.backward()
        losses.append(loss.item())
        optimizer.step()
    return losses, F.cross_entropy(logits(x, p), labels).item(), p


def train_by_hand(x, labels, parameters):
    """Adam written out, so that the formula in the header is known to be the one that made the numbers."""
    p, m, v, losses = [t.clone().requires_grad_() for _, t in parameters], {}, {}, []
    for step in range(1, STEPS + 1):
        loss = F.cross_entropy(logits(x, p), labels)
        losses.append(loss.item())
        updated = []
        for i, (w, g) in enumerate(zip(p, torch.autograd.grad(loss, p))):
            m[i] = BETAS[0] * m.get(i, 0) + (1 - BETAS[0]) * g
            v[i] = BETAS[1] * v.get(i, 0) + (1 - BETAS[1]) * g * g
            m_hat, v_hat = m[i] / (1 - BETAS[0] ** step), v[i] / (1 - BETAS[1] ** step)
            updated.append((w - RATE * m_hat / (v_hat.sqrt() + EPSILON)).detach().requires_grad_())
        p = updated
    return losses


def main():
    stored, labels = data()
    x, targets, parameters = torch.from_numpy((stored.astype(np.float64) - 128) / 64), torch.from_numpy(labels), initial_parameters()
    losses, final, trained = train(x, targets, parameters, torch.float64)
    single, single_final, _ = train(x, targets, parameters, torch.float32)
    assert np.allclose(losses, train_by_hand(x, targets, parameters), rtol=1e-12)
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "training_golden.json")
    head = {
        "maker": f"make_training_golden.py, PyTorch {torch.__version__.split('+')[0]}, float64",
        "adam": {"learningRate": RATE, "beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON, "steps": STEPS},
        "losses": [float(f"{v:.10g}") for v in losses], "finalLoss": float(f"{final:.10g}"),
        "float32Losses": [float(f"{v:.10g}") for v in single],
        "labels": labels.tolist(),
        "data": {"shape": list(stored.shape), "base64": base64.b64encode(stored.tobytes()).decode()},
        "finalParameters": [entry(v, n) for v, (n, _) in zip(trained, parameters)],
    }
    write(path, head, "parameters", [entry(v, n) for n, v in parameters])
    print(f"{path}: {os.path.getsize(path)} bytes; losses {losses[0]:.8f} ... {losses[-1]:.8f}, then {final:.8f};"
          f" float32 differs by at most {max(abs(a - b) for a, b in zip(losses + [final], single + [single_final])):.1e}")


main()
