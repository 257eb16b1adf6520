package export

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"

	"google.golang.org/protobuf/encoding/protowire"

	"shoal/contingency"
	"shoal/internal/atomicfile"
)

// eventFile is the name of every file of events: TensorBoard reads files with "tfevents" in their
// names.
const eventFile = "events.out.tfevents.shoal"

// scalar is a curve of TensorBoard.
type scalar struct {
	tag, title, about string
	at                func(e int) contingency.Number
}

// writeTensorBoard writes one folder for the network and one for each reference.
func writeTensorBoard(ctx context.Context, dir string, d *data) error {
	var own []scalar
	for _, s := range contingency.StatisticsIn(contingency.Chart) {
		if s.Of == contingency.OfNetwork {
			own = append(own, scalarOf(s, d.alone))
		}
	}
	own = append(own, scalar{"loss", "loss", "mean cross entropy on the evaluation split", func(e int) contingency.Number {
		return contingency.Number{Value: d.Loss[e], Defined: d.Loss[e]-d.Loss[e] == 0}
	}})
	if err := d.events(dir, safeName("network", d.names), own); err != nil {
		return err
	}
	for k, name := range d.names {
		if err := ctx.Err(); err != nil {
			return err
		}
		c, err := d.curve(k)
		if err != nil {
			return err
		}
		var scalars []scalar
		for _, s := range contingency.StatisticsIn(contingency.Chart) {
			scalars = append(scalars, scalarOf(s, func(e int) contingency.Table { return c.Points[e].Table }))
		}
		if err := d.events(dir, name, scalars); err != nil {
			return err
		}
	}
	return nil
}

// scalarOf draws a statistic of the tables of all evaluations.
func scalarOf(s contingency.Statistic, table func(e int) contingency.Table) scalar {
	return scalar{s.Name, s.Title, s.Meaning, func(e int) contingency.Number { return s.At(table(e)).Number }}
}

// events writes the file of one folder: the version, then an event for each evaluation.
func (d *data) events(dir, name string, scalars []scalar) error {
	folder := filepath.Join(dir, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(folder, eventFile), func(w io.Writer) error {
		// Event.file_version, field 3: the first record of every event file.
		if err := writeRecord(w, protowire.AppendString(protowire.AppendTag(event(0, 0), 3, protowire.BytesType), "brain.Event:2")); err != nil {
			return err
		}
		described := map[string]bool{}
		for e, step := range d.Log.Steps {
			var summary []byte
			for _, s := range scalars {
				x := s.at(e)
				if !x.Defined {
					continue
				}
				summary = appendMessage(summary, 1, s.value(x.Value, !described[s.tag])) // Summary.value
				described[s.tag] = true
			}
			time := d.Log.Epochs[e]
			if math.IsNaN(time) { // not known
				time = 0
			}
			if err := writeRecord(w, appendMessage(event(time, step), 5, summary)); err != nil { // Event.summary
				return err
			}
		}
		return nil
	})
}

// event begins an Event: wall_time is field 1, a double; step is field 2.
func event(seconds float64, step int) []byte {
	b := protowire.AppendTag(nil, 1, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(seconds))
	if step != 0 {
		b = protowire.AppendVarint(protowire.AppendTag(b, 2, protowire.VarintType), uint64(step))
	}
	return b
}

// value is a Summary.Value: tag 1, simple_value 2 (a float) and metadata 9, which TensorBoard
// expects once for each tag.
func (s scalar) value(x float64, describe bool) []byte {
	b := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), s.tag)
	b = protowire.AppendFixed32(protowire.AppendTag(b, 2, protowire.Fixed32Type), math.Float32bits(float32(x)))
	if !describe {
		return b
	}
	// SummaryMetadata: plugin_data 1 { plugin_name 1 }, display_name 2, summary_description 3.
	plugin := protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), "scalars")
	metadata := appendMessage(nil, 1, plugin)
	metadata = protowire.AppendString(protowire.AppendTag(metadata, 2, protowire.BytesType), s.title)
	metadata = protowire.AppendString(protowire.AppendTag(metadata, 3, protowire.BytesType), s.about)
	return appendMessage(b, 9, metadata)
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

// writeRecord frames a TFRecord: length (8 bytes, little-endian), its checksum, the data, their
// checksum.
func writeRecord(w io.Writer, data []byte) error {
	head := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	head = binary.LittleEndian.AppendUint32(head, masked(head))
	tail := binary.LittleEndian.AppendUint32(nil, masked(data))
	for _, part := range [][]byte{head, data, tail} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// masked is the checksum of TFRecords: CRC-32C, rotated right by 15 bits, plus a constant, since a
// CRC of data that hold their own CRC says little.
func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return (crc>>15 | crc<<17) + 0xa282ead8
}
