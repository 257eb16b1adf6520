// Package features makes numbers ready for models: features on one scale, or in bins of bytes. What
// that takes is learnt from the training examples alone, and is the same for every number of workers.
package features
