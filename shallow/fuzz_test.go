package shallow

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"shoal/shallow/model"
	"shoal/shallow/shallowtest"
)

// stored is a small problem and, for every kind, the payload of a fitted model.
func stored(f *testing.F) (train Examples, payloads [][]byte) {
	train = shallowtest.Confuse(shallowtest.Blobs(1, 24, 6, 3, 110), 1, .2)
	for _, kind := range Kinds() {
		m := fuzzModel(f, kind)
		if err := m.Fit(context.Background(), train, Options{Workers: 1}); err != nil {
			f.Fatal(err)
		}
		data, err := m.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		payload, err := model.Unseal(kind, m.Version(), data)
		if err != nil {
			f.Fatal(err)
		}
		payloads = append(payloads, payload)
	}
	return train, payloads
}

func fuzzModel(t testing.TB, kind string) Model {
	parameters := map[string]string{}
	if kind == "forest" {
		parameters["trees"] = "2"
	}
	m, err := New(kind, "", "", parameters)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// FuzzStoredModel reads a model in a correct envelope: what is in it may be anything.
//
//	go test ./shallow -fuzz FuzzStoredModel -fuzzminimizetime 1x
func FuzzStoredModel(f *testing.F) {
	train, payloads := stored(f)
	for kind, payload := range payloads {
		f.Add(byte(kind), payload)
		f.Add(byte(kind+1), payload)
		f.Add(byte(kind), payload[:len(payload)/2])
	}
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		m := fuzzModel(t, Kinds()[int(kind)%len(Kinds())])
		if m.UnmarshalBinary(model.Seal(m.Kind(), m.Version(), payload)) != nil {
			if _, err := m.Predict(context.Background(), train, Options{Workers: 1}); err == nil {
				t.Error("a model that refused its data predicts")
			}
			return
		}
		p, err := m.Predict(context.Background(), train, Options{Workers: 1})
		if err == nil && (len(p.Class) != train.Len() || len(p.Margin) != train.Len()) {
			t.Errorf("%d classes and %d margins of %d examples", len(p.Class), len(p.Margin), train.Len())
		}
		if _, err := json.Marshal(m.Facts()); err != nil {
			t.Errorf("facts: %v", err)
		}
		if _, err := m.MarshalBinary(); err != nil {
			t.Errorf("save again: %v", err)
		}
	})
}

// FuzzCachedReference reads a file of the cache, as it is or with its checksum made right. Whatever
// it holds, a reference comes out that has the predictions of all examples, or nothing.
//
//	go test ./shallow -fuzz FuzzCachedReference -fuzzminimizetime 1x
func FuzzCachedReference(f *testing.F) {
	train, payloads := stored(f)
	test := shallowtest.Blobs(2, 9, 6, 3, 110)
	var entries []entry
	for _, kind := range Kinds() {
		e, err := newEntry(f.TempDir(), fuzzModel(f, kind), "train", "test", 1)
		if err != nil {
			f.Fatal(err)
		}
		entries = append(entries, e)
	}
	for kind, payload := range payloads {
		m := fuzzModel(f, Kinds()[kind])
		var w model.Writer
		w.JSON(cached{entries[kind].key, 1, 2})
		w.Uint16s(make([]uint16, test.Len()))
		w.Float32s(nil)
		w.Float32s(make([]float32, test.Len()))
		w.Bytes(model.Seal(m.Kind(), m.Version(), payload))
		f.Add(byte(kind), w.Payload)
		f.Add(byte(kind), model.Seal(cacheKind, cacheVersion, w.Payload))
		f.Add(byte(kind), w.Payload[:len(w.Payload)-9])
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		k := int(kind) % len(entries)
		for _, file := range [][]byte{data, model.Seal(cacheKind, cacheVersion, data)} {
			whole, err := entries[k].whole(bytes.NewReader(file), int64(len(file)), Options{Available: 1 << 30})
			if err != nil {
				continue
			}
			fitted, err := entries[k].decode(whole, fuzzModel(t, Kinds()[k]), train, test)
			if (fitted == nil) == (err == nil) {
				t.Fatalf("got %v and the error %v, want one of them", fitted, err)
			}
			if fitted != nil && (len(fitted.Test.Class) != test.Len() || len(fitted.Test.Margin) != test.Len() || !(fitted.Accuracy >= 0 && fitted.Accuracy <= 1)) {
				t.Errorf("got %+v", fitted.Test)
			}
		}
	})
}

// FuzzStoredNumbers reads a model behind what was learnt of numbers, in a correct envelope.
//
//	go test ./shallow -fuzz FuzzStoredNumbers -fuzzminimizetime 1x
func FuzzStoredNumbers(f *testing.F) {
	train := numbers(shallowtest.Confuse(shallowtest.Blobs(1, 24, 6, 3, 110), 1, .2))
	for kind, name := range Kinds() {
		m := fuzzModel(f, name)
		if err := m.Fit(context.Background(), train, Options{Workers: 1}); err != nil {
			f.Fatal(err)
		}
		data, err := m.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		if payload, err := model.Unseal(preparedKind, preparedVersion, data); err == nil {
			f.Add(byte(kind), payload)
			f.Add(byte(kind+1), payload)
			f.Add(byte(kind), payload[:len(payload)/2])
		} else if name != "lda" {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, payload []byte) {
		m := fuzzModel(t, Kinds()[int(kind)%len(Kinds())])
		loaded := m.UnmarshalBinary(model.Seal(preparedKind, preparedVersion, payload))
		p, err := m.Predict(context.Background(), train, Options{Workers: 1})
		if loaded != nil && err == nil {
			t.Error("a model that refused its data predicts")
		}
		if err == nil && (len(p.Class) != train.Len() || len(p.Margin) != train.Len()) {
			t.Errorf("%d classes and %d margins of %d examples", len(p.Class), len(p.Margin), train.Len())
		}
	})
}
