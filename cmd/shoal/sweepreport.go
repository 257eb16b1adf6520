package main

import "github.com/spf13/cobra"

func newSweepReport(c *console) *cobra.Command { return &cobra.Command{Use: "report DIR"} }
