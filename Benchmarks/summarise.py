"""Prints docs/results.md from the records in Benchmarks/records, which Benchmarks/experiments.sh makes.
usage: python3 Benchmarks/summarise.py > docs/results.md"""
import glob, json, os
from statistics import mean

RECORDS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "records")
NAMES = {"mnist": "MNIST", "fmnist": "Fashion-MNIST", "cifar10": "CIFAR-10", "gtsrb": "GTSRB", "svhn": "SVHN", "us8k": "US8K",
         "obs": "obstacle avoidance", "digits": "spoken digits", "esc10": "ESC-10, segments", "activities": "activities"}


def runs(folder):
    """Records of a sweep, by their file names; runs that failed as (name, error)."""
    good, failed = [], []
    for path in sorted(glob.glob(f"{RECORDS}/{folder}/*.json")):
        record = json.load(open(path))
        if "error" in record:
            failed.append((os.path.basename(path)[:-5], record["error"]))
        else:
            good.append(record)
    return good, failed


def scores(record):
    """(name, original, packed, agreement) of each network on test samples, in %; accuracies None without labels."""
    result = []
    for network in record["networks"]:
        original, packed = network["testOriginal"], network["testPacked"]
        percent = lambda value: None if value is None else 100 * value
        result.append((network["name"], percent(original.get("accuracy")), percent(packed.get("accuracy")), 100 * packed["agreement"]))
    return result


def differences(record):
    return [packed - original for _, original, packed, _ in scores(record) if packed is not None]


def agreements(record):
    return [agreement for _, _, packed, agreement in scores(record) if packed is None]


def signed(value):
    return f"{value:+.2f}".replace("-", "−")


def spread(values, form="{:.2f}".format):
    return form(values[0]) if len(values) == 1 else f"{form(mean(values))} ({form(min(values))}…{form(max(values))})"


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join(["---"] + ["---:"] * (len(head) - 1)) + "|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def seeds(groups):
    """Networks down, groups of seeds across."""
    head = [""] + ["original"] + [title for title, _ in groups]
    first = scores(groups[0][1][0])
    rows = []
    for index, (name, original, packed, _) in enumerate(first):
        if packed is not None:
            rows.append([NAMES[name], f"{original:.2f}"] + [spread([scores(r)[index][2] for r in records]) for _, records in groups])
    rows.append(["mean difference", ""] + [spread([mean(differences(r)) for r in records], signed) for _, records in groups])
    rows.append(["worst network", ""] + [spread([min(differences(r)) for r in records], signed) for _, records in groups])
    for index, (name, _, packed, _) in enumerate(first):
        if packed is None:
            rows.append([f"{NAMES[name]}, agreement", ""] + [spread([scores(r)[index][3] for r in records]) for _, records in groups])
    rows.append(["bytes of the file", f"{groups[0][1][0]['originalBytes']:,}"] + [f"{records[0]['bytes']:,}" for _, records in groups])
    rows.append(["seconds of `pack`", ""] + [spread([r["seconds"] for r in records], "{:.0f}".format) for _, records in groups])
    rows.append(["peak memory, MiB", ""] + [f"{max(r['peakMemory'] for r in records) / 2**20:.0f}" for _, records in groups])
    table(head, rows)


def line(label, record):
    unlabelled = agreements(record)
    return [label, f"{record['bytes']:,}", f"{record['originalBytes'] / record['bytes']:.2f}x", signed(mean(differences(record))),
            signed(min(differences(record))), f"{min(unlabelled):.2f}" if unlabelled else "–", f"{record['seconds']:.0f}",
            f"{record['peakMemory'] / 2**20:.0f}"]


COLUMNS = ["bytes", "smaller", "mean difference", "worst network", "least agreement %", "seconds", "MiB"]


def lines(label, folder, name):
    """A line a run."""
    records, failed = runs(folder)
    rows = [line(name(record["parameters"]), record) for record in sorted(records, key=lambda r: order(r["parameters"]))]
    if rows:
        table([label] + COLUMNS, rows)
    for run, error in failed:
        print(f"`{run}`: {error}\n")


def order(parameters):
    """Numbers by their size, 10x behind 9x."""
    def key(text):
        try:
            return (0, float(text.rstrip("x")), "")
        except ValueError:
            return (1, 0.0, text)
    return [key(parameters[name]) for name in sorted(parameters)]


def by(records, key):
    groups = {}
    for record in records:
        groups.setdefault(record["parameters"].get(key), []).append(record)
    return groups


print("""# Results

Printed by `python3 Benchmarks/summarise.py` from the records in [Benchmarks/records](../Benchmarks/records/README.md), which
`Benchmarks/experiments.sh` makes; each record holds the command line, all settings and the version. Test samples are read
once a run, when it is over; nothing is chosen on them. Differences are points of test accuracy, packed less original;
agreement is the share of test samples that get the original's answer. Bytes are those of the whole fold file. Two cores
of an AMD EPYC (Zen 5, AVX-512), two runs at a time with one thread each, on a machine that had other work too: times are upper bounds.
""")

print("## Four published networks\n")
four = by(runs("four")[0], "budget")
alone = runs("four-alone")[0]
seeds([(f"at most 283,000 bytes, {len(four['283000'])} seeds", four["283000"]), (f"5.9x, {len(four['5.9x'])} seeds", four["5.9x"])]
      + ([("no sharing, seed 1", alone)] if alone else []))
print("""Packed networks can beat the originals because packing retrains them with augmentation. "No sharing" is the same
retraining with every page on a frame of its own: the difference to it is what sharing costs.
""")

print("## Ten networks of the published shapes\n")
ten = runs("ten")[0]
seeds([(f"5.88x, {len(ten)} seeds", ten)])
print("""Weight Separation published −0.22 in the mean and −1.15 for the worst network at 5.87x (weights alone counted), chosen on
the test set.
""")

print("## Accuracy against bytes\n")
lines("budget", "budget", lambda p: p["budget"])

narrow = [record for folder in ("int8", "int4", "int3", "int2", "alone") for record in runs(f"narrow-{folder}")[0]]


def choice(record):
    """What a run is called in the tables of narrow frames."""
    form = record["settings"]["format"]
    return f"{form}, {record['parameters'].get('budget', 'no sharing')}"


if narrow:
    print("""## Narrow frames

The same ten networks, seed 1, 12,000 steps. "Pages a frame" is how many pages share a frame in the mean. Without sharing, at 1.00,
these are plain 8- and 4-bit weights of each network alone, with the same retraining. Version 0.2.0 has smaller files
for the same frames than 0.1.0, pages of 256 instead of 512 weights, and another selection (algorithm.md, "Narrow frames").
""")
    narrow.sort(key=lambda record: -record["bytes"])
    table(["stored as, budget", "version", "pages a frame"] + COLUMNS,
          [[choice(r), r["version"], f"{sum(n['pages'] for n in r['networks']) / r['frames']:.2f}"] + line("", r)[1:] for r in narrow])
    head = [choice(r) for r in narrow]
    first = scores(narrow[0])
    rows = [[NAMES[name], f"{original:.2f}" if original is not None else "agreement"]
            + [f"{scores(r)[i][2] if packed is not None else scores(r)[i][3]:.2f}" for r in narrow]
            for i, (name, original, packed, _) in enumerate(first)]
    table(["", "original"] + head, rows)
    kib = runs("kib")[0]
    if kib:
        print("In a given number of bytes, the format chosen by the budget search (`pagefold pack --budget 128KiB`):\n")
        table(["budget", "stored as"] + COLUMNS,
              [[f"{int(r['parameters']['budget']):,}", r["settings"]["format"]] + line("", r)[1:] for r in kib])
    print("""By headline, on other networks: YONO 12.37x, VQ4ALL more than 16x, plain 8-bit weights 4x and 4-bit weights 8x.
""")
    if os.path.exists(f"{RECORDS}/formats/float32.json"):
        print("Latency of all ten at batch 1, median, and samples a second in batches of 100, one thread, one sitting, pages of 256 "
              "(`pagefold bench run FILE --runs 3000`; `FILE` packed with `--budget 5.88x --set page=256 --set format=…`):\n")
        found = [(f, json.load(open(f"{RECORDS}/formats/{f}.json"))) for f in ("float32", "float16", "int8", "int4", "int2")]
        base = found[0][1]["all"]["median"]
        table(["", "µs", "of float32", "samples a second"],
              [[f, f"{r['all']['median']:.0f}", f"{r['all']['median'] / base:.2f}",
                f"{[t['all'] for t in r['throughput'] if t['batch'] == 100][0]:,.0f}"] for f, r in found])

print("## An eleventh network\n")
if os.path.exists(f"{RECORDS}/eleventh/eval.json"):
    add, evaluation = (json.load(open(f"{RECORDS}/eleventh/{name}.json")) for name in ("add", "eval"))
    grown = add["bytes"] - add["bytesBefore"]
    found = [network for network in evaluation["networks"] if network["name"] == add["network"]][0]
    unchanged = sum(other["isUnchanged"] for other in add["others"])
    print(f"`pagefold add` of `{add['network']}` ({add['originalBytes']:,} bytes as float32) to the ten of seed 1: the file grows by {grown:,} bytes "
          f"({add['originalBytes'] / grown:.2f}x); test accuracy {100 * found['original']['accuracy']:.2f} % alone, "
          f"{100 * found['packed']['accuracy']:.2f} % in the fold; {unchanged} of {len(add['others'])} others unchanged, bit for bit; "
          f"{add['seconds']:.0f} s.\n")

print("""## The replication's tables

A student replication of Neural Weight Virtualization (R) measured mean accuracy by number of networks, page size and λ. Its
networks and data are not the same as ours (of GSC, SVHN, US8K and OBS the data are not at hand), so each line gives
differences to the line's own originals, over the networks with labels. `wv` is the published method: greedy matching of the
predicted class's Fisher, round robin, matching loss; `pagefold` the default. R chose on the test set.

### Number of networks

721 frames of 100 weights, 10,000 steps of each network, as R's five rounds of 2,000. R: means of all its networks, less
alone; its ten collapsed.
""")
R = {"3": "+4.21", "5": "+2.96", "7": "+0.10", "9": "−1.65", "10": "−72.10"}
records, failed = runs("networks")
rows = []
for record in sorted(records, key=lambda r: order(r["parameters"])):
    rows.append([f"{record['parameters']['networks']}, {record['parameters']['preset']}"] + line("", record)[1:] + [R[record["parameters"]["networks"]]])
if rows:
    table(["networks"] + COLUMNS + ["R"], rows)
for run, error in failed:
    print(f"`{run}`: {error}\n")
print("R's processes took 4.3 GB for three networks and 11.8 GB for ten; 375 s, 650 s and 4,315 s for 3, 5 and 10.\n")

print("""### Page size

Five networks, 72,100 weights in the pool, 5,000 steps of each network. R, mean of five: 82.45, 82.43, 82.31, 81.52 for 10,
100, 1,000, 10,000.
""")
rows = []
for size in ("10", "100", "1000", "10000"):
    records, failed = runs(f"page-{size}")
    rows += [line(f"{int(size):,}, {record['parameters']['preset']}", record) for record in records]
    for run, error in failed:
        rows.append([f"{int(size):,}, {run.replace('preset-', '')}", error] + [""] * 6)
if rows:
    table(["page, method"] + COLUMNS, rows)

print("""### Whom the published Fisher protects

Five networks, `wv`, 5,000 steps of each. The Fisher of the predicted class is almost 0 for a network that knows its training
samples by heart, as ours of spoken digits and activities do: neither matching nor matching loss sees them, and every turn of
the others overwrites what they need. (R's networks were far from their training samples: its Fisher of GSC sums up to 410.)
With each network's Fisher divided by its sum (1) the same method holds them, and the others less. What is left of the
difference to R: it took each network's best of several rounds, by the test set.
""")
rows = [line(record["parameters"]["fisher_normalisation"], record) + [f"{100 * network['testPacked']['accuracy']:.2f}"]
        for record in runs("fisher")[0] for network in record["networks"] if network["name"] == "digits"]
if rows:
    table(["normalised"] + COLUMNS + ["spoken digits"], rows)

print("""### λ of the matching loss

Five networks, `wv`, 5,000 steps of each. R, mean of five: 81.00, 82.27, 82.52, 82.52.
""")
lines("λ", "lambda", lambda p: p["lambda"])

print("""### Joint, in turns, one after the other

Five networks, `wv` but for the optimisation, 5,000 steps of each. R: joint 82.4, sequential 42.5.
""")
lines("optimisation", "methods", lambda p: p["optimisation"])

print("""## Weight Separation's own setting

`--preset ws` on the ten networks: pages of 512, exclusive pages by contribution density.
""")
lines("preset", "separation", lambda p: p["preset"])
