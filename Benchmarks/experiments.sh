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
    local folder=$1
    shift
    "$pagefold" sweep $jobs/ten.yaml --parallel 2 --threads 1 --test -o "$records/$folder" "$@"
}

# Ten networks, ten seeds.
sweep ten --vary seed=1...10
# Accuracy against bytes.
sweep budget --vary budget=4x,6x,8x,10x,12x
# The replication's tables: its 721 frames of 100 weights; 10,000 steps of each network, as its five rounds of 2,000.
same=(--set page=100 --set frames=721 --set steps=10000)
sweep networks --vary networks=3,5,7,9,10 --vary preset=pagefold,wv "${same[@]}"
sweep methods --vary optimisation=simultaneous,round_robin,sequential --preset wv --set networks=5 "${same[@]}"
sweep lambda --vary lambda=0.1,1,10,100 --preset wv --set networks=5 "${same[@]}"
# The same pool, 72,100 weights, in pages of other sizes.
for size in 10:7210 100:721 1000:72 10000:7; do
    sweep "page-${size%:*}" --vary preset=pagefold,wv --set networks=5 --set "page=${size%:*}" \
        --set "frames=${size#*:}" --set steps=10000
done
# Weight Separation's own setting.
sweep separation --vary preset=ws --vary seed=1
