#!/bin/sh
# Trains cnn2 on the first 10,000 examples of MNIST by every order, for 1 and
# for 10 epochs, and tabulates. Run it in this folder:
#
#     SHOAL=shoal SEEDS="1 2 3" ./orders.sh FOLDER
#
# FOLDER gets the runs; those that are there are not made again.
set -e
shoal=${SHOAL:-shoal} out=$1

run() { # ORDER PASSES EPOCHS SEED
	dir=$out/epochs-$3/$1-$2-seed-$4
	test -f "$dir/summary.json" && return
	$shoal run study.toml --partition "$out/svm5.json" --order "$1" --passes "$2" --epochs "$3" --seed "$4" --out "$dir" >/dev/null 2>&1
}

mkdir -p "$out/epochs-1" "$out/epochs-10"
test -f "$out/svm5.json" || $shoal partition mnist --reference svm --folds 5 --limit-train 10000 --out "$out/svm5.json"
for seed in ${SEEDS:-1 2 3}; do
	for epochs in 1 10; do
		for order in easy-only hard-only random random-as-easy random-as-hard; do
			run $order 0 $epochs $seed
		done
		run easy-first 1 $epochs $seed
		run hard-first 1 $epochs $seed
		# As many steps of hard examples as there are in one pass over the easy ones.
		run hard-first 21 $epochs $seed
	done
	run easy-first 5 10 $seed
done
$shoal partition compare "$out"/epochs-1/* --out "$out/compare-1"
echo
$shoal partition compare "$out"/epochs-10/* --out "$out/compare-10"
