"""Two ranks of Lightning on the CPU; test_lightning.py runs it and reads the log that it names."""

import sys

import lightning.pytorch as pl
from test_lightning import Module, Y, loader

from shoal.lightning import ShoalCallback

if __name__ == "__main__":
    pl.seed_everything(1, verbose=False)
    callbacks = [
        ShoalCallback(f"{sys.argv[1]}/parts", classes=4, labels=Y[:39]),
        ShoalCallback(f"{sys.argv[1]}/whole", classes=4, loader=loader(), evaluate="every:1"),
    ]
    trainer = pl.Trainer(
        callbacks=callbacks, max_epochs=2, accelerator="cpu", devices=2, strategy="ddp", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=1,
    )  # fmt: skip
    trainer.fit(Module(), loader(shuffle=True), loader(39))
