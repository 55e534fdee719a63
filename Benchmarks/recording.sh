#!/usr/bin/env bash
# Prints docs/recording.md: the whole way of docs/pack-your-own.md with five public networks, each command and what it
# printed. Needs ../shared beside the repository and a release build; takes about a minute.
# From the repository's root: Benchmarks/recording.sh > docs/recording.md
set -euo pipefail

fail() {
    echo "recording.sh: $1" >&2
    exit 1
}

root=$(cd "$(dirname "$0")/.." && pwd)
tool=${PAGEFOLD:-$root/.build/release/pagefold}
shared=${PAGEFOLD_SHARED:-$root/../shared}
[[ -x $tool ]] || fail "$tool is not there; build it first: swift build -c release --product pagefold"
models=(ecg.tflite finger-motion.tflite hand-sign.tflite signs.onnx yes-no.tflite)
data=(ecg.npz finger-motion-{train,test}.csv.gz hand-sign-{train,test}.csv.gz signs.npz yes-no.npz)
for file in "${models[@]/#/models/real/}" "${data[@]/#/datasets/real/}"; do
    [[ -r $shared/$file ]] || fail "$shared/$file is not there; docs/replication.md says where it comes from"
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch"/{bin,job,job/models,job/data}
ln -s "$tool" "$scratch/bin/pagefold"
PATH=$scratch/bin:$PATH
for file in "${models[@]}"; do cp "$shared/models/real/$file" "$scratch/job/models"; done
for file in "${data[@]}"; do cp "$shared/datasets/real/$file" "$scratch/job/data"; done
cd "$scratch/job"

# Runs a command and prints it with all that it says. Of more than 60 lines the first and the last 28 are shown.
show() {
    printf '\n```\n$ %s\n' "$1"
    local status=0
    bash -c "$1" > "$scratch/said" 2>&1 || status=$?
    sed 's/ *$//' "$scratch/said" | awk '
        { line[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                if (NR > 60 && i == 29) print "… (" NR - 56 " lines)"
                if (NR <= 60 || i <= 28 || i > NR - 28) print line[i]
            }
        }'
    printf '```\n'
    [[ $status == 0 ]] || fail "exit code $status: $1"
}

cat <<END
# The whole way, recorded

Made by \`Benchmarks/recording.sh\` with Pagefold $(pagefold --version) on $(nproc) cores, in a folder with five public networks
and their data ([where they come from](replication.md#sixteen-public-networks)). The script typed the commands; below each is
what it printed. Lines left out are counted. [pack-your-own.md](pack-your-own.md) explains each step.
END
show 'ls models data'
show 'pagefold info models/yes-no.tflite'
show 'pagefold init models data'
show 'cat pagefold.yaml'
printf '\nThe draft is right as it stands. A few validation samples say little: every network gets a larger share.\n'
show "sed -i 's/# validation: 0.1, a share of the training samples/validation: 0.25/' pagefold.yaml"
show 'pagefold check pagefold.yaml'
show 'pagefold eval --job pagefold.yaml'
show 'pagefold pack pagefold.yaml --steps 2000'
show 'pagefold info pagefold.fold'
show 'pagefold eval pagefold.fold --job pagefold.yaml'
show 'pagefold run pagefold.fold hand-sign data/hand-sign-test.csv.gz --label 0 --index 3'
show 'pagefold run models/hand-sign.tflite data/hand-sign-test.csv.gz --label 0 --index 3'
show 'pagefold bench switch pagefold.fold'
show 'pagefold sweep pagefold.yaml --vary budget=5x,20x --set steps=1000 -o runs'
show 'pagefold report runs -o report.html'
