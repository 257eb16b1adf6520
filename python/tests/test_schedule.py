"""The schedule's words mean what the Go package record means by them."""

import json
import math
import pathlib

import pytest

from shoal.schedule import Budget, Pace, Schedule

FIXTURES = pathlib.Path(__file__).parent / "fixtures"


def steps(schedule, total):
    """The scored steps of a training of total steps, as Go's Schedule.Steps lists them."""
    out = [0]
    while out[-1] < total:
        out.append(min(schedule.next(out[-1]), total))
    return sorted({*out, *schedule.ending(total)})


def asked(schedule, total, every=1):
    """The steps at which a loop that asks after every so many updates is told to score."""
    pace, out = Pace(schedule, total, -1), []
    for step in range(0, total + 1, every):
        if pace.due(step):
            pace.logged(step)
            out.append(step)
    return out


@pytest.mark.parametrize("case", json.loads((FIXTURES / "schedules.json").read_text()), ids=lambda c: c["Text"])
def test_fixtures(case):
    schedule = Schedule(case["Text"], case["PerEpoch"])
    assert steps(schedule, case["Total"]) == case["Steps"]
    if case["Total"] <= 400:
        assert asked(schedule, case["Total"]) == case["Steps"]


def test_a_tail_is_told_at_the_first_question_that_reaches_it():
    assert [s for s in asked(Schedule("log:2,tail:5"), 100, 3) if s > 80] == [84, 87, 90, 93, 96, 99]
    with pytest.raises(ValueError, match="tail needs steps"):
        Pace(Schedule("log:2,tail:5"), None, -1)


def test_every_fixture_is_there():
    assert len(json.loads((FIXTURES / "schedules.json").read_text())) > 100


@pytest.mark.parametrize("text", json.loads((FIXTURES / "schedules-invalid.json").read_text()))
def test_invalid(text):
    with pytest.raises(ValueError, match="evaluation schedule"):
        Schedule(text, 10)


def test_an_epoch_needs_its_steps():
    with pytest.raises(ValueError, match="needs steps_per_epoch"):
        Schedule("every:1@2,log:1.05")
    with pytest.raises(ValueError, match="steps_per_epoch is 0"):
        Schedule("every:1", 0)


@pytest.mark.parametrize(
    "text", ["budget:", "budget:5", "budget:0%", "budget:100%", "budget:-1%", "budget:x%", "budget:5%,every:1"]
)
def test_invalid_budget(text):
    with pytest.raises(ValueError, match="share of the time"):
        Budget(text)


def test_budget_keeps_to_its_share_and_is_even_in_the_logarithm():
    budget, step_seconds, cost = Budget("budget:5%"), 0.1, 0.5
    elapsed = spent = 0.0
    scored = []
    for step in range(20000):
        if budget.due(step, scored[-1] if scored else -1, elapsed, spent, cost if scored else 0.0):
            scored.append(step)
            elapsed, spent = elapsed + cost, spent + cost
            assert step == 0 or spent <= 0.05 * elapsed + 1e-9
        elapsed += step_seconds
    assert scored[0] == 0 and len(scored) > 100
    assert spent > 0.02 * elapsed  # most of the share is used
    late = [math.log(b / a) for a, b in zip(scored, scored[1:]) if a > 10000]
    assert all(0.0198 <= x < 0.021 for x in late)
