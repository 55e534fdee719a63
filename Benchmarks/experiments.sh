#!/usr/bin/env bash
# Makes the records behind the figures of the README: hours on two cores. Started again, it goes on where it was.
# From the repository's root, with a release build: swift build -c release --product pagefold
set -euo pipefail
pagefold=${PAGEFOLD:-.build/release/pagefold}
jobs=Benchmarks/jobs
records=Benchmarks/records

for job in ten eleventh; do
    networks=$(sed -n 's/^  - name: //p' $jobs/$job.yaml)
    for network in $networks; do
        # Those that are given as layers and are not trained yet.
        if sed -n "/name: $network\$/,/name: /p" $jobs/$job.yaml | grep -q '^    layers:' && [[ ! -e $jobs/$network.fold ]]; then
            "$pagefold" train $jobs/$job.yaml "$network"
        fi
    done
done

sweep() {
    local job=$1 folder=$2
    shift 2
    "$pagefold" sweep "$jobs/$job.yaml" --parallel 2 --threads 1 --test -o "$records/$folder" --set format=float32 "$@"
}

# Four networks, five seeds; and the same retraining where every page has a frame of its own.
sweep four four --vary budget=283000,5.9x --vary seed=1...5
sweep four four-alone --vary budget=1150000
# Ten networks, ten seeds.
sweep ten ten --vary seed=1...10
# Accuracy against bytes.
sweep ten budget --vary budget=4x,6x,8x,10x,12x
# An eleventh network into the first of the ten seeds' pools.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p $records/eleventh
if [[ ! -s $records/eleventh/eval.json ]]; then
    "$pagefold" pack $jobs/ten.yaml --seed 1 --set format=float32 -o "$scratch/ten.fold"
    "$pagefold" add "$scratch/ten.fold" $jobs/eleventh.yaml -o "$scratch/eleven.fold" --json > $records/eleventh/add.json
    "$pagefold" eval "$scratch/eleven.fold" --job $jobs/eleventh.yaml --json > $records/eleventh/eval.json
fi

# The replication's tables: its 721 frames of 100 weights; 10,000 steps of each network, as its five rounds of 2,000.
same=(--set page=100 --set frames=721)
sweep ten networks --vary networks=3,5,7,9,10 --vary preset=pagefold,wv "${same[@]}" --set steps=10000
# What follows, with five networks, takes half as many steps.
same+=(--set networks=5 --set steps=5000)
sweep ten methods --vary optimisation=simultaneous,round_robin,sequential --preset wv "${same[@]}"
# The published Fisher of a network that knows its training samples by heart is almost 0; normalised, it is not.
sweep ten fisher --vary fisher_normalisation=0,1 --preset wv "${same[@]}"
sweep ten lambda --vary lambda=0.1,1,10,100 --preset wv "${same[@]}"
# The same pool, 72,100 weights, in pages of other sizes.
for size in 10:7210 100:721 1000:72 10000:7; do
    sweep ten "page-${size%:*}" --vary preset=pagefold,wv "${same[@]}" --set "page=${size%:*}" \
        --set "frames=${size#*:}"
done
# Weight Separation's own setting.
sweep ten separation --vary preset=ws --vary seed=1

# Narrow frames: ten networks from 6x to 64x (at 7.4x int4 has a frame for every page), and 8 bits without sharing.
narrow() {
    local folder=$1
    shift
    sweep ten "narrow-$folder" "$@"
}
narrow int8 --set format=int8 --vary budget=5.88x
narrow int4 --set format=int4 --vary budget=7.4x,12x,20x
narrow int3 --set format=int3 --vary budget=20x,32x
narrow int2 --set format=int2 --vary budget=32x,40x,48x,64x
narrow alone --set budget=5000000 --vary format=int8
# The ten in a given number of bytes: the search chooses the format.
sweep ten kib --set format=auto --vary budget=131072,65536
