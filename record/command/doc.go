// Package command is a model that another program fits: it gets the training and the test examples in
// files and writes what it predicts.
//
// The command is run by the shell, in the folder that shoal was started in, with three arguments
// behind it:
//
//	train.npz         x, n×d numbers, or bytes n×height×width×channels; y, n classes
//	test.npz          x
//	predictions.npy   to be written: one class for each test example
//
// SHOAL_SEED and SHOAL_CLASSES are in its environment. What it prints is kept back; the last lines of
// it are in the error if it fails. At the time limit, or when shoal is interrupted, it is killed with
// all processes that it started (on Windows and Plan 9 it alone). The files are removed with their
// folder, whatever happens.
package command
