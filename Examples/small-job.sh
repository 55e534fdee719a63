#!/bin/sh
# Makes the small job that docs/pack-your-own.md walks through: two networks in models/ and their tables in data/,
# both below the folder in which it is run. Needs `pagefold` on the PATH; takes a few seconds. Replaces nothing.
set -eu

fail() {
    echo "small-job.sh: $1" >&2
    exit 1
}

command -v pagefold > /dev/null || fail "there is no pagefold on the PATH; see the first lines of docs/pack-your-own.md"
for place in models data; do
    [ ! -e $place ] || fail "$place is there already; run this in an empty folder"
done
scratch=small-job.tmp
[ ! -e $scratch ] || fail "$scratch is there already; delete it"
trap 'rm -rf $scratch' EXIT
mkdir $scratch $scratch/models $scratch/data

# A table of generated readings: one row a sample, its class first. Each class is a wave of its own in noise. Numbers
# come from a generator written out here, so that every awk makes the same table.
table() {    # FILE SEED ROWS COLUMNS CLASS…
    file=$1 seed=$2 rows=$3 columns=$4
    shift 4
    awk -v seed="$seed" -v rows="$rows" -v columns="$columns" -v names="$*" '
        function random() { seed = (seed * 16807) % 2147483647; return seed / 2147483647 }
        BEGIN {
            count = split(names, name, " ")
            line = "state"
            for (i = 1; i <= columns; i++) line = line ",x" i
            print line
            for (row = 0; row < rows; row++) {
                class = int(random() * count) + 1
                phase = random() * 1.5
                line = name[class]
                for (i = 0; i < columns; i++)
                    line = line sprintf(",%.3f", sin(phase + i * class * 0.45) + 4 * (random() - 0.5))
                print line
            }
        }' > "$file"
}

table $scratch/data/gesture-train.csv 11 1500 24 circle shake swipe tap
table $scratch/data/gesture-test.csv 12 400 24 circle shake swipe tap
table $scratch/data/motor-train.csv 13 1500 32 even loose worn
table $scratch/data/motor-test.csv 14 400 32 even loose worn

cat > $scratch/train.yaml <<'END'
networks:
  - name: gesture
    input: [24, 1, 1]
    layers: [dense 64, relu, dense 32, relu, dense 4, softmax]
    train: {steps: 400}
    data: {train: {samples: data/gesture-train.csv, label: state}}
  - name: motor
    input: [32, 1, 1]
    layers: [dense 64, relu, dense 32, relu, dense 3, softmax]
    train: {steps: 400}
    data: {train: {samples: data/motor-train.csv, label: state}}
END
for network in gesture motor; do
    pagefold train $scratch/train.yaml $network > $scratch/log 2>&1 || fail "$(cat $scratch/log)"
    pagefold export $scratch/$network.fold $network -o $scratch/models/$network.onnx > $scratch/log 2>&1 \
        || fail "$(cat $scratch/log)"
done
mv $scratch/models $scratch/data .
