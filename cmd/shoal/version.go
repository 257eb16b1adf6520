package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"shoal/kernel"
)

func newVersion(c *console) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version, and the kernels that this machine runs",
		Args:  arguments(0, 0, "none"),
		RunE: func(*cobra.Command, []string) error {
			best, err := kernel.ParseLevel("")
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.out, "shoal %s\n%s, %s/%s, %s kernels\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH, best)
			return err
		},
	}
}
