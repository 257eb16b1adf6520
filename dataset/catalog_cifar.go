package dataset

import "strings"

var toronto = []string{"https://www.cs.toronto.edu/~kriz/"}

func cifar10() *spec {
	binary, python := cifar10Binary(), cifar10Python()
	return &spec{
		name: "cifar10", about: "small photographs, 32×32 colour",
		Facts: Facts{
			Title: "CIFAR-10", Network: "densenet121",
			Mean: []float32{.4914, .4822, .4465}, Std: []float32{.2023, .1994, .2010},
		},
		classes: strings.Fields("airplane automobile bird cat deer dog frog horse ship truck"),
		height:  32, width: 32, channels: 3, train: 50000, test: 10000,
		fetch: []string{"cifar-10-binary.tar.gz"},
		files: map[string]file{
			"cifar-10-binary.tar.gz":     {md5: "c32a1d4ab5d03f1284b67883e8d87530", max: 180 * mib},
			"cifar-10-python.tar.gz":     {md5: "c58f30108f718f92721af3b95e74349a", max: 180 * mib},
			"cifar-10-batches-py.tar.gz": {md5: "c58f30108f718f92721af3b95e74349a", max: 180 * mib},

			"data_batch_1.bin": {sha256: "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"},
			"data_batch_2.bin": {sha256: "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"},
			"data_batch_3.bin": {sha256: "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"},
			"data_batch_4.bin": {sha256: "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"},
			"data_batch_5.bin": {sha256: "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"},
			"test_batch.bin":   {sha256: "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"},

			"data_batch_1": {md5: "c99cafc152244af753f735de768cd75f"},
			"data_batch_2": {md5: "d4bba439e000b95fd0a9bffe97cbabec"},
			"data_batch_3": {md5: "54ebc095f3ab1f0389bbae665268c751"},
			"data_batch_4": {md5: "634d18415352ddfa80567beed471001a"},
			"data_batch_5": {md5: "482c414d41f54cd18b22e5b47cb7c3cb"},
			"test_batch":   {md5: "40351d587109b95175f43aff81a1287e"},
		},
		layouts: []layout{
			binary.folderLayout(false), binary.folderLayout(true),
			python.folderLayout(false), python.folderLayout(true),
			binary.archiveLayout("cifar-10-binary.tar.gz"),
			python.archiveLayout("cifar-10-python.tar.gz"),
			python.archiveLayout("cifar-10-batches-py.tar.gz"), // Keras's name for it
		},
		folders: []string{
			"cifar10", "CIFAR10", "cifar-10-batches-py-target", "datasets",
			"datasets/cifar-10-batches-py-target", ".", "cifar-10-python", "cifar-10-binary",
		},
		mirrors: toronto,
	}
}

func cifar100() *spec {
	binary, python := cifar100Binary(), cifar100Python()
	return &spec{
		name: "cifar100", about: "small photographs, 32×32 colour, 100 classes",
		Facts: Facts{
			Title: "CIFAR-100", Network: "resnet101",
			Mean: []float32{.50707516, .48654887, .44091784}, Std: []float32{.26733429, .25643846, .27615047},
		},
		classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy
			bridge bus butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach
			couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house
			kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain
			mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate
			poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper
			snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television
			tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
		height: 32, width: 32, channels: 3, train: 50000, test: 10000,
		fetch: []string{"cifar-100-binary.tar.gz"},
		files: map[string]file{
			"cifar-100-binary.tar.gz": {md5: "03b5dce01913d631647c71ecec9e9cb8", max: 180 * mib},
			"cifar-100-python.tar.gz": {md5: "eb9058c3a382ffc7106e4002c42a8d85", max: 180 * mib},

			"train": {md5: "16019d7e3df5f24257cddd939b257f8d"},
			"test":  {md5: "f0ef6b0ae62326f3e7ffdfab6717acfc"},
		},
		layouts: []layout{
			binary.folderLayout(false), binary.folderLayout(true),
			python.folderLayout(false), python.folderLayout(true),
			binary.archiveLayout("cifar-100-binary.tar.gz"),
			python.archiveLayout("cifar-100-python.tar.gz"),
		},
		folders: []string{
			"cifar100", "CIFAR100", "cifar-100-python-target", "datasets",
			"datasets/cifar-100-python-target", ".", "cifar-100-python", "cifar-100-binary",
		},
		mirrors: toronto,
	}
}
