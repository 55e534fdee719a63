"""Makes fisher_golden.json: diagonal Fisher information of one tiny network, by PyTorch in float64.

usage: python make_fisher_golden.py [OUT.json]     needs: torch, numpy; same bytes on every run

Network, NCHW, input 2 x 6 x 5: convolution 3x3 valid (3) - leaky relu 0.2 - max pool 2x2 - flatten (c, h, w: 3*2*1) -
dense 4 - softmax. Six samples. p(c|x) are the softmax probabilities, y the predicted class, w one weight.

  inputs       {"shape": [6,2,6,5], "values"}
  parameters   [{"name","shape","values"}...]; convolution weights [co][ci][kh][kw], dense weights [out][in]
  logits       {"shape": [6,4], "values"};  predictions [6]
  trueFisher       for each parameter  (1/6) sum over x, sum over c of p(c|x) (d log p(c|x) / dw)^2
  publishedFisher  for each parameter  (1/6) sum over x of p(y|x) (d log p(y|x) / dw)^2: the predicted class alone (WV, WS)
  labels, empiricalFisher  (1/6) sum over x of (d log p(label|x) / dw)^2: what neither of the two is; a trap to tell apart
The square is taken per sample, before the mean: squaring the gradient of a whole batch gives none of the three.
"""
import os
import sys

import torch
import torch.nn.functional as F

from golden_format import Draw, entry, write

MARGIN = 1e-3


def network(x, p):
    """Logits, and the distance to the nearest kink of leaky relu and pool."""
    h = F.conv2d(x, p[0], p[1])
    windows = F.leaky_relu(h, 0.2).detach()[:, :, :4, :2].unfold(2, 2, 2).unfold(3, 2, 2).reshape(-1, 4).topk(2, 1).values
    margin = min(h.detach().abs().min().item(), (windows[:, 0] - windows[:, 1]).min().item())
    return F.linear(F.max_pool2d(F.leaky_relu(h, 0.2), 2).flatten(1), p[2], p[3]), margin


def main():
    for seed in range(200):
        d = Draw(seed)
        x = d(6, 2, 6, 5)
        parameters = [("conv.weight", d(3, 2, 3, 3, scale=0.3)), ("conv.bias", d(3, scale=0.2)),
                      ("dense.weight", d(4, 6, scale=0.8)), ("dense.bias", d(4, scale=0.3))]
        p = [v.clone().requires_grad_() for _, v in parameters]
        logits, margin = network(x, p)
        top = logits.detach().topk(2, 1).values
        if margin > MARGIN and (top[:, 0] - top[:, 1]).min() > 0.05:
            break
    else:
        raise SystemExit("no seed keeps the margin")
    probabilities, predictions = F.softmax(logits, 1).detach(), logits.argmax(1)
    labels = [int(i) for i in d.random.integers(0, 4, 6)]
    true, published, empirical = ([torch.zeros_like(v) for _, v in parameters] for _ in range(3))
    for s in range(6):
        for c in range(4):
            log_p = F.log_softmax(network(x[s:s + 1], p)[0], 1)[0, c]
            for i, g in enumerate(torch.autograd.grad(log_p, p)):
                true[i] += probabilities[s, c] * g ** 2 / 6
                if c == predictions[s]:
                    published[i] += probabilities[s, c] * g ** 2 / 6
                if c == labels[s]:
                    empirical[i] += g ** 2 / 6
    # The dense bias has a closed form: mean of p(1 - p).
    assert torch.allclose(true[3], (probabilities * (1 - probabilities)).mean(0), rtol=1e-12)
    named = lambda values: [entry(v, n) for v, (n, _) in zip(values, parameters)]
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "fisher_golden.json")
    head = {"maker": f"make_fisher_golden.py, PyTorch {torch.__version__.split('+')[0]}, float64",
            "inputs": entry(x), "logits": entry(logits), "predictions": predictions.tolist(), "labels": labels,
            "trueFisher": named(true), "publishedFisher": named(published), "empiricalFisher": named(empirical)}
    write(path, head, "parameters", named([v for _, v in parameters]))
    print(f"{path}: {os.path.getsize(path)} bytes; sums: true {sum(v.sum() for v in true):.6f},"
          f" published {sum(v.sum() for v in published):.6f}, empirical {sum(v.sum() for v in empirical):.6f};"
          f" predictions {predictions.tolist()}")


main()
