package main

import (
	"bytes"
	"fmt"
	"slices"

	"shoal/kernel/asm/arm64"
)

// writeNEON writes the assembly for arm64, its stubs and its constants.
func writeNEON() error {
	file := arm64.NewFile("!purego")
	for vectors := neonVectors; vectors >= 0; vectors-- {
		emitNEONProduct(file, vectors)
	}
	emitNEONPeak(file)
	emitNEONLanes(file)
	emitNEONFold(file)
	emitNEONNorm(file)
	emitNEONFromBytes(file)
	for _, p := range slices.Concat(channelPasses, flatPasses, poolPasses) {
		p.emitNEON(file)
	}
	if err := file.Write("../kernel_arm64.s", "../stubs_arm64.go", "kernel"); err != nil {
		return err
	}
	var all bytes.Buffer
	fmt.Fprint(&all, header[:len(header)-1], "\n//go:build !purego\n\npackage kernel\n\nconst (\n")
	fmt.Fprintf(&all, "tileGroups = %d // groups of rows in a tile\ngroupNEON = %d // rows in a group\n", groups, neonGroup)
	fmt.Fprintf(&all, "laneRowsNEON = %d // of a tile\nlaneColumnsNEON = %d\n", neonLaneRows, neonLaneColumns)
	writeFlags(&all)
	fmt.Fprint(&all, ")\n")
	return write("../constants_arm64.go", all.Bytes())
}
