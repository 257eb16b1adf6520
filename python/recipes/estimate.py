"""How long a training would take on this device, from a few of its steps."""

import statistics
import time

import torch

from shoal import schedule

WARM = 3  # steps that aren't timed: libraries choose their algorithms, and torch.compile works
MOST = 20  # steps that are
ENOUGH = 10.0  # seconds of timing that are enough
PART = 500  # images that are scored first


def of(trainer, network):
    """What a training takes, as lines for a person. Advances the trainer by a few steps."""
    step, warm, taken = _step(trainer)
    score, images = _score(trainer)
    study = trainer.study
    training = trainer.total * step
    counted, scoring = _evaluations(study.evaluate, trainer.per_epoch, trainer.total, score, training)
    memory = f", {torch.cuda.max_memory_allocated() / 2**30:.1f} GB" if trainer.device.type == "cuda" else ""
    how = f"{trainer.device}, {'bfloat16 autocast' if trainer.amp else 'float32'}"
    return (
        f"{network} on {study.dataset}, {how}: a step of {study.batch} takes {_time(step)} (median of {taken}), "
        f"scoring {images:,} images {_time(score)}; the first {WARM} steps took {_time(warm)}{memory}\n"
        f"{trainer.total:,} steps ({study.epochs:g} epochs): {_time(training)}; "
        f"{counted} evaluations: {_time(scoring)}; in all {_time(warm + training + scoring)}"
    )


def _step(trainer):
    """Seconds of a step, seconds of those that come first, and how many were timed."""
    steps, seconds, start = trainer.losses(trainer.total), [], time.perf_counter()
    for _ in range(min(WARM, trainer.total)):
        next(steps).item()
    warm = time.perf_counter() - start
    while len(seconds) < MOST and trainer.step < trainer.total and sum(seconds) < ENOUGH:
        start = time.perf_counter()
        next(steps).item()  # which waits for the device
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds) if seconds else warm / trainer.step, warm, len(seconds)


def _score(trainer):
    """Seconds of one evaluation, and its images; where those of a first part take long, they are its share."""
    n, warm = len(trainer.test_labels), False
    for part in (PART, PART, n):
        part = min(part, n)
        start = time.perf_counter()
        trainer.score(limit=part)
        seconds = (time.perf_counter() - start) * n / part
        if part < n and seconds > ENOUGH and warm:
            break
        warm = True
    return seconds, n


def _evaluations(text, per_epoch, total, score, training):
    """How many evaluations a schedule asks for, and their seconds."""
    plan = schedule.parse(text, per_epoch)
    if isinstance(plan, schedule.Budget):
        scoring = training * plan.share / (1 - plan.share)
        return f"about {max(2, round(scoring / score)):,}", scoring
    pace, count = schedule.Pace(plan, total, -1), 0
    for step in range(total + 1):
        if pace.due(step):
            pace.logged(step)
            count += 1
    return f"{count:,}", count * score


def _time(seconds):
    for most, unit, size in ((0.1, "ms", 1e-3), (100, "s", 1), (6000, "min", 60), (72 * 3600, "h", 3600)):
        if seconds < most:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 86400:.3g} days"
