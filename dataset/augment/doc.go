// Package augment varies training images as the published recipes do: a random crop out of the
// zero-padded image, a horizontal flip, a small rotation, in this order, on bytes and before
// normalisation, so what comes in from outside is black.
//
// What happens to an example depends on three numbers alone: the seed, the epoch and the example's
// index in the split. It is the same for any batch size, order and number of workers, and a resumed
// run needs no state.
//
// The three steps only move pixels, so they are done as one look-up from the result's pixel back to
// the image's; no image is written in between.
package augment
