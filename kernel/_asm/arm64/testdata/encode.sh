#!/usr/bin/env bash
# Writes encode.txt again: what llvm-mc makes of its instructions, which the test compares with our
# encoder. A new instruction is a line "? INSTRUCTION" that is added by hand first.
# Made with LLVM 14.0.6 (Debian package llvm).
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
cut -d' ' -f2- encode.txt >"$work/text"
# An encoding is printed as [0x00,0xcc,0x20,0x4e], least byte first.
llvm-mc -triple=aarch64 -mattr=+dotprod -show-encoding "$work/text" |
	sed -n 's/.*encoding: \[0x\(..\),0x\(..\),0x\(..\),0x\(..\)\].*/\4\3\2\1/p' >"$work/words"
[ "$(wc -l <"$work/words")" = "$(wc -l <"$work/text")" ]
paste -d' ' "$work/words" "$work/text" >encode.txt
