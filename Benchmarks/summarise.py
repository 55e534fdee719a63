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
