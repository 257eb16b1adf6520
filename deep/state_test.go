package deep

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"shoal/deep/safetensors"
)

// A state serves the study and the data that it was saved for, and no byte of it may change: its
// metadata is part of its checksum.
func TestStateBelongsToItsStudy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.safetensors")
	trainer := func(identity string) *Trainer {
		return newTestTrainer(t, testNetwork("dense"), Options{Batch: 4, Seed: 7, Identity: identity})
	}
	if err := trainer("mine").SaveState(path); err != nil {
		t.Fatal(err)
	}
	if err := trainer("mine").LoadState(path); err != nil {
		t.Error(err)
	}
	if err := trainer("").LoadState(path); err != nil { // whoever names nothing takes any
		t.Error(err)
	}
	if err := trainer("other").LoadState(path); err == nil || !strings.Contains(err.Error(), "another study or of other data") {
		t.Errorf("the state of another study: %v", err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, changed := range map[string]string{`"step":"0"`: `"step":"1"`, `"identity":"mine"`: `"identity":"nine"`, `"checksum":`: `"chicksum":`} {
		spoiled := bytes.Replace(whole, []byte(old), []byte(changed), 1)
		if bytes.Equal(spoiled, whole) {
			t.Fatalf("the state has no %s", old)
		}
		if err := os.WriteFile(path, spoiled, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := trainer("").LoadState(path); err == nil || !strings.Contains(err.Error(), "damaged") {
			t.Errorf("%s became %s: %v", old, changed, err)
		}
	}
	// States of versions that had a checksum of the tensors alone are still taken, and checked.
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	delete(f.Metadata, "chicksum")
	delete(f.Metadata, checksumKey)
	delete(f.Metadata, "identity")
	for digest, taken := range map[string]bool{digestOfTensors(f.Tensors): true, strings.Repeat("0", 64): false} {
		f.Metadata[tensorsKey] = digest
		if err := safetensors.Write(path, f); err != nil {
			t.Fatal(err)
		}
		if err := trainer("mine").LoadState(path); (err == nil) != taken {
			t.Errorf("a state of an earlier version with digest %.6s: %v", digest, err)
		}
	}
}
