package report

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"html/template"

	"github.com/klauspost/compress/flate"

	"shoal/internal/parallel"
)

// blobs collects the binary data of a page: each is an inert script element with base64 text,
// deflated where that pays. The page's code finds them by id and inflates them with the browser's
// DecompressionStream.
type blobs struct {
	list   []blob
	packed int // of them, those that need no more packing
}

// blob is one of them.
type blob struct {
	id   string
	v    any // to be deflated; nil once data has it
	data []byte
}

// raw adds bytes that are compressed already.
func (p *blobs) raw(id string, data []byte) { p.list = append(p.list, blob{id: id, data: data}) }

// deflated adds v, a slice of fixed-size numbers, as little-endian bytes.
func (p *blobs) deflated(id string, v any) { p.list = append(p.list, blob{id: id, v: v}) }

// pack deflates what has been added, several at a time.
func (p *blobs) pack() error {
	waiting := p.list[p.packed:]
	errs := make([]error, len(waiting))
	parallel.For(parallel.Workers(0), len(waiting), func(_, k int) {
		b := &waiting[k]
		if b.v == nil {
			return
		}
		if b.data, errs[k] = deflate(b.v); errs[k] != nil {
			errs[k] = fmt.Errorf("page data %q: %w", b.id, errs[k])
		}
		b.v = nil
	})
	p.packed = len(p.list)
	return errors.Join(errs...)
}

const blobOpens, blobCloses = `<script type="application/octet-stream" id="%s">`, "</script>\n"

// len is the length of the elements, which must be packed.
func (p *blobs) len() (n int) {
	for _, b := range p.list {
		n += len(fmt.Sprintf(blobOpens, b.id)) + base64.StdEncoding.EncodedLen(len(b.data)) + len(blobCloses)
	}
	return n
}

// html is the elements, which must be packed.
func (p *blobs) html() template.HTML {
	out := make([]byte, 0, p.len())
	for _, b := range p.list {
		out = fmt.Appendf(out, blobOpens, b.id)
		out = base64.StdEncoding.AppendEncode(out, b.data)
		out = append(out, blobCloses...)
	}
	return template.HTML(out)
}

// deflateLevel packs nearly as well as the best level, which takes ten times as long.
const deflateLevel = 8

// deflate packs v, a slice of fixed-size numbers, as little-endian bytes.
func deflate(v any) ([]byte, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, deflateLevel)
	if err == nil {
		err = errors.Join(binary.Write(w, binary.LittleEndian, v), w.Close())
	}
	return packed.Bytes(), err
}
