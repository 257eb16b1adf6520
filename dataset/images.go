package dataset

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Images says how the files of an image folder become examples. The zero value chooses by what the
// folder holds; Set.Images says what was chosen, and loading with that gives the same examples.
type Images struct {
	// Height and Width are those of all examples, in pixels; 0 takes the size that all images have if
	// it is at most 224×224, else 32×32.
	Height, Width int
	// Colour is Grey or RGB; "" is Grey where all images are grey.
	Colour string
	// Split is the share of each class that becomes the test split where the folder has none, between
	// 0 and 1; 0 is DefaultSplit there. In a folder with a test split anything else is ErrHasTest.
	Split float64
	// SplitSeed is for another draw of that share; 0 is 1.
	SplitSeed uint64
	// Together keeps images that look nearly alike in one split.
	Together bool
}

// The values of Images.Colour.
const (
	Grey = "grey"
	RGB  = "rgb"
)

// DefaultSplit is the share of a folder without a test split that is tested on.
const DefaultSplit = .2

// What is taken where Images doesn't say.
const (
	commonSide = 224 // pixels of the longest side of images whose size is kept
	plainSide  = 32  // side of all others
	maxSide    = 1024
)

// ErrHasTest is the cause when a share for testing is named for a folder that has a test split.
var ErrHasTest = errors.New("has a test split already")

// ErrNoFolder is the cause when a dataset with files of its own is to be resized or split.
var ErrNoFolder = errors.New("is no folder of images: its examples are as published")

// Size is Height×Width as ParseSize reads it, "" where they are chosen.
func (im Images) Size() string {
	if im.Height == 0 {
		return ""
	}
	return fmt.Sprintf("%dx%d", im.Height, im.Width)
}

// ParseSize reads the size of examples: 32 for squares of 32×32 pixels, or HEIGHTxWIDTH.
func ParseSize(text string) (height, width int, err error) {
	high, wide, two := strings.Cut(text, "x")
	if !two {
		wide = high
	}
	height, err = strconv.Atoi(high)
	if err == nil {
		width, err = strconv.Atoi(wide)
	}
	if err != nil || height < 1 || width < 1 || height > maxSide || width > maxSide {
		return 0, 0, fmt.Errorf("size of images %q: want SIDE or HEIGHTxWIDTH, such as 32 or 48x64, of 1 to %d pixels", text, maxSide)
	}
	return height, width, nil
}

// Check returns an error for the first value that can't be used.
func (im Images) Check() error {
	switch {
	case im.Height < 0 || im.Width < 0 || im.Height > maxSide || im.Width > maxSide || (im.Height == 0) != (im.Width == 0):
		return fmt.Errorf("size of images %dx%d: want 1 to %d pixels each", im.Height, im.Width, maxSide)
	case im.Colour != "" && im.Colour != Grey && im.Colour != RGB:
		return fmt.Errorf("colour of images %q: want %s or %s", im.Colour, Grey, RGB)
	case im.Split != 0 && !(im.Split > 0 && im.Split < 1):
		return fmt.Errorf("split is %v: want a share between 0 and 1, such as 0.2", im.Split)
	}
	return nil
}

// channels of an example; Colour must be chosen.
func (im Images) channels() int {
	if im.Colour == Grey {
		return 1
	}
	return 3
}
