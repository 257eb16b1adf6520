// Package model holds the types that every shallow model shares: what goes in (Examples, Options),
// what comes out (Prediction), the interface between (Model) and the envelope of a saved model
// (Seal, Unseal).
//
// It is a leaf: the kinds (shallow/svm, shallow/forest, ...) import it, and the registry in shallow
// imports the kinds. Users import shallow, which re-exports these types under the same names.
//
// # Promises that a Model makes
//
// They are tested for every kind by shallow/shallowtest.
//
//   - Same parameters, examples and seed: the same model and the same predictions, bit for bit, for
//     every number of workers.
//   - Fit and Predict return ctx.Err() within about a second of the context's end, and leave no
//     goroutine behind.
//   - A class without a training example is never predicted. When only one class has examples, it
//     is predicted for everything.
//   - Scores and margins are finite.
//   - Neither Fit nor Predict takes memory for examples times classes (but boosting's fit, for the
//     classes that occur), or more than Memory says but for what depends on the fit's result. Where
//     there is less, Fit returns a *MemoryError.
//   - What a reader of the predictions has to know is in the facts' "warnings".
//   - What cannot be fitted (no examples, a label out of range, a parameter out of its range) is an
//     error of one line that says what is invalid and which values are valid; nothing panics.
//   - A model saved and loaded predicts the same bits. A file that was cut, altered, or written by
//     another kind or version is refused.
//
// # Letters
//
// n examples, d features (bytes or numbers of one example), c classes.
package model
