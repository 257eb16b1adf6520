"""shoal.huggingface against the real Trainer, with a tiny random model."""

import pytest
from reader import read_file, read_run

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("accelerate")

import shoal  # noqa: E402
from shoal import huggingface  # noqa: E402

G = torch.Generator().manual_seed(0)
Y = torch.randint(0, 3, (30,), generator=G)
TOKENS = torch.randint(0, 20, (30, 6), generator=G) + 10 * Y[:, None]
TEXTS = [{"input_ids": TOKENS[i], "attention_mask": torch.ones(6, dtype=torch.long), "labels": Y[i]} for i in range(30)]


def trainer(folder, **more):
    config = transformers.BertConfig(
        vocab_size=64,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=16,
        num_labels=3,
    )
    torch.manual_seed(0)
    model = transformers.BertForSequenceClassification(config)
    fields = {k: more.pop(k) for k in ("compute_metrics", "eval_dataset", "callbacks") if k in more}
    fields.setdefault("eval_dataset", TEXTS)
    arguments = transformers.TrainingArguments(
        str(folder / "out"), max_steps=10, per_device_train_batch_size=4, per_device_eval_batch_size=8, learning_rate=1e-2,
        logging_steps=1, report_to=[], use_cpu=True, disable_tqdm=True, seed=1, **{"save_strategy": "no", **more},
    )  # fmt: skip
    return transformers.Trainer(model, arguments, train_dataset=TEXTS, **fields)


def losses(t):
    return [e["loss"] for e in t.state.log_history if "loss" in e]


def accuracy(p):
    return {"accuracy": float((p.predictions.argmax(-1) == p.label_ids).mean())}


def own(t):
    t.model.eval()
    with torch.no_grad():
        return t.model(TOKENS, torch.ones_like(TOKENS)).logits.argmax(-1).tolist()


def test_a_schedule_changes_nothing(tmp_path):
    plain = trainer(tmp_path)
    plain.train()
    t = trainer(tmp_path)
    attached = huggingface.attach(t, tmp_path / "run", evaluate="every:1@1,every:4", values=True)
    t.train()
    got = read_run(tmp_path / "run")
    assert sorted(got) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10]
    assert got[10] == own(t)
    assert losses(t) == losses(plain) and len(set(losses(t))) == 10
    header, evaluations = read_file(attached.run.path)
    assert header["labels"] == Y.tolist() and header["classes"] == 3 and header["seed"] == 1
    assert evaluations[-1]["loss"] == pytest.approx(
        torch.nn.functional.cross_entropy(t.model(TOKENS).logits, Y).item(), abs=1e-4
    )


def test_own_evaluations_and_metrics(tmp_path):
    seen = []

    def metrics(p):
        seen.append(p.predictions.shape)
        return {"n": len(p.label_ids)}

    t = trainer(tmp_path, compute_metrics=metrics, eval_strategy="steps", eval_steps=5, gradient_accumulation_steps=2)
    huggingface.attach(t, tmp_path / "run")
    t.train()
    assert sorted(read_run(tmp_path / "run")) == [5, 10] and seen == [(30, 3)] * 2
    assert t.evaluate()["eval_n"] == 30  # the same step again is left alone
    t.predict(TEXTS[:4])  # not an evaluation
    assert sorted(read_run(tmp_path / "run")) == [5, 10]


def test_several_splits(tmp_path):
    t = trainer(tmp_path, eval_dataset={"easy": TEXTS[:12], "hard": TEXTS[12:]})
    huggingface.attach(t, tmp_path / "run", evaluate="every:5")
    t.train()
    for name, n in (("easy", 12), ("hard", 18)):
        got = read_run(tmp_path / "run", name)
        assert sorted(got) == [0, 5, 10] and len(got[10]) == n
    assert not read_run(tmp_path / "run")


@pytest.mark.parametrize("evaluate", [None, "every:2"])
def test_own_evaluations_change_what_they_do_without_shoal(tmp_path, evaluate):
    plain = trainer(tmp_path, eval_strategy="steps", eval_steps=3)
    plain.train()
    t = trainer(tmp_path, eval_strategy="steps", eval_steps=3)
    huggingface.attach(t, tmp_path / "run", evaluate=evaluate)
    t.train()
    assert losses(t) == losses(plain)


def test_steps_and_epochs_are_the_trainers(tmp_path):
    t = trainer(tmp_path, compute_metrics=accuracy, gradient_accumulation_steps=3)
    attached = huggingface.attach(t, tmp_path / "run", evaluate="every:1")
    t.train()  # 8 batches an epoch: 3, 3 and 2 of them are an update
    history = {e["step"]: e for e in t.state.log_history if "eval_accuracy" in e}
    header, evaluations = read_file(attached.run.path)
    assert len(evaluations) == 11
    for e in evaluations[1:]:
        right = sum(a == b for a, b in zip(e["predictions"], header["labels"]))
        assert right / 30 == pytest.approx(history[e["step"]]["eval_accuracy"])
        assert e["epoch"] == pytest.approx(history[e["step"]]["epoch"], abs=1e-3)


def test_another_dataset_is_another_split(tmp_path):
    t = trainer(tmp_path)
    huggingface.attach(t, tmp_path / "run")
    with pytest.warns(shoal.ShoalWarning, match="isn't logged"):
        t.evaluate(TEXTS[:7], metric_key_prefix="test")
    with pytest.warns(shoal.ShoalWarning, match="isn't logged"):
        t.evaluate(TEXTS[:7])
    t.evaluate(TEXTS[:5], metric_key_prefix="final")
    t.evaluate(TEXTS)
    assert len(read_run(tmp_path / "run", "final")[0]) == 5 and len(read_run(tmp_path / "run")[0]) == 30


def test_no_evaluation_is_lost(tmp_path):
    t = trainer(tmp_path, eval_strategy="steps", eval_steps=5)
    huggingface.attach(t, tmp_path / "run")
    t.compute_metrics = accuracy
    t.train()
    assert sorted(read_run(tmp_path / "run")) == [5, 10]
    assert sum("eval_accuracy" in e for e in t.state.log_history) == 2
    t = trainer(tmp_path, eval_dataset=[{k: v for k, v in text.items() if k != "labels"} for text in TEXTS])
    huggingface.attach(t, tmp_path / "other")
    with pytest.raises(ValueError, match="without predictions and labels"):
        t.evaluate()


def test_training_again(tmp_path):
    t = trainer(tmp_path, eval_strategy="steps", eval_steps=3)
    attached = huggingface.attach(t, tmp_path / "run")
    t.train()
    t.state.global_step = 4
    t.save_model(str(tmp_path / "c"))
    t.state.save_to_json(str(tmp_path / "c" / "trainer_state.json"))
    t.train(resume_from_checkpoint=str(tmp_path / "c"))
    assert read_file(attached.run.path)[0]["resumed_from"] == 4
    assert [e["step"] for e in read_file(attached.run.path)[1]] == [6, 9, 10]
    with pytest.raises(ValueError, match="steps up to 10, and this training begins at 0"):
        t.train()


class Stop(transformers.TrainerCallback):
    """Stops after step 7, which is not evaluated."""

    def on_step_end(self, args, state, control, **_):
        control.should_training_stop = state.global_step == 7


def test_evaluations_of_the_best_model(tmp_path):
    t = trainer(
        tmp_path, compute_metrics=lambda p: {"first": -t.state.global_step}, eval_strategy="steps", eval_steps=2,
        save_strategy="steps", save_steps=2, load_best_model_at_end=True, metric_for_best_model="first",
        greater_is_better=True, callbacks=[Stop()],
    )  # fmt: skip
    huggingface.attach(t, tmp_path / "run")
    t.train()
    assert t.state.global_step == 7 and t.state.best_model_checkpoint.endswith("-2")
    t.evaluate()
    t.evaluate(TEXTS[:9], metric_key_prefix="final")
    got, final = read_run(tmp_path / "run"), read_run(tmp_path / "run", "final")
    assert sorted(got) == [2, 4, 6] and got[2] == own(t)
    assert final == {2: own(t)[:9]}


def test_clocks_of_several_processes(tmp_path, monkeypatch):
    t = trainer(tmp_path)
    monkeypatch.setattr(type(t.args), "world_size", 2)
    with pytest.raises(ValueError, match="with 2 processes: their clocks would disagree"):
        huggingface.attach(t, tmp_path / "run", evaluate="budget:5%")


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(dataloader_drop_last=True), "drop_last"),
        (dict(batch_eval_metrics=True, compute_metrics=lambda p, compute_result: {}), "batch_eval_metrics"),
        (dict(prediction_loss_only=True), "prediction_loss_only"),
        (dict(eval_do_concat_batches=False), "eval_do_concat_batches"),
        (dict(eval_dataset=None), "no eval_dataset"),
        (dict(train_sampling_strategy="group_by_length"), "sorts by length"),
        (dict(callbacks=[transformers.EarlyStoppingCallback()]), "EarlyStoppingCallback"),
        (
            dict(lr_scheduler_type="reduce_lr_on_plateau", metric_for_best_model="loss", eval_strategy="epoch"),
            "learning rate",
        ),
    ],
)
def test_refused(tmp_path, options, message):
    if "train_sampling_strategy" in options and not hasattr(transformers.TrainingArguments, "train_sampling_strategy"):
        options = dict(group_by_length=True)
    with pytest.raises(ValueError, match=message):
        huggingface.attach(trainer(tmp_path, **options), tmp_path / "run", evaluate="every:1")


def test_tokens_are_refused(tmp_path):
    t = trainer(tmp_path)
    attached = huggingface.attach(t, tmp_path / "run")
    with pytest.raises(ValueError, match="not tokens"):
        attached._log("eval", (torch.zeros(2, 5, 3).numpy(), torch.zeros(2, 5).numpy()), {})
    with pytest.raises(ValueError, match="-100"):
        attached._log("eval", (torch.zeros(2, 3).numpy(), torch.tensor([0, -100]).numpy()), {})
