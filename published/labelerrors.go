package published

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// LabelErrors says which examples of a test split people found to be labelled wrong.
type LabelErrors struct {
	// Examples are their indices in the split, ascending.
	Examples []int
	// Checked is how many examples of the split people looked at: those whose label an algorithm doubted.
	// Of all others nothing is known.
	Checked int
	Source  string // where they are from, with its licence
}

// Has reports whether example i is one of them; of a nil list none is.
func (e *LabelErrors) Has(i int) bool {
	if e == nil {
		return false
	}
	for _, k := range e.Examples {
		if k == i {
			return true
		}
	}
	return false
}

// labelErrorSource is where all lists are from.
const labelErrorSource = "human checks by Northcutt, Athalye and Mueller, Pervasive Label Errors in Test Sets (2021), github.com/cleanlab/label-errors, Apache-2.0"

// labelCheck is what was published on one test split. Only indices are kept here.
type labelCheck struct {
	// splits are SHA-256 of labels, 2 bytes each, little-endian, by how many of the first examples they
	// are of: of the whole split, and of the parts that studies score.
	splits map[int]string
	// errors are the examples for which fewer than 3 of 5 people agreed with the label (files mturk/*.json),
	// as in the article: 15 of MNIST and 54 of CIFAR-10.
	errors []int
	// checked is how many people were asked about.
	checked int
}

var labelChecks = []labelCheck{
	{ // MNIST
		splits: map[int]string{
			10000: "6875842d3fb960a6fe28e2af3db7b7d8b726b1d7baeb8a1c9746031a85fa84a1",
			5000:  "c2fc60794e9d66784df83eb3cd3eda0dfddcc561e1aae4a4493f01de626c25ce",
			2000:  "4ac9bbfedf0c84a97fa524269a0e107a2bbeecaeec1725cf1324d8063ab08d28",
			1000:  "ae380d389374bc5a7cf5d565c673fc7b2fa82b30530f03f49d2cb926523d9461",
		},
		errors:  []int{947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729},
		checked: 100,
	},
	{ // CIFAR-10
		splits: map[int]string{
			10000: "0777b4d8d34036efebed9da06220dbfe33d5f06a32a55d7e609dc42fe510775f",
			5000:  "123798569e2886da41502c1e2ba68c37989060fbace186337468a911128610ac",
			2000:  "b0b55514d2fc3afafb94d38d944e54863c99d33b49a233dc1225ab8889306f76",
			1000:  "37d4279bf38279aa5d6984b8af4fe5776fda1aac1459397e9c907c7799be4afc",
		},
		errors: []int{165, 792, 882, 1227, 1300, 1684, 1718, 1969, 2010, 2128, 2232, 2405, 2532, 2592, 2804, 2840, 2940, 3113, 3168,
			3183, 3192, 3490, 3600, 3753, 3977, 4055, 4198, 4614, 4643, 4794, 4910, 4965, 5166, 5191, 5211, 5468, 5632, 5690, 5882,
			5960, 6522, 6792, 6877, 6966, 7311, 7657, 7846, 8058, 8296, 8620, 9227, 9352, 9643, 9793},
		checked: 275,
	},
}

// LabelErrorsOf returns the known label errors of the test split that has these labels in this order;
// nil for any other, also for one that differs in a single label, since then nothing says that index k
// is the same image.
func LabelErrorsOf(labels []uint16) *LabelErrors {
	for _, c := range labelChecks {
		want, known := c.splits[len(labels)]
		if !known || want != labelHash(labels) {
			continue
		}
		out := &LabelErrors{Checked: c.checked, Source: labelErrorSource}
		for _, i := range c.errors {
			if i < len(labels) {
				out.Examples = append(out.Examples, i)
			}
		}
		return out
	}
	return nil
}

// labelHash is the SHA-256, hex, of labels, 2 bytes each, little-endian.
func labelHash(labels []uint16) string {
	h := sha256.New() // which takes everything: Write can't fail
	binary.Write(h, binary.LittleEndian, labels)
	return hex.EncodeToString(h.Sum(nil))
}
