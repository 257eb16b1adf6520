#!/usr/bin/env bash
# Times every model beside scikit-learn's on parts of the features of run.sh, in alternation, three rounds,
# two jobs each; prints medians. About four minutes, and one to make the features; nothing else should run.
#
# usage: time.sh FOLDER CIFAR    (as run.sh, whose FOLDER it takes; MODELS="knn svm" times some models only)
#
# The times are those that either side measures around its fit and its predictions, so neither counts what
# it takes to start or to read the features.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
python=${PYTHON:-python3} shoal=${SHOAL:-shoal}
models=${MODELS:-boosting forest knn logistic lda svm}
export OMP_NUM_THREADS=${JOBS:-2} OPENBLAS_NUM_THREADS=${JOBS:-2}
for name in table text embeddings; do
    if [ ! -e $name.made ]; then
        "$python" "$here/make.py" . $name "$2"
        touch $name.made
    fi
done
rm -f time-shoal.jsonl time-scikit-learn.jsonl
for round in 1 2 3; do
    for name in table text embeddings; do
        label=() iterations=100
        case $name in
        table) dataset=csv:table label=(--label income) limit=10000 ;;
        text) dataset=npz:text.npz limit=4000 iterations=10 ;; # of 20 trees each
        embeddings) dataset=npz:embeddings.npz limit=6000 iterations=50 ;;
        esac
        for model in $models; do
            extra=()
            case $model in
            boosting) extra=(--iterations $iterations) ;;
            forest) extra=(--trees 100 --patience 0) ;;
            esac
            "$shoal" fit $model $dataset "${label[@]}" "${extra[@]}" --limit-train $limit --limit-test 3000 --seed $round --no-cache --workers "${JOBS:-2}" --json 2>/dev/null >>time-shoal.jsonl
        done
        "$python" "$here/peers.py" . $name $models --limit $limit 3000 --iterations $iterations --seed $round >>time-scikit-learn.jsonl
    done
done
"$python" "$here/tables.py" time-shoal.jsonl time-scikit-learn.jsonl
