"""Prints the tables of the README from the records in Benchmarks/records (made by `pagefold pack --json` and
`pagefold eval --json`, see README there). usage: python3 Benchmarks/summarise.py"""
import glob, json, os, statistics

folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "records")
for budget in ("283000", "5.9x", "1150000"):
    rows, sizes, seconds, memory = {}, [], [], []
    for path in sorted(glob.glob(f"{folder}/eval-four-{budget}-seed*.json")):
        record = json.load(open(path))
        sizes.append(record["bytes"])
        pack = json.load(open(path.replace("eval-", "pack-")))
        seconds.append(round(pack["seconds"]))
        memory.append(pack["peakMemory"] / 2**20)
        differences = []
        for network in record["networks"]:
            packed, original = 100 * network["packed"]["accuracy"], 100 * network["original"]["accuracy"]
            rows.setdefault(network["name"], []).append((original, packed, 100 * network["packed"]["agreement"]))
            differences.append(packed - original)
        rows.setdefault("mean difference", []).append((0, statistics.mean(differences), 0))
        rows.setdefault("worst difference", []).append((0, min(differences), 0))
    print(f"\n{budget}: {len(sizes)} seeds, {min(sizes)}–{max(sizes)} bytes, {max(memory):.0f} MiB, seconds {seconds}")
    for name, values in rows.items():
        packed = [value[1] for value in values]
        original = values[0][0]
        print(f"{name:18s} original {original:6.2f}  packed {statistics.mean(packed):6.2f} ({min(packed):.2f}…{max(packed):.2f})"
              f"  difference {statistics.mean(packed) - original:+.2f}  agreement {statistics.mean(v[2] for v in values):.2f}"
              f"  each: {' '.join(f'{p - original:+.2f}' for p in packed)}")


def sweep(name):
    """The runs of one `pagefold sweep ... -o records/NAME`, those that differ by the seed alone together."""
    groups = {}
    for path in sorted(glob.glob(f"{folder}/{name}/*.json")):
        record = json.load(open(path))
        varied = {k: v for k, v in record.get("parameters", {}).items() if k != "seed"}
        groups.setdefault(json.dumps(varied, sort_keys=True), []).append((path, record))
    for varied, runs in groups.items():
        failed = [path for path, record in runs if "error" in record]
        records = [record for _, record in runs if "error" not in record]
        print(f"\n{name} {varied}: {len(records)} runs" + (f", {len(failed)} failed" if failed else ""))
        if not records:
            continue
        ratios = [record["originalBytes"] / record["bytes"] for record in records]
        print(f"bytes {min(r['bytes'] for r in records)}–{max(r['bytes'] for r in records)} ({min(ratios):.2f}x),"
              f" seconds {[round(r['seconds']) for r in records]},"
              f" at most {max(r['peakMemory'] for r in records) / 2**20:.0f} MiB")
        labelled, worst = [], []
        for index, network in enumerate(records[0]["networks"]):
            scores = [(r["networks"][index].get("testOriginal") or r["networks"][index]["original"],
                       r["networks"][index].get("testPacked") or r["networks"][index]["packed"]) for r in records]
            agreement = [100 * packed["agreement"] for _, packed in scores]
            text = f"agreement {statistics.mean(agreement):.2f} ({min(agreement):.2f}…{max(agreement):.2f})"
            if scores[0][1].get("accuracy") is not None:
                packed = [100 * packed["accuracy"] for _, packed in scores]
                original = 100 * scores[0][0]["accuracy"]
                labelled.append([p - original for p in packed])
                text = (f"original {original:6.2f}  packed {statistics.mean(packed):6.2f} ({min(packed):.2f}…{max(packed):.2f})"
                        f"  difference {statistics.mean(packed) - original:+.2f}  " + text)
            print(f"{network['name']:12s} {text}")
        if labelled:
            means = [statistics.mean(run) for run in zip(*labelled)]
            worst = [min(run) for run in zip(*labelled)]
            for title, values in (("mean difference", means), ("worst difference", worst)):
                print(f"{title:16s} {statistics.mean(values):+.2f} ({min(values):+.2f}…{max(values):+.2f})")


for path in sorted(glob.glob(f"{folder}/*/")):
    sweep(os.path.basename(path.rstrip("/")))
