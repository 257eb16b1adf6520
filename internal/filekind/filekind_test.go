package filekind

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for head, want := range map[string]string{
		"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n":     "git-lfs pointer",
		"\r\n<!DOCTYPE html>\n<html>":                                              "HTML page",
		"<html lang=en>":                                                           "HTML page",
		`{"metadata": {"total_size": 9}, "weight_map": {"a": "model-00001-of-2"}}`: "index of a checkpoint",
		"PK\x03\x04\x00\x00\x08\x08archive/data.pkl":                               "pickle of torch.save",
		"\x80\x02\x8a\x0a":                                                         "pickle of torch.save",
		"\x89HDF\r\n\x1a\n\x00":                                                    "HDF5",
		"PK\x03\x04\x14\x00a.txt":                                                  "zip file",
		"PK\x03\x04\x14\x00\x06\x00[Content_Types].xml":                            "workbook of Excel",
		"\xff\xfea\x00":                                                            "UTF-16",
		"RIFF\x10\x00\x00\x00WEBP":                                                 "WebP",
		"\x00\x00\x00\x1cftypavif":                                                 "AVIF",
		"GIF89a":                                                                   "GIF",
		"":                                                                         "",
		"\x89PNG\r\n\x1a\n":                                                        "",
		"\xff\xd8\xff\xe0":                                                         "",
		"hello":                                                                    "",
		"{\"seed\": 1}":                                                            "",
		strings.Repeat("\x00", 99):                                                 "",
	} {
		got := Of([]byte(head))
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.20q is %q, want it to be %q", head, got, want)
		}
	}
}
