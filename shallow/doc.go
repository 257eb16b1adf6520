// Package shallow holds the shallow models: what "shallow learnable" means is
// what one of them gets right.
//
// New makes a model by kind and preset, FitReference fits it and predicts the
// evaluation split (or takes both from the cache), OutOfFold predicts the
// training split without memory of it. The kinds live in folders below; the
// types that they share in shallow/model, re-exported here.
package shallow
