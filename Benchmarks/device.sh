#!/usr/bin/env bash
# Makes the records of the sixteen networks of one device: the better part of a day on two cores. Started again, it goes on
# where it was. From the repository's root, with a release build: swift build -c release --product pagefold
set -euo pipefail
pagefold=${PAGEFOLD:-.build/release/pagefold}
records=Benchmarks/records

sweep() {
    local folder=$1
    shift
    "$pagefold" sweep Benchmarks/jobs/device.yaml --parallel 2 --threads 1 --test -o "$records/$folder" "$@"
}

# What 8 bits a weight take and cost where nothing is shared and nothing is retrained.
sweep device-int8 --set budget=2x --set steps=0 --vary format=int8
# Ten and twenty times smaller, three seeds each.
sweep device --vary budget=10x,20x --vary seed=1...3
# Accuracy against bytes, to forty times smaller; and two sizes that devices have.
sweep device-curve --vary budget=6x,15x,30x,40x
sweep device-kib --vary budget=256KiB,128KiB
