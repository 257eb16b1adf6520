// Package export writes a run in the formats of other tools: CSV and Parquet for tables, NumPy's
// .npz for arrays, and event files for TensorBoard.
//
//	files, err := export.Write(ctx, "runs/mnist", export.Options{Format: "csv", Out: "mnist-csv"})
//
// It reads only the run folder. Nothing is computed here that package dynamics doesn't compute.
//
// # csv and parquet: a folder with tables
//
// curves has one row for each evaluation and reference, references in the order of the run; a run
// without references has one row for each evaluation.
//
//	step, epoch, loss
//	the statistics of the network alone: accuracy
//	seconds
//	reference, reference_kind
//	the statistics of the reference alone: reference_accuracy
//	both, shallow_only, deep_only, neither
//	the statistics of both: r_plus, r_minus, ratio, ...
//
// The statistics are those of contingency.Statistics, in its order; the table in docs/statistics.md
// is the same list. One with an interval has it in NAME_lo and NAME_hi, at 95 %. NAME_state is
// defined, infinite or undefined; an infinite statistic is inf, its upper end too, and keeps its lower end. seconds is the time
// that the scoring took. An epoch, a loss or a time that is not known is an empty field.
//
// examples has one row for each example of the evaluation split.
//
//	id, name (of the file; only in runs whose examples have names), label, class
//	first_right_step, first_right_epoch, never_right
//	right_for_good_step, right_for_good_epoch, censored
//	learned_step, never_learned, share_learned
//	times_forgotten, times_forgotten_per_epoch, unforgettable, share_right
//	final_prediction, final_right
//	prediction_NAME, right_NAME, margin_NAME   of each reference
//	label_error                                of test splits whose known label errors were published
//	aum, el2n, confidence, variability, mean_loss   where the log has the values that they are of
//	group_NAME   the example's group by each attribute, in runs that were given groups
//
// These are the words of the report. learned_step and share_learned are the order of learning as
// package regime has it: the step at which the example is best said to change from wrong to right, and
// the share of all examples that are learned before it, by the share of evaluations that are right; of the
// examples of its class, where one class has more than half of all. Both are empty for an example that is
// never learned (never_learned). share_learned alone is empty within classes for those of a class of which a
// fifth or more is learned at one time: it has no order.
//
// Two words are kept apart, here as on the page. never_right: the network is right at no evaluation of
// the whole run. never_learned, by the switch time: from no evaluation on is it right more often than
// wrong, though it may be right now and then; so every example that is never right is never learned.
//
// The other measures are those of dynamics.Measure; step 0, the untrained network, counts as an
// evaluation. first_right is the first evaluation at which the network is right, right_for_good the one
// from which on it always is, share_right the share of all. An example that is never right has no step
// and no number of forgetting events (times_forgotten), for which never_right says why: columns of whole
// numbers have no infinity. class is text everywhere, also where classes are called 0 to 9; a class without
// a name has its number as text. margin_NAME is there only when the reference has margins.
//
// label_error is true where people found the label to be wrong (published.LabelErrorsOf) and the run
// hasn't corrected it; false says nothing.
//
// aum to mean_loss are those of dynamics.ValueMeasures, means over the evaluations. They, and
// times_forgotten and unforgettable, were made for training splits; on a test split they are test-split
// analogues.
//
// suspects has a row for each example whose label looks wrong, as dynamics.Suspects ranks them:
//
//	rank, id, name, label, class
//	answer, answer_class   what more than half of the models say instead
//	score                  of the answer against the label, 0 to 1
//	models, of_models      how many say so at the end, of the network and the references
//	log_odds               what score is made of, and the order: in nats
//	never_learned          as in examples
//	label_error            as in examples
//
// Runs that were given groups of examples have two more tables. groups has a row for each group, as
// package groups compares them:
//
//	attribute, group, n, early_step
//	early_*, end_*, reference_NAME_*   of the network half way and at the end, and of each reference:
//	    wrong, share, others_share, ratio, ratio_lo, ratio_hi, within_classes, p, p_holm, verdict
//	later, later_lo, later_hi, median_step, never_right
//
// group_curves has a row for each evaluation, group and reference: the table of the group's examples.
//
//	step, epoch, attribute, group, n, accuracy
//	reference, both, shallow_only, deep_only, neither
//
// What is undefined is an empty field in CSV and null in Parquet; NaN is never written. What is infinite is
// inf or -inf in CSV, which pandas reads as such, and the infinity of a double in Parquet. CSV has a header, commas, "\n", true and false. Floats are written with as many digits
// as are needed to read the same float. Text is written as it is, so that every reader has the same
// names: pandas takes a class "NA" for a name only with keep_default_na=False, and a spreadsheet takes
// one that begins with =, +, -, @, a tab or a return for a formula unless it imports the column as
// text. The columns of Parquet are 64-bit integers, doubles,
// booleans and UTF-8 strings, compressed with zstd.
//
// # npz: one file of arrays
//
//	predictions       T×n   unsigned, 1 byte up to 256 classes, else 2
//	steps, epochs, loss, accuracy   T   int64, float64
//	labels            n
//	right             T×n   0 or 1, where that isn't "the prediction is the label"
//	names             n     text, when the examples have names
//	reference_NAME    n     predictions of a reference
//	margin_NAME       n     float32, when it has margins
//	aum, el2n, confidence, variability, mean_loss   n   float64, NaN where not known; as in examples
//	learned_step, share_learned   n   float64, NaN where examples has an empty field
//
// so that (predictions == labels).mean(axis=1) is the curve of accuracy. A number that is not known
// is NaN.
//
// # tensorboard: a log folder
//
// One folder, that is one "run" of TensorBoard, named network with the scalars accuracy and loss,
// and one for each reference with the statistics that docs/statistics.md marks as charts (accuracy
// is the network's, to draw beside), so that references are drawn in one chart. Where a number is
// undefined there is no point. The wall time of a point is the seconds of its epoch, counted from
// 1970: the log has no times of day, and equal runs give equal files. It is 0 where the epoch is not
// known.
//
// # fiftyone and labelstudio: the suspects, for a person to look through
//
// Both are folders with the examples of the table suspects and their images. Where the dataset is a folder
// of images, or the run was attached with paths of images, these are the files themselves, by their absolute
// paths. Those that are not there any more, and those that a person couldn't be shown (TIFF, which browsers
// don't know), are written beside as the run keeps them, small: data/*.png or images/*.png.
//
// fiftyone is what FiftyOne calls a FiftyOneImageClassificationDataset: labels.json with the labels that
// the run has, and what the models say in their attributes (example, example_name, given_label, rank,
// suggested_label, score, models, of_models, never_learned, label_error); data.json with the paths of the
// images. Its keys sort as the suspects are ranked.
//
//	dataset = fiftyone.Dataset.from_dir("out", data_path="data.json",
//	    dataset_type=fiftyone.types.FiftyOneImageClassificationDataset)
//
// labelstudio is tasks.json, which Label Studio imports, with the models' answer as a prediction and its
// score, and config.xml, the labelling configuration. Images are addresses of local files; Label Studio
// serves them when it is started with LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true and
// LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT=/, and the project has a local storage with the images' folder as
// its path. What both export with corrected labels, package answers reads back.
//
// # Names
//
// In names of arrays, columns and folders, NAME is the reference's name with everything but
// letters, digits, dot, hyphen and underscore replaced by an underscore; a second reference with
// the same NAME gets the suffix _2.
//
// # For readers in Python
//
//	curves = pandas.read_csv("out/curves.csv", keep_default_na=False, na_values=[""])   # or read_parquet
//	examples = pandas.read_csv("out/examples.csv", keep_default_na=False, na_values=[""], dtype={"class": str})
//	run = numpy.load("run.npz")
//	log = EventAccumulator("logs/svm"); log.Reload(); log.Scalars("ratio")
//
// Without these arguments a class called NA would be a missing value, and classes called 0 to 9 numbers. Names are written as they
// are: a spreadsheet may take one that begins with = for a formula.
//
// testdata/read.py reads all formats so and compares them with each other. `SHOAL_PYTHON=python3 go
// test ./export` runs it with that interpreter, which needs numpy, pandas, pyarrow and tensorboard,
// as .ci/run does; without the variable only readers written in Go check the files.
//
// # Nothing half-written
//
// Output is built under a temporary name in the same folder and then renamed. An existing output is
// an error, or with Options.Force replaced; a folder only if it holds nothing but an export of the
// same format.
package export
