package textfmt

import (
	"math"
	"testing"
)

func TestMeasures(t *testing.T) {
	for _, c := range [][2]string{ // got, want
		{Duration(0), "-"},
		{Duration(-1), "-"},
		{Duration(math.NaN()), "-"},
		{Duration(.0015), "1.5 ms"},
		{Duration(.0996), "0.1 s"},
		{Duration(.42), "0.4 s"},
		{Duration(2), "2.0 s"},
		{Duration(38), "38 s"},
		{Duration(720), "12 min"},
		{Duration(26280), "7.3 h"},
		{Duration(864000), "10 days"},
		{Clock(.04), "0.0 s"},
		{Clock(59.94), "59.9 s"},
		{Clock(60), "1m0s"},
		{Clock(3700), "1h1m40s"},
		{Epochs(0), "0"},
		{Epochs(.0299), "0.03"},
		{Epochs(1), "1"},
		{Epochs(23.6), "24"},
		{Epochs(350), "350"},
		{PassCount(12.5), "12.5"},
		{PassCount(350), "350"},
		{Passes(1), "1 epoch"},
		{Passes(2.5), "2.5 epochs"},
		{Passes(12345), "12345 epochs"},
		{Decimals(-.001), "0.00"},
		{Decimals(-1.5), "-1.50"},
		{Decimals(12.345), "12.3"},
		{Decimals(123.4), "123"},
		{Decimals(12345), "12,345"},
		{Bytes(512 << 20), "512 MB"},
		{Bytes(5 << 30), "5.0 GB"},
		{ShellQuote("runs/a"), "runs/a"},
		{ShellQuote(""), "''"},
		{ShellQuote("a b"), "'a b'"},
		{ShellQuote("it's $x"), `'it'\''s $x'`},
	} {
		if got, want := c[0], c[1]; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
