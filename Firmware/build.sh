#!/usr/bin/env bash
# Builds the programs of this package for a Cortex-M4F and prints where they are. Needs a Swift toolchain with Embedded
# Swift, and Debian's gcc-arm-none-eabi and libnewlib-arm-none-eabi for arithmetic that the core has no instructions for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
triple=armv7em-none-none-eabi
cpu=(-mcpu=cortex-m4 -mfloat-abi=hard -mfpu=fpv4-sp-d16)
swift=$(dirname "$(readlink -f "$(command -v swift)")")
libgcc=$(arm-none-eabi-gcc "${cpu[@]}" -print-libgcc-file-name)
libm=$(arm-none-eabi-gcc "${cpu[@]}" -print-file-name=libm.a)
[[ -d $swift/../lib/swift/embedded/$triple ]] || { echo "this toolchain has no Embedded Swift for $triple" >&2; exit 1; }
[[ -e $libm ]] || { echo "libm.a for the Cortex-M4F is missing: apt install libnewlib-arm-none-eabi" >&2; exit 1; }
arguments=(-c release --triple $triple --toolset cortex-m4.json)
for folder in "$(dirname "$libgcc")" "$(dirname "$libm")" "$swift/../lib/swift/embedded/$triple"; do
    arguments+=(-Xlinker "-L$folder")
done
swift build "${arguments[@]}" >&2
echo "$PWD/.build/$triple/release"
