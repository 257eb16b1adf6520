package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// magic opens every saved model.
const magic = "shoal-model\n"

// Seal wraps a kind's payload for saving:
//
//	magic, 1 byte length of kind, kind, uint32 version, uint64 length of
//	payload, payload, SHA-256 of everything before
//
// All integers are little-endian.
func Seal(kind string, version int, payload []byte) []byte {
	out := make([]byte, 0, len(magic)+1+len(kind)+12+len(payload)+sha256.Size)
	out = append(out, magic...)
	out = append(out, byte(len(kind)))
	out = append(out, kind...)
	out = binary.LittleEndian.AppendUint32(out, uint32(version))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(payload)))
	out = append(out, payload...)
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// Unseal returns the payload of what Seal wrote for the same kind and version. It refuses data that
// are no saved model, of another kind or version, cut short, too long, or altered.
func Unseal(kind string, version int, data []byte) ([]byte, error) {
	payload, err := Peek(kind, version, data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	body := len(data) - sha256.Size
	if sum := sha256.Sum256(data[:body]); !bytes.Equal(sum[:], data[body:]) {
		return nil, fmt.Errorf("saved %s: checksum does not match: altered, fit it again", kind)
	}
	end := len(payload) - sha256.Size
	return payload[:end:end], nil
}

// Peek returns the beginning of the payload and whatever follows, given the beginning of a file of
// size bytes, which may be all of it. It refuses what Unseal would, as far as that shows there.
func Peek(kind string, version int, head []byte, size int64) ([]byte, error) {
	rest, ok := bytes.CutPrefix(head, []byte(magic))
	if !ok {
		return nil, fmt.Errorf("saved model: starts with %q, want %q: no model of shoal", clip(head, len(magic)), magic)
	}
	if len(rest) < 1 || len(rest) < 1+int(rest[0])+12 || size < int64(len(magic)+1+int(rest[0])+12+sha256.Size) {
		return nil, fmt.Errorf("saved model: truncated after %d bytes: fit it again", size)
	}
	name := string(rest[1 : 1+rest[0]])
	rest = rest[1+len(name):]
	if name != kind {
		return nil, fmt.Errorf("saved model: got kind %q, want %q", clip([]byte(name), 40), kind)
	}
	if got := binary.LittleEndian.Uint32(rest); got != uint32(version) {
		return nil, fmt.Errorf("saved %s: got version %d, want %d: fit it again", kind, got, version)
	}
	length := binary.LittleEndian.Uint64(rest[4:])
	rest = rest[12:]
	if have := uint64(size) - uint64(len(head)-len(rest)) - sha256.Size; have != length {
		return nil, fmt.Errorf("saved %s: got %d bytes of payload, want %d: truncated or altered, fit it again", kind, have, length)
	}
	return rest, nil
}

// SealedKind returns the kind of a saved model, "" for what is none.
func SealedKind(data []byte) string {
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok || len(rest) < 1 || len(rest) < 1+int(rest[0]) {
		return ""
	}
	return string(rest[1 : 1+rest[0]])
}

// Save seals what write appends, for MarshalBinary.
func Save(kind string, version int, write func(w *Writer)) ([]byte, error) {
	var w Writer
	write(&w)
	if w.Err != nil {
		return nil, fmt.Errorf("save %s: %w", kind, w.Err)
	}
	return Seal(kind, version, w.Payload), nil
}

// Load unseals what Save made and has read take and check all of it, for UnmarshalBinary. With an
// error nothing that was read is of use.
func Load(kind string, version int, data []byte, read func(r *Reader)) error {
	payload, err := Unseal(kind, version, data)
	if err != nil {
		return err
	}
	r := NewReader(payload)
	read(r)
	if err := r.Close(); err != nil {
		return fmt.Errorf("saved %s: %w: fit it again", kind, err)
	}
	return nil
}

// clip returns at most n bytes of b, so that a message quotes no more.
func clip(b []byte, n int) []byte { return b[:min(n, len(b))] }
