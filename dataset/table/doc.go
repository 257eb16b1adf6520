// Package table reads features of examples: numbers in rows, with a label each if there is one, from
// CSV (.csv, .tsv), Parquet, and arrays of NumPy (.npy, .npz).
//
// It reads numbers and nothing else: text in a column, a missing value, NaN and infinity are errors
// that name the place, for what to make of them is for whoever knows the table to say. Columns of
// true and false are 1 and 0. Numbers become float32.
//
// # What it leaves out
//
// Sparse matrices, nested columns, dates, Python objects.
package table
