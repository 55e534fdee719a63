"""Makes methods_golden.json: the formulas of the published systems on small random inputs, by NumPy and PyTorch in float64.

usage: python make_methods_golden.py [OUT.json]     needs: torch, numpy; same bytes on every run

Written from the papers' descriptions (WV: MobiSys 2020, WS: PerCom 2022), not from the Swift code. "items" holds one
object a case, told apart by "kind":

  stretch     fisher -> stretched: (F - min) / (max - min)                                                   WS section IV
  insertion   a page (fisher, weights) joins a frame that holds others: cost = least loss after - least loss before, the
              loss sum F (w - c)^2 over all pages and the least over the content c taken by solving for its zero gradient
  greedy      networks [{"weights", "fisher"}], pageSize, frames, contents (or none) -> frameOf             WV "matching"
  matching    one position: weight, others [[F, w], ...] -> value and slope (autograd) of the three means   WV section 5.2
  density     fisher, pageSize, targetPerformance, margin, frames -> pages                                   WS section IV
  target      a dense network, samples, labels, alpha, targetAccuracy -> rate                                WS section IV
  turns       networks that share frames, trained in turns: Adam anew in each turn, cross-entropy + lambda * matching
              loss -> all weights of the frames and biases after the last step                      WV section 5.3
"""
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

from golden_format import Draw, entry, number, tensor, write


def numbers(values):
    return [number(float(v)) for v in np.asarray(values).reshape(-1)]


def single(values):
    """The float32 nearest to each value, as float64."""
    return np.asarray(values, np.float32).astype(np.float64)


def heavy_tailed(random, count, zeros=0.1):
    """Fisher values over six decades, some 0, with five digits."""
    values = 10 ** random.uniform(-4, 2, count)
    values = np.array([float(f"{v:.5g}") for v in values])
    values[random.uniform(size=count) < zeros] = 0
    return single(values)


# Fisher in 0 ... 1, and the cost of joining a frame.

def stretch(random):
    fisher = heavy_tailed(random, 23, zeros=0) + 0.5
    fisher = single(fisher)
    least, most = fisher.min(), fisher.max()
    return {"kind": "stretch", "fisher": numbers(fisher), "stretched": numbers((fisher - least) / (most - least))}


def least_loss(pages):
    """min over c of sum F (w - c)^2 at each position: the gradient -2 sum F (w - c) is 0 where c = sum F w / sum F."""
    total = 0.0
    for position in range(len(pages[0][0])):
        f = torch.tensor([p[0][position] for p in pages])
        w = torch.tensor([p[1][position] for p in pages])
        if f.sum() == 0:
            continue
        c = ((f * w).sum() / f.sum()).requires_grad_()
        loss = (f * (w - c) ** 2).sum()
        assert abs(torch.autograd.grad(loss, c)[0].item()) < 1e-9 * f.sum().item()
        total += loss.item()
    return total


def insertion(random, users):
    draw = lambda: (heavy_tailed(random, 13, zeros=0.2), single(np.round(random.normal(size=13), 3)))
    pages = [draw() for _ in range(users + 1)]
    cost = least_loss(pages) - (least_loss(pages[1:]) if users else 0)
    return {"kind": "insertion", "fisher": [numbers(p[0]) for p in pages], "weights": [numbers(p[1]) for p in pages],
            "cost": number(cost)}


# Greedy matching by occupancy.

def greedy_once(networks, page_size, frame_count, contents):
    """None where a choice hangs on rounding."""
    def cut(flat):
        pages = -(-len(flat) // page_size)
        return np.concatenate([flat, np.zeros(pages * page_size - len(flat))]).reshape(pages, page_size)

    on_frame = [[] for _ in range(frame_count)]          # (fisher, weights) of the pages there
    result = []
    for network in networks:
        weights, fisher = cut(network["weights"]), cut(network["fisher"])
        sums = fisher.sum(1)
        # What the frames are before this network comes.
        users = [len(pages) for pages in on_frame]
        frame_fisher = np.array([sum((f for f, _ in pages), np.zeros(page_size)) for pages in on_frame])
        frame_weights = np.zeros((frame_count, page_size))
        for f, pages in enumerate(on_frame):
            with np.errstate(invalid="ignore"):
                mean = sum((a * b for a, b in pages), np.zeros(page_size)) / frame_fisher[f]
            frame_weights[f] = np.where(frame_fisher[f] > 0, mean, 0)
        if contents is not None:
            frame_weights = contents

        def cost(page, frame):
            both = (fisher[page] != 0) & (frame_fisher[frame] != 0)
            distance = (weights[page] - frame_weights[frame]) ** 2
            return ((fisher[page] + frame_fisher[frame]) * distance)[both].sum()

        table = [None] * len(weights)
        waiting = sorted(range(len(weights)), key=lambda p: (-sums[p], p))
        for occupancy in sorted(set(users)):
            group = sorted((f for f in range(frame_count) if users[f] == occupancy),
                           key=lambda f: (-frame_fisher[f].sum(), f))
            # Where the sides differ in number, the heaviest of the larger side take part.
            count = min(len(waiting), len(group))
            pages, frames, waiting = waiting[:count], group[:count], waiting[count:]
            while pages:
                if sums[pages[0]] >= frame_fisher[frames[0]].sum():
                    options = [(cost(pages[0], f), i) for i, f in enumerate(frames)]
                    page, frame = 0, min(options)[1]
                else:
                    options = [(cost(p, frames[0]), i) for i, p in enumerate(pages)]
                    page, frame = min(options)[1], 0
                best = sorted(c for c, _ in options)
                if len(best) > 1 and best[0] != best[1] and best[1] - best[0] < 1e-4 * best[1]:
                    return None
                table[pages.pop(page)] = frames.pop(frame)
        assert not waiting
        for page, frame in enumerate(table):
            on_frame[frame].append((fisher[page], weights[page]))
        result.append(table)
    return result


def greedy(random, sizes, page_size, frames, noise):
    while True:
        networks = [{"weights": single(np.round(random.normal(size=n) * 0.2, 3)), "fisher": heavy_tailed(random, n)}
                    for n in sizes]
        contents = single(np.round(random.normal(size=(frames, page_size)) * 0.01, 4)) if noise else None
        tables = greedy_once(networks, page_size, frames, contents)
        if tables is not None:
            break
    return {"kind": "greedy", "networks": [{k: numbers(v) for k, v in n.items()} for n in networks],
            "pageSize": page_size, "frames": frames, "contents": None if contents is None else numbers(contents),
            "frameOf": tables}


# Matching loss.

def mean_of_costs(kind, weight, others):
    """others: [(F, a)]; costs of exactly 0 do not count."""
    costs = [f * (weight - a) ** 2 for f, a in others]
    costs = [c for c in costs if c.item() != 0]
    if not costs:
        return weight * 0
    costs = torch.stack(costs)
    if kind == "arithmetic":
        return costs.mean()
    if kind == "quadratic":
        return (costs ** 2).mean().sqrt()
    return len(costs) / (1 / costs).sum()


def matching(random, count):
    weight = torch.tensor(float(single(np.round(random.normal(), 3))), requires_grad=True)
    others = list(zip(heavy_tailed(random, count, zeros=0.25), single(np.round(random.normal(size=count), 3))))
    if count > 3:
        others[1] = (others[1][0], weight.item())
    item = {"kind": "matching", "weight": number(weight.item()), "others": [numbers(o) for o in others]}
    for kind in ("arithmetic", "quadratic", "harmonic"):
        value = mean_of_costs(kind, weight, others)
        slope = torch.autograd.grad(value, weight)[0]
        item[kind] = [number(value.item()), number(slope.item())]
    return item


# Separation.

def density(random, target, margin, frames):
    page_size, fisher = 4, heavy_tailed(random, 30)
    padded = np.concatenate([fisher, [0, 0]]).reshape(8, page_size)
    share = padded.sum(1) / padded.sum()
    order = sorted(range(8), key=lambda p: (-share[p], p))
    chosen = []
    while target - sum(share[p] for p in chosen) >= margin and len(chosen) < 8:
        chosen.append(order[len(chosen)])
    while 8 - len(chosen) > frames:                      # what does not fit in the pool
        chosen.append(order[len(chosen)])
    return {"kind": "density", "fisher": numbers(fisher), "pageSize": page_size, "targetPerformance": target,
            "margin": margin, "frames": frames, "pages": sorted(chosen)}


def target(seed, alpha, target_accuracy, labelled):
    draw = Draw(seed)
    inputs, weight, bias = draw(40, 5), draw(3, 5), draw(3, scale=0.3)
    labels = draw.random.integers(0, 3, 40) if labelled else np.full(40, -1)
    answers = F.softmax(inputs @ weight.T + bias, 1)
    answers = answers / answers.norm(dim=1, keepdim=True)
    at = torch.from_numpy(labels) if labelled else answers.argmax(1)
    q = answers[torch.arange(40), at]
    assert (q - alpha).abs().min() > 1e-5
    confident = (q > alpha).double().mean()
    loss = torch.where(q > alpha, torch.zeros_like(q), -q.log()).mean()
    wanted = loss * (confident + 1 - target_accuracy)
    rate = max(0.0, 1 - ((wanted - loss) / loss).item()) if loss > 0 else 1.0
    return {"kind": "target", "inputs": entry(inputs), "weight": entry(weight, "weight"), "bias": entry(bias, "bias"),
            "labels": labels.tolist(), "alpha": alpha, "targetAccuracy": target_accuracy, "rate": number(rate)}


# Training in turns.

def turns(seed, mean, steps, turn, sequential=False, rate=0.01, penalty=0.3):
    """Three dense networks of 6 -> 2 (12 weights, 3 pages of 4) on 4 frames; biases are their own."""
    draw = Draw(seed)
    tables = [[0, 1, 2], [2, 0, 3], [1, 3, 0]]
    names = range(3)
    weights = [draw(2, 6) for _ in names]
    biases = [draw(2, scale=0.1) for _ in names]
    inputs = [draw(8, 6) for _ in names]
    labels = [draw.random.integers(0, 2, 8) for _ in names]
    fisher = [tensor(heavy_tailed(draw.random, 12, zeros=0.1)) for _ in names]
    frames, start = draw(4, 4), None
    start = frames.clone()
    own = [b.clone() for b in biases]
    wanted = [w.reshape(-1).clone() for w in weights]    # what each network wants of its frames
    done = [0, 0, 0]
    length = steps if sequential else turn
    while min(done) < steps:
        for k in names:
            mine = torch.cat([frames[f] for f in tables[k]]).clone().requires_grad_()
            bias = own[k].clone().requires_grad_()
            optimizer = torch.optim.Adam([mine, bias], lr=rate)
            for _ in range(min(length, steps - done[k])):
                optimizer.zero_grad()
                loss = F.cross_entropy(inputs[k] @ mine.reshape(2, 6).T + bias, torch.from_numpy(labels[k]))
                pull = []
                for page, frame in enumerate(tables[k]):
                    for i in range(4):
                        others = [(fisher[o][4 * p + i], wanted[o][4 * p + i]) for o in names if o != k
                                  for p, f in enumerate(tables[o]) if f == frame]
                        if others:
                            pull.append(mean_of_costs(mean, mine[4 * page + i], others))
                (loss + penalty * torch.stack(pull).sum()).backward()
                optimizer.step()
                done[k] += 1
            for page, frame in enumerate(tables[k]):
                frames[frame] = mine.detach()[4 * page:4 * page + 4]
            own[k], wanted[k] = bias.detach().clone(), mine.detach().clone()
    return {"kind": "turns", "mean": mean, "steps": steps, "turn": turn, "sequential": sequential, "rate": rate,
            "lambda": penalty, "frameOf": tables, "weights": [entry(w, "weight") for w in weights],
            "biases": [entry(b, "bias") for b in biases], "inputs": [entry(x) for x in inputs],
            "labels": [l.tolist() for l in labels], "fisher": [numbers(f) for f in fisher], "pool": numbers(start),
            "trainedPool": numbers(frames), "trainedBiases": [numbers(b) for b in own]}


def main():
    random = np.random.default_rng(41)
    items = [stretch(random)]
    items += [insertion(random, users) for users in (0, 1, 4)]
    items += [greedy(random, [60, 47, 60, 33], 6, 10, noise=False), greedy(random, [47, 60, 25], 6, 12, noise=False),
              greedy(random, [60, 60, 60], 6, 10, noise=True)]
    items += [matching(random, count) for count in (1, 2, 3, 6, 6, 9)]
    items += [density(random, 1, 0.1, 99), density(random, 1, 0.001, 99), density(random, 0.6, 0.1, 99),
              density(random, 0, 0.1, 99), density(random, 0.5, 0.1, 3)]
    items += [target(51, 0.5, 0.5, True), target(52, 0.5, 0.9, True), target(53, 0.7, 0.2, True),
              target(54, 0.8, 0.7, False), target(55, 0.5, 1.0, False)]
    items += [turns(61, "arithmetic", 7, 3), turns(62, "quadratic", 6, 2), turns(63, "harmonic", 5, 2),
              turns(64, "arithmetic", 4, 1, sequential=True)]
    path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "methods_golden.json")
    maker = f"make_methods_golden.py, PyTorch {torch.__version__.split('+')[0]}, NumPy {np.__version__}, float64"
    write(path, {"maker": maker}, "items", items)
    print(f"{path}: {os.path.getsize(path)} bytes; rates {[i['rate'] for i in items if i['kind'] == 'target']},"
          f" pages {[i['pages'] for i in items if i['kind'] == 'density']}")


main()
