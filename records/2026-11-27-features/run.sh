#!/usr/bin/env bash
# Makes the three kinds of features, attaches D to each, fits M, writes the reports, and fits every model
# beside scikit-learn's on the same features. What it prints goes into README.md.
#
# usage: run.sh FOLDER CIFAR [table text embeddings]    (PYTHON and SHOAL name the two programs, JOBS how many threads: 2;
# MODELS="" fits no model by itself)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$1 cifar=$2
shift 2
[ $# -gt 0 ] || set -- table text embeddings
python=${PYTHON:-python3} shoal=${SHOAL:-shoal}
export PYTHONPATH=$here/../../python/src SHOAL_BINARY=$shoal OMP_NUM_THREADS=${JOBS:-2} OPENBLAS_NUM_THREADS=${JOBS:-2}
mkdir -p "$folder"
cd "$folder"
# timed WHAT COMMAND...: runs it, its output into a log, and adds its time and peak memory to steps.txt.
timed() {
    local what=$1
    shift
    /usr/bin/time -a -o steps.txt -f "$what: %e s, %U + %S s of CPU, %M KB" "$@" >"$what.log" 2>&1 || { cat "$what.log" >&2; return 1; }
}
for name in "$@"; do
    from=()
    case $name in
    table) dataset=csv:table from=(--label income) ;;
    text) dataset=npz:text.npz ;;
    embeddings) dataset=npz:embeddings.npz from=(--train-features embeddings-train.npz --test-features embeddings-test.npz) ;;
    esac
    if [ ! -e "$name.made" ]; then
        "$python" "$here/make.py" . "$name" "$cifar"
        touch "$name.made"
    fi
    rm -rf "run-$name"
    timed "$name-attach" "$python" "$here/train.py" . "$name" "run-$name"
    timed "$name-compare" "$shoal" compare "run-$name" --no-cache --workers "${JOBS:-2}" --reference svm,forest,boosting,knn,logistic,lda "${from[@]}"
    timed "$name-report" "$shoal" report "run-$name"
    label=()
    [ $name = table ] && label=(--label income)
    for model in ${MODELS-boosting forest knn logistic lda svm}; do
        extra=()
        [ $model = forest ] && extra=(--trees 100 --patience 0)
        "$shoal" fit $model $dataset "${label[@]}" "${extra[@]}" --no-cache --workers "${JOBS:-2}" --json 2>/dev/null >>shoal.jsonl
        "$python" "$here/peers.py" . "$name" $model >>scikit-learn.jsonl
    done
done
cat steps.txt
[ -z "${MODELS-all}" ] || "$python" "$here/tables.py" shoal.jsonl scikit-learn.jsonl
