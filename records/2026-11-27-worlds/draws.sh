#!/bin/sh
# Draws every world from FIRST to LAST, by shards of 10 seeds, one core: draws.sh FOLDER FIRST LAST, in the
# repository. Shards that are in FOLDER are left out, so that it can be stopped at any time. Then
# rates.py FOLDER/rates-*.log and table.py FOLDER/worlds-*.log have the tables of all of them.
set -eu
folder=$(mkdir -p "$1" && cd "$1" && pwd)
export GOAMD64=v2 # counts bits by an instruction: an eighth less time; no sum is fused, so that the draws are the same
[ -x "$folder/rates.test" ] || go test -c -o "$folder/rates.test" ./dynamics/regime
[ -x "$folder/worlds.test" ] || go test -c -o "$folder/worlds.test" ./dynamics
export GOMAXPROCS=1 SHOAL_DRAWS=10
for which in rates:TestRates:dynamics/regime worlds:TestEveryVerdict:dynamics; do
	name=${which%%:*} rest=${which#*:}
	for seed in $(seq "$2" 10 "$3"); do
		log=$folder/$name-$seed.log
		[ -e "$log" ] && continue
		(cd "${rest#*:}" && SHOAL_FIRST_SEED=$seed nice -n 5 "$folder/$name.test" -test.run "${rest%%:*}" -test.v -test.timeout 0 >"$log.part" 2>&1) || true
		grep -q '^--- ' "$log.part" # a bound that is missed is no error here; a shard that didn't end is
		mv "$log.part" "$log"
	done
done
