#!/usr/bin/env bash
# Makes the three kinds of features, attaches D to each, fits M, writes the reports, and times every
# model beside scikit-learn on the same features, in alternation: boosting with two jobs each.
#
# usage: run.sh FOLDER CIFAR [table text embeddings]    (PYTHON and SHOAL name the two programs)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 cifar=$2
shift 2
python=${PYTHON:-python3} shoal=${SHOAL:-shoal}
export PYTHONPATH=$here/../../python/src OMP_NUM_THREADS=2 OPENBLAS_NUM_THREADS=2
mkdir -p "$folder"
cd "$folder"
for name in "${@:-table text embeddings}"; do for name in $name; do
    case $name in
    table) dataset=csv:table flags=(--label income) from=("${flags[@]}") ;;
    text) dataset=npz:text.npz flags=() from=() ;;
    embeddings) dataset=cifar10 flags=(--data-dir "$cifar" --train-features embeddings-train.npz --test-features embeddings-test.npz)
        from=("${flags[@]:2}") ;;
    esac
    [ -e "$name.made" ] || { "$python" "$here/make.py" . "$name" "$cifar" && touch "$name.made"; }
    rm -rf "run-$name"
    /usr/bin/time -f "$name: D attached: %e s, %M KB" "$python" "$here/train.py" . "$name" "run-$name"
    /usr/bin/time -f "$name: M fitted: %e s, %M KB" "$shoal" compare "run-$name" --no-cache --workers 2 \
        --reference svm,forest,boosting,knn,logistic,lda "${from[@]}"
    /usr/bin/time -f "$name: report: %e s, %M KB" "$shoal" report "run-$name"
    for model in boosting forest svm knn logistic lda; do
        seeds=1
        case $model in boosting | forest) seeds="1 2 3" ;; esac
        for seed in $seeds; do
            extra=()
            [ $model = forest ] && extra=(--trees 100 --patience 0)
            "$shoal" fit $model $dataset "${flags[@]}" "${extra[@]}" --seed $seed --no-cache --workers 2 --json 2>/dev/null >>shoal.jsonl
        done
        "$python" "$here/peers.py" . "$name" $model >>scikit-learn.jsonl
    done
done; done
"$python" "$here/tables.py" shoal.jsonl scikit-learn.jsonl
