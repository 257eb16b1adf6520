#!/usr/bin/env bash
# Trains a network on MNIST and on CIFAR-10, and compares shoal's ranking of suspect labels with cleanlab's.
# usage: run.sh MNIST CIFAR CHECKS OUT
#   MNIST, CIFAR  folders of the datasets' files; CHECKS has mnist_mturk.json and cifar10_mturk.json of
#   github.com/cleanlab/label-errors, folder mturk. Needs shoal and a python3 with numpy, torch, scikit-learn and cleanlab.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$4"
for name in mnist cifar10; do
  flags=(--network cnn2 --epochs 10 --evaluate log:1.05 --initialisations 0 --data-dir "$1")
  data=$1
  if [ $name = cifar10 ]; then
    flags=(--network resnet20 --epochs 4 --evaluate log:1.15 --data-dir "$2")
    data=$2
  fi
  shoal run $name "${flags[@]}" --seed 1 --out "$4/$name"
  python3 "$here/compare.py" "$4/$name" "$data" "$3/${name}_mturk.json" | tee "$4/$name.md"
done
