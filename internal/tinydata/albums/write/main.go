// Command write makes the twelve folders of package albums below a folder, and prints their names.
//
//	go run ./internal/tinydata/albums/write FOLDER
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"shoal/internal/tinydata/albums"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: write FOLDER")
		os.Exit(2)
	}
	for _, a := range albums.All() {
		if err := a.Write(filepath.Join(os.Args[1], a.Name), 1); err != nil {
			fmt.Fprintln(os.Stderr, "write:", err)
			os.Exit(1)
		}
		fmt.Printf("%s\t%s\n", a.Name, a.About)
	}
}
