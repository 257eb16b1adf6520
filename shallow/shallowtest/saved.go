package shallowtest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"shoal/shallow/model"
)

func saveAndLoad(t *testing.T, factory func() model.Model) {
	if _, err := factory().MarshalBinary(); err == nil {
		t.Error("an unfitted model was saved without an error")
	}
	for _, c := range []int{1, 2, 5} {
		train := Blobs(1, 200, 30, c, 110)
		if c > 1 {
			train = Confuse(train, 3, .2)
		}
		test := Blobs(2, 100, 30, c, 110)
		m := fit(t, factory, train, model.Options{Seed: 11})
		data, err := m.MarshalBinary()
		if err != nil {
			t.Fatalf("save: %v", err)
		}
		loaded := factory()
		if err := loaded.UnmarshalBinary(data); err != nil {
			t.Fatalf("load: %v", err)
		}
		if err := same(predict(t, m, test, model.Options{}), predict(t, loaded, test, model.Options{})); err != nil {
			t.Errorf("%d classes, after loading: %v", c, err)
		}
		again, err := loaded.MarshalBinary()
		if err != nil || string(again) != string(data) {
			t.Errorf("%d classes: saved again, the file differs (%v)", c, err)
		}
		for name, pair := range map[string][2]map[string]any{
			"params": {m.Params(), loaded.Params()}, "facts": {m.Facts(), loaded.Facts()},
		} {
			a, _ := json.Marshal(pair[0])
			b, _ := json.Marshal(pair[1])
			if string(a) != string(b) {
				t.Errorf("%d classes, %s after loading: got %s, want %s", c, name, b, a)
			}
		}
	}
}

// foreignFiles loads what must not be loaded. A model that refused a file counts as not fitted.
func foreignFiles(t *testing.T, factory func() model.Model) {
	train := Blobs(1, 60, 16, 3, 20)
	m := fit(t, factory, train, model.Options{})
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := model.Unseal(m.Kind(), m.Version(), data)
	if err != nil {
		t.Fatalf("saved without model.Seal: %v", err)
	}
	refuse := func(name string, file []byte) {
		t.Helper()
		into := factory()
		err := into.UnmarshalBinary(file)
		if err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got error %v, want one line", name, err)
		}
		if _, err := into.Predict(context.Background(), train, model.Options{}); err == nil {
			t.Errorf("%s: the model that refused it predicted", name)
		}
	}
	refuse("empty file", nil)
	refuse("other kind", model.Seal("other", m.Version(), payload))
	refuse("other version", model.Seal(m.Kind(), m.Version()+1, payload))
	for _, n := range []int{1, 20, len(data) / 2, len(data) - 1} {
		refuse("cut file", data[:n])
	}
	for _, at := range []int{0, len(data) / 3, len(data) / 2, len(data) - 40, len(data) - 1} {
		altered := append([]byte(nil), data...)
		altered[at] ^= 1
		refuse("altered file", altered)
	}
	// A correct envelope around nonsense: the kind's own reader must hold.
	refuse("empty payload", model.Seal(m.Kind(), m.Version(), nil))
	refuse("zeros", model.Seal(m.Kind(), m.Version(), make([]byte, len(payload))))
	for _, n := range []int{1, len(payload) / 2, len(payload) - 1} {
		refuse("sealed after a cut", model.Seal(m.Kind(), m.Version(), payload[:n]))
	}
	refuse("sealed with a tail", model.Seal(m.Kind(), m.Version(), append(payload[:len(payload):len(payload)], 0)))
	for at := 0; at < len(payload); at += 1 + len(payload)/200 {
		altered := append([]byte(nil), payload...)
		altered[at] ^= 0xff
		into := factory() // may load or not, predict or not: it must not panic
		if into.UnmarshalBinary(model.Seal(m.Kind(), m.Version(), altered)) == nil {
			_, _ = into.Predict(context.Background(), train, model.Options{})
		}
	}
}
