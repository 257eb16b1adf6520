// Package shallow holds the shallow models: what "shallow learnable" means is what one of them gets
// right.
//
//	m, err := shallow.New("forest", "paper", "mnist", nil)
//	f, err := shallow.FitReference(ctx, m, train, test, trainHash, testHash, cacheDir, opt)
//	f.Test.Class   // the reference: one class for each example of the evaluation split
//
// New makes a model by kind and preset, FitReference fits it and predicts the evaluation split (or
// takes both from the cache), OutOfFold predicts the training split out of fold, and Refit fits to a
// part drawn by seed, for how much of a model is chance. The first two return what a reader of the predictions has to know as warnings: a bound that ended a fit, a class that no
// training example has. The kinds are in the folders below:
//
//	svm       support vectors, one against one
//	forest    random forest
//	boosting  gradient-boosted trees by histograms
//	knn       nearest neighbours
//	logistic  multinomial logistic regression
//	lda       linear discriminants
//
// The types they share are in shallow/model, re-exported here; the promises they make (same bits
// for any number of workers, and more) are tested by shallow/shallowtest for all of them.
//
// Examples are bytes or numbers. Bytes count as byte/255, and are the bins of the trees. Numbers are
// made ready (package features) by what New returns: standardised for svm, knn and logistic unless the
// parameter "scaling" is "none", cut into at most 256 bins for forest and boosting, and as they are for
// lda. What was done is among the parameters, and is learnt from the training examples alone.
//
// Where a kind follows scikit-learn, its doc.go says in what and in what not. testdata/scikit.json
// has what scikit-learn 1.9.1 makes of small and degenerate problems, which a test compares.
//
// # Presets
//
// "paper" is meant to match the models of Mangalam & Prabhu (2019), "strong" is the best of its
// kind within minutes, "default" is what a run uses when nothing else is given. Overrides change
// single parameters of any of them.
//
// The paper states the accuracies of its models (support vectors: MNIST 97.92 %, CIFAR-10 40.08 %,
// CIFAR-100 14.42 %; forest: 96.14, 35.86, 14.26) and that the forests were stopped early. It
// states no parameters. Everything below is inferred from those numbers:
//
//	svm  default  C 1, gamma "scale", all examples
//	     paper    MNIST: the default, which gives 97.92 %. CIFAR: C 1, gamma
//	              "auto", the first 20,000 examples: scikit-learn gives 40.77 %
//	              there, the nearest found to 40.08
//	     strong   the default
//
//	forest  default  rounds of 10 trees until one improves the out-of-bag
//	                 error by less than 2 % of itself; at most 500
//	        paper    one rule for all datasets: rounds of 5 trees until one
//	                 improves the error by less than 17 % of itself. It stops at
//	                 25 trees on MNIST and at 10 on CIFAR-10, whose accuracies
//	                 are the paper's to within a few tenths of a point. The
//	                 accuracy printed for CIFAR-100 suggests 15 trees, so there
//	                 two such rounds are waited for; this one was not measured
//	        strong   1,000 trees
//
//	boosting  default  scikit-learn's: 100 iterations, early stopping from 10,000
//	                   examples on. The paper has no such model: paper is the same
//	          strong   up to 2,000 iterations of half the shrinkage, early stopping
//
//	knn       5 neighbours       } in all presets: the paper has no such models
//	logistic  C 1, to 1e-4       }
//	lda       without parameters }
//
// The rules of the forest are made of its parameters round, improvement and patience. The parameter
// "train" of every kind limits the training to the first examples.
package shallow
