#!/usr/bin/env python3
"""Trains D on one of the three kinds of features, attached to shoal.

usage: train.py FOLDER table|text|embeddings RUN

scikit-learn's MLPClassifier learns the table and the text, a network in PyTorch the embeddings.
"""
import sys

import numpy as np

import shoal
from data import data

folder, name, out = sys.argv[1:]
x, y, x_test, y_test, classes = data(folder, name)
mean, scale = x.mean(0), x.std(0) + 1e-6
x, x_test = (x - mean) / scale, (x_test - mean) / scale
batch, epochs = 128, 8
per_epoch = len(x) // batch
dataset = {"table": f"csv:{folder}/table", "text": f"npz:{folder}/text.npz", "embeddings": None}[name]
run = shoal.attach(out, labels=y_test, classes=classes, dataset=dataset, network=f"MLP on {name}", evaluate="log:1.15", seed=1,
                   steps_per_epoch=per_epoch)
r = np.random.default_rng(1)
if name == "embeddings":
    import torch

    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 256), torch.nn.ReLU(), torch.nn.Linear(256, 10))
    adam = torch.optim.Adam(net.parameters(), 1e-3)
    tests = torch.tensor(x_test)

    def learn(i):
        adam.zero_grad()
        torch.nn.functional.cross_entropy(net(torch.tensor(x[i])), torch.tensor(y[i].astype(np.int64))).backward()
        adam.step()

    def predict():
        with torch.no_grad():
            return net(tests).argmax(1).numpy()
else:
    from sklearn.neural_network import MLPClassifier

    net = MLPClassifier((64,), learning_rate_init=1e-3, batch_size=batch, random_state=1)
    every = np.unique(y)
    net.partial_fit(x[:batch], y[:batch], classes=every)  # makes the weights: scored as step 1

    def learn(i):
        net.partial_fit(x[i], y[i])

    def predict():
        return net.predict(x_test)

step = 0 if name == "embeddings" else 1
for epoch in range(epochs):
    order = r.permutation(len(x))
    for k in range(per_epoch):
        if run.due(step):
            run.log(step, predict(), labels=y_test)
        learn(order[k * batch:(k + 1) * batch])
        step += 1
run.log(step, predict(), labels=y_test)
run.close()
