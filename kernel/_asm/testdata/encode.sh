#!/usr/bin/env bash
# Writes encode.txt again: what GNU as makes of its instructions, which the test compares with our
# encoder. A new instruction is a line "? INSTRUCTION" that is added by hand first.
# Made with GNU Binutils 2.40.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cut -d' ' -f2- encode.txt >"$work/text"
{ echo .intel_syntax noprefix; cat "$work/text"; } | as --64 -o "$work/o" -
objdump -d --insn-width=16 "$work/o" | awk -F'\t' 'NF > 2 {gsub(" ", "", $2); print $2}' >"$work/bytes"
paste -d' ' "$work/bytes" "$work/text" >encode.txt
