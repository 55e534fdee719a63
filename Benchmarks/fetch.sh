#!/usr/bin/env bash
# Fetches the checkpoints and data sets of Benchmarks/jobs into FOLDER (../shared beside the repository by default), and says
# of those that have no address how to make them. What is there is verified and never replaced; a file appears whole
# or not at all. Started again, it goes on. The list with checksums is Benchmarks/sources.tsv.
set -euo pipefail

usage="usage: Benchmarks/fetch.sh [--check] [--from ADDRESS] [--only BEGINNING]… [FOLDER]
  --check           fetch nothing, say what is there
  --from ADDRESS    take everything from a copy of FOLDER: https://…, or file:///…
  --only BEGINNING  only files whose path begins so, as models/ws or datasets/mnist"
fail() {
    echo "fetch.sh: $1" >&2
    exit "${2:-1}"
}

root=$(cd "$(dirname "$0")/.." && pwd)
sources=${PAGEFOLD_SOURCES:-$root/Benchmarks/sources.tsv}
folder='' from='' only=() isCheck=
while (($#)); do
    case $1 in
        --check) isCheck=1 ;;
        --from | --only)
            (($# > 1)) || fail "$1: its value is missing
$usage" 64
            if [[ $1 == --from ]]; then from=${2%/}; else only+=("$2"); fi
            shift
            ;;
        -h | --help)
            echo "$usage"
            exit
            ;;
        -*) fail "$1 is not known
$usage" 64 ;;
        *)
            [[ -z $folder ]] || fail "one folder at a time
$usage" 64
            folder=$1
            ;;
    esac
    shift
done
folder=${folder:-$root/../shared}
[[ -r $sources ]] || fail "$sources is not there"
for tool in curl sha256sum gzip tar; do
    command -v $tool > /dev/null || fail "$tool is not installed"
done

scratch=$(mktemp -d)
part=
trap 'rm -rf "$scratch"; [[ -z $part ]] || rm -f "$part"' EXIT

# The checksum of what a file holds. Another compressor gives other bytes for the same contents, so that of a .gz file the
# contents count, and of an archive the names and contents of its members.
digest() {    # KIND FILE
    case $1 in
        file) sha256sum < "$2" ;;
        gz) gzip -dc < "$2" 2> /dev/null | sha256sum ;;
        tar)
            rm -rf "$scratch/members" && mkdir "$scratch/members"
            tar xzf "$2" -C "$scratch/members" 2> /dev/null && folder_digest "$scratch/members"
            ;;
        folder) folder_digest "$2" ;;
        *) fail "$sources: $1 is no kind of file" ;;
    esac | cut -d' ' -f1
}
folder_digest() { (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum); }

there=0 fetched=0 missing=0 wrong=0
# Columns: path, kind, checksum, and an address or, behind a dash, what to do.
while IFS=$'\t' read -r path kind sum source; do
    [[ -n $path && $path != \#* ]] || continue
    if ((${#only[@]})); then
        isWanted=
        for beginning in "${only[@]}"; do [[ $path != "$beginning"* ]] || isWanted=1; done
        [[ $isWanted ]] || continue
    fi
    target=$folder/$path
    if [[ -e $target ]]; then
        if [[ $(digest "$kind" "$target" || true) == "$sum" ]]; then
            there=$((there + 1))
        else
            echo "$path: its contents are not those of the records; left as it is"
            wrong=$((wrong + 1))
        fi
        continue
    fi
    address=$source
    [[ -z $from || $kind == folder ]] || address=$from/$path
    if [[ $address == -* ]]; then
        echo "$path: missing; ${address#- }"
        missing=$((missing + 1))
        continue
    fi
    if [[ $isCheck ]]; then
        echo "$path: missing; $address"
        missing=$((missing + 1))
        continue
    fi
    mkdir -p "$(dirname "$target")"
    part=$target.part.$$
    if ! curl -fsSL --retry 2 -o "$part" "$address" 2> "$scratch/error" < /dev/null; then
        echo "$path: missing; $address: $(tail -n 1 "$scratch/error")"
        missing=$((missing + 1))
    elif [[ $(digest "$kind" "$part" || true) != "$sum" ]]; then
        echo "$path: missing; what $address gave is not what the records were made with, and was deleted"
        missing=$((missing + 1))
    elif ln "$part" "$target" 2> /dev/null || mv -n "$part" "$target"; then
        # A hard link is whole at once and replaces nothing; where there are none, renaming is as good.
        echo "$path: fetched"
        fetched=$((fetched + 1))
    fi
    rm -f "$part"
    part=
done < "$sources"
echo "$there there, $fetched fetched, $missing missing, $wrong with other contents, in $folder"
((missing + wrong == 0))
